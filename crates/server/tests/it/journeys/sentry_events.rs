//! Issue webhooks carry no tags, environment, release or stack: the latest event is fetched.

use crate::support::TestApp;
use crate::support::sentry::Linked;
use epicenter::operations::sentry::fetch_events;
use epicenter::simulator::sentry::{FakeIssue, Fault};
use serde_json::{Value, json};

on_both_engines!(
    the_latest_event_tells_environment_release_and_stack,
    events_are_fetched_within_a_budget_and_again_after_a_failure,
);

async fn fetch(linked: &Linked) -> usize {
    let count = fetch_events(linked.app.inside()).await.unwrap();
    linked.app.settle().await;
    count
}

async fn the_latest_event_tells_environment_release_and_stack(app: &mut TestApp) {
    // PL, SENTRY-PROTOCOL §10.4: not even the environment is in an issue webhook.
    let linked = Linked::start(app).await;
    let created = linked.sentry.create(linked.issue(1, 0));
    linked.deliver(created).await;
    assert_eq!(linked.app.incident().await["environment"], Value::Null);
    assert_eq!(fetch(&linked).await, 1);
    let issue = linked.app.issue().await;
    let incident = linked.app.incident().await;
    for thing in [&issue, &incident] {
        assert_eq!(thing["environment"], "production", "{thing:#}");
        assert_eq!(thing["release"], "shop@1.4.2", "{thing:#}");
    }
    let events = linked.app.events(&issue).await;
    assert_eq!(events.len(), 1);
    let frames = events[0]["exceptions"][0]["frames"].as_array().unwrap();
    assert_eq!(frames.last().unwrap()["function"], "charge", "{events:#?}");
    // It is kept as a delivery, and what is personal is removed as always.
    let kept = &linked.app.deliveries().await[0];
    assert_eq!(kept["resource"], "latest_event");
    let whole = linked
        .app
        .delivery(kept["id"].as_str().unwrap())
        .await
        .to_string();
    for personal in ["kim@acme.example", "198.51.100.7"] {
        assert!(!whole.contains(personal), "{whole}");
    }
    assert_eq!(linked.app.incidents().await.len(), 1);
    assert_eq!(fetch(&linked).await, 0, "once is enough");
    linked.app.finish().await;
}

async fn events_are_fetched_within_a_budget_and_again_after_a_failure(app: &mut TestApp) {
    let linked = Linked::start(app).await;
    for number in 1..=40 {
        let created = linked.sentry.create(linked.issue(number, 0));
        linked.deliver(created).await;
    }
    assert_eq!(fetch(&linked).await, 30, "as many as a minute allows");
    assert_eq!(fetch(&linked).await, 0);
    linked.app.later(60);
    assert_eq!(fetch(&linked).await, 10);
    linked.app.later(60);
    linked.sentry.once(Fault::Status(500));
    let created = linked.sentry.create(FakeIssue {
        environment: String::new(),
        ..linked.issue(50, 0)
    });
    linked.deliver(created).await;
    assert_eq!(fetch(&linked).await, 1);
    for wait in [61, 601, 3_601, 21_601] {
        assert_eq!(fetch(&linked).await, 0, "not before its time");
        linked.app.later(wait);
        assert_eq!(fetch(&linked).await, 1, "after {wait} s");
    }
    linked.app.later(99_999);
    assert_eq!(fetch(&linked).await, 0, "Sentry does not know it");
    let events = linked.app.deliveries().await;
    let fetched = events
        .iter()
        .filter(|one| one["resource"] == "latest_event");
    assert_eq!(json!(fetched.count()), json!(40));
    linked.app.finish().await;
}
