//! The queue of the memory: in order, each note once, with the body of its delivery.

use crate::observations::record;
use crate::support::{NOW, append, delivery};
use epicenter_domain::observation::note::Applied;
use epicenter_domain::observation::{Note, What};
use epicenter_store::observations::queue::{self, Backlog};
use epicenter_store::packing::Dictionary;
use epicenter_store::{Database, StoreError, inbox, observations};

store_contract!(
    notes_wait_in_order_with_the_bodies_of_their_deliveries,
    a_note_is_taken_once,
    a_note_that_keeps_failing_is_left_aside,
    what_was_left_aside_is_tried_once_more,
    the_id_of_what_was_left_aside_is_not_given_again,
    a_note_that_cannot_be_read_says_which_one_it_is,
    the_lock_tells_the_newest_record,
);

/// A note without a delivery.
pub(crate) fn note(id: i64) -> Note {
    Note {
        id,
        workspace_id: 1,
        delivery_id: None,
        what: What::Record(Box::new(record(id))),
    }
}

fn of_delivery(id: i64, delivery_id: i64) -> Note {
    Note {
        delivery_id: Some(delivery_id),
        what: What::Signal(Box::new(Applied {
            source: String::from("sentry"),
            source_type: String::from("issue.created"),
            position: 0,
            at: NOW,
            service_id: Some(3),
            incident_id: None,
            issue: Some(Box::new(crate::support::issue(9))),
        })),
        ..note(id)
    }
}

async fn queued(database: &Database, notes: &[Note]) {
    writing!(database, |tx| queue::enqueue(tx, notes, NOW).await.unwrap());
}

async fn ids(database: &Database, most: i64) -> Vec<i64> {
    let waiting = reading!(database, |tx| queue::waiting(tx, most).await.unwrap());
    waiting.iter().map(|one| one.id).collect()
}

async fn notes_wait_in_order_with_the_bodies_of_their_deliveries(database: &Database) {
    append(database, &[delivery(7, b"{\"n\":7}")]).await;
    let notes = [of_delivery(30, 7), note(20), of_delivery(25, 8)];
    queued(database, &notes).await;
    queued(database, &[]).await;
    let waiting = reading!(database, |tx| queue::waiting(tx, 10).await.unwrap());
    let found: Vec<Note> = waiting.iter().map(|one| one.note().unwrap()).collect();
    assert_eq!(
        found,
        [notes[1].clone(), notes[2].clone(), notes[0].clone()]
    );
    let dictionary = Dictionary::built_in();
    assert!(waiting[0].content(&dictionary).is_none(), "no delivery");
    assert!(waiting[1].content(&dictionary).is_none(), "it is gone");
    assert_eq!(waiting[2].dictionary, Some(dictionary.id));
    let (received_at, content) = waiting[2].content(&dictionary).unwrap();
    assert_eq!(received_at, NOW.plus_ms(7));
    assert_eq!(content.unwrap().body, b"{\"n\":7}");
    assert_eq!(ids(database, 2).await, [20, 25]);
    let backlog = reading!(database, |tx| queue::backlog(tx, 2).await.unwrap());
    let since = Some(NOW);
    assert_eq!(backlog, Backlog { count: 2, since }, "counted no further");
}

async fn a_note_is_taken_once(database: &Database) {
    let notes: Vec<Note> = (1..=100).map(note).collect();
    queued(database, &notes).await;
    writing!(database, |tx| {
        let first: Vec<i64> = (1..=99).collect();
        queue::take(tx, &first).await.unwrap();
        queue::take(tx, &[]).await.unwrap();
    });
    let mut tx = database.write().await.unwrap();
    let again = queue::take(&mut tx, &[99, 100]).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    tx.rollback().await.unwrap();
    assert_eq!(ids(database, 10).await, [100], "what it took came back");
}

async fn a_note_that_keeps_failing_is_left_aside(database: &Database) {
    queued(database, &[note(1), note(2)]).await;
    let fail = async |id: i64| {
        writing!(database, |tx| {
            queue::count_failure(tx, id, 5, "odd").await.unwrap()
        })
    };
    for count in 1..=5 {
        assert_eq!(left_aside(database).await, 0);
        assert_eq!(fail(1).await, Some(count));
    }
    assert_eq!(left_aside(database).await, 1);
    assert_eq!(ids(database, 10).await, [2]);
    let backlog = reading!(database, |tx| queue::backlog(tx, 10).await.unwrap());
    assert_eq!(backlog.count, 1);
    assert_eq!(fail(1).await, None, "another node left it aside");
    assert_eq!(fail(3).await, None, "another node has taken it");
    writing!(database, |tx| queue::take(tx, &[2]).await.unwrap());
    let backlog = reading!(database, |tx| queue::backlog(tx, 10).await.unwrap());
    assert_eq!(backlog, Backlog::default());
}

async fn the_id_of_what_was_left_aside_is_not_given_again(database: &Database) {
    let id = 1 << 60;
    queued(database, &[note(id)]).await;
    writing!(database, |tx| {
        let count = queue::count_failure(tx, id, 1, "odd").await.unwrap();
        assert_eq!(count, Some(1));
        assert_eq!(inbox::newest_id(tx).await.unwrap(), id);
    });
}

async fn left_aside(database: &Database) -> i64 {
    reading!(database, |tx| queue::left_aside(tx, 10).await.unwrap())
}

async fn what_was_left_aside_is_tried_once_more(database: &Database) {
    queued(database, &[note(1), note(2), note(3)]).await;
    writing!(database, |tx| {
        for (id, most) in [(1, 1), (2, 2), (2, 2), (3, 1)] {
            let count = queue::count_failure(tx, id, most, "odd").await.unwrap();
            assert!(count.is_some());
        }
    });
    assert_eq!(left_aside(database).await, 3);
    let tried =
        async |limit: i64| writing!(database, |tx| queue::try_again(tx, limit).await.unwrap());
    // Those that fail for ever do not keep the others from their turn.
    assert_eq!(tried(2).await, 2);
    assert_eq!(ids(database, 10).await, [1, 3]);
    writing!(database, |tx| {
        let count = queue::count_failure(tx, 3, 2, "odd").await.unwrap();
        assert_eq!(count, Some(2));
        // The code that can read the other one.
        queue::take(tx, &[1]).await.unwrap();
    });
    assert_eq!(tried(10).await, 2);
    let waiting = reading!(database, |tx| queue::waiting(tx, 10).await.unwrap());
    let found: Vec<Note> = waiting.iter().map(|one| one.note().unwrap()).collect();
    assert_eq!(found, [note(2), note(3)], "they are as they were queued");
    assert_eq!(left_aside(database).await, 0);
}

async fn a_note_that_cannot_be_read_says_which_one_it_is(database: &Database) {
    queued(database, &[note(4)]).await;
    let spoil = "UPDATE memory_queue SET what = '{\"later\":1}'";
    match database {
        Database::Sqlite { writer, .. } => {
            sqlx::query(spoil).execute(writer).await.unwrap();
        }
        Database::Postgres(pool) => {
            sqlx::query(spoil).execute(pool).await.unwrap();
        }
    }
    let waiting = reading!(database, |tx| queue::waiting(tx, 10).await.unwrap());
    let error = waiting[0].note().unwrap_err();
    assert!(matches!(error, StoreError::Row { id: 4, .. }), "{error}");
    assert!(error.is_about_the_data());
}

async fn the_lock_tells_the_newest_record(database: &Database) {
    writing!(database, |tx| {
        assert_eq!(queue::lock(tx).await.unwrap(), 0);
        observations::save(tx, &[record(2), record(1)])
            .await
            .unwrap();
        assert_eq!(queue::lock(tx).await.unwrap(), record(2).id);
    });
}
