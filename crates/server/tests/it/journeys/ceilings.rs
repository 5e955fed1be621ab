//! What one person is told at most (FIELD §1.8), and races of people with Sentry.

use super::notices::{destination, kinds, reach, webhook};
use crate::support::app::id;
use crate::support::crew::{escalate, follow, hire, make_policy};
use crate::support::receiver::FakeReceiver;
use crate::support::{TestApp, Webhook};
use epicenter_domain::id::IdKind;
use epicenter_domain::level::Severity;
use epicenter_store::notices::destinations;
use reqwest::Method;
use serde_json::json;

on_both_engines!(
    what_is_above_a_persons_ceiling_comes_bundled,
    an_acknowledgement_and_a_resolve_at_once_leave_one_state_and_two_lines,
    a_rule_that_continues_tells_both_destinations,
);

/// A destination that hears by itself of critical incidents only; answers its id.
async fn phone(app: &TestApp, receiver: &FakeReceiver) -> String {
    let made = destination(app, "Phone", webhook(receiver)).await;
    let mut tx = app.inside().database.write().await.unwrap();
    let mut record = destinations::by_id(&mut tx, 1, made)
        .await
        .unwrap()
        .unwrap();
    record.settings.least_severity = Some(Severity::Critical);
    destinations::save(&mut tx, &record).await.unwrap();
    tx.commit().await.unwrap();
    IdKind::Destination.show(made)
}

// FIELD §1.8: 5 in 15 minutes; what is above waits, says so, and comes bundled.
async fn what_is_above_a_persons_ceiling_comes_bundled(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    let phone = phone(&app, &receiver).await;
    let ann = hire(&app, "Ann").await;
    let path = format!("/api/v1/users/{ann}/contacts");
    let way = json!({"destination": phone});
    app.api.post(&path, way).await.expect(201);
    follow(&app, &make_policy(&app, &[(0, &ann)]).await).await;
    for issue in 42..49 {
        app.apply(Webhook::event_alert(issue)).await;
    }
    escalate(&app).await;
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.escalated"; 5]);
    let last = app.api.all("/api/v1/incidents/7/timeline").await;
    let held = last.iter().find(|line| line["kind"] == "escalation.held");
    let sentence = held.unwrap()["summary"].as_str().unwrap().to_owned();
    assert!(
        sentence.starts_with("Ann had 5 notices in 15 minutes; the next comes at "),
        "{sentence}"
    );
    app.later(899);
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new());
    app.later(1);
    app.tell().await;
    let bundled = receiver.take();
    assert_eq!(bundled.len(), 1);
    let text = bundled[0].json().to_string();
    for words in ["2 incidents wait for you", "/incidents/6", "/incidents/7"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let path = format!("/api/v1/users/{ann}/settings");
    assert_eq!(app.api.one(&path).await["has_ceiling"], true);
    let off = json!({"zone": "UTC", "has_ceiling": false});
    app.api.call(Method::PUT, &path, &off).await.expect(200);
    for issue in 52..59 {
        app.apply(Webhook::event_alert(issue)).await;
    }
    escalate(&app).await;
    app.tell().await;
    assert_eq!(kinds(&receiver).len(), 7, "no ceiling");
    app.finish().await;
}

// FIELD case 43: both at the same millisecond.
async fn an_acknowledgement_and_a_resolve_at_once_leave_one_state_and_two_lines(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    let path = "/api/v1/incidents/1/acknowledge";
    let (acknowledged, _) = tokio::join!(
        app.api.post(path, json!({})),
        app.receive(Webhook::issue("resolved", 42)),
    );
    app.settle().await;
    let incident = app.incident().await;
    assert_eq!(incident["status"], "resolved", "what is over wins");
    let story = app.story(&incident).await;
    let count = |kind: &str| story.iter().filter(|line| *line == kind).count();
    assert_eq!(count("incident.resolved"), 1, "{story:?}");
    match acknowledged.status.as_u16() {
        200 => assert_eq!(count("incident.acknowledged"), 1, "{story:?}"),
        // Sentry was faster: whoever pressed the button is told that it is over.
        status => assert_eq!(
            (status, count("incident.acknowledged")),
            (409, 0),
            "{story:?}"
        ),
    }
}

// Point 1: the first rule that matches names the service, one that continues also tells others.
async fn a_rule_that_continues_tells_both_destinations(app: &TestApp) {
    let app = reach(app).await;
    let (first, second) = (FakeReceiver::start().await, FakeReceiver::start().await);
    let show = |made: i64| IdKind::Destination.show(made);
    let ids = [
        show(destination(&app, "First", webhook(&first)).await),
        show(destination(&app, "Second", webhook(&second)).await),
    ];
    let service = |name: &'static str| {
        let app = &app;
        async move {
            let made = app
                .api
                .post("/api/v1/services", json!({"name": name}))
                .await;
            id(&made.expect(201).json()).to_owned()
        }
    };
    let (pay, web, other) = (
        service("Pay").await,
        service("Web").await,
        service("Other").await,
    );
    for (made, service) in ids.iter().zip([&pay, &web]) {
        let path = format!("/api/v1/destinations/{made}");
        let only = json!({"services": [service]});
        app.api.patch(&path, only).await.expect(200);
    }
    let rules = json!({"version": 0, "routing": {"rules": [
        {"name": "both", "when": "title.contains('42')", "service": pay, "continue": true},
        {"name": "web", "when": "title.contains('4')", "service": web},
        {"name": "rest", "when": "true", "service": other},
    ]}});
    app.api
        .call(Method::PUT, "/api/v1/routes", &rules)
        .await
        .expect(200);
    app.apply(Webhook::event_alert(42)).await;
    app.later(40);
    app.tell().await;
    assert_eq!(kinds(&first), ["incident.triggered"]);
    assert_eq!(
        kinds(&second),
        ["incident.triggered"],
        "the rule before continues"
    );
    app.apply(Webhook::event_alert(43)).await;
    app.later(40);
    app.tell().await;
    assert_eq!(kinds(&first), Vec::<String>::new());
    assert_eq!(kinds(&second), ["incident.triggered"]);
    app.finish().await;
}
