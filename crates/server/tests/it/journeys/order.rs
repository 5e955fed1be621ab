//! Nothing arrives once, and nothing in order (SENTRY-PROTOCOL §6).

use crate::support::app::{id, outcome};
use crate::support::{TestApp, Webhook};
use serde_json::json;

on_both_engines!(
    the_same_event_twice_is_one,
    many_copies_at_once_are_one,
    two_rules_for_one_event_are_one_event,
    the_same_resolve_twice_is_one,
    two_resolves_are_two_facts,
    a_resolve_that_comes_first_wins,
    an_old_resolve_does_not_close_what_came_after_it,
    a_replay_of_what_was_not_understood,
    a_replay_counts_nothing_twice,
    a_delivery_that_cannot_be_applied_is_parked,
);

// OK-13, FIELD §3.3 case 7: the identity counts, not `Request-ID`, which is new each time.
async fn the_same_event_twice_is_one(app: &TestApp) {
    let webhook = Webhook::event_alert(42).at(app.now());
    let first = app.apply(webhook.clone()).await;
    app.later(5);
    let second = app.apply(webhook).await;
    assert_eq!(outcome(&second), "duplicate");
    assert!(
        second["verdict"]["reason"]
            .as_str()
            .unwrap()
            .contains(id(&first)),
        "{second}"
    );
    assert_eq!(app.incident().await["event_count"], 1);
    assert_eq!(app.issue().await["event_count"], 1);
}

// FIELD §3.3 case 6
async fn many_copies_at_once_are_one(app: &TestApp) {
    let webhook = Webhook::event_alert(42).at(app.now());
    let copies = (0..50).map(|_| app.receive(webhook.clone()));
    futures_util::future::join_all(copies).await;
    app.settle().await;
    assert_eq!(app.incident().await["event_count"], 1);
    assert_eq!(app.events(&app.issue().await).await.len(), 1);
    assert_eq!(
        app.api
            .all("/api/v1/deliveries?outcome=applied")
            .await
            .len(),
        1
    );
    assert_eq!(
        app.api
            .all("/api/v1/deliveries?outcome=duplicate")
            .await
            .len(),
        49
    );
}

// One occurrence makes an issue.created, an error.created and an alert per rule.
async fn two_rules_for_one_event_are_one_event(app: &TestApp) {
    let alert = Webhook::event_alert(42);
    let other = alert.clone().set("/data/triggered_rule", "Another rule");
    let event = alert.text("/data/event/event_id");
    app.receive(Webhook::issue("created", 42)).await;
    app.receive(Webhook::error(42).set("/data/error/event_id", event.as_str()))
        .await;
    app.receive(alert).await;
    app.receive(other).await;
    app.settle().await;
    assert_eq!(
        app.api
            .all("/api/v1/deliveries?outcome=applied")
            .await
            .len(),
        4
    );
    assert_eq!(app.events(&app.issue().await).await.len(), 1);
    assert_eq!(app.incident().await["status"], "triggered");
}

// OK-14
async fn the_same_resolve_twice_is_one(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    let resolve = Webhook::issue("resolved", 42).at(app.now());
    app.apply(resolve.clone()).await;
    app.later(5);
    assert_eq!(outcome(&app.apply(resolve).await), "duplicate");
    let story = app.story(&app.incident().await).await;
    assert_eq!(story, ["incident.opened", "incident.resolved"]);
}

// DESIGN §5: two different resolves of one issue are two facts.
async fn two_resolves_are_two_facts(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    for round in 0..2 {
        app.later(60);
        let delivery = app.apply(Webhook::issue("resolved", 42)).await;
        assert_eq!(outcome(&delivery), "applied", "round {round}: {delivery}");
        assert_eq!(app.incident().await["status"], "resolved");
        app.later(60);
        let delivery = app.apply(Webhook::event_alert(42)).await;
        assert_eq!(outcome(&delivery), "applied", "round {round}: {delivery}");
        assert_eq!(app.incident().await["status"], "triggered");
    }
    let story = app.story(&app.incident().await).await;
    assert_eq!(
        story
            .iter()
            .filter(|kind| *kind == "incident.resolved")
            .count(),
        2,
        "{story:?}"
    );
}

// FIELD §3.3 case 44, DESIGN §5
async fn a_resolve_that_comes_first_wins(app: &TestApp) {
    let happened = app.now();
    app.later(60);
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(1);
    let late = app.apply(Webhook::event_alert(42).at(happened)).await;
    assert_eq!(outcome(&late), "applied", "{late}");
    assert_eq!(app.incidents().await.len(), 0, "no ghost");
    let issue = app.issue().await;
    assert_eq!(issue["status"], "resolved");
    assert_eq!(issue["event_count"], 1, "the error log has it all the same");
    app.later(60);
    app.apply(Webhook::event_alert(42)).await;
    assert_eq!(
        app.incident().await["status"],
        "triggered",
        "a newer one does open"
    );
}

async fn an_old_resolve_does_not_close_what_came_after_it(app: &TestApp) {
    let before = app.now();
    app.later(60);
    app.apply(Webhook::event_alert(42)).await;
    app.apply(Webhook::issue("resolved", 42).at(before)).await;
    assert_eq!(app.incident().await["status"], "triggered");
    assert_eq!(app.issue().await["status"], "unresolved");
}

async fn a_replay_of_what_was_not_understood(app: &TestApp) {
    let first = app
        .apply(Webhook::other("hologram", "projected", &json!({})))
        .await;
    let path = format!("/api/v1/deliveries/{}/replay", id(&first));
    let answer = app.api.post(&path, json!({})).await.expect(202).json();
    app.settle().await;
    let again = app.delivery(answer["delivery_id"].as_str().unwrap()).await;
    assert_eq!(outcome(&again), "not_understood");
    assert_eq!(again["replay_of"], first["id"]);
    assert_eq!(again["proof"], "replay");
    assert_eq!(again["body"], first["body"]);
}

// PL-06: a replay is decided anew, but an event or a line is not there twice.
async fn a_replay_counts_nothing_twice(app: &TestApp) {
    let first = app.apply(Webhook::event_alert(42)).await;
    let before = (app.incident().await, app.issue().await);
    let path = format!("/api/v1/deliveries/{}/replay", id(&first));
    for _ in 0..2 {
        let answer = app.api.post(&path, json!({})).await.expect(202).json();
        app.settle().await;
        let again = app.delivery(answer["delivery_id"].as_str().unwrap()).await;
        assert_eq!(outcome(&again), "applied", "{again}");
    }
    let incident = app.incident().await;
    assert_eq!(incident["event_count"], before.0["event_count"]);
    assert_eq!(app.issue().await["event_count"], before.1["event_count"]);
    assert_eq!(app.events(&before.1).await.len(), 1);
    assert_eq!(app.story(&incident).await, ["incident.opened"]);
}

// FIELD §3.3 case 35
async fn a_delivery_that_cannot_be_applied_is_parked(app: &TestApp) {
    let doomed = app
        .make_integration(json!({"kind": "sentry", "name": "Doomed", "unsigned": true}))
        .await;
    let first = app.apply(Webhook::legacy(1).towards(&doomed)).await;
    app.api
        .delete(&format!("/api/v1/integrations/{}", id(&doomed)))
        .await
        .expect(204);
    // A replay stores it for an integration that is gone by now.
    let path = format!("/api/v1/deliveries/{}/replay", id(&first));
    let answer = app.api.post(&path, json!({})).await.expect(202).json();
    let behind: Vec<_> = (0..3)
        .map(|issue| Webhook::event_alert(100 + issue))
        .collect();
    for webhook in behind {
        app.receive(webhook).await;
    }
    app.settle().await;
    let parked = app.delivery(answer["delivery_id"].as_str().unwrap()).await;
    assert_eq!(outcome(&parked), "parked");
    assert_eq!(parked["attempts"], 5);
    assert!(
        parked["verdict"]["reason"]
            .as_str()
            .unwrap()
            .contains("deleted"),
        "{parked}"
    );
    assert_eq!(
        app.incidents().await.len(),
        4,
        "what came behind it was applied"
    );
}
