//! Time is an input, too: reopen windows and snoozes, moved by the manual clock.

use crate::support::app::{eventually, id};
use crate::support::{TestApp, Webhook};
use epicenter::operations::command_incident::wake_snoozed;
use serde_json::json;

on_both_engines!(
    within_the_reopen_window_the_incident_comes_back,
    after_the_reopen_window_a_new_one_is_linked,
    only_the_newest_incident_of_an_alert_is_reopened,
    the_reopen_window_can_be_set,
    a_snooze_ends_by_the_clock,
    people_work_on_an_incident,
    people_change_an_issue,
);

// FIELD §1.8: the default window is two hours.
async fn within_the_reopen_window_the_incident_comes_back(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(2 * 3_600 - 1);
    app.apply(Webhook::event_alert(42)).await;
    let incident = app.incident().await;
    assert_eq!(incident["status"], "triggered");
    assert_eq!(incident["event_count"], 2);
    let story = app.story(&incident).await;
    assert_eq!(
        story,
        ["incident.opened", "incident.resolved", "incident.reopened"]
    );
}

async fn after_the_reopen_window_a_new_one_is_linked(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(2 * 3_600);
    app.apply(Webhook::issue("unresolved", 42)).await;
    let incidents = app.incidents().await;
    assert_eq!(incidents.len(), 2);
    let (new, old) = (&incidents[0], &incidents[1]);
    assert_eq!(
        (&new["number"], &new["status"]),
        (&json!(2), &json!("triggered"))
    );
    assert_eq!(new["previous_incident_id"], old["id"]);
    assert_eq!(old["status"], "resolved");
}

/// Or nothing that Sentry says would ever reach the older one again.
async fn only_the_newest_incident_of_an_alert_is_reopened(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(2 * 3_600);
    app.apply(Webhook::event_alert(42)).await;
    let answer = app.api.post("/api/v1/incidents/1/reopen", json!({})).await;
    let reason = answer.expect_problem(409, "conflict");
    assert!(reason.contains("newer incident"), "{reason}");
    app.later(60);
    app.apply(Webhook::issue("resolved", 42)).await;
    let answer = app.api.post("/api/v1/incidents/2/reopen", json!({})).await;
    assert_eq!(answer.expect(200).json()["status"], "triggered");
}

async fn the_reopen_window_can_be_set(app: &TestApp) {
    let path = format!(
        "/api/v1/integrations/{}",
        id(&app.default_integration().await)
    );
    app.api
        .patch(&path, json!({"reopen_window_s": 30}))
        .await
        .expect(200);
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(31);
    app.apply(Webhook::event_alert(42)).await;
    assert_eq!(app.incidents().await.len(), 2);
}

async fn a_snooze_ends_by_the_clock(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    let path = format!("/api/v1/incidents/{}", id(&app.incident().await));
    let past = json!({"until": app.now().rfc3339()});
    app.api
        .post(&format!("{path}/snooze"), past)
        .await
        .expect_problem(400, "invalid");
    let until = app.now().plus_ms(600_000).rfc3339();
    app.api
        .post(&format!("{path}/snooze"), json!({"until": until}))
        .await
        .expect(200);
    assert_eq!(app.api.all("/api/v1/incidents?snoozed=true").await.len(), 1);
    app.later(599);
    wake_snoozed(app.inside()).await.unwrap();
    assert_eq!(app.incident().await["snoozed_until"], until);
    app.later(1);
    let woken = eventually("the snooze ends", || async {
        // The server's own timer may be faster; then there is nothing to wake.
        drop(wake_snoozed(app.inside()).await);
        Some(app.incident().await).filter(|incident| incident["snoozed_until"].is_null())
    })
    .await;
    assert_eq!(woken["status"], "triggered");
    let story = app.story(&woken).await;
    assert_eq!(story.len(), 3, "woken once: {story:?}");
}

async fn people_work_on_an_incident(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    let path = format!("/api/v1/incidents/{}", id(&app.incident().await));
    let step = async |verb: &str, body: serde_json::Value| {
        app.api.post(&format!("{path}/{verb}"), body).await
    };
    let taken = step("acknowledge", json!({})).await.expect(200).json();
    assert_eq!(taken["status"], "acknowledged");
    assert_eq!(taken["acknowledged_at"], app.now().rfc3339());
    let given = step("assign", json!({"to": "mira"}))
        .await
        .expect(200)
        .json();
    assert_eq!(given["assignee"]["name"], "mira");
    step("note", json!({"text": "The basket again."}))
        .await
        .expect(200);
    step("note", json!({"text": " "}))
        .await
        .expect_problem(400, "invalid");
    // An event counts, and does not take the acknowledgement back.
    app.apply(Webhook::event_alert(42)).await;
    assert_eq!(app.incident().await["status"], "acknowledged");
    let over = step("resolve", json!({})).await.expect(200).json();
    assert_eq!(over["status"], "resolved");
    step("acknowledge", json!({}))
        .await
        .expect_problem(409, "conflict");
    let again = step("reopen", json!({})).await.expect(200).json();
    assert_eq!(again["status"], "triggered");
    let by_number = app.api.one("/api/v1/incidents/1").await;
    assert_eq!(by_number["id"], again["id"]);
    let lines = app.api.all(&format!("{path}/timeline")).await;
    let kinds: Vec<_> = lines
        .iter()
        .map(|line| line["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.len(), 6, "{kinds:?}");
    assert!(
        lines[1]["actor"]["name"]
            .as_str()
            .unwrap()
            .contains("admin token"),
        "{}",
        lines[1]
    );
}

async fn people_change_an_issue(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    let path = format!("/api/v1/issues/{}", id(&app.issue().await));
    for (status, incident) in [
        ("ignored", "acknowledged"),
        ("resolved", "resolved"),
        ("unresolved", "triggered"),
    ] {
        app.later(60);
        let changed = app
            .api
            .patch(&path, json!({"status": status}))
            .await
            .expect(200)
            .json();
        assert_eq!(changed["status"], status);
        assert_eq!(app.incident().await["status"], incident, "{status}");
    }
    app.api
        .patch(&path, json!({"status": "gone"}))
        .await
        .expect_problem(400, "invalid");
}
