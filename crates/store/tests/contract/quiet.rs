//! Open incidents that may have gone quiet (ACCEPTANCE §3 row 37).

use crate::support::{NOW, alert, incident, incidents_slice, issue, issues_slice};
use epicenter_domain::engine::{Slice, Tracked};
use epicenter_domain::incident::{Alert, Incident, IncidentStatus, Mark, MarkKind, QuietAlert};
use epicenter_domain::issue::Issue;
use epicenter_domain::signal::When;
use epicenter_domain::time::Time;
use epicenter_store::quiet::{alerts_of, due_looks, look_again};
use epicenter_store::{Database, Tx, slice};
use std::collections::BTreeMap;

store_contract!(
    only_open_incidents_are_looked_at_when_they_are_due,
    what_an_incident_learns_leaves_its_next_look_alone,
    alerts_say_when_their_issues_were_seen,
);

/// The statements of a look, for the test of their plans.
pub(crate) async fn ask_everything(tx: &mut Tx) {
    due_looks(tx, 1, NOW, 5).await.unwrap();
    alerts_of(tx, &[1, 2, 3]).await.unwrap();
    let looks = [(NOW, vec![71, 72, 73])].into();
    look_again(tx, &looks).await.unwrap();
}

async fn due(database: &Database, at: Time, limit: i64) -> Vec<i64> {
    let found = reading!(database, |tx| due_looks(tx, 1, at, limit).await.unwrap());
    found.into_iter().map(|incident| incident.id).collect()
}

async fn only_open_incidents_are_looked_at_when_they_are_due(database: &Database) {
    let over = Incident {
        status: IncidentStatus::Resolved,
        resolved_at: Some(NOW),
        ..incident(4)
    };
    let elsewhere = Incident {
        workspace_id: 2,
        ..incident(5)
    };
    let all = [incident(1), incident(2), incident(3), over, elsewhere];
    let later = NOW.plus_ms(1_000);
    let looks: BTreeMap<Time, Vec<i64>> = [(NOW, vec![3]), (later, vec![1, 4])].into();
    writing!(database, |tx| {
        slice::save(tx, &incidents_slice(all)).await.unwrap();
        look_again(tx, &looks).await.unwrap();
    });
    assert_eq!(due(database, NOW.plus_ms(-1), 9).await, [2], "never asked");
    assert_eq!(due(database, NOW, 9).await, [2, 3]);
    assert_eq!(due(database, later, 9).await, [2, 3, 1]);
    assert_eq!(due(database, later, 2).await, [2, 3]);
    let many: Vec<i64> = (1..=70).collect();
    writing!(database, |tx| {
        look_again(tx, &[(later, many)].into()).await.unwrap();
        look_again(tx, &BTreeMap::new()).await.unwrap();
    });
    assert!(due(database, NOW, 9).await.is_empty());
}

async fn what_an_incident_learns_leaves_its_next_look_alone(database: &Database) {
    let later = NOW.plus_ms(1_000);
    let louder = Incident {
        event_count: 900,
        last_seen_at: NOW,
        ..incident(1)
    };
    writing!(database, |tx| {
        slice::save(tx, &incidents_slice([incident(1)]))
            .await
            .unwrap();
        look_again(tx, &[(later, vec![1])].into()).await.unwrap();
        slice::save(tx, &incidents_slice([louder])).await.unwrap();
    });
    assert!(due(database, NOW, 9).await.is_empty());
    let found = reading!(database, |tx| due_looks(tx, 1, later, 9).await.unwrap());
    assert_eq!(found[0].event_count, 900);
}

async fn alerts_say_when_their_issues_were_seen(database: &Database) {
    let when = When {
        sent_at: Some(NOW),
        occurred_at: None,
    };
    let mark = Mark::new(MarkKind::Trigger, when, NOW);
    let metric = Alert {
        dedup_key: "sentry-metric-5-1".to_owned(),
        issue_id: None,
        incident_id: Some(1),
        is_open: false,
        trigger_mark: Some(mark),
        ..alert(2)
    };
    let one = Alert {
        issue_id: Some(1),
        incident_id: Some(1),
        is_open: true,
        ..alert(1)
    };
    let seen = Issue {
        last_seen_at: NOW.plus_ms(-7),
        ..issue(1)
    };
    let mut written: Slice = issues_slice([seen]);
    written.incidents = incidents_slice([incident(1)]).incidents;
    for alert in [one.clone(), metric] {
        let key = (alert.integration_id, alert.dedup_key.clone());
        written.alerts.insert(key, Tracked::made(alert));
    }
    writing!(database, |tx| slice::save(tx, &written).await.unwrap());
    let all = reading!(database, |tx| alerts_of(tx, &[1, 7]).await.unwrap());
    let mut mine = all[&1].clone();
    mine.sort_by_key(|alert| alert.issue_seen_at.is_none());
    let expected = [
        QuietAlert {
            dedup_key: one.dedup_key,
            is_open: true,
            issue_seen_at: Some(NOW.plus_ms(-7)),
            marks: [None, None],
        },
        QuietAlert {
            dedup_key: "sentry-metric-5-1".to_owned(),
            is_open: false,
            issue_seen_at: None,
            marks: [Some(mark), None],
        },
    ];
    assert_eq!(mine, expected);
    assert!(!all.contains_key(&7));
}
