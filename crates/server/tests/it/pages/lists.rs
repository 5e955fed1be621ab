//! Lists, tabs, and how one gets further.

use crate::support::person::{Person, link};
use crate::support::{TestApp, Webhook};
use epicenter_domain::engine::{Slice, Tracked};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_store::{incidents, issues, slice};

on_both_engines!(a_search_that_finds_nothing_yet_leads_further_back);

/// One more than any page looks through.
const MANY: i64 = 10_001;

/// The same incident and issue many times, older ones first; the oldest are special.
async fn many(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    let database = &app.inside().database;
    let mut tx = database.read().await.unwrap();
    let shown = app.incident().await;
    let incident = incidents::by_number(&mut tx, 1, 1).await.unwrap().unwrap();
    let issue_id = IdKind::Issue.parse(shown["issue_id"].as_str().unwrap());
    let issue = issues::by_id(&mut tx, 1, issue_id.unwrap())
        .await
        .unwrap()
        .unwrap();
    tx.rollback().await.unwrap();
    let mut slice = Slice::default();
    for number in 1..=MANY {
        let mut copy = issue.clone();
        copy.id -= number;
        copy.dedup_key = format!("copy-{number}");
        copy.last_seen_at = issue.last_seen_at.plus_ms(-number);
        if number == MANY {
            copy.title = "A needle".to_owned();
        }
        let key = (copy.integration_id, copy.dedup_key.clone());
        slice.issues.insert(key, Tracked::made(copy));
        let copy = Incident {
            id: incident.id - number,
            number: number + 1,
            title: if number == MANY {
                "A needle".to_owned()
            } else {
                "Hay".to_owned()
            },
            status: IncidentStatus::Resolved,
            ..incident.clone()
        };
        slice.incidents.insert(copy.id, Tracked::made(copy));
    }
    let mut tx = database.write().await.unwrap();
    slice::save(&mut tx, &slice).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_search_that_finds_nothing_yet_leads_further_back(app: &TestApp) {
    many(app).await;
    let ann = Person::arrive(app, "ann", "viewer").await;
    for path in [
        "/incidents?status=all&q=needle",
        "/error-log?status=all&q=needle",
    ] {
        let mut html = ann.page(app, path).await;
        let mut steps = 0;
        while html.contains("Look further back") {
            assert!(html.contains("Nothing fits so far"), "{path}: {html}");
            assert!(!html.contains("A needle"), "{path}: {html}");
            html = ann.page(app, &link(&html, "Look further back")).await;
            steps += 1;
        }
        assert!(
            html.contains("A needle"),
            "{path} after {steps} steps: {html}"
        );
        assert!(steps > 0, "{path}");
    }
    let html = ann.page(app, "/incidents?q=nowhere-at-all").await;
    assert!(html.contains("Nothing fits this filter"), "{html}");
    assert!(!html.contains("Look further back"), "{html}");
}
