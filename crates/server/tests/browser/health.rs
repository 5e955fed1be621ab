//! The health page: what came in, the canary's way, and what to do.

use crate::support::{DOOR, alert, on_stage};

#[tokio::test(flavor = "multi_thread")]
async fn the_health_page_says_how_it_is_and_what_to_do() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        stage.deliver(alert("event_alert.python", 12)).await;
        for issue in 13..18 {
            let mut forged = alert("event_alert.python", issue);
            forged.sign("not the secret");
            assert_eq!(stage.send(DOOR, forged).await, 401);
        }
        page.until_answer(
            "/api/v1/deliveries?outcome=applied",
            "answer.items.length === 1",
        )
        .await;
        stage.look_at_itself().await;
        page.until_answer(
            "/api/v1/health",
            "answer.findings.some(one => one.says.includes('door, inbox, intake and outbox'))",
        )
        .await;
        stage.look_at_itself().await;

        page.open("/health").await;
        page.until_text(
            "#deliveries [data-code=delivery_rate]",
            "100.0 % of 1 webhook",
        )
        .await;
        page.until_text("#deliveries [data-code=answers]", "16.6 % of 6 requests")
            .await;
        page.until_text("#integrations [data-code=refused]", "Attention")
            .await;
        page.until_text("#integrations [data-code=refused]", "What to do:")
            .await;
        page.until_text("#itself [data-code=canary]", "OK").await;
        page.until_text("#notices [data-code=no_destination]", "nobody is told")
            .await;
        page.until_text("#storage [data-code=size]", "The database has")
            .await;
        page.wait("nav a[href='/health'][aria-current]").await;

        // Nothing is cut off on a telephone.
        page.phone().await;
        page.open("/health").await;
        page.until("document.documentElement.scrollWidth <= window.innerWidth")
            .await;
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}
