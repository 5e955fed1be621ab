//! Several alerts in one incident (U15, FIELD §4.22, PD/Flashduty merges).

use super::notices::{destination, kinds, reach, webhook};
use crate::support::app::id;
use crate::support::person::Person;
use crate::support::receiver::FakeReceiver;
use crate::support::{TestApp, Webhook};
use serde_json::{Value, json};

on_both_engines!(
    u15_merging_moves_alerts_counts_and_later_signals,
    u15_splitting_brings_back_what_was_merged,
    u15_one_resolve_of_several_ends_only_its_alert,
    u15_a_merged_incident_is_told_once,
    u15_people_merge_split_and_undo_on_the_pages,
);

async fn numbered(app: &TestApp, number: i64) -> Value {
    app.api.one(&format!("/api/v1/incidents/{number}")).await
}

async fn merge(app: &TestApp, source: i64, into: i64) -> Value {
    let path = format!("/api/v1/incidents/{source}/merge");
    let answer = app.api.post(&path, json!({"into": into})).await;
    answer.expect(200).json()
}

async fn alerts(app: &TestApp, number: i64) -> Vec<Value> {
    app.api
        .all(&format!("/api/v1/incidents/{number}/alerts"))
        .await
}

async fn story(app: &TestApp, number: i64) -> Vec<String> {
    app.story(&numbered(app, number).await).await
}

/// Incident 1 about issue 41 and incident 2 about issue 42.
async fn two(app: &TestApp) {
    for issue in [41, 42] {
        app.apply(unlike(issue)).await;
    }
}

/// An alert that nothing joins by itself: every issue crashes in a release of its own.
fn unlike(issue: u64) -> Webhook {
    Webhook::event_alert(issue).set("/data/event/release", format!("shop@{issue}"))
}

async fn u15_merging_moves_alerts_counts_and_later_signals(app: &TestApp) {
    two(app).await;
    let events = |incident: &Value| incident["event_count"].as_i64().unwrap();
    let before = events(&numbered(app, 1).await) + events(&numbered(app, 2).await);
    let source = merge(app, 2, 1).await;
    assert_eq!(source["status"], "resolved");
    assert_eq!(source["merged_into"]["number"], 1);
    assert_eq!(
        (&source["alert_count"], &source["event_count"]),
        (&json!(0), &json!(0))
    );
    let leader = numbered(app, 1).await;
    assert_eq!(leader["alert_count"], 2);
    assert_eq!(events(&leader), before);
    let delivery = app.apply(unlike(42)).await;
    let reason = delivery["verdict"]["reason"].as_str().unwrap();
    assert_eq!(reason, "Counted in incident #1");
    assert_eq!(events(&numbered(app, 1).await), before + 1);
    let members = alerts(app, 1).await;
    assert_eq!(members.len(), 2);
    assert_eq!(
        (&members[0]["leads"], &members[1]["leads"]),
        (&json!(true), &json!(false))
    );
    assert!(members.iter().all(|alert| alert["issue_id"].is_string()));
    assert!(
        story(app, 2)
            .await
            .iter()
            .any(|line| line.contains("Merged into #1"))
    );
    assert!(
        story(app, 1)
            .await
            .iter()
            .any(|line| line.contains("#2 was merged"))
    );
    let again = app
        .api
        .post("/api/v1/incidents/2/merge", json!({"into": 1}))
        .await;
    again.expect_problem(409, "conflict");
    let unknown = app
        .api
        .post("/api/v1/incidents/1/merge", json!({"into": 99}))
        .await;
    unknown.expect(404);
    app.api
        .post("/api/v1/incidents/2/reopen", json!({}))
        .await
        .expect_problem(409, "conflict");
}

async fn u15_splitting_brings_back_what_was_merged(app: &TestApp) {
    two(app).await;
    let before = (numbered(app, 1).await, numbered(app, 2).await);
    merge(app, 2, 1).await;
    let split = app.api.post("/api/v1/incidents/2/split", json!({})).await;
    let split = split.expect(200).json();
    assert_eq!(split["number"], 2);
    let after = (numbered(app, 1).await, numbered(app, 2).await);
    for field in [
        "status",
        "alert_count",
        "event_count",
        "user_count",
        "severity",
        "title",
    ] {
        assert_eq!(before.0[field], after.0[field], "{field}");
        assert_eq!(before.1[field], after.1[field], "{field}");
    }
    assert_eq!(after.1["merged_into"], Value::Null);
    let nothing = app.api.post("/api/v1/incidents/2/split", json!({})).await;
    nothing.expect(400);
    merge(app, 2, 1).await;
    app.apply(unlike(43)).await;
    merge(app, 3, 1).await;
    let third = alerts(app, 1).await.pop().unwrap();
    let body = json!({"alert": id(&third)});
    let split = app.api.post("/api/v1/incidents/1/split", body).await;
    assert_eq!(split.expect(200).json()["number"], 3);
    assert_eq!(numbered(app, 1).await["alert_count"], 2);
    let body = json!({"incident": 2});
    let split = app.api.post("/api/v1/incidents/1/split", body).await;
    assert_eq!(split.expect(200).json()["number"], 2);
}

async fn u15_one_resolve_of_several_ends_only_its_alert(app: &TestApp) {
    two(app).await;
    merge(app, 2, 1).await;
    app.later(1);
    app.apply(Webhook::issue("resolved", 42)).await;
    assert_eq!(numbered(app, 1).await["status"], "triggered");
    let told = story(app, 1).await;
    let line = told.iter().find(|line| line.contains("alerts still fire"));
    assert!(line.is_some(), "{told:?}");
    app.later(1);
    app.apply(Webhook::issue("resolved", 41)).await;
    assert_eq!(numbered(app, 1).await["status"], "resolved");
    app.later(60);
    app.apply(unlike(42)).await;
    assert_eq!(numbered(app, 1).await["status"], "triggered");
    let path = "/api/v1/incidents/1/resolve";
    app.api.post(path, json!({})).await.expect(200);
    let open = alerts(app, 1).await;
    assert!(
        open.iter().all(|alert| alert["is_open"] == false),
        "{open:?}"
    );
}

async fn u15_a_merged_incident_is_told_once(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    app.apply(unlike(41)).await;
    app.later(30);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"]);
    app.apply(unlike(42)).await;
    merge(&app, 2, 1).await;
    app.later(600);
    app.tell().await;
    assert_eq!(
        kinds(&receiver),
        Vec::<String>::new(),
        "the leader was told already"
    );
    app.api
        .post("/api/v1/incidents/2/split", json!({}))
        .await
        .expect(200);
    app.later(30);
    app.tell().await;
    assert_eq!(
        kinds(&receiver),
        ["incident.triggered"],
        "what is split out is told"
    );
    app.finish().await;
}

async fn u15_people_merge_split_and_undo_on_the_pages(app: &TestApp) {
    two(app).await;
    app.apply(unlike(43)).await;
    let ann = Person::arrive(app, "ann", "responder").await;
    let page = ann.page(app, "/incidents/2").await;
    assert!(page.contains("Merge into another incident"), "{page}");
    let form = [("into", "1")];
    ann.submit(app, "/incidents/2/merge", &form)
        .await
        .expect(303);
    let page = ann.page(app, "/incidents/2").await;
    assert!(
        page.contains("Its alerts are in <a href=\"/incidents/1\">"),
        "{page}"
    );
    let page = ann.page(app, "/incidents/1").await;
    assert!(
        page.contains("merged from <a href=\"/incidents/2\">"),
        "{page}"
    );
    let undo = [("undo", "2.unmerge")];
    ann.submit(app, "/incidents/undo", &undo).await.expect(303);
    assert_eq!(numbered(app, 2).await["status"], "triggered");
    let many = [
        ("verb", "merge"),
        ("numbers", "3"),
        ("numbers", "1"),
        ("numbers", "2"),
    ];
    ann.submit(app, "/incidents/bulk", &many).await.expect(303);
    assert_eq!(numbered(app, 1).await["alert_count"], 3);
    let second = id(&alerts(app, 1).await[1]).to_owned();
    let form = [("alert", second.as_str())];
    ann.submit(app, "/incidents/1/split", &form)
        .await
        .expect(303);
    assert_eq!(numbered(app, 2).await["status"], "triggered");
    let undo = [("undo", "2.into_1")];
    ann.submit(app, "/incidents/undo", &undo).await.expect(303);
    assert_eq!(numbered(app, 1).await["alert_count"], 3);
    let viewer = Person::arrive(app, "vic", "viewer").await;
    viewer.submit(app, "/incidents/3/split", &[]).await;
    assert_eq!(numbered(app, 3).await["merged_into"]["number"], 1);
}
