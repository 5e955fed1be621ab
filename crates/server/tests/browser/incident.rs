//! The page of one incident.

use crate::support::{alert, on_stage};

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_shows_its_exceptions_frames_tags_timeline_and_the_way_to_sentry() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        stage.deliver_incidents(vec![alert("event_alert.chained", 31)]).await;
        page.open_live("/incidents/1").await;

        // The chain: the raised exception is open, its cause is folded.
        let chain = page
            .eval("[...document.querySelectorAll('details.exception')].map((one) => [one.querySelector('.exception-kind').textContent, one.open])")
            .await;
        assert_eq!(chain.as_array().unwrap().len(), 2, "{chain}");
        assert_eq!(chain[0][1], true, "{chain}");
        assert_eq!(chain[1][0], "EpicenterTestCause", "{chain}");
        assert_eq!(chain[1][1], false, "{chain}");

        // Frames: ours are open with their source, those of libraries are folded.
        let raised = "details.exception[open]";
        let open_library = format!("{raised} > .frames > .is-library");
        assert_eq!(page.count(&open_library).await, 0);
        assert!(page.count(&format!("{raised} > .frames > .frame-item .source li.is-current")).await > 0);
        assert!(page.count(&format!("{raised} .frame-fold:not([open]) .is-library")).await > 0);
        assert_eq!(page.count(".frame-fold[open]").await, 0);
        assert_eq!(page.count(&format!("{raised} .is-crash")).await, 1);
        page.click(&format!("{raised} .frame-fold summary")).await;
        page.until("document.querySelector('.frame-fold[open] .frame-item').checkVisibility()").await;

        let tags = page.text(".tags").await;
        assert!(tags.contains("server_name") && tags.contains("transaction"), "{tags}");
        assert!(page.count("#timeline li").await > 0);
        page.wait("#timeline a[href^='/deliveries/']").await;
        let link = page.wait("#incident-facts a[target=_blank]").await;
        let href = link.attr("href").await.unwrap().unwrap();
        assert!(href.starts_with("https://"), "{href}");
        assert_eq!(link.attr("rel").await.unwrap().unwrap(), "noopener noreferrer");

        // A note comes into the timeline, without reloading and without folding what is unfolded.
        page.fill("#note textarea", "Rolled back by hand").await;
        page.click("#note button").await;
        page.until_text("#timeline", "Rolled back by hand").await;
        assert_eq!(page.count(".frame-fold[open]").await, 1);
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_incident_follows_what_happens_in_sentry() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        stage
            .deliver_incidents(vec![crate::support::created(5, "Queue is stuck")])
            .await;
        page.open_live("/incidents/1").await;
        page.until_text("#incident-head .head-badges", "Triggered")
            .await;
        stage
            .deliver(crate::support::edited("issue.resolved.now", 5, |_| {}))
            .await;
        page.until_text("#incident-head .head-badges", "Resolved")
            .await;
    })
    .await;
}
