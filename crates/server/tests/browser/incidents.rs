//! The list of incidents: live, and worked with the keyboard.

use crate::support::{Page, Stage, created, on_stage};
use fantoccini::key::Key;

async fn status_of(page: &Page, number: u64) -> String {
    let incident = page.answer(&format!("/api/v1/incidents/{number}")).await;
    incident["status"].as_str().unwrap_or_default().to_owned()
}

/// Three incidents, newest first: #3, #2, #1.
async fn three(stage: &Stage) {
    let webhooks = [(101, "First"), (102, "Second"), (103, "Third")];
    for (at, (issue, title)) in webhooks.into_iter().enumerate() {
        stage.deliver(created(issue, title)).await;
        let expression = format!("answer.items.length === {}", at + 1);
        stage
            .page
            .until_answer("/api/v1/incidents", &expression)
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_appears_without_reloading_and_the_bell_counts_it() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        page.open_live("/incidents").await;
        page.eval("(window.sameDocument = true)").await;
        assert_eq!(page.count("[data-rows] > [data-row]").await, 0);

        stage.deliver(created(77, "Checkout is on fire")).await;
        page.until_text("[data-rows]", "Checkout is on fire").await;
        page.until_text("#bell .bell-count", "1").await;
        page.until("document.title.startsWith('(1) ')").await;
        assert_eq!(page.text_of("window.sameDocument").await, "true");

        page.click("#bell summary").await;
        page.click("#bell form button").await;
        page.until("document.querySelector('#bell .bell-count') === null")
            .await;
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_walk_the_list_open_acknowledge_and_resolve() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        three(stage).await;
        page.open_live("/incidents").await;
        let current = "document.querySelector('.is-current')?.dataset.row";
        let rows = page
            .eval("[...document.querySelectorAll('[data-rows] > [data-row]')].map((row) => row.dataset.row)")
            .await;
        let (first, second) = (rows[0].as_str().unwrap(), rows[1].as_str().unwrap());

        page.press('j').await;
        page.until(&format!("{current} === '{first}'")).await;
        page.press('j').await;
        page.until(&format!("{current} === '{second}'")).await;
        page.press('k').await;
        page.until(&format!("{current} === '{first}'")).await;

        page.press('e').await;
        page.until_text(&format!("#incident-{first} .c-state"), "Acknowledged").await;
        let number = first.parse().unwrap();
        assert_eq!(status_of(page, number).await, "acknowledged");

        page.press(char::from(Key::Enter)).await;
        page.until_path(&format!("/incidents/{first}")).await;
        page.wait("#incident-head").await;
        page.until("document.getElementById('live-badge').dataset.state === 'live'").await;
        page.press('r').await;
        page.until_text("#incident-head .head-badges", "Resolved").await;
        assert_eq!(status_of(page, number).await, "resolved");

        // What was done can be taken back.
        page.wait(".toast [data-key=u]").await;
        page.press('u').await;
        page.until_text("#incident-head .head-badges", "Acknowledged").await;
        assert_eq!(status_of(page, number).await, "acknowledged");
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_question_mark_opens_the_help_and_the_slash_goes_to_the_search() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        three(stage).await;
        page.open_live("/incidents").await;

        page.press('?').await;
        page.wait("dialog#keys[open]").await;
        // Keys of the list do nothing while the help is open.
        page.press('j').await;
        assert_eq!(page.count(".is-current").await, 0);
        page.press(char::from(Key::Escape)).await;
        page.until("!document.getElementById('keys').open").await;

        page.press('/').await;
        page.until("document.activeElement.matches('[data-search]')")
            .await;
        // What is typed is text, not keys; Enter searches.
        for letter in "second".chars() {
            page.press(letter).await;
        }
        page.press(char::from(Key::Enter)).await;
        page.until("location.search.includes('q=second')").await;
        page.until("document.querySelectorAll('[data-rows] > [data-row]').length === 1")
            .await;
        page.until_text("[data-rows]", "Second").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn selected_incidents_are_acknowledged_together_and_undone_together() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        three(stage).await;
        page.open_live("/incidents").await;

        for _ in 0..2 {
            page.press('j').await;
            page.press('x').await;
        }
        page.until_text("#bulk [data-count]", "2 selected").await;
        let chosen = page
            .eval("[...document.querySelectorAll('input[name=numbers]:checked')].map((box) => Number(box.value))")
            .await;

        // New incidents are held back while one selects.
        stage.deliver(created(104, "Fourth")).await;
        page.until("!document.getElementById('pending').hidden").await;
        assert_eq!(page.count("[data-rows] > [data-row]").await, 3);

        page.press('e').await;
        page.until("document.querySelectorAll('[data-rows] > [data-row]').length === 4").await;
        for number in chosen.as_array().unwrap() {
            let number = number.as_u64().unwrap();
            page.until_text(&format!("#incident-{number} .c-state"), "Acknowledged").await;
            assert_eq!(status_of(page, number).await, "acknowledged");
        }
        let acknowledged = "answer.items.filter((one) => one.status === 'acknowledged').length";
        let path = "/api/v1/incidents";
        page.until_answer(path, &format!("{acknowledged} === 2")).await;

        page.press('u').await;
        page.until_answer(path, &format!("{acknowledged} === 0")).await;
        page.until("!document.querySelector('[data-rows]').textContent.includes('Acknowledged')")
            .await;
    })
    .await;
}
