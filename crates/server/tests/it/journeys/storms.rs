//! Storms: one incident tells of them, everything counts (FIELD §1.8, case 33).

use super::notices::{destination, kinds, reach, webhook};
use super::routes::service;
use crate::support::app::id;
use crate::support::crew::{follow, hire, make_policy, told};
use crate::support::receiver::FakeReceiver;
use crate::support::{TestApp, Webhook};
use epicenter::operations::storms::look_at_storms;
use epicenter_domain::id::IdKind;
use epicenter_domain::time::Time;
use epicenter_store::incidents;
use epicenter_store::notices::{plans, storms};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::ops::Range;

on_both_engines!(
    ten_thousand_issues_within_a_minute_are_two_notices,
    what_was_told_before_a_storm_is_told_on,
    a_storm_pages_once,
    a_storm_of_one_service_does_not_silence_another,
    a_storm_is_told_where_the_rules_send_its_members,
);

/// New issues of one project, all at once.
async fn burst(app: &TestApp, issues: Range<u64>) {
    let sent = issues.map(|issue| app.receive(Webhook::issue("created", issue)));
    join_all(sent).await;
    app.settle().await;
}

/// The incident that tells of the only storm.
async fn storm(app: &TestApp) -> Value {
    let mut tx = app.inside().database.read().await.unwrap();
    let all = storms::latest(&mut tx, 1, 9).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(all.len(), 1, "one storm: {all:?}");
    app.api
        .one(&format!("/api/v1/incidents/{}", all[0].number))
        .await
}

/// Why the only destination was not told of an incident.
async fn why(app: &TestApp, incident: &Value) -> String {
    let incident_id = IdKind::Incident.parse(id(incident)).unwrap();
    let mut tx = app.inside().database.read().await.unwrap();
    let told = plans::told(&mut tx, incident_id).await.unwrap();
    tx.rollback().await.unwrap();
    told[0].verdict.reason().to_owned()
}

// FIELD case 33: 200 a second for 50 s. None is told before the threshold, since the group wait is
// 30 s: the storm itself and its end are the only notices.
async fn ten_thousand_issues_within_a_minute_are_two_notices(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    for second in 0..50 {
        burst(&app, second * 200..(second + 1) * 200).await;
        app.later(1);
    }
    app.tell().await;
    let notices = receiver.take();
    assert_eq!(notices.len(), 1, "the storm's own");
    let notice = notices[0].json().to_string();
    assert!(notice.contains("new signals in shop"), "{notice}");

    let storm = storm(&app).await;
    assert_eq!(storm["title"], "Storm: 10000 new signals in shop");
    assert_eq!(storm["alert_count"], 10_000);
    assert_eq!(storm["severity"], "error");
    let mut tx = app.inside().database.read().await.unwrap();
    let all = incidents::opened_since(&mut tx, 1, Time(0), 20_000).await;
    tx.rollback().await.unwrap();
    let all = all.unwrap();
    assert_eq!((all.len(), all[0].number), (10_001, 10_001), "all count");
    let page = app.api.one("/api/v1/incidents?limit=100").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 100);
    let sentence = why(&app, &page["items"][0]).await;
    let number = &storm["number"];
    assert_eq!(
        sentence,
        format!("shop is in a storm; incident #{number} tells of it")
    );

    app.later(600);
    look_at_storms(app.inside()).await.unwrap();
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.resolved"]);
    let story = app.story(&storm).await;
    assert!(
        story.contains(&"incident.storm_grew".to_owned()),
        "{story:?}"
    );
    app.finish().await;
}

// FIELD case 33: the incident that somebody knows of goes on to be told, also its end; what comes
// in the storm is not told when it is over, but when it fires anew.
async fn what_was_told_before_a_storm_is_told_on(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    app.apply(Webhook::event_alert(9_000)).await;
    app.later(61);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"]);

    burst(&app, 0..101).await;
    app.later(60);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"], "the storm");
    app.apply(Webhook::issue("resolved", 9_000)).await;
    app.later(300);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.resolved"], "the known one");

    app.later(600);
    look_at_storms(app.inside()).await.unwrap();
    app.later(300);
    let mut tx = app.inside().database.write_state().await.unwrap();
    plans::ask_for_open(&mut tx, 1, app.now()).await.unwrap();
    tx.commit().await.unwrap();
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.resolved"], "the storm's end");
    let found = app
        .api
        .one("/api/v1/incidents?status=triggered&limit=1")
        .await;
    let member = &found["items"][0];
    let sentence = why(&app, member).await;
    assert!(
        sentence.starts_with("Part of the storm in shop until 2026-03-02 10:"),
        "{sentence}"
    );
    app.apply(Webhook::issue("resolved", 7)).await;
    app.later(60);
    app.apply(Webhook::event_alert(7)).await;
    app.later(60);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.reopened"], "it fires anew");
    app.finish().await;
}

// FIELD case 33: a person is paged for the storm, not for what is in it.
async fn a_storm_pages_once(app: &TestApp) {
    let ada = hire(app, "Ada").await;
    let policy = make_policy(app, &[(0, &ada)]).await;
    follow(app, &policy).await;
    burst(app, 0..60).await;
    assert_eq!(told(app).await.len(), 60, "no storm yet");
    burst(app, 60..300).await;
    assert_eq!(told(app).await, [ada]);
    let storm = storm(app).await;
    assert_eq!(storm["alert_count"], 300);
    let story = app.story(&storm).await;
    let expected = ["incident.opened", "storm.members", "incident.escalated"];
    assert_eq!(story[..3], expected, "{story:?}");
}

/// The push URL of a new integration that is bound to a new service, and the service's id.
async fn own_integration(app: &TestApp, name: &str) -> (String, String) {
    let service = service(app, name).await;
    let made = app
        .make_integration(json!({"kind": "sentry", "name": name, "unsigned": true,
                                 "service": service}))
        .await;
    let push = made["push_url"].as_str().unwrap();
    let path = push.trim_start_matches("http://epicenter.test");
    (path.to_owned(), service)
}

async fn hears_only_of(app: &TestApp, destination_id: i64, service: &str) {
    let place = format!(
        "/api/v1/destinations/{}",
        IdKind::Destination.show(destination_id)
    );
    let body = json!({"services": [service]});
    app.api.call(Method::PATCH, &place, &body).await.expect(200);
}

// FIELD case 33: two services send of projects with the same name; the storm of one is not told to
// the other, whose incidents are told one by one.
async fn a_storm_of_one_service_does_not_silence_another(app: &TestApp) {
    let app = reach(app).await;
    let (noisy, _) = own_integration(&app, "Noisy").await;
    let (calm, calm_id) = own_integration(&app, "Calm").await;
    let receiver = FakeReceiver::start().await;
    let made = destination(&app, "Calm's", webhook(&receiver)).await;
    hears_only_of(&app, made, &calm_id).await;

    let sent =
        (0..150).map(|issue| app.receive(Webhook::issue("created", issue).to(&noisy).unsigned()));
    join_all(sent).await;
    app.settle().await;
    assert_eq!(storm(&app).await["service"]["name"], "Noisy");
    app.apply(Webhook::event_alert(9_000).to(&calm).unsigned())
        .await;
    app.later(60);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"], "its own incident");
    app.finish().await;
}

// A destination that only a rule names hears of the storm, since it hears of no member.
async fn a_storm_is_told_where_the_rules_send_its_members(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    let made = destination(&app, "Payments chat", webhook(&receiver)).await;
    let other = service(&app, "Elsewhere").await;
    hears_only_of(&app, made, &other).await;
    let routing = json!({"rules": [
        {"name": "to chat", "when": "project == 'shop'", "destinations": ["Payments chat"]},
    ]});
    let body = json!({"version": 0, "routing": routing, "comment": "for the test"});
    app.api
        .call(Method::PUT, "/api/v1/routes", &body)
        .await
        .expect(200);
    burst(&app, 0..150).await;
    app.later(60);
    app.tell().await;
    let notices = receiver.take();
    assert_eq!(notices.len(), 1, "the storm's own");
    let notice = notices[0].json().to_string();
    assert!(notice.contains("150 new signals in shop"), "{notice}");
    app.finish().await;
}
