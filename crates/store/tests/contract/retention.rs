//! What is old goes, and nothing else.

use crate::support::{
    NOW, alert, decide, delivery, event, incident, incidents_slice, issue, issues_slice, line,
    save, verdict,
};
use epicenter_domain::delivery::Headers;
use epicenter_domain::engine::{NewIdentity, Slice, Tracked, VerdictOutcome};
use epicenter_domain::id::first_id_at;
use epicenter_domain::incident::{Alert, Incident, IncidentStatus};
use epicenter_domain::issue::Issue;
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::inbox::NewDelivery;
use epicenter_store::packing::{Dictionary, pack};
use epicenter_store::slice::Touched;
use epicenter_store::{
    Database, deliveries, events, inbox, incidents, issues, retention, slice, timeline,
};
use std::collections::BTreeSet;

store_contract!(
    old_deliveries_go_in_pieces_and_the_waiting_ones_stay,
    of_refused_requests_the_newest_stay,
    the_newest_event_keeps_its_detail,
    what_cannot_be_read_goes_as_the_others,
    old_issues_go_with_all_that_is_theirs,
    issues_with_open_incidents_stay,
    sizes_tell_how_much_is_stored,
);

/// A delivery received `days` before now, the `count`th of that instant.
fn received(days: i64, count: i64, body: &[u8]) -> NewDelivery {
    let at = NOW.plus_ms(-days * DAY_MS);
    NewDelivery {
        received_at: at,
        ..delivery(first_id_at(at) + count, body)
    }
}

async fn of_refused_requests_the_newest_stay(database: &Database) {
    let rows: Vec<NewDelivery> = (1..=12)
        .map(|count| NewDelivery {
            refusal: (count % 4 != 0).then(|| String::from("not signed")),
            ..received(1, count, b"{}")
        })
        .collect();
    let refused: Vec<i64> = rows
        .iter()
        .filter(|row| row.refusal.is_some())
        .map(|row| row.id)
        .collect();
    writing!(database, |tx| {
        inbox::append(tx, &rows).await.unwrap();
        // Nine are there: of the six beyond the newest three, four go, then the rest.
        for gone in [4, 2, 0] {
            assert_eq!(retention::delete_refused(tx, 3, 4).await.unwrap(), gone);
        }
    });
    reading!(database, |tx| {
        for row in &rows {
            let stays = !refused[..6].contains(&row.id);
            let found = deliveries::by_id(tx, 1, row.id).await.unwrap();
            assert_eq!(found.is_some(), stays);
            let body = deliveries::body(tx, row.id).await.unwrap();
            assert_eq!(body.is_some(), stays);
        }
    });
}

fn cut() -> Time {
    NOW.plus_ms(-30 * DAY_MS)
}

async fn clean(database: &Database, limit: i64) -> usize {
    writing!(database, |tx| {
        retention::delete_deliveries(tx, cut(), limit)
            .await
            .unwrap()
    })
}

async fn old_deliveries_go_in_pieces_and_the_waiting_ones_stay(database: &Database) {
    let old: Vec<NewDelivery> = (1..=10).map(|count| received(40, count, b"{}")).collect();
    let mut refused = received(31, 1, b"{}");
    refused.refusal = Some(String::from("not signed"));
    let new = [received(30, 0, b"{}"), received(1, 1, b"{}")];
    let waiting = old[4].id;
    let mut identities = Slice::default();
    writing!(database, |tx| {
        inbox::append(tx, &old).await.unwrap();
        inbox::append(tx, &[refused]).await.unwrap();
        inbox::append(tx, &new).await.unwrap();
        for row in old.iter().chain(&new).filter(|row| row.id != waiting) {
            decide(tx, row.id, VerdictOutcome::Applied).await;
            identities.new_identities.push(NewIdentity {
                integration_id: 1,
                hash: u128::try_from(row.id).unwrap().to_be_bytes(),
                delivery_id: row.id,
            });
        }
        slice::save(tx, &identities).await.unwrap();
    });

    assert_eq!(clean(database, 7).await, 7);
    assert_eq!(clean(database, 7).await, 3);
    assert_eq!(clean(database, 7).await, 0);
    reading!(database, |tx| {
        let filter = deliveries::DeliveryFilter::default();
        let left = deliveries::list(tx, 1, &filter, None, 50).await.unwrap();
        let ids: Vec<i64> = left.items.iter().map(|row| row.id).collect();
        assert_eq!(ids, [new[1].id, new[0].id, waiting]);
        for id in ids {
            assert!(deliveries::body(tx, id).await.unwrap().is_some());
        }
        assert_eq!(deliveries::body(tx, old[0].id).await.unwrap(), None);
        assert_eq!(
            inbox::pending(tx, 9, &BTreeSet::new()).await.unwrap().len(),
            1
        );
        let touched = Touched {
            identities: identities
                .new_identities
                .iter()
                .map(|row| (row.integration_id, row.hash))
                .collect(),
            ..Touched::default()
        };
        let known = slice::load(tx, &touched).await.unwrap().identities;
        let known: Vec<i64> = known.into_values().collect();
        assert_eq!(known, [new[0].id, new[1].id]);
    });
}

/// Headers and body of a real webhook.
fn event_alert() -> (Headers, Vec<u8>) {
    let text = include_str!("event_alert.json");
    let fixture: serde_json::Value = serde_json::from_str(text).unwrap();
    let headers = fixture["headers"].as_object().unwrap();
    let pairs = headers
        .iter()
        .map(|(name, value)| (name, value.as_str().unwrap()));
    (
        Headers::new(pairs),
        fixture["body"].to_string().into_bytes(),
    )
}

async fn the_newest_event_keeps_its_detail(database: &Database) {
    let (headers, body) = event_alert();
    let mut new: Vec<NewDelivery> = (1..=3).map(|count| received(40, count, &body)).collect();
    for row in &mut new {
        row.packed = pack(&Dictionary::built_in(), &headers, &body).unwrap();
    }
    let mut slice = issues_slice([issue(1)]);
    for (id, row) in (1_i64..).zip(&new) {
        // The second one is the newest, and one more has nothing to do with a delivery.
        let at = if id == 2 { NOW } else { NOW.plus_ms(-id) };
        let mut event = event(id, 1, at);
        event.delivery_id = Some(row.id);
        slice.new_events.push(event);
    }
    slice.new_events.push(event(4, 2, NOW));
    writing!(database, |tx| {
        inbox::append(tx, &new).await.unwrap();
        slice::save(tx, &slice).await.unwrap();
        for row in &new {
            let mut verdict = verdict(row.id, VerdictOutcome::Applied);
            verdict.verdict.issue_id = Some(1);
            inbox::decide(tx, &[verdict], NOW).await.unwrap();
        }
    });
    assert_eq!(clean(database, 50).await, 3);
    reading!(database, |tx| {
        let page = events::of_issue(tx, 1, None, 9).await.unwrap();
        let details: Vec<_> = page
            .items
            .iter()
            .map(|event| event.detail.as_ref())
            .collect();
        let detail = details[0].unwrap();
        assert_eq!(detail.message, "Stock of 77 SKUs is below zero");
        assert_eq!(detail.breadcrumbs.len(), 2);
        assert_eq!(details[1..], [None, None]);
        let kept = events::by_id(tx, 1, 2).await.unwrap().unwrap();
        assert_eq!(kept.detail.as_ref(), Some(detail));
    });
}

async fn what_cannot_be_read_goes_as_the_others(database: &Database) {
    let (headers, body) = event_alert();
    let mut new = received(40, 1, &body);
    new.packed = pack(&Dictionary::built_in(), &headers, &body).unwrap();
    // Somebody lost this row.
    new.packed.dictionary = 77;
    let mut slice = issues_slice([issue(1)]);
    let mut event = event(1, 1, NOW);
    event.delivery_id = Some(new.id);
    slice.new_events.push(event);
    writing!(database, |tx| {
        inbox::append(tx, std::slice::from_ref(&new)).await.unwrap();
        slice::save(tx, &slice).await.unwrap();
        let mut verdict = verdict(new.id, VerdictOutcome::Applied);
        verdict.verdict.issue_id = Some(1);
        inbox::decide(tx, &[verdict], NOW).await.unwrap();
    });
    assert_eq!(clean(database, 50).await, 1);
    let kept = reading!(database, |tx| events::by_id(tx, 1, 1).await.unwrap());
    assert_eq!(kept.unwrap().detail, None);
}

fn old_issue(id: i64, status: IssueStatus) -> Issue {
    let long_ago = NOW.plus_ms(-100 * DAY_MS);
    Issue {
        status,
        last_seen_at: long_ago.plus_ms(id),
        updated_at: long_ago,
        ..issue(id)
    }
}

async fn forget(database: &Database, statuses: &[&'static str], limit: i64) -> usize {
    writing!(database, |tx| {
        retention::delete_issues(tx, statuses, cut(), limit)
            .await
            .unwrap()
    })
}

async fn old_issues_go_with_all_that_is_theirs(database: &Database) {
    let mut slice = issues_slice([
        old_issue(1, IssueStatus::Resolved),
        old_issue(2, IssueStatus::Ignored),
        old_issue(3, IssueStatus::Unresolved),
        Issue {
            updated_at: NOW,
            ..old_issue(4, IssueStatus::Resolved)
        },
        Issue {
            status: IssueStatus::Resolved,
            ..issue(5)
        },
    ]);
    let theirs = Alert {
        issue_id: Some(1),
        ..alert(1)
    };
    let key = (1, theirs.dedup_key.clone());
    slice.alerts.insert(key.clone(), Tracked::made(theirs));
    slice.new_events = vec![event(1, 1, NOW), event(2, 3, NOW)];
    slice.buckets.insert((1, NOW.hour()), 3);
    slice.timeline = vec![line(1, None, Some(1)), line(2, Some(1), Some(1))];
    slice.incidents = incidents_slice([Incident {
        issue_id: Some(1),
        status: IncidentStatus::Resolved,
        ..incident(1)
    }])
    .incidents;
    save(database, &slice).await;

    assert_eq!(forget(database, &["resolved", "ignored"], 1).await, 2);
    assert_eq!(forget(database, &["resolved", "ignored"], 1).await, 0);
    reading!(database, |tx| {
        for (id, stays) in [(1, false), (2, false), (3, true), (4, true), (5, true)] {
            let found = issues::by_id(tx, 1, id).await.unwrap();
            assert_eq!(found.is_some(), stays, "{id}");
        }
        assert_eq!(events::by_id(tx, 1, 1).await.unwrap(), None);
        assert!(events::by_id(tx, 1, 2).await.unwrap().is_some());
        let trend = issues::trend(tx, 1, NOW, NOW.plus_ms(1)).await.unwrap();
        assert!(trend.is_empty());
        let lines = timeline::of_issue(tx, 1, None, 9).await.unwrap();
        let ids: Vec<i64> = lines.items.iter().map(|line| line.id).collect();
        assert_eq!(ids, [2]);
        let touched = Touched {
            keys: [key].into(),
            ..Touched::default()
        };
        let loaded = slice::load(tx, &touched).await.unwrap();
        assert!(loaded.alerts.is_empty() && loaded.issues.is_empty());
        assert!(incidents::by_id(tx, 1, 1).await.unwrap().is_some());
    });
    assert_eq!(forget(database, &["unresolved"], 50).await, 1);
}

async fn issues_with_open_incidents_stay(database: &Database) {
    let rows = (1..=4).map(|id| old_issue(id, IssueStatus::Resolved));
    save(database, &issues_slice(rows)).await;
    let open = IncidentStatus::ALL.map(|status| (status, status != IncidentStatus::Resolved));
    let rows = (1_i64..).zip(open).map(|(id, (status, _))| Incident {
        issue_id: Some(id),
        status,
        ..incident(id)
    });
    save(database, &incidents_slice(rows)).await;
    assert_eq!(forget(database, &["resolved"], 50).await, 1);
    reading!(database, |tx| {
        for (id, (_, stays)) in (1_i64..).zip(open) {
            let found = issues::by_id(tx, 1, id).await.unwrap();
            assert_eq!(found.is_some(), stays, "{id}");
        }
    });
}

async fn sizes_tell_how_much_is_stored(database: &Database) {
    let empty = reading!(database, |tx| retention::sizes(tx).await.unwrap());
    assert!(empty.total_bytes > 0);
    assert_eq!(empty.oldest_delivery_at, None);
    let new = [received(3, 1, b"{}"), received(9, 1, b"{}")];
    writing!(database, |tx| inbox::append(tx, &new).await.unwrap());
    let sizes = reading!(database, |tx| retention::sizes(tx).await.unwrap());
    assert_eq!(sizes.oldest_delivery_at, Some(new[1].received_at));
}
