//! What was accepted is kept (FIELD §3.3 cases 19 to 21; the killed process is in `faults`).

use crate::support::app::id;
use crate::support::{TestApp, Webhook};
use serde_json::json;

on_both_engines!(a_restart_keeps_everything);

async fn a_restart_keeps_everything(app: &mut TestApp) {
    let body = json!({"kind": "sentry", "name": "Kept", "secret": "the-kept-secret"});
    let integration = app.make_integration(body).await;
    let viewer = app.make_token("viewer").await;
    for issue_id in 0..5 {
        app.apply(Webhook::event_alert(issue_id)).await;
        app.later(1);
    }
    app.apply(Webhook::issue("resolved", 3)).await;
    let before = (
        app.incidents().await,
        app.issues().await,
        app.deliveries().await,
        app.default_integration().await,
    );
    // A clock that goes back must not make smaller ids.
    app.later(-3_600);
    app.restart().await;
    let after = (
        app.incidents().await,
        app.issues().await,
        app.deliveries().await,
        app.default_integration().await,
    );
    assert_eq!(before, after);
    app.api
        .with_token(Some(&viewer))
        .get("/api/v1/incidents")
        .await
        .expect(200);
    let webhook = Webhook::event_alert(99).towards(&integration);
    app.receive(webhook.signed_with("the-kept-secret")).await;
    app.settle().await;
    let incidents = app.incidents().await;
    let newest = app.deliveries().await[0].clone();
    assert!(id(&newest) > id(&before.2[0]), "ids grow: {newest}");
    assert_eq!(incidents.len(), 6);
    assert!(
        incidents.iter().any(|incident| incident["number"] == 6),
        "{incidents:?}"
    );
}
