//! Who reads along in the memory: destinations and files, and how far each is.

use crate::notices::destination;
use crate::notices_owed::{attempt, owed};
use crate::observations::record;
use crate::support::NOW;
use epicenter_domain::id::first_id_at;
use epicenter_domain::notification::Kind;
use epicenter_store::notices::destinations::{self, DestinationRecord, TakesObservations};
use epicenter_store::notices::feeds::{self, Feed};
use epicenter_store::notices::outbox;
use epicenter_store::observations::file;
use epicenter_store::{Database, observations};

store_contract!(
    a_destination_reads_along_from_the_next_record_on,
    a_place_is_moved_once,
    what_waits_is_counted_by_destination_and_kind,
    observations_that_were_sent_leave_the_log,
    a_file_goes_on_after_its_last_record,
);

fn reader(id: i64, takes: TakesObservations) -> DestinationRecord {
    let mut record = destination(id, 1);
    record.settings.observations = takes;
    record
}

async fn a_destination_reads_along_from_the_next_record_on(database: &Database) {
    writing!(database, |tx| {
        let only = reader(1, TakesObservations::Only);
        destinations::save(tx, &only).await.unwrap();
        observations::save(tx, &[record(5)]).await.unwrap();
        let also = reader(2, TakesObservations::Also);
        destinations::save(tx, &also).await.unwrap();
        // Saving anew does not move its place.
        destinations::save(tx, &only).await.unwrap();
        let no = reader(3, TakesObservations::No);
        destinations::save(tx, &no).await.unwrap();
        let kept = destinations::by_id(tx, 1, 2).await.unwrap().unwrap();
        assert_eq!(kept.settings.observations, TakesObservations::Also);
    });
    let feed = |destination_id, last_id| Feed {
        destination_id,
        workspace_id: 1,
        last_id,
    };
    let all = reading!(database, |tx| feeds::list(tx).await.unwrap());
    assert_eq!(all, [feed(1, 0), feed(2, record(5).id)]);
    writing!(database, |tx| {
        let no_more = reader(1, TakesObservations::No);
        destinations::save(tx, &no_more).await.unwrap();
        assert!(destinations::delete(tx, 1, 2).await.unwrap());
        assert_eq!(feeds::list(tx).await.unwrap(), []);
    });
}

async fn a_place_is_moved_once(database: &Database) {
    writing!(database, |tx| {
        let only = reader(1, TakesObservations::Only);
        destinations::save(tx, &only).await.unwrap();
        let feed = feeds::list(tx).await.unwrap()[0];
        assert!(feeds::advance(tx, feed, 9).await.unwrap());
        assert!(!feeds::advance(tx, feed, 9).await.unwrap(), "another node");
        assert_eq!(feeds::list(tx).await.unwrap()[0].last_id, 9);
    });
}

async fn what_waits_is_counted_by_destination_and_kind(database: &Database) {
    writing!(database, |tx| {
        for id in 1..=4 {
            let mut one = owed(id);
            one.notice.kind = Kind::Observation;
            outbox::owe(tx, &one).await.unwrap();
        }
        outbox::owe(tx, &owed(5)).await.unwrap();
        let done = ("delivered", NOW, Some(NOW));
        outbox::record(tx, done, &attempt(1, 1)).await.unwrap();
        for (destination_id, kind, most, count) in [
            (7, "observation", 10, 3),
            (7, "observation", 2, 2),
            (7, "triggered", 10, 1),
            (8, "observation", 10, 0),
        ] {
            let found = outbox::waiting_count(tx, destination_id, kind, most).await;
            assert_eq!(found.unwrap(), count, "{destination_id} {kind} {most}");
        }
    });
}

async fn observations_that_were_sent_leave_the_log(database: &Database) {
    let id = |n: i64| first_id_at(NOW.plus_ms(n));
    writing!(database, |tx| {
        for (n, kind) in [
            (1, Kind::Observation),
            (2, Kind::Observation),
            (3, Kind::Triggered),
            (4, Kind::Observation),
            (9, Kind::Observation),
        ] {
            let mut one = owed(id(n));
            one.notice.kind = kind;
            outbox::owe(tx, &one).await.unwrap();
            let done = ("delivered", NOW, Some(NOW));
            if n != 2 {
                let attempt = attempt(id(n), 1);
                outbox::record(tx, done, &attempt).await.unwrap();
            }
        }
        let before = NOW.plus_ms(8);
        let gone = outbox::delete_observations(tx, before, 1).await.unwrap();
        assert_eq!(gone, 1, "no more at once");
        let gone = outbox::delete_observations(tx, before, 10).await.unwrap();
        assert_eq!(gone, 1);
        let left = outbox::delete_observations(tx, before, 10).await.unwrap();
        assert_eq!(
            left, 0,
            "what waits, is no observation, or is younger stays"
        );
        for (n, is_there) in [(1, false), (2, true), (3, true), (4, false), (9, true)] {
            let found = outbox::by_id(tx, 1, id(n)).await.unwrap();
            assert_eq!(found.is_some(), is_there, "{n}");
        }
    });
}

async fn a_file_goes_on_after_its_last_record(database: &Database) {
    writing!(database, |tx| {
        let mut other = record(2);
        other.workspace_id = 2;
        let all = [record(1), other, record(3)];
        observations::save(tx, &all).await.unwrap();
        assert_eq!(file::position(tx, 0).await.unwrap(), None);
        let first = file::after(tx, 0, 2).await.unwrap();
        assert_eq!(first, all[..2], "of all workspaces");
        let last = first[1].id;
        file::keep_position(tx, 0, 1).await.unwrap();
        file::keep_position(tx, 0, last).await.unwrap();
        assert_eq!(file::position(tx, 0).await.unwrap(), Some(last));
        assert_eq!(
            file::position(tx, 1).await.unwrap(),
            None,
            "of its own node"
        );
        assert_eq!(file::after(tx, last, 9).await.unwrap(), all[2..]);
    });
}
