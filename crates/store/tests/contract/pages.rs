//! What the pages ask beside the lists: neighbours, counts, newest lines.

use crate::support::{NOW, alert, append, decide, delivery, event, line, save};
use epicenter_domain::engine::{Slice, Tracked, VerdictOutcome};
use epicenter_domain::incident::Alert;
use epicenter_store::{Database, alerts, deliveries, events, timeline};

store_contract!(
    events_have_neighbours_within_their_issue,
    deliveries_are_counted_by_incident_and_since_an_id,
    the_newest_lines_come_first,
    alerts_are_found_by_their_incident,
);

async fn events_have_neighbours_within_their_issue(database: &Database) {
    let slice = Slice {
        new_events: (1..=5)
            .map(|id| event(id, 3, NOW.plus_ms(id / 2)))
            .chain([event(6, 4, NOW.plus_ms(1))])
            .collect(),
        ..Slice::default()
    };
    save(database, &slice).await;
    reading!(database, |tx| {
        let mut order = Vec::new();
        let mut next = events::by_id_in_issue(tx, 3, 1).await.unwrap();
        while let Some(record) = next {
            order.push(record.id);
            let newer = events::next_newer(tx, &record).await.unwrap();
            if let Some(newer) = &newer {
                let back = events::next_older(tx, newer).await.unwrap().unwrap();
                assert_eq!(back.id, record.id);
            }
            next = newer;
        }
        assert_eq!(order, [1, 2, 3, 4, 5]);
        assert_eq!(events::by_id_in_issue(tx, 3, 6).await.unwrap(), None);
        assert_eq!(events::count_of_issue(tx, 3).await.unwrap(), 5);
        assert_eq!(events::count_of_issue(tx, 9).await.unwrap(), 0);
    });
}

async fn deliveries_are_counted_by_incident_and_since_an_id(database: &Database) {
    let new: Vec<_> = (1..=10).map(|id| delivery(id, b"{}")).collect();
    append(database, &new).await;
    writing!(database, |tx| {
        for id in 1..=4 {
            decide(tx, id, VerdictOutcome::Applied).await;
        }
    });
    reading!(database, |tx| {
        let integration = new[0].integration_id;
        let since = deliveries::count_since(tx, integration, 8).await.unwrap();
        assert_eq!(since, 3);
        let foreign = deliveries::count_since(tx, integration + 1, 1)
            .await
            .unwrap();
        assert_eq!(foreign, 0);
        assert_eq!(deliveries::count_of_incident(tx, 77).await.unwrap(), 0);
    });
}

async fn the_newest_lines_come_first(database: &Database) {
    let lines = (1..=9).map(|id| line(id, Some(id % 2), Some(id % 3)));
    let slice = Slice {
        timeline: lines.collect(),
        ..Slice::default()
    };
    save(database, &slice).await;
    reading!(database, |tx| {
        let lines = timeline::newest_of_incident(tx, 1, None, 3).await.unwrap();
        let ids: Vec<i64> = lines.items.iter().map(|line| line.id).collect();
        assert_eq!(ids, [9, 7, 5]);
        let lines = timeline::newest_of_issue(tx, 2, None, 10).await.unwrap();
        let ids: Vec<i64> = lines.items.iter().map(|line| line.id).collect();
        assert_eq!(ids, [8, 5, 2]);
    });
}

async fn alerts_are_found_by_their_incident(database: &Database) {
    let mut slice = Slice::default();
    for id in 1..=4 {
        let row = Alert {
            incident_id: (id > 1).then_some(id % 2),
            ..alert(id)
        };
        let key = (row.integration_id, row.dedup_key.clone());
        slice.alerts.insert(key, Tracked::made(row));
    }
    save(database, &slice).await;
    reading!(database, |tx| {
        let found = alerts::of_incident(tx, 0).await.unwrap();
        let ids: Vec<i64> = found.iter().map(|alert| alert.id).collect();
        assert_eq!(ids, [2, 4]);
    });
}
