//! Transactions, on both databases.

use crate::support::{NOW, incident, incidents_slice, save};
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_store::incidents::{self, Counts};
use epicenter_store::slice::{self, Touched};
use epicenter_store::{Database, StoreError, inbox};

store_contract!(
    writers_of_state_come_one_after_the_other,
    what_was_not_committed_is_gone,
    a_reader_sees_one_state_however_long_it_reads,
    it_can_store_and_says_so,
);

async fn writers_of_state_come_one_after_the_other(database: &Database) {
    // Each reads a number and writes the next one: without the lock, some would write the same.
    let next = async || {
        for _ in 0..10 {
            let mut tx = database.write_state().await.unwrap();
            let touched = Touched {
                workspaces: [1].into(),
                ..Touched::default()
            };
            let loaded = slice::load(&mut tx, &touched).await.unwrap();
            tokio::task::yield_now().await;
            let number = loaded.last_numbers[&1] + 1;
            let made = incidents_slice([incident(number)]);
            slice::save(&mut tx, &made).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    // The same in two parts, as the engine does it: webhooks are stored between the two.
    let in_turn = async || {
        for _ in 0..10 {
            let mut turn = database.turn().await.unwrap();
            let touched = Touched {
                workspaces: [1].into(),
                ..Touched::default()
            };
            let loaded = slice::load(turn.reads(), &touched).await.unwrap();
            let mut stored = database.write().await.unwrap();
            inbox::append(&mut stored, &[]).await.unwrap();
            stored.commit().await.unwrap();
            let number = loaded.last_numbers[&1] + 1;
            let made = incidents_slice([incident(number)]);
            let mut tx = turn.write().await.unwrap();
            slice::save(&mut tx, &made).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    tokio::join!(next(), in_turn(), next(), in_turn());
    let counts = reading!(database, |tx| incidents::counts(tx, 1).await.unwrap());
    assert_eq!(counts.triggered, 40);
}

async fn what_was_not_committed_is_gone(database: &Database) {
    let mut tx = database.write().await.unwrap();
    slice::save(&mut tx, &incidents_slice([incident(1)]))
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    let mut tx = database.write_state().await.unwrap();
    slice::save(&mut tx, &incidents_slice([incident(1)]))
        .await
        .unwrap();
    drop(tx);
    let counts = reading!(database, |tx| incidents::counts(tx, 1).await.unwrap());
    assert_eq!(counts, Counts::default());
}

async fn a_reader_sees_one_state_however_long_it_reads(database: &Database) {
    save(database, &incidents_slice([incident(1)])).await;
    let mut tx = database.read().await.unwrap();
    let before = incidents::counts(&mut tx, 1).await.unwrap();
    let over = Incident {
        status: IncidentStatus::Resolved,
        ..incident(1)
    };
    save(database, &incidents_slice([over, incident(2)])).await;
    assert_eq!(incidents::counts(&mut tx, 1).await.unwrap(), before);
    assert_eq!(incidents::by_id(&mut tx, 1, 2).await.unwrap(), None);
    let written = slice::save(&mut tx, &incidents_slice([incident(3)])).await;
    assert!(written.is_err(), "a reader wrote");
    drop(tx);
    let after = reading!(database, |tx| incidents::counts(tx, 1).await.unwrap());
    assert_eq!((after.triggered, after.resolved), (1, 1));
}

async fn it_can_store_and_says_so(database: &Database) {
    database.ping().await.unwrap();
    database.ping().await.unwrap();
    database.migrate().await.unwrap();
    database.checkpoint(1).await.unwrap();
    reading!(database, |tx| {
        let none = epicenter_store::deliveries::body(tx, -1).await.unwrap();
        assert_eq!(none, None, "the ping left its body");
        let due = incidents::due_snoozes(tx, NOW, 1).await.unwrap();
        assert_eq!(due, []);
    });
    assert!(["sqlite", "postgres"].contains(&database.engine_name()));
    if database.engine_name() == "postgres" {
        let file = std::path::Path::new("nowhere.db");
        let copied = database.backup(file).await;
        assert!(matches!(copied, Err(StoreError::Url(_))));
    }
}

#[tokio::test]
async fn strange_urls_are_errors() {
    for url in [
        "",
        "mysql://localhost/a",
        "epicenter.db",
        "postgres://a:b:c",
    ] {
        let opened = Database::open(url).await;
        assert!(
            matches!(opened, Err(StoreError::Url(_))),
            "{url}: {opened:?}"
        );
    }
}
