//! Charts, and the page Trends on a screen, on a phone and in the dark.

use crate::support::{edited, on_stage};
use serde_json::{Value, json};

const SCRIPT: &str = "<script>window.pwned=1</script>";

/// Tells of a deploy as a program does, with the session of the tab.
const DEPLOY: &str = "const [body, done] = arguments;
    fetch('/api/v1/deploys', {method: 'POST', body: JSON.stringify(body), headers: {
        'Content-Type': 'application/json', 'X-Csrf': document.body.dataset.csrf}})
      .then((reply) => done(reply.status), (error) => done(String(error)));";

#[tokio::test(flavor = "multi_thread")]
async fn trends_are_drawn_with_deploys_and_told_in_a_table() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        page.open_live("/trends").await;
        page.until_text(".trends", "Nothing was counted in the last 7 days")
            .await;
        let deploy = json!({"version": format!("shop@2{SCRIPT}"), "sha": "a".repeat(40),
            "environment": "production"});
        let status = page
            .client
            .execute_async(DEPLOY, vec![deploy])
            .await
            .unwrap();
        assert_eq!(status, Value::from(201));
        let alert = |issue: u64, level: &str| {
            edited("event_alert.python", issue, |body| {
                let event = &mut body["data"]["event"];
                event["level"] = json!(level);
                event["environment"] = json!(format!("production{SCRIPT}"));
            })
        };
        let levels = ["error", "error", "warning", "fatal", "info"];
        let alerts = (71..).zip(levels).map(|(issue, level)| alert(issue, level));
        stage.deliver_incidents(alerts.collect()).await;

        page.click("nav a[href='/trends']").await;
        page.until_path("/trends").await;
        page.wait("section[aria-labelledby=events-head] svg.bars .s-fatal")
            .await;
        page.wait("svg.bars a.mark").await;
        let legend = page
            .text("section[aria-labelledby=events-head] .legend")
            .await;
        for name in ["error", "warning", "fatal", "info"] {
            assert!(legend.contains(name), "{legend}");
        }
        page.click("section[aria-labelledby=events-head] .chart-table summary")
            .await;
        page.until_text(
            "section[aria-labelledby=events-head] .chart-table table",
            "shop@2",
        )
        .await;
        page.until_text("#handling", "Time to acknowledge, mean (MTTA)")
            .await;
        page.click("nav.tabs a[href*='24h']").await;
        page.until("location.search.includes('range=24h')").await;
        page.wait("nav.tabs a[href*='24h'][aria-current=page]")
            .await;
        assert!(page.count("svg.bars g").await > 0);

        page.phone().await;
        page.open("/trends?range=90d").await;
        page.wait("svg.bars .s-fatal").await;
        let wide = "document.documentElement.scrollWidth > innerWidth";
        assert_eq!(
            page.eval(wide).await,
            Value::from(false),
            "nothing is wider than a phone"
        );
        page.eval("document.documentElement.dataset.theme = 'dark'")
            .await;
        assert_eq!(page.eval("window.pwned ?? null").await, Value::Null);
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}
