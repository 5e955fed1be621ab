//! Kinds of things that are kept for ever unless the settings say otherwise.

use crate::observations::record;
use crate::support::{NOW, alert, incident, incidents_slice, issue, line, save};
use epicenter_domain::engine::{Slice, Tracked};
use epicenter_domain::id::first_id_at;
use epicenter_domain::incident::{Alert, Incident, IncidentStatus};
use epicenter_domain::issue::Issue;
use epicenter_domain::observation::search::Query;
use epicenter_domain::observation::{Observation, Reference};
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::observations::{self, ObservationFilter};
use epicenter_store::slice::Touched;
use epicenter_store::{Database, incidents, issues, retention, slice, timeline};

store_contract!(
    incidents_that_are_over_go_with_all_that_is_theirs,
    issues_that_joined_an_open_incident_stay,
    old_records_go_with_their_words_and_references,
);

fn at(days: i64) -> i64 {
    first_id_at(NOW.plus_ms(-days * DAY_MS))
}

fn over(id: i64) -> Incident {
    Incident {
        status: IncidentStatus::Resolved,
        updated_at: NOW.plus_ms(-90 * DAY_MS),
        ..incident(id)
    }
}

/// Removes incidents older than 30 days, two at a time; answers how many went.
async fn forget(database: &Database) -> usize {
    let (mut after, mut all) = (0, 0);
    loop {
        let (gone, next) = writing!(database, |tx| {
            let cut = NOW.plus_ms(-30 * DAY_MS);
            retention::delete_incidents(tx, cut, after, 2)
                .await
                .unwrap()
        });
        all += gone;
        match next {
            Some(next) => after = next,
            None => return all,
        }
    }
}

async fn incidents_that_are_over_go_with_all_that_is_theirs(database: &Database) {
    let [old, open, continued, changed, new] = [100, 99, 98, 97, 1].map(at);
    let mut slice = incidents_slice([
        over(old),
        Incident {
            status: IncidentStatus::Triggered,
            previous_incident_id: Some(continued),
            ..over(open)
        },
        over(continued),
        Incident {
            updated_at: NOW,
            ..over(changed)
        },
        over(new),
    ]);
    for (number, incident) in (1..).zip(slice.incidents.values_mut()) {
        incident.row.number = number;
    }
    let theirs = Alert {
        incident_id: Some(old),
        is_open: false,
        ..alert(1)
    };
    let key = (1, theirs.dedup_key.clone());
    slice.alerts.insert(key.clone(), Tracked::made(theirs));
    slice.timeline = vec![line(1, Some(old), None), line(2, Some(open), None)];
    save(database, &slice).await;

    assert_eq!(forget(database).await, 1);
    assert_eq!(forget(database).await, 0);
    reading!(database, |tx| {
        for (id, stays) in [
            (old, false),
            (open, true),
            (continued, true),
            (changed, true),
            (new, true),
        ] {
            let found = incidents::by_id(tx, 1, id).await.unwrap();
            assert_eq!(found.is_some(), stays, "{id}");
        }
        let lines = timeline::of_incident(tx, old, None, 9).await.unwrap();
        assert!(lines.items.is_empty());
        let lines = timeline::of_incident(tx, open, None, 9).await.unwrap();
        assert_eq!(lines.items.len(), 1);
        let touched = Touched {
            keys: [key].into(),
            ..Touched::default()
        };
        let loaded = slice::load(tx, &touched).await.unwrap();
        assert!(loaded.alerts.is_empty() && loaded.incidents.is_empty());
    });
}

/// Grouped: the open incident is another issue's, and this one's alert joined it.
async fn issues_that_joined_an_open_incident_stay(database: &Database) {
    let long_ago = NOW.plus_ms(-100 * DAY_MS);
    let old = Issue {
        status: IssueStatus::Resolved,
        last_seen_at: long_ago,
        updated_at: long_ago,
        ..issue(1)
    };
    let joined = |status| {
        let mut slice: Slice = incidents_slice([Incident {
            status,
            issue_id: Some(2),
            ..incident(1)
        }]);
        let theirs = Alert {
            issue_id: Some(1),
            incident_id: Some(1),
            ..alert(1)
        };
        let key = (1, theirs.dedup_key.clone());
        slice.alerts.insert(key, Tracked::made(theirs));
        slice
    };
    let mut slice = joined(IncidentStatus::Acknowledged);
    slice.issues = crate::support::issues_slice([old]).issues;
    save(database, &slice).await;
    let gone = |database: Database| async move {
        writing!(database, |tx| {
            retention::delete_issues(tx, &["resolved"], NOW.plus_ms(-30 * DAY_MS), 9)
                .await
                .unwrap()
        })
    };
    assert_eq!(gone(database.clone()).await, 0);
    reading!(database, |tx| {
        assert!(issues::by_id(tx, 1, 1).await.unwrap().is_some());
    });
}

async fn old_records_go_with_their_words_and_references(database: &Database) {
    let days = |days: i64, incident_id: Option<i64>| Observation {
        incident_id,
        references: vec![Reference {
            kind: "commit".to_owned(),
            id: "abc".to_owned(),
            url: None,
        }],
        ..record(-days * DAY_MS)
    };
    save(database, &incidents_slice([incident(1)])).await;
    let records = [
        days(60, None),
        days(59, Some(1)),
        days(58, None),
        days(1, None),
    ];
    writing!(database, |tx| observations::save(tx, &records)
        .await
        .unwrap());
    let cut = NOW.plus_ms(-30 * DAY_MS);
    let (mut after, mut all) = (0, 0);
    loop {
        let (gone, next) = writing!(database, |tx| {
            observations::delete_old(tx, cut, after, 2).await.unwrap()
        });
        all += gone;
        let Some(next) = next else { break };
        after = next;
    }
    assert_eq!(all, 2);
    let by_words = ObservationFilter {
        q: Query::parse("checkout"),
        ..ObservationFilter::default()
    };
    let by_name = ObservationFilter {
        reference: Some(("commit".to_owned(), "abc".to_owned())),
        ..ObservationFilter::default()
    };
    let kept: Vec<Time> = vec![records[3].occurred_at, records[1].occurred_at];
    for filter in [by_words, by_name, ObservationFilter::default()] {
        let page = reading!(database, |tx| {
            observations::list(tx, 1, &filter, None, 50).await.unwrap()
        });
        let times: Vec<Time> = page.items.iter().map(|one| one.occurred_at).collect();
        assert_eq!(times, kept);
    }
}
