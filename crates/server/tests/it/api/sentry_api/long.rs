//! Lists of commits as long as they may be.

use super::{ORGANIZATION, make, put, stored};
use crate::support::{TestApp, Webhook};
use serde_json::{Value, json};

on_both_engines!(
    a_webhook_is_answered_between_the_pieces_of_a_long_list,
    a_long_list_is_kept_in_its_order,
);

/// As many commits as a release may have, newest first.
const COUNT: usize = 10_000;

fn long(count: usize) -> Value {
    let commit = |number: usize| {
        json!({"id": format!("{number:040x}"), "repository": "origin", "author_name": "Ann",
            "timestamp": "2026-01-02T03:04:05+02:00", "message": format!("Change {number}"),
            "patch_set": [{"path": "src/main.rs", "type": "M"}]})
    };
    json!({"commits": (1..=count).rev().map(commit).collect::<Vec<_>>()})
}

// PL-02: a webhook is answered although another request has much to store.
async fn a_webhook_is_answered_between_the_pieces_of_a_long_list(app: &TestApp) {
    make(app, "web@1.0").await;
    let body = long(COUNT);
    let path = format!("{ORGANIZATION}web@1.0/");
    let telling = async {
        put(&app.api, &path, body).await.expect(200);
    };
    let asking = async {
        // The first piece is in the store, the release does not name it yet.
        let oldest = format!("{:040x}", 1);
        while !is_known(app, &oldest).await {
            tokio::task::yield_now().await;
        }
        app.send(Webhook::event_alert(42)).await.expect(202);
        let (_, listed) = stored(app, "web@1.0").await.unwrap();
        let newest = format!("{COUNT:040x}");
        let is_over = is_known(app, &newest).await;
        assert!(listed.is_empty() && !is_over, "answered only afterwards");
    };
    tokio::join!(telling, asking);
    let (release, listed) = stored(app, "web@1.0").await.unwrap();
    assert!(release.has_commits);
    assert_eq!(release.sha, Some(format!("{COUNT:040x}")));
    assert!(!listed.is_empty());
    app.settle().await;
}

async fn is_known(app: &TestApp, sha: &str) -> bool {
    let mut tx = app.inside().database.read().await.unwrap();
    let repositories = epicenter_store::changes::repositories::list(&mut tx, 1);
    let repositories = repositories.await.unwrap();
    let mut is_known = false;
    for one in repositories {
        let found = epicenter_store::changes::commits::by_sha(&mut tx, one.id, sha).await;
        is_known |= found.unwrap().is_some();
    }
    tx.rollback().await.unwrap();
    is_known
}

async fn a_long_list_is_kept_in_its_order(app: &TestApp) {
    make(app, "web@1.1").await;
    let path = format!("{ORGANIZATION}web@1.1/");
    let count = 1_234;
    for _ in 0..2 {
        put(&app.api, &path, long(count)).await.expect(200);
        let (_, listed) = stored(app, "web@1.1").await.unwrap();
        let shas: Vec<&str> = listed.iter().map(|one| one.fact.sha.as_str()).collect();
        let expected: Vec<String> = (1..=count).rev().map(|n| format!("{n:040x}")).collect();
        assert_eq!(shas, expected[..shas.len()]);
        assert!(shas.len() >= 20, "{}", shas.len());
        let ids: Vec<i64> = listed.iter().map(|one| one.id).collect();
        assert!(ids.is_sorted_by(|one, other| one > other), "newest last");
    }
    // A release that is not there gets nothing, and leaves nothing.
    let nowhere = format!("{ORGANIZATION}web@9.9/");
    let answer = put(&app.api, &nowhere, long(count + 1)).await;
    assert_eq!(answer.status.as_u16(), 404);
    assert!(!is_known(app, &format!("{:040x}", count + 1)).await);
}
