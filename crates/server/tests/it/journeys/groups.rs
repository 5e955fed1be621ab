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
    ac24_one_crash_of_one_deploy_is_one_incident,
    ac24_without_a_deploy_nothing_joins,
    ac24_what_is_told_later_joins_later,
    ac24_a_workspace_groups_as_it_wants,
    ac24_administrators_set_it_on_a_page,
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
    let path = format!("/api/v1/incidents/{number}/timeline");
    let lines = app.api.all(&path).await;
    let summary = |line: &Value| line["summary"].as_str().unwrap().to_owned();
    lines.iter().map(summary).collect()
}

/// Incident 1 about issue 41 and incident 2 about issue 42.
async fn two(app: &TestApp) {
    for issue in [41, 42] {
        app.apply(unlike(issue)).await;
    }
}

/// An alert that joins no other: every issue of these tests crashes in a way of its own.
fn unlike(issue: u64) -> Webhook {
    Webhook::event_alert(issue)
}

/// An alert of a crash that all issues share.
fn alike(issue: u64) -> Webhook {
    let frames = json!([
        {"function": "checkout", "filename": "shop/api.py", "lineno": 9, "in_app": true},
        {"function": "total", "filename": "shop/total.py", "lineno": 4, "in_app": true},
    ]);
    let place = "/data/event/exception/values/0/stacktrace/frames";
    Webhook::event_alert(issue).set(place, frames)
}

/// The deploy of the release that the webhooks carry.
async fn deploy(app: &TestApp) {
    let body = json!({"version": "shop@1.4.0", "environment": "production"});
    app.api.post("/api/v1/deploys", body).await.expect(201);
}

// Errors carry the same release for a long time: without a deploy there is nothing that they share.
async fn ac24_without_a_deploy_nothing_joins(app: &TestApp) {
    app.apply(alike(41)).await;
    app.apply(alike(42)).await;
    assert_eq!(app.incidents().await.len(), 2);
    deploy(app).await;
    app.apply(alike(43)).await;
    app.apply(alike(44)).await;
    assert_eq!(app.incidents().await.len(), 3);
}

const WHY: &str = "Joined incident #1: the same deploy shop@1.4.0 in production and the same crash \
                   frame shop/total.py: total";

// ACCEPTANCE §2 row 24, FIELD §1.8: grouped at the moment it would open, told once, with a reason.
async fn ac24_one_crash_of_one_deploy_is_one_incident(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    deploy(&app).await;
    app.apply(alike(41)).await;
    let joined = app.apply(alike(42)).await;
    assert_eq!(joined["verdict"]["reason"], WHY);
    app.later(240);
    app.apply(alike(43)).await;
    app.later(240);
    app.apply(alike(44)).await;
    assert_eq!(app.incidents().await.len(), 1, "the window rolls");
    app.later(301);
    app.apply(alike(45)).await;
    assert_eq!(app.incidents().await.len(), 2, "the window is over");
    let leader = numbered(&app, 1).await;
    assert_eq!(
        (&leader["alert_count"], &leader["event_count"]),
        (&json!(4), &json!(4))
    );
    let told = story(&app, 1).await;
    assert!(told.iter().any(|line| line.contains(WHY)), "{told:?}");
    app.later(60);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"; 2]);
    let ann = Person::arrive(&app, "ann", "responder").await;
    let page = ann.page(&app, "/incidents/1").await;
    assert!(page.contains("shop/total.py: total</bdi>"), "{page}");
    for issue in [41, 42, 43, 44] {
        assert_eq!(numbered(&app, 1).await["status"], "triggered");
        app.later(1);
        app.apply(Webhook::issue("resolved", issue)).await;
    }
    assert_eq!(numbered(&app, 1).await["status"], "resolved");
    app.finish().await;
}

// The webhook of a new issue carries no stack: the alert that follows does.
async fn ac24_what_is_told_later_joins_later(app: &TestApp) {
    deploy(app).await;
    app.apply(alike(41)).await;
    app.apply(Webhook::issue("created", 42)).await;
    assert_eq!(numbered(app, 2).await["status"], "triggered");
    app.later(2);
    let joined = app.apply(alike(42)).await;
    assert_eq!(joined["verdict"]["reason"], WHY);
    assert_eq!(numbered(app, 2).await["merged_into"]["number"], 1);
    let own = app.api.post("/api/v1/incidents/2/split", json!({})).await;
    own.expect(200);
    app.apply(alike(42)).await;
    assert_eq!(
        numbered(app, 2).await["status"],
        "triggered",
        "it stays apart"
    );
}

async fn ac24_a_workspace_groups_as_it_wants(app: &TestApp) {
    let path = "/api/v1/grouping";
    let usual = app.api.one(path).await;
    assert_eq!(
        (&usual["enabled"], &usual["by_family"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(usual["window_seconds"], 300);
    let put = async |body: Value| app.api.call(reqwest::Method::PUT, path, &body).await;
    put(json!({"enabled": false})).await.expect(200);
    app.apply(alike(41)).await;
    app.apply(alike(42)).await;
    assert_eq!(app.incidents().await.len(), 2, "it is off");
    let rule = json!({"name": "One environment", "condition": "project == 'shop'",
                      "equal": ["environment"]});
    put(json!({"by_deploy": false, "rules": [rule]}))
        .await
        .expect(200);
    assert_eq!(
        app.api.one(path).await["rules"][0]["equal"],
        json!(["environment"])
    );
    app.apply(unlike(43)).await;
    let joined = app.apply(unlike(44)).await;
    assert_eq!(
        joined["verdict"]["reason"],
        "Joined incident #3 by the rule \"One environment\": environment is production"
    );
    for wrong in [
        json!({"window_seconds": 10}),
        json!({"window": "sliding"}),
        json!({"alike_percent": 10}),
        json!({"rules": [{"name": "x", "equal": []}]}),
        json!({"rules": [{"name": "x", "equal": ["nonsense"]}]}),
        json!({"rules": [{"name": "x", "condition": "1 +", "equal": ["project"]}]}),
    ] {
        put(wrong).await.expect(400);
    }
    let token = app.make_token("viewer").await;
    let api = app.api.with_token(Some(&token));
    let body = json!({"enabled": true});
    api.call(reqwest::Method::PUT, path, &body)
        .await
        .expect(403);
}

async fn ac24_administrators_set_it_on_a_page(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "admin").await;
    let page = ann.page(app, "/settings").await;
    assert!(page.contains("href=\"/settings/grouping\""), "{page}");
    let form = [
        ("is_on", "on"),
        ("window_seconds", "600"),
        ("window", "fixed"),
        ("rule_name", "customer"),
        ("rule_condition", ""),
        ("rule_equal", "tags.customer, environment"),
        ("rule_name", ""),
        ("rule_condition", ""),
        ("rule_equal", ""),
    ];
    ann.submit(app, "/settings/grouping", &form)
        .await
        .expect(303);
    let now = app.api.one("/api/v1/grouping").await;
    assert_eq!(
        (&now["by_deploy"], &now["window"]),
        (&json!(false), &json!("fixed"))
    );
    assert_eq!(
        now["rules"][0]["equal"],
        json!(["tags.customer", "environment"])
    );
    let wrong = [("is_on", "on"), ("window_seconds", "5")];
    let answer = ann.submit(app, "/settings/grouping", &wrong).await;
    assert!(
        answer.text.contains("between 60 and 86400"),
        "{}",
        answer.text
    );
    let vic = Person::arrive(app, "vic", "viewer").await;
    vic.submit(app, "/settings/grouping", &form[..3]).await;
    assert_eq!(app.api.one("/api/v1/grouping").await["window_seconds"], 600);
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
