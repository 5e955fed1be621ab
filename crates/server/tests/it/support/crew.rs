//! People who are on call, and what they are owed.

use super::TestApp;
use super::app::id;
use epicenter::operations::escalate::escalate_due;
use epicenter_domain::id::IdKind;
use epicenter_domain::notification::Target;
use epicenter_domain::proof::SecretValue;
use epicenter_domain::time::Time;
use epicenter_store::notices::destinations::{self, DestinationRecord, DestinationSettings};
use epicenter_store::people::pages_owed::{self, Recipient};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Makes an account; answers its id.
pub(crate) async fn hire(app: &TestApp, name: &str) -> String {
    let body = json!({
        "email": format!("{}@example.com", name.to_lowercase()),
        "name": name,
        "password": "correct horse battery staple",
    });
    let made = app.api.post("/api/v1/users", body).await.expect(201).json();
    id(&made).to_owned()
}

/// Makes anything; answers its id.
pub(crate) async fn make(app: &TestApp, path: &str, body: Value) -> String {
    let made = app.api.post(path, body).await.expect(201).json();
    id(&made).to_owned()
}

/// Makes a destination; answers its id.
pub(crate) async fn make_destination(app: &TestApp, name: &str) -> String {
    let inside = app.inside();
    let record = DestinationRecord {
        id: inside.ids.next(app.now()),
        workspace_id: 1,
        name: name.to_owned(),
        target: Target::Pagerduty {
            routing_key: SecretValue::new("key"),
            api: "https://events.example.com".to_owned(),
        },
        settings: DestinationSettings::default(),
        services: BTreeSet::new(),
        is_enabled: true,
        disabled_why: None,
        failing_since: None,
        created_at: app.now(),
    };
    let mut tx = inside.database.write().await.unwrap();
    destinations::save(&mut tx, &record).await.unwrap();
    tx.commit().await.unwrap();
    IdKind::Destination.show(record.id)
}

/// Makes an escalation policy from delays and targets; answers its id.
pub(crate) async fn make_policy(app: &TestApp, steps: &[(u32, &str)]) -> String {
    let step = |(delay_s, target): &(u32, &str)| json!({"delay_s": delay_s, "targets": [target]});
    let steps: Vec<Value> = steps.iter().map(step).collect();
    let body = json!({"name": "Shop", "steps": steps});
    make(app, "/api/v1/escalations", body).await
}

/// The default service's incidents follow this policy from now on.
pub(crate) async fn follow(app: &TestApp, policy: &str) {
    let services = app.api.one("/api/v1/services").await;
    let path = format!("/api/v1/services/{}/owner", id(&services["items"][0]));
    let owner = json!({"escalation": policy});
    app.api.call(Method::PUT, &path, &owner).await.expect(200);
}

/// Moves what is due.
pub(crate) async fn escalate(app: &TestApp) {
    escalate_due(app.inside()).await.unwrap();
}

/// Who is owed a page, oldest first: id, seconds from now, reason.
pub(crate) async fn owed(app: &TestApp) -> Vec<(String, i64, String)> {
    let mut tx = app.inside().database.read().await.unwrap();
    let all = pages_owed::due(&mut tx, Time(i64::MAX), 100).await.unwrap();
    tx.rollback().await.unwrap();
    let shown = |to| match to {
        Recipient::Person(id) => IdKind::User.show(id),
        Recipient::Destination(id) => IdKind::Destination.show(id),
    };
    let seconds = |at: Time| at.since_ms(app.now()) / 1_000;
    all.into_iter()
        .map(|page| (shown(page.to), seconds(page.due_at), page.reason))
        .collect()
}

/// The ids of those who are owed a page.
pub(crate) async fn told(app: &TestApp) -> Vec<String> {
    owed(app).await.into_iter().map(|(who, ..)| who).collect()
}
