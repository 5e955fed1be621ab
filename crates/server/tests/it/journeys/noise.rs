//! What is not worth a notice: work that is announced, and what ends by itself (FIELD §1.8).

use super::notices::{destination, kinds, reach, webhook};
use crate::support::app::id;
use crate::support::crew::make;
use crate::support::receiver::FakeReceiver;
use crate::support::{TestApp, Webhook};
use epicenter::operations::command_incident::end_suspensions;
use epicenter_domain::id::IdKind;
use epicenter_store::notices::plans;
use serde_json::{Value, json};

on_both_engines!(
    maintenance_is_not_told_and_its_end_lets_through,
    what_usually_ends_by_itself_is_held_back,
    nothing_is_held_back_where_that_is_off,
    what_flaps_is_marked_told_once_and_then_in_digests,
);

/// Why the only destination was not told of an incident.
async fn why(app: &TestApp, incident: &Value) -> String {
    let incident_id = IdKind::Incident.parse(id(incident)).unwrap();
    let mut tx = app.inside().database.read().await.unwrap();
    let told = plans::told(&mut tx, incident_id).await.unwrap();
    tx.rollback().await.unwrap();
    told[0].verdict.reason().to_owned()
}

async fn maintenance_is_not_told_and_its_end_lets_through(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    let weekly = json!({
        "name": "Night of the backups",
        "condition": "environment == \"staging\"",
        "weekly": {"windows": [{"days": ["sunday"], "from": "02:00", "until": "04:00"}]},
    });
    make(&app, "/api/v1/maintenance", weekly).await;
    let ends_at = app.now().plus_ms(3_600_000).rfc3339();
    let window = json!({
        "name": "Move of the database",
        "condition": "project == \"shop\"",
        "ends_at": ends_at,
    });
    make(&app, "/api/v1/maintenance", window).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(600);
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new());
    let incident = app.incident().await;
    let sentence = why(&app, &incident).await;
    assert_eq!(
        sentence,
        "Maintenance \"Move of the database\" until 2026-03-02 11:00 UTC"
    );
    app.later(3_000);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"], "it is still so");
    app.finish().await;
}

/// A metric that warns and is fine again a minute later, every three hours.
async fn blip(app: &TestApp) {
    app.apply(Webhook::metric("warning", 7)).await;
    app.later(60);
    app.apply(Webhook::metric("resolved", 7)).await;
    app.later(3 * 3_600);
}

// FIELD §1.8 and case 45: three of the last four ended by themselves within five minutes.
async fn what_usually_ends_by_itself_is_held_back(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    for _ in 0..4 {
        blip(&app).await;
    }
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new(), "all over by now");
    app.apply(Webhook::metric("warning", 7)).await;
    let held = app.incidents().await[0].clone();
    assert_eq!(held["status"], "suspended");
    assert_eq!(
        held["suspended_until"],
        app.now().plus_ms(300_000).rfc3339()
    );
    app.later(120);
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new());
    app.apply(Webhook::metric("resolved", 7)).await;
    app.later(600);
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new());
    let sentence = why(&app, &held).await;
    assert_eq!(
        sentence,
        "It ended by itself while it was held back, as it usually does"
    );

    app.later(3 * 3_600);
    app.apply(Webhook::metric("warning", 7)).await;
    app.later(300);
    end_suspensions(app.inside()).await.unwrap();
    app.later(30);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"]);
    let told = app.incidents().await[0].clone();
    assert_eq!(told["status"], "triggered");
    let story = app.story(&told).await;
    assert_eq!(
        story,
        [
            "incident.opened",
            "incident.suspended",
            "incident.retriggered"
        ]
    );

    app.apply(Webhook::metric("resolved", 7)).await;
    app.later(3 * 3_600);
    app.apply(Webhook::metric("critical", 7)).await;
    let urgent = app.incidents().await[0].clone();
    assert_eq!(
        urgent["status"], "triggered",
        "what is critical never waits"
    );
    app.finish().await;
}

async fn nothing_is_held_back_where_that_is_off(app: &TestApp) {
    let integration = app.default_integration().await;
    assert_eq!(integration["holds_transients"], true);
    let path = format!("/api/v1/integrations/{}", id(&integration));
    let off = json!({"holds_transients": false});
    app.api.patch(&path, off).await.expect(200);
    for _ in 0..4 {
        blip(app).await;
    }
    app.apply(Webhook::metric("warning", 7)).await;
    assert_eq!(app.incidents().await[0]["status"], "triggered");
    let on = json!({"holds_transients": true});
    app.api.patch(&path, on).await.expect(200);
    let service = &app.api.all("/api/v1/services").await[0];
    let path = format!("/api/v1/services/{}", id(service));
    let off = json!({"name": service["name"], "holds_transients": false});
    let changed = app.api.call(reqwest::Method::PUT, &path, &off).await;
    assert_eq!(changed.expect(200).json()["holds_transients"], false);
    app.apply(Webhook::metric("resolved", 7)).await;
    app.later(3 * 3_600);
    app.apply(Webhook::metric("warning", 7)).await;
    assert_eq!(app.incidents().await[0]["status"], "triggered");
}

/// It ends, and begins anew.
async fn turn(app: &TestApp) {
    app.later(60);
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(60);
    app.apply(Webhook::event_alert(42)).await;
}

// Row 27, FIELD §1.8: 4 changes within an hour.
async fn what_flaps_is_marked_told_once_and_then_in_digests(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    app.apply(Webhook::event_alert(42)).await;
    let path = "/api/v1/incidents/1";
    assert_eq!(app.api.one(path).await.get("flapping_since"), None);
    turn(&app).await;
    turn(&app).await;
    let since = app.api.one(path).await["flapping_since"].clone();
    assert!(since.is_string(), "it is marked");
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.updated"]);
    let sentence = why(&app, &app.incident().await).await;
    assert!(sentence.contains("From now on in digests"), "{sentence}");
    app.later(1_600);
    turn(&app).await;
    app.tell().await;
    assert_eq!(
        kinds(&receiver),
        Vec::<String>::new(),
        "not told one by one"
    );
    app.later(1_900);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.digest"]);
    app.later(3_600);
    assert_eq!(
        app.api.one(path).await.get("flapping_since"),
        None,
        "it is calm"
    );
    app.finish().await;
}
