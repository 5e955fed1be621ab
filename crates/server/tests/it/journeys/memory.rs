//! Webhooks do not pay for the memory: transitions are queued with them, and put into words later,
//! each exactly once (LF-14, LF-25).

use crate::support::app::id;
use crate::support::{TestApp, Webhook};
use epicenter::operations::remember::{Progress, count_left_aside, remember_due, try_again};
use epicenter_domain::observation::note::Applied;
use epicenter_domain::observation::{Note, Observation, What};
use epicenter_store::observations::{self, queue};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both_engines!(
    webhooks_go_before_the_memory_but_not_for_ever,
    two_nodes_remember_everything_once_and_in_order,
    a_record_says_how_things_stood_when_it_happened,
    what_is_remembered_late_keeps_its_time,
    a_body_that_has_left_costs_the_stack_but_not_the_record,
    a_transition_that_cannot_be_read_holds_up_no_other,
);

async fn records(app: &TestApp) -> Vec<Value> {
    app.api.all("/api/v1/observations").await
}

async fn waiting(app: &TestApp) -> i64 {
    let mut tx = app.inside().database.read().await.unwrap();
    let backlog = queue::backlog(&mut tx, 1_000).await.unwrap();
    tx.rollback().await.unwrap();
    backlog.count
}

/// Queues a note as the engine does.
async fn enqueue(app: &TestApp, delivery_id: Option<i64>, what: What) {
    let inside = app.inside();
    let note = Note {
        id: inside.ids.next(app.now()),
        workspace_id: 1,
        delivery_id,
        what,
    };
    let mut tx = inside.database.write().await.unwrap();
    queue::enqueue(&mut tx, &[note], app.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn note(app: &TestApp, incident: &Value, text: &str) {
    let path = format!("/api/v1/incidents/{}/note", id(incident));
    let answer = app.api.post(&path, json!({"text": text})).await;
    answer.expect(200);
}

async fn webhooks_go_before_the_memory_but_not_for_ever(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    let incident = app.incident().await;
    let known = records(app).await.len();
    // No batch is applied while this is held, so the next webhook waits.
    let held = app.inside().applying.lock().await;
    app.receive(Webhook::event_alert(43)).await;
    note(app, &incident, "It is the cart").await;
    let progress = remember_due(app.inside()).await.unwrap();
    assert_eq!(
        progress,
        Progress {
            yields: true,
            ..Progress::default()
        }
    );
    assert_eq!(records(app).await.len(), known, "webhooks go first");
    app.later(2);
    app.settle_memory().await;
    let now = records(app).await;
    assert_eq!(now[0]["source_type"], "incident.noted", "but not for ever");
    assert_eq!(now.len(), known + 1);
    drop(held);
    app.settle().await;
    assert_eq!(records(app).await.len(), known + 2);
}

async fn two_nodes_remember_everything_once_and_in_order(app: &TestApp) {
    let held = app.inside().applying.lock().await;
    for issue in 0..150 {
        app.receive(Webhook::event_alert(issue)).await;
    }
    drop(held);
    // The workers of the server are a third node.
    tokio::join!(app.settle(), app.settle());
    let all = records(app).await;
    let ids: BTreeSet<&str> = all
        .iter()
        .map(|one| one["source_id"].as_str().unwrap())
        .collect();
    assert_eq!((all.len(), ids.len()), (150, 150), "each once");
    assert_eq!(waiting(app).await, 0);
    let deliveries: Vec<&Value> = all.iter().map(|one| &one["delivery_id"]).collect();
    let mut sorted = deliveries.clone();
    sorted.sort_by_key(|id| std::cmp::Reverse(id.as_str().unwrap().to_owned()));
    assert_eq!(deliveries, sorted, "in the order in which they happened");
}

/// LF-18: the record of the first transition does not say what the second one changed.
async fn a_record_says_how_things_stood_when_it_happened(app: &TestApp) {
    let held = app.inside().applying.lock().await;
    app.receive(Webhook::issue("created", 42)).await;
    app.later(60);
    app.receive(Webhook::issue("resolved", 42)).await;
    drop(held);
    app.settle().await;
    let all = records(app).await;
    let status: Vec<(&str, &str)> = all
        .iter()
        .map(|one| {
            let status = one["metadata"]["status"].as_str().unwrap();
            (one["source_type"].as_str().unwrap(), status)
        })
        .collect();
    let expected = [
        ("issue.resolved", "resolved"),
        ("issue.created", "unresolved"),
    ];
    assert_eq!(status, expected);
}

async fn what_is_remembered_late_keeps_its_time(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    let incident = app.incident().await;
    let held = app.inside().applying.lock().await;
    app.receive(Webhook::event_alert(43)).await;
    let at = app.now();
    note(app, &incident, "It is the cart").await;
    app.later(3_600);
    app.settle_memory().await;
    drop(held);
    let newest = &records(app).await[0];
    assert_eq!(newest["source_type"], "incident.noted");
    assert_eq!(newest["occurred_at"], at.rfc3339());
    assert_eq!(newest["recorded_at"], at.rfc3339());
}

async fn a_body_that_has_left_costs_the_stack_but_not_the_record(app: &TestApp) {
    let applied = Applied {
        source: String::from("sentry"),
        source_type: String::from("issue.resolved"),
        position: 0,
        at: app.now(),
        service_id: None,
        incident_id: Some(7),
        issue: None,
    };
    enqueue(app, Some(5), What::Signal(Box::new(applied))).await;
    app.settle_memory().await;
    let record = records(app).await.pop().unwrap();
    assert_eq!(record["source_type"], "issue.resolved");
    assert_eq!(record["title"], "issue.resolved", "nothing else is known");
    assert_eq!(record["references"][0]["type"], "incident");
}

async fn a_transition_that_cannot_be_read_holds_up_no_other(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    let incident = app.incident().await;
    let record = What::Record(Box::new(newest(app).await));
    enqueue(app, None, record.clone()).await;
    let What::Record(mut odd) = record else {
        unreachable!("it was made above");
    };
    // No reader goes so deep.
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    odd.metadata.insert(String::from("deep"), deep);
    enqueue(app, None, What::Record(odd)).await;
    note(app, &incident, "behind it").await;
    app.settle_memory().await;
    let all = records(app).await;
    assert!(all[0]["body"].as_str().unwrap().starts_with("behind it"));
    let titles = [&all[1]["title"], &all[2]["title"]];
    assert_eq!(titles[0], titles[1], "what was before it is there as well");
    assert_eq!(all.len(), 3);
    assert_eq!(waiting(app).await, 0, "it was left aside");
    // People see that, and each start tries it once more.
    assert_eq!(left_aside(app).await, 1);
    assert_eq!(try_again(app.inside()).await.unwrap(), 1);
    app.settle_memory().await;
    assert_eq!((waiting(app).await, left_aside(app).await), (0, 1));
}

/// Notes that failed too often, as the metric tells them.
async fn left_aside(app: &TestApp) -> i64 {
    count_left_aside(app.inside()).await.unwrap();
    let text = app.inside().metrics.text();
    let mut lines = text.lines();
    let told = lines.find_map(|line| line.strip_prefix("epicenter_memory_left_aside "));
    told.unwrap().parse().unwrap()
}

async fn newest(app: &TestApp) -> Observation {
    let mut tx = app.inside().database.read().await.unwrap();
    let mut all = observations::after(&mut tx, 1, 0, 100).await.unwrap();
    tx.rollback().await.unwrap();
    all.pop().unwrap()
}
