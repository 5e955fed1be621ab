//! Connecting Sentry, and finding out why it does not work.

use crate::support::{Page, created, on_stage, resigned};
use epicenter::simulator::catalogue;

const OWN_SECRET: &str = "marker-of-the-teams-secret-91aa";

/// Makes an integration; answers the path of its push URL.
async fn create(page: &Page) -> String {
    page.open("/integrations").await;
    page.fill("#new input[name=name]", "Team Checkout").await;
    page.fill("#new input[name=secret]", OWN_SECRET).await;
    page.click("#new .is-primary").await;
    page.until("/^\\/integrations\\/[^/]+$/.test(location.pathname)")
        .await;
    page.until_text("h1", "Team Checkout").await;
    let url = page.text("#push-url").await;
    let (_, path) = url.split_once("/hooks/").unwrap();
    format!("/hooks/{path}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_integration_waits_turns_green_and_explains_refusals() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        let door = create(page).await;
        page.until_text("#pulse h2", "Waiting for the first delivery")
            .await;
        page.until("document.getElementById('live-badge').dataset.state === 'live'")
            .await;

        let webhook = resigned(created(1, "Hello"), OWN_SECRET);
        assert!(stage.send(&door, webhook).await < 300);
        page.until_text("#pulse h2", "Deliveries arrive").await;
        page.until("document.getElementById('pulse').classList.contains('is-good')")
            .await;

        let webhook = resigned(created(2, "Hello again"), "sntry_of_another_integration");
        assert_eq!(stage.send(&door, webhook).await, 401);
        page.until_text("#diagnosis", "fits none of the integration's secrets")
            .await;

        // The doctor: a wrong secret and the right one.
        page.fill("#doctor input[name=value]", "still wrong").await;
        page.click("#doctor button").await;
        page.wait("#doctor .answer.is-bad").await;
        page.fill("#doctor input[name=value]", "sntry_of_another_integration")
            .await;
        page.click("#doctor button").await;
        page.wait("#doctor .answer.is-good").await;
        let html = page.client.source().await.unwrap();
        assert!(!html.contains("sntry_of_another_integration"));
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_every_kind_gets_a_verdict() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        create(page).await;
        page.until("document.getElementById('live-badge').dataset.state === 'live'").await;
        let buttons = page.count(".tests button").await;
        assert_eq!(buttons, u64::try_from(catalogue().len()).unwrap());
        let mut last = String::new();
        for kind in catalogue() {
            page.eval("document.querySelectorAll('.toast').forEach((toast) => toast.remove())").await;
            page.click(&format!(".tests button[value='{}']", kind.id)).await;
            page.wait(".toast p").await;
            let said = page.text_of("document.querySelector('.toast p').textContent").await;
            assert!(said.starts_with("Sent through the push URL"), "{}: {said}", kind.id);
            assert_ne!(said, last, "{}", kind.id);
            last = said;
        }
        let all = "/api/v1/deliveries?limit=100";
        let count = catalogue().len();
        page.until_answer(all, &format!("answer.items.length === {count} && answer.items.every((one) => (one.verdict?.outcome ?? 'pending') !== 'pending')"))
            .await;
        let answer = page.answer(all).await;
        for delivery in answer["items"].as_array().unwrap() {
            let outcome = delivery["verdict"]["outcome"].as_str().unwrap();
            let is_verdict = ["applied", "ignored", "not_understood"].contains(&outcome);
            let is_told = delivery["verdict"]["reason"].as_str().is_some_and(|reason| !reason.is_empty());
            assert!(is_verdict && is_told, "{delivery}");
        }
        // The tests take back what they opened.
        page.until_answer("/api/v1/incidents?status=open", "answer.items.length === 0").await;
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}
