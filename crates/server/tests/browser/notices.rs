//! Destinations, silences, the log of notifications, and "Why?" on an incident.

use crate::support::{Page, Stage, alert, on_stage};

/// Nothing may stick out at the side of a phone.
async fn fits_a_phone(page: &Page, path: &str) {
    page.phone().await;
    page.open(path).await;
    page.until("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        .await;
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

/// Adds a receiver that nothing can reach, by the form of its channel.
async fn add_destination(stage: &Stage) -> String {
    let page = &stage.page;
    page.open("/destinations").await;
    page.click("#new-webhook summary").await;
    page.fill("#new-webhook input[name=name]", "Receiver").await;
    page.fill("#new-webhook input[name=url]", "http://127.0.0.1:9/hush")
        .await;
    page.click("#new-webhook form button").await;
    page.until("location.pathname.startsWith('/destinations/dst_')")
        .await;
    page.path().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_is_added_and_changed_without_showing_its_secret() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        page.open("/destinations").await;
        page.until_text("main .empty", "No destination yet").await;
        let one = add_destination(stage).await;
        page.fill("#change input[name=wait_s]", "5").await;
        page.click("#change input[name=enabled]").await;
        page.click("#change button").await;
        page.until_text("main .fault", "Somebody switched it off")
            .await;
        assert_eq!(
            page.text_of("document.querySelector('#change [name=wait_s]').value")
                .await,
            "5"
        );
        assert!(
            !page
                .text_of("document.documentElement.outerHTML")
                .await
                .contains("hush")
        );
        page.open("/destinations").await;
        page.until_text("#destination-list", "127.0.0.1:9").await;
        fits_a_phone(page, "/destinations").await;
        fits_a_phone(page, &one).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_in_the_log_with_its_attempts() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        page.open("/notifications").await;
        page.until_text("main .empty", "Nothing was sent yet").await;
        add_destination(stage).await;
        page.click("#test button").await;
        page.until("location.pathname.startsWith('/notifications/ntf_')")
            .await;
        let one = page.path().await;
        page.until_answer(&format!("/api/v1{one}"), "answer.attempts.length > 0")
            .await;
        page.open(&one).await;
        page.until_text("main table", "127.0.0.1").await;
        page.open("/notifications").await;
        page.until_text("#notification-list", "This is a test")
            .await;
        fits_a_phone(page, "/notifications").await;
        fits_a_phone(page, &one).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_silenced_and_says_why_nobody_was_told() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        add_destination(stage).await;
        stage
            .deliver_incidents(vec![alert("event_alert.python", 12)])
            .await;
        page.open("/silences?incident=1").await;
        page.click("#preview").await;
        page.until_text("#impact", "1 of 1 open incidents").await;
        page.open("/incidents/1").await;
        page.until_text("#why", "Receiver").await;
        page.click("#quick-silence button").await;
        page.until_path("/incidents/1").await;
        page.until_answer(
            "/api/v1/incidents/1/why",
            "answer.destinations[0].stage === 'silence'",
        )
        .await;
        page.open("/incidents/1").await;
        page.until_text("#why", "Silenced by Ada Lovelace").await;
        fits_a_phone(page, "/incidents/1").await;
        fits_a_phone(page, "/silences").await;
        page.click("form[action$='/expire'] button").await;
        page.until_text("main .empty", "Nothing is silenced").await;
    })
    .await;
}
