//! The log of deliveries, the inspector, and replays.

use crate::support::{alert, on_stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_tells_its_verdict_and_a_replay_leads_to_the_new_one() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        page.open_live("/deliveries").await;
        stage.deliver(alert("event_alert.python", 12)).await;
        page.until_text("[data-rows] .t-outcome", "Applied").await;
        assert!(page.text("[data-rows] .t-event").await.contains("event_alert.triggered"));
        let reason = page.text("[data-rows] .t-reason").await;
        assert!(reason.contains("#1"), "{reason}");

        page.click("[data-rows] a[data-row-link]").await;
        page.wait("#delivery-head").await;
        let original = page.path().await;
        page.until_text("#delivery-head .head-badges", "Applied").await;
        assert!(!page.text("#delivery-head .verdict").await.is_empty());
        page.until_text("#payload", "this is not a real error").await;
        // The payload folds, and keeps its shape while it does.
        page.wait("#payload .fold .fold-mark").await;
        let payload = page.text_of("document.getElementById('payload').textContent").await;
        assert!(payload.ends_with("\n}"), "{payload}");
        assert!(payload.contains("\n  }"), "{payload}");
        page.click("#payload .fold .fold .fold-mark").await;
        page.wait("#payload .fold.is-closed").await;

        page.open_live(&original).await;
        page.click("form[action$='/replay'] button").await;
        page.until(&format!(
            "location.pathname.startsWith('/deliveries/') && location.pathname !== '{original}'"
        ))
        .await;
        page.until_text("#delivery-head .head-badges", "replay").await;
        page.until("!document.querySelector('#delivery-head .head-badges').textContent.includes('Pending')").await;
        assert!(!page.text("#delivery-head .verdict").await.is_empty());
        page.wait(&format!("#delivery-head a[href='{original}']")).await;

        page.open("/deliveries?outcome=refused").await;
        page.until_text("#delivery-list", "No delivery fits").await;
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}
