//! The inbox: nothing is lost, nothing is decided twice.

use crate::support::{NOW, append, decide, delivery, issue, issues_slice, save, verdict};
use epicenter_domain::engine::VerdictOutcome;
use epicenter_store::packing::{Dictionary, unpack};
use epicenter_store::{Database, StoreError, deliveries, inbox, slice};
use std::collections::BTreeSet;

store_contract!(
    requests_wait_in_order_until_they_are_decided,
    a_refused_sample_never_waits,
    deciding_twice_is_a_conflict_and_nothing_of_it_stays,
    a_delivery_that_keeps_failing_is_parked,
    a_delivery_with_a_verdict_counts_no_failures,
    the_newest_id_is_the_highest_of_all_tables,
);

async fn requests_wait_in_order_until_they_are_decided(database: &Database) {
    let bodies: Vec<String> = (1..=150).map(|id| format!("{{\"n\":{id}}}")).collect();
    let mut new: Vec<_> = (1_i64..)
        .zip(&bodies)
        .map(|(id, body)| delivery(id, body.as_bytes()))
        .collect();
    new[6].replay_of = Some(3);
    append(database, &new).await;
    append(database, &[]).await;

    let first = reading!(database, |tx| inbox::pending(tx, 100, &BTreeSet::new())
        .await
        .unwrap());
    let ids: Vec<i64> = first.iter().map(|pending| pending.id).collect();
    assert_eq!(ids, (1..=100).collect::<Vec<_>>());
    for (pending, body) in first.iter().zip(&bodies) {
        let unpacked = unpack(&Dictionary::built_in(), &pending.content).unwrap();
        assert_eq!(unpacked.body, body.as_bytes());
        assert_eq!(unpacked.headers.get("sentry-hook-resource"), Some("issue"));
        assert_eq!((pending.workspace_id, pending.integration_id), (1, 1));
        assert_eq!(pending.received_at, NOW.0 + pending.id);
        assert_eq!(pending.attempts, 0);
    }
    assert_eq!(first[6].replay_of, Some(3));
    let besides: BTreeSet<i64> = ids.into_iter().chain([102]).collect();
    let next = reading!(database, |tx| inbox::pending(tx, 3, &besides)
        .await
        .unwrap());
    let next: Vec<i64> = next.iter().map(|pending| pending.id).collect();
    assert_eq!(next, [101, 103, 104]);

    let verdicts: Vec<_> = (1..=149)
        .map(|id| verdict(id, VerdictOutcome::Applied))
        .collect();
    writing!(database, |tx| {
        assert_eq!(inbox::pending_count(tx).await.unwrap(), 150);
        assert!(inbox::is_pending(tx).await.unwrap());
        inbox::decide(tx, &verdicts, NOW).await.unwrap();
        inbox::decide(tx, &[], NOW).await.unwrap();
    });
    reading!(database, |tx| {
        assert_eq!(inbox::pending_count(tx).await.unwrap(), 1);
        let left = inbox::pending(tx, 100, &BTreeSet::new()).await.unwrap();
        assert_eq!(left.iter().map(|row| row.id).collect::<Vec<_>>(), [150]);
        let decided = deliveries::by_id(tx, 1, 7).await.unwrap().unwrap();
        assert_eq!(decided.outcome, VerdictOutcome::Applied);
        assert_eq!(decided.action, "created");
        assert_eq!(decided.reason, "because");
        assert_eq!(decided.applied_at, Some(NOW));
    });
}

async fn a_refused_sample_never_waits(database: &Database) {
    let mut sample = delivery(1, b"{}");
    sample.refusal = Some(String::from("No secret matches"));
    append(database, &[sample]).await;
    let mut tx = database.write().await.unwrap();
    assert!(
        inbox::pending(&mut tx, 10, &BTreeSet::new())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(inbox::pending_count(&mut tx).await.unwrap(), 0);
    assert!(!inbox::is_pending(&mut tx).await.unwrap());
    let verdicts = [verdict(1, VerdictOutcome::Applied)];
    let refused = inbox::decide(&mut tx, &verdicts, NOW).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict(_))),
        "{refused:?}"
    );
    tx.rollback().await.unwrap();
    let row = reading!(database, |tx| deliveries::by_id(tx, 1, 1).await.unwrap());
    let row = row.unwrap();
    assert_eq!(row.outcome, VerdictOutcome::Refused);
    assert_eq!(row.reason, "No secret matches");
}

async fn deciding_twice_is_a_conflict_and_nothing_of_it_stays(database: &Database) {
    append(database, &[delivery(1, b"{}"), delivery(2, b"{}")]).await;
    writing!(database, |tx| decide(tx, 1, VerdictOutcome::Applied).await);

    let mut tx = database.write().await.unwrap();
    slice::save(&mut tx, &issues_slice([issue(9)]))
        .await
        .unwrap();
    let both = [
        verdict(2, VerdictOutcome::Applied),
        verdict(1, VerdictOutcome::Ignored),
    ];
    let error = inbox::decide(&mut tx, &both, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    assert!(!error.is_about_the_data() && !error.is_disk_full());
    drop(tx);

    reading!(database, |tx| {
        let first = deliveries::by_id(tx, 1, 1).await.unwrap().unwrap();
        assert_eq!(first.outcome, VerdictOutcome::Applied);
        assert_eq!(
            inbox::pending(tx, 9, &BTreeSet::new()).await.unwrap().len(),
            1
        );
        let issue = epicenter_store::issues::by_id(tx, 1, 9).await.unwrap();
        assert_eq!(issue, None);
    });
}

async fn a_delivery_that_keeps_failing_is_parked(database: &Database) {
    let mut nameless = delivery(1, b"{}");
    nameless.resource = String::new();
    append(database, &[nameless, delivery(2, b"{}")]).await;
    for attempt in 1..=3 {
        let outcome = writing!(database, |tx| {
            inbox::count_failure(tx, 1, 3, "it broke", NOW)
                .await
                .unwrap()
        });
        let parked = attempt == 3;
        assert_eq!(outcome == VerdictOutcome::Parked, parked);
        reading!(database, |tx| {
            let row = deliveries::by_id(tx, 1, 1).await.unwrap().unwrap();
            assert_eq!(row.outcome, outcome);
            assert_eq!((row.attempts, row.reason.as_str()), (attempt, "it broke"));
            assert_eq!(row.resource, if parked { "unknown" } else { "" });
            assert_eq!(row.applied_at, parked.then_some(NOW));
            let waiting = inbox::pending_count(tx).await.unwrap();
            assert_eq!(waiting, if parked { 1 } else { 2 });
        });
    }
}

async fn a_delivery_with_a_verdict_counts_no_failures(database: &Database) {
    append(database, &[delivery(1, b"{}")]).await;
    writing!(database, |tx| {
        decide(tx, 1, VerdictOutcome::Ignored).await;
        inbox::count_failure(tx, 1, 1, "late", NOW).await.unwrap();
        inbox::count_failure(tx, 77, 1, "of nothing", NOW)
            .await
            .unwrap();
    });
    let row = reading!(database, |tx| deliveries::by_id(tx, 1, 1).await.unwrap());
    let row = row.unwrap();
    assert_eq!(row.outcome, VerdictOutcome::Ignored);
    assert_eq!((row.attempts, row.reason.as_str()), (0, "because"));
}

async fn the_newest_id_is_the_highest_of_all_tables(database: &Database) {
    let newest = reading!(database, |tx| inbox::newest_id(tx).await.unwrap());
    assert_eq!(newest, 0);
    append(database, &[delivery(10, b"{}")]).await;
    let newest = reading!(database, |tx| inbox::newest_id(tx).await.unwrap());
    assert_eq!(newest, 10);
    save(database, &issues_slice([issue(20)])).await;
    let newest = reading!(database, |tx| inbox::newest_id(tx).await.unwrap());
    assert_eq!(newest, 20);
}
