//! Changes that are told after the incident is over.

use crate::support::app::id;
use crate::support::{TestApp, Webhook};
use epicenter::operations::rank_suspects::rank_due;
use serde_json::{Value, json};

on_both_engines!(
    what_was_resolved_unexplained_is_ranked_with_a_late_change,
    what_was_resolved_long_ago_is_left_alone,
);

async fn rank(app: &TestApp) -> usize {
    app.later(3);
    let mut count = 0;
    loop {
        match rank_due(app.inside()).await.unwrap() {
            0 => return count,
            ranked => count += ranked,
        }
    }
}

async fn suspects(app: &TestApp) -> Value {
    let incident = app.incident().await;
    let path = format!("/api/v1/incidents/{}/suspects", id(&incident));
    app.api.one(&path).await
}

/// An incident that came and went before anybody told of a deploy.
async fn broken_and_repaired(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    rank(app).await;
    app.later(600);
    app.apply(Webhook::issue("resolved", 42)).await;
    rank(app).await;
    let found = suspects(app).await;
    assert_eq!(
        (&found["items"], &found["convincing"]),
        (&json!([]), &json!(false))
    );
}

async fn tell_deploy(app: &TestApp, version: &str) {
    let sha = |letter: char| String::from(letter).repeat(40);
    let body = json!({
    "version": version, "sha": sha('b'), "project": "shop", "repository": "acme/shop",
    "finished_at": "2026-03-02T09:58:00Z", "commits": [
        {"id": sha('b'), "message": "Explain the returns policy", "author": "Kim",
            "timestamp": "2026-03-02T09:00:00Z", "files": ["docs/returns.md"]},
        {"id": sha('a'), "message": "Look prices up by sku", "author": "Robin",
            "timestamp": "2026-03-02T09:00:00Z", "files": ["shop/cart.py"]},
    ]});
    app.api.post("/api/v1/deploys", body).await.expect(201);
}

async fn what_was_resolved_unexplained_is_ranked_with_a_late_change(app: &TestApp) {
    broken_and_repaired(app).await;
    app.later(6 * 24 * 3_600);
    tell_deploy(app, "shop@1.4.0").await;
    assert_eq!(rank(app).await, 1);
    let found = suspects(app).await;
    assert_eq!(found["items"][0]["sha"], "a".repeat(40), "{found:#}");
    assert_eq!(app.incident().await["status"], "resolved");
    // It is explained now: the next change does not concern it.
    assert_eq!(found["convincing"], true, "{found:#}");
    tell_deploy(app, "shop@1.4.1").await;
    assert_eq!(rank(app).await, 0);
}

async fn what_was_resolved_long_ago_is_left_alone(app: &TestApp) {
    broken_and_repaired(app).await;
    app.later(8 * 24 * 3_600);
    tell_deploy(app, "shop@1.4.0").await;
    assert_eq!(rank(app).await, 0);
}
