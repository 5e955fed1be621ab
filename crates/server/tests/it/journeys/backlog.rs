//! More waits than one batch takes: the next one is read while one is applied, and the order stays.

use crate::support::app::{id, outcome};
use crate::support::{TestApp, Webhook};
use serde_json::{Value, json};

/// More than one batch.
const WAITING: u64 = 700;

on_both_engines!(
    a_backlog_is_applied_in_the_order_in_which_it_came,
    what_cannot_be_read_holds_up_no_backlog,
);

async fn backlog(app: &TestApp) -> Vec<String> {
    let mut ids = Vec::new();
    for issue in 1..=WAITING {
        ids.push(app.receive(Webhook::event_alert(1_000 + issue)).await);
    }
    ids
}

/// The numbers of Sentry's issues, in the order in which their incidents were opened.
async fn opened(app: &TestApp) -> Vec<u64> {
    let mut incidents = app.incidents().await;
    incidents.sort_by_key(|incident| incident["number"].as_i64());
    let issues = app.issues().await;
    let sentry_id = |incident: &Value| {
        let issue = issues
            .iter()
            .find(|issue| issue["id"] == incident["issue_id"])?;
        issue["sentry_issue_id"].as_str()?.parse().ok()
    };
    incidents.iter().filter_map(sentry_id).collect()
}

async fn a_backlog_is_applied_in_the_order_in_which_it_came(app: &TestApp) {
    // No batch is applied while this is held.
    let held = app.inside().applying.lock().await;
    let ids = backlog(app).await;
    drop(held);
    app.settle().await;
    for id in &ids {
        assert_eq!(outcome(&app.delivery(id).await), "applied");
    }
    let expected: Vec<u64> = (1_001..=1_000 + WAITING).collect();
    assert_eq!(opened(app).await, expected);
}

async fn what_cannot_be_read_holds_up_no_backlog(app: &TestApp) {
    let doomed = app
        .make_integration(json!({"kind": "sentry", "name": "Doomed", "unsigned": true}))
        .await;
    let first = app.apply(Webhook::legacy(1).towards(&doomed)).await;
    app.api
        .delete(&format!("/api/v1/integrations/{}", id(&doomed)))
        .await
        .expect(204);
    let held = app.inside().applying.lock().await;
    // A replay stores it for an integration that is gone by now.
    let path = format!("/api/v1/deliveries/{}/replay", id(&first));
    let answer = app.api.post(&path, json!({})).await.expect(202).json();
    let ids = backlog(app).await;
    drop(held);
    app.settle().await;
    let parked = app.delivery(answer["delivery_id"].as_str().unwrap()).await;
    assert_eq!(outcome(&parked), "parked");
    for id in &ids {
        assert_eq!(outcome(&app.delivery(id).await), "applied");
    }
}
