//! What only a SQLite file has: a log, copies, and a disk that is full.

use crate::support::{NOW, append, decide, delivery, incident, incidents_slice, verdict};
use epicenter_domain::engine::VerdictOutcome;
use epicenter_domain::id::first_id_at;
use epicenter_store::testing::TestDatabase;
use epicenter_store::{Database, StoreError, deliveries, inbox, incidents, retention, slice};
use std::path::PathBuf;

fn file(test: &TestDatabase, name: &str) -> PathBuf {
    test.folder().unwrap().join(name)
}

/// Bytes that no compressor makes smaller.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    })
    .take(length)
    .collect()
}

#[tokio::test]
async fn a_copy_made_while_writing_is_whole_and_overwrites_nothing() {
    let test = TestDatabase::sqlite().await.unwrap();
    let database = test.open().await.unwrap();
    let body = noise(50_000);
    // Each transaction writes a delivery and an incident: a whole copy has as many of both.
    let write = async {
        for id in 1..=60 {
            let mut tx = database.write().await.unwrap();
            inbox::append(&mut tx, &[delivery(id, &body)])
                .await
                .unwrap();
            tokio::task::yield_now().await;
            let made = incidents_slice([incident(id)]);
            slice::save(&mut tx, &made).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    let copies = [1, 2, 3].map(|number| file(&test, &format!("copy {number}.db")));
    let copy = async {
        for file in &copies {
            database.backup(file).await.unwrap();
        }
    };
    tokio::join!(write, copy);

    for copied in &copies {
        let again = database.backup(copied).await;
        assert!(matches!(again, Err(StoreError::File(_))), "{again:?}");
        let url = format!("sqlite://{}", copied.display());
        let copy = Database::open(&url).await.unwrap();
        let (waiting, counts) = reading!(copy, |tx| {
            let waiting = inbox::pending_count(tx).await.unwrap();
            (waiting, incidents::counts(tx, 1).await.unwrap())
        });
        assert_eq!(waiting, counts.triggered);
        copy.ping().await.unwrap();
        copy.close().await;
    }
    let missing = database
        .backup(&file(&test, "no such folder/copy.db"))
        .await;
    assert!(missing.is_err());
    // The connection that copied only reads again.
    for _ in 0..8 {
        let mut tx = database.read().await.unwrap();
        let written = inbox::append(&mut tx, &[delivery(99, b"{}")]).await;
        assert!(written.is_err());
    }
    database.close().await;
}

#[tokio::test]
async fn a_full_disk_is_told_and_harms_nothing() {
    let test = TestDatabase::sqlite().await.unwrap();
    let database = Database::open_capped(test.url(), 3).await.unwrap();
    let body = noise(100_000);
    let mut stored = 0;
    let error = loop {
        let mut tx = database.write().await.unwrap();
        let id = first_id_at(NOW) + stored + 1;
        match inbox::append(&mut tx, &[delivery(id, &body)]).await {
            Ok(()) => tx.commit().await.unwrap(),
            Err(error) => break error,
        }
        stored += 1;
        assert!(stored < 100, "the cap holds nothing back");
    };
    assert!(error.is_disk_full(), "{error}");
    assert!(!error.is_about_the_data());
    assert!(stored > 5);
    while let Ok(()) = database.ping().await {
        let mut tx = database.write().await.unwrap();
        stored += 1;
        let row = delivery(first_id_at(NOW) + stored, &noise(8_000));
        if inbox::append(&mut tx, &[row]).await.is_err() {
            stored -= 1;
            break;
        }
        tx.commit().await.unwrap();
    }
    let refused = database.ping().await.unwrap_err();
    assert!(refused.is_disk_full(), "{refused}");

    let waiting = reading!(database, |tx| {
        let first = deliveries::body(tx, first_id_at(NOW) + 1).await.unwrap();
        assert_eq!(first.unwrap().body, body);
        inbox::pending_count(tx).await.unwrap()
    });
    assert_eq!(waiting, stored);

    // Verdicts need room as well, and bodies give back more than that. Ready means that there is
    // room for a large webhook again.
    writing!(database, |tx| {
        for id in 1..=stored {
            decide(tx, first_id_at(NOW) + id, VerdictOutcome::Applied).await;
        }
        let later = NOW.plus_ms(1);
        let gone = retention::delete_deliveries(tx, later, 99).await.unwrap();
        assert_eq!(i64::try_from(gone).unwrap(), stored);
    });
    database.ping().await.unwrap();
    append(
        &database,
        &[delivery(first_id_at(NOW) + 5_000, &noise(50_000))],
    )
    .await;
    database.close().await;
}

#[tokio::test]
async fn the_log_does_not_grow_for_ever() {
    let test = TestDatabase::sqlite().await.unwrap();
    let database = test.open().await.unwrap();
    let log = file(&test, "epicenter.db-wal");
    let body = noise(100_000);
    let mut longest = 0;
    for id in 1..=100 {
        append(&database, &[delivery(id, &body)]).await;
        if id % 5 == 0 {
            database.checkpoint(16).await.unwrap();
        }
        longest = longest.max(std::fs::metadata(&log).unwrap().len());
    }
    // Five rounds of bodies, with room for the pages around them; all of them are 10 MB.
    assert!(longest < 2_000_000, "the log grew to {longest} bytes");
    writing!(database, |tx| {
        let verdicts = [verdict(1, VerdictOutcome::Applied)];
        inbox::decide(tx, &verdicts, NOW).await.unwrap();
    });
    database.close().await;
    assert!(!log.exists(), "closing folds the log");
    let database = test.open().await.unwrap();
    let waiting = reading!(database, |tx| inbox::pending_count(tx).await.unwrap());
    assert_eq!(waiting, 99);
    database.close().await;
}

/// A closed file with a few pages in it.
async fn filled(test: &TestDatabase) -> PathBuf {
    let database = test.open().await.unwrap();
    for id in 1..=20 {
        append(&database, &[delivery(id, &noise(20_000))]).await;
    }
    database.close().await;
    file(test, "epicenter.db")
}

/// What happens to the bytes of a file.
type Damage = fn(&[u8]) -> Vec<u8>;

// FIELD §3.3 case 24
#[tokio::test]
async fn a_damaged_file_is_refused_and_left_alone() {
    let damages: [(&str, Damage); 3] = [
        ("cut off", |whole| whole[..whole.len() / 2].to_vec()),
        ("flipped", |whole| {
            let mut bytes = whole.to_vec();
            // The first byte of a page says what it holds.
            for page in (8_192..bytes.len()).step_by(8_192) {
                bytes[page] ^= 0x40;
            }
            bytes
        }),
        ("garbage", |whole| vec![0x55; whole.len()]),
    ];
    for (name, damage) in damages {
        let test = TestDatabase::sqlite().await.unwrap();
        let path = filled(&test).await;
        let whole = std::fs::read(&path).unwrap();
        let broken = damage(&whole);
        std::fs::write(&path, &broken).unwrap();
        let error = test.open().await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged(_)), "{name}: {error}");
        for words in ["epicenter.db is damaged", "backup", "cp BACKUP"] {
            assert!(error.to_string().contains(words), "{name}: {error}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), broken, "{name}: left alone");
        std::fs::write(&path, &whole).unwrap();
        let database = test.open().await.unwrap();
        let waiting = reading!(database, |tx| inbox::pending_count(tx).await.unwrap());
        assert_eq!(waiting, 20, "{name}: the backup in its place");
        database.close().await;
    }
}
