//! The delivery log.

use crate::support::{NOW, append, delivery, verdict};
use epicenter_domain::delivery::Headers;
use epicenter_domain::engine::VerdictOutcome;
use epicenter_store::deliveries::{self, DeliveryFilter, DeliveryRecord};
use epicenter_store::inbox::{self, NewDelivery};
use epicenter_store::packing::{Dictionary, pack};
use epicenter_store::{Database, StoreError};

store_contract!(
    filters_page_over_what_they_name,
    headers_and_body_come_back_byte_for_byte,
    a_delivery_knows_what_repeats_it,
    a_delivery_is_found_only_in_its_workspace,
);

fn varied(id: i64) -> NewDelivery {
    NewDelivery {
        integration_id: id % 3,
        resource: String::from(if id % 2 == 0 { "issue" } else { "comment" }),
        refusal: (id % 5 == 0).then(|| String::from("not signed")),
        ..delivery(id, b"{}")
    }
}

async fn found(database: &Database, filter: &DeliveryFilter) -> Vec<DeliveryRecord> {
    reading!(database, |tx| all_pages!(|cursor| {
        deliveries::list(tx, 1, filter, cursor, 7).await.unwrap()
    }))
}

/// Deliveries of every outcome.
async fn fill(database: &Database) {
    let new: Vec<NewDelivery> = (1..=60).map(varied).collect();
    append(database, &new).await;
    let foreign = NewDelivery {
        workspace_id: 2,
        ..varied(61)
    };
    append(database, &[foreign]).await;
    let outcomes = [
        VerdictOutcome::Applied,
        VerdictOutcome::Duplicate,
        VerdictOutcome::Ignored,
        VerdictOutcome::NotUnderstood,
    ];
    let verdicts: Vec<_> = (1..=40)
        .filter(|id| id % 5 != 0)
        .map(|id| {
            let mut new = verdict(id, outcomes[usize::try_from(id % 4).unwrap()]);
            new.resource = varied(id).resource;
            new.verdict.incident_id = (id % 6 == 0).then_some(3);
            new.verdict.issue_id = Some(id);
            new
        })
        .collect();
    writing!(database, |tx| {
        inbox::decide(tx, &verdicts, NOW).await.unwrap();
    });
}

async fn filters_page_over_what_they_name(database: &Database) {
    fill(database).await;
    let all = found(database, &DeliveryFilter::default()).await;
    let ids: Vec<i64> = all.iter().map(|record| record.id).collect();
    assert_eq!(ids, (1..=60).rev().collect::<Vec<_>>());
    let mut filters: Vec<DeliveryFilter> = VerdictOutcome::ALL
        .map(|outcome| DeliveryFilter {
            outcome: Some(outcome),
            ..DeliveryFilter::default()
        })
        .into();
    filters.push(DeliveryFilter {
        integration_id: Some(2),
        ..DeliveryFilter::default()
    });
    filters.push(DeliveryFilter {
        resource: Some(String::from("comment")),
        outcome: Some(VerdictOutcome::Refused),
        ..DeliveryFilter::default()
    });
    filters.push(DeliveryFilter {
        incident_id: Some(3),
        ..DeliveryFilter::default()
    });
    filters.push(DeliveryFilter {
        resource: Some(String::from("a\0b")),
        ..DeliveryFilter::default()
    });
    for filter in &filters {
        let expected: Vec<&DeliveryRecord> = all
            .iter()
            .filter(|row| {
                filter.outcome.is_none_or(|outcome| row.outcome == outcome)
                    && filter
                        .integration_id
                        .is_none_or(|id| row.integration_id == id)
                    && filter
                        .resource
                        .as_ref()
                        .is_none_or(|name| row.resource == *name)
                    && (filter.incident_id.is_none() || row.incident_id == filter.incident_id)
            })
            .collect();
        let rows = found(database, filter).await;
        assert_eq!(rows.iter().collect::<Vec<_>>(), expected, "{filter:?}");
    }
    let touched = all.iter().filter(|row| row.incident_id == Some(3)).count();
    let counted = reading!(database, |tx| {
        deliveries::count_of_incident(tx, 3).await.unwrap()
    });
    assert_eq!(usize::try_from(counted).unwrap(), touched);
    let mut tx = database.read().await.unwrap();
    let filter = DeliveryFilter::default();
    let answer = deliveries::list(&mut tx, 1, &filter, Some("zz"), 7).await;
    assert!(matches!(answer, Err(StoreError::Cursor)));
}

async fn headers_and_body_come_back_byte_for_byte(database: &Database) {
    let headers = Headers::new([("X-A", "line\nbreak"), ("x-a", "again \u{1f600}")]);
    let long = vec![7; 100_000];
    let bodies: [&[u8]; 4] = [b"", &[0, 255, 10, 13], b"{\"a\":1}\n", &long];
    let new: Vec<NewDelivery> = (1_i64..)
        .zip(bodies)
        .map(|(id, body)| NewDelivery {
            packed: pack(&Dictionary::built_in(), &headers, body).unwrap(),
            ..delivery(id, body)
        })
        .collect();
    append(database, &new).await;
    reading!(database, |tx| {
        for (id, body) in (1_i64..).zip(bodies) {
            let kept = deliveries::body(tx, id).await.unwrap().unwrap();
            assert_eq!((kept.body.as_slice(), &kept.headers), (body, &headers));
        }
        assert_eq!(deliveries::body(tx, 9).await.unwrap(), None);
    });
    let mut damaged = delivery(9, b"{}");
    damaged.packed.dictionary = 99;
    append(database, &[damaged]).await;
    let mut tx = database.read().await.unwrap();
    let error = deliveries::body(&mut tx, 9).await.unwrap_err();
    assert!(error.is_about_the_data(), "{error}");
}

async fn a_delivery_knows_what_repeats_it(database: &Database) {
    let new: Vec<NewDelivery> = (1..=30)
        .map(|id| NewDelivery {
            replay_of: (id > 1).then_some(if id < 28 { 1 } else { 2 }),
            ..delivery(id, b"{}")
        })
        .collect();
    append(database, &new).await;
    reading!(database, |tx| {
        let ids = |rows: Vec<DeliveryRecord>| rows.iter().map(|row| row.id).collect::<Vec<_>>();
        let replays = deliveries::replays_of(tx, 1).await.unwrap();
        assert!(replays.iter().all(|row| row.replay_of == Some(1)));
        assert_eq!(ids(replays), (8..=27).rev().collect::<Vec<_>>());
        let replays = deliveries::replays_of(tx, 2).await.unwrap();
        assert_eq!(ids(replays), [30, 29, 28]);
        assert!(deliveries::replays_of(tx, 3).await.unwrap().is_empty());
        let filter = DeliveryFilter {
            id: Some(2),
            ..DeliveryFilter::default()
        };
        let page = deliveries::list(tx, 1, &filter, None, 9).await.unwrap();
        assert_eq!(ids(page.items), [30, 29, 28, 2]);
        assert_eq!(deliveries::count_since(tx, 1, 11).await.unwrap(), 20);
        assert_eq!(deliveries::count_since(tx, 2, 11).await.unwrap(), 0);
    });
}

async fn a_delivery_is_found_only_in_its_workspace(database: &Database) {
    append(database, &[delivery(4, b"{}")]).await;
    reading!(database, |tx| {
        let row = deliveries::by_id(tx, 1, 4).await.unwrap().unwrap();
        assert_eq!((row.scheme.as_str(), row.secret_id), ("hmac", Some(5)));
        assert_eq!((row.size, row.received_at), (2, NOW.plus_ms(4)));
        assert_eq!(row.outcome, VerdictOutcome::Pending);
        assert_eq!(deliveries::by_id(tx, 2, 4).await.unwrap(), None);
    });
}
