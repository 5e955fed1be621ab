//! The error log, and the main pages on a phone.

use crate::support::{alert, created, on_stage};

#[tokio::test(flavor = "multi_thread")]
async fn the_error_log_filters_opens_rows_and_changes_the_status() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        stage
            .deliver_incidents(vec![
                alert("event_alert.python", 21),
                created(22, "Quiet warning"),
            ])
            .await;

        page.open("/admin/error-log").await;
        page.until_path("/error-log").await;
        page.until("document.querySelectorAll('[data-rows] > [data-row]').length === 2")
            .await;

        page.fill("[data-search]", "quiet").await;
        page.press('\u{e007}').await;
        page.until("location.search.includes('q=quiet')").await;
        page.until("document.querySelectorAll('[data-rows] > [data-row]').length === 1")
            .await;
        page.until_text("[data-rows]", "Quiet warning").await;
        page.open("/error-log?level=fatal").await;
        page.until_text("#issue-list", "Nothing fits this filter")
            .await;

        page.open_live("/error-log?q=Epicenter").await;
        page.click("[data-rows] summary").await;
        page.until_text(
            "[data-rows] .issue-detail .exception-kind",
            "Epicenter test",
        )
        .await;
        assert!(page.count("[data-rows] .issue-detail .frame-item").await > 1);

        page.click("[data-rows] .issue-detail button[value=resolved]")
            .await;
        page.until_answer(
            "/api/v1/issues?status=resolved",
            "answer.items.length === 1",
        )
        .await;
        page.until("document.querySelectorAll('[data-rows] > [data-row]').length === 0")
            .await;
        assert_eq!(
            page.path().await,
            "/error-log?q=Epicenter",
            "the filter is kept"
        );
        page.open_live("/error-log?status=resolved").await;
        page.wait("[data-rows] > .is-resolved .c-state").await;

        let entry = page
            .text_of("document.querySelector('[data-load]').dataset.load")
            .await;
        page.open_live(&entry).await;
        page.click("button[value=unresolved]").await;
        page.until("document.querySelector('button[value=unresolved]').disabled")
            .await;
        page.until_answer(
            "/api/v1/issues?status=resolved",
            "answer.items.length === 0",
        )
        .await;
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_main_page_scrolls_sideways_on_a_phone() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        let endless = "x".repeat(300);
        stage
            .deliver_incidents(vec![
                alert("event_alert.chained", 21),
                created(22, &endless),
            ])
            .await;
        let integrations = page.answer("/api/v1/integrations").await;
        let integration = integrations["items"][0]["id"].as_str().unwrap().to_owned();
        let deliveries = page.answer("/api/v1/deliveries").await;
        let delivery = deliveries["items"][0]["id"].as_str().unwrap().to_owned();
        let issues = page.answer("/api/v1/issues").await;
        let issue = issues["items"][0]["id"].as_str().unwrap().to_owned();
        page.phone().await;
        for path in [
            "/incidents".to_owned(),
            "/incidents/1".to_owned(),
            "/incidents/2".to_owned(),
            "/error-log".to_owned(),
            format!("/error-log/{issue}"),
            "/deliveries".to_owned(),
            format!("/deliveries/{delivery}"),
            "/integrations".to_owned(),
            format!("/integrations/{integration}"),
            "/services".to_owned(),
            "/settings".to_owned(),
        ] {
            page.open(&path).await;
            page.until("document.readyState === 'complete'").await;
            assert_eq!(page.eval("innerWidth").await, 390, "{path}");
            let width = page.eval("document.documentElement.scrollWidth").await;
            assert!(width.as_i64().unwrap() <= 390, "{path} is {width} px wide");
        }
    })
    .await;
}
