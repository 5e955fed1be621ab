//! The outbox: notices that are owed, tried and done with.

use crate::support::NOW;
use epicenter_domain::id::first_id_at;
use epicenter_domain::level::Severity;
use epicenter_domain::notification::{Digest, Kind, Notice, Subject};
use epicenter_domain::time::Time;
use epicenter_store::notices::outbox::{self, AttemptRecord, OutboxFilter, OutboxRecord};
use epicenter_store::notices::turns;
use epicenter_store::{Database, StoreError, Tx};

store_contract!(
    a_notice_is_owed_as_it_was_decided,
    due_notices_come_in_order_and_are_claimed_once,
    an_attempt_is_recorded_once_and_only_while_the_notice_waits,
    a_newer_notice_replaces_the_waiting_ones_of_its_kinds,
    edits_know_when_they_are_due_and_when_the_last_arrived,
    a_ceiling_counts_what_was_decided_lately,
    notices_are_listed_by_filter_and_page,
);

pub(crate) fn owed(id: i64) -> OutboxRecord {
    OutboxRecord {
        id,
        workspace_id: 1,
        destination_id: Some(7),
        address: None,
        incident_id: Some(61),
        notice: Notice {
            kind: Kind::Triggered,
            subject: Subject::Digest(Digest {
                title: format!("Notice {id}"),
                text: String::from("Something happened."),
                severity: Severity::Error,
                lines: Vec::new(),
                more: 0,
                link: None,
            }),
            summary: String::from("It opened"),
            reason: String::from("It hears of all services"),
            idempotency_key: format!("key-{id}"),
            at: NOW,
        },
        state: String::from("waiting"),
        due_at: NOW,
        attempt_count: 0,
        created_at: NOW,
        done_at: None,
        last_answer: None,
    }
}

fn of_kind(id: i64, kind: Kind) -> OutboxRecord {
    let mut record = owed(id);
    record.notice.kind = kind;
    record
}

pub(crate) fn attempt(notice_id: i64, number: i64) -> AttemptRecord {
    AttemptRecord {
        notice_id,
        number,
        at: NOW.0 + number,
        duration_ms: 12,
        outcome: String::from("retry_after"),
        answer: format!("Answer {number}"),
    }
}

async fn owe(tx: &mut Tx, records: &[OutboxRecord]) {
    for record in records {
        outbox::owe(tx, record).await.unwrap();
    }
}

async fn kept(tx: &mut Tx, id: i64) -> OutboxRecord {
    outbox::by_id(tx, 1, id).await.unwrap().unwrap().0
}

async fn due_ids(tx: &mut Tx, now: Time, limit: i64) -> Vec<i64> {
    let mut ids = Vec::new();
    for place in turns::places(tx).await.unwrap() {
        let due = turns::due(tx, &place, now, limit).await.unwrap();
        ids.extend(due.into_iter().map(|record| record.id));
    }
    ids
}

async fn a_notice_is_owed_as_it_was_decided(database: &Database) {
    let to_person = OutboxRecord {
        destination_id: None,
        address: Some(String::from("ada@example.com")),
        incident_id: None,
        ..of_kind(2, Kind::Test)
    };
    let dropped = OutboxRecord {
        state: String::from("dropped"),
        done_at: Some(NOW),
        last_answer: Some(String::from("nobody is there")),
        ..owed(3)
    };
    writing!(database, |tx| {
        for record in [owed(1), to_person, dropped] {
            outbox::owe(tx, &record).await.unwrap();
            let found = outbox::by_id(tx, 1, record.id).await.unwrap();
            assert_eq!(found, Some((record.clone(), Vec::new())));
            assert_eq!(outbox::by_id(tx, 2, record.id).await.unwrap(), None);
        }
    });
    let mut tx = database.write().await.unwrap();
    let again = outbox::owe(&mut tx, &owed(1)).await.unwrap_err();
    assert!(again.is_about_the_data(), "{again}");
}

async fn due_notices_come_in_order_and_are_claimed_once(database: &Database) {
    let soon = NOW.plus_ms(5);
    let until = NOW.plus_ms(60_000);
    writing!(database, |tx| {
        let later = OutboxRecord {
            due_at: soon,
            ..owed(1)
        };
        let done = OutboxRecord {
            state: String::from("delivered"),
            ..owed(2)
        };
        owe(tx, &[later, done, owed(4), owed(3)]).await;
        assert!(due_ids(tx, NOW.plus_ms(-1), 9).await.is_empty());
        assert_eq!(due_ids(tx, NOW, 9).await, [3, 4]);
        assert_eq!(due_ids(tx, soon, 2).await, [3, 4]);
        assert_eq!(due_ids(tx, soon, 9).await, [3, 4, 1]);
        assert!(outbox::claim(tx, &owed(3), until).await.unwrap());
        assert!(!outbox::claim(tx, &owed(3), until).await.unwrap());
        assert!(!outbox::claim(tx, &owed(2), until).await.unwrap());
        assert_eq!(due_ids(tx, NOW, 9).await, [4]);
        // Who claimed it never came back.
        assert_eq!(due_ids(tx, until, 9).await, [4, 1, 3]);
        // Who claimed it for another time has lost it since.
        let other = until.plus_ms(1);
        outbox::give_back(tx, &owed(3), other).await.unwrap();
        assert_eq!(due_ids(tx, NOW, 9).await, [4]);
        outbox::give_back(tx, &owed(3), until).await.unwrap();
        assert_eq!(due_ids(tx, NOW, 9).await, [3, 4], "it is due as it was");
    });
}

async fn an_attempt_is_recorded_once_and_only_while_the_notice_waits(database: &Database) {
    let again_at = NOW.plus_ms(60_000);
    writing!(database, |tx| {
        owe(tx, &[owed(1), owed(2)]).await;
        let first = attempt(1, 1);
        outbox::record(tx, ("waiting", again_at, None), &first)
            .await
            .unwrap();
        let waiting = kept(tx, 1).await;
        assert_eq!((waiting.due_at, waiting.attempt_count), (again_at, 1));
        assert_eq!(waiting.last_answer.as_deref(), Some("Answer 1"));
        let last = AttemptRecord {
            outcome: String::from("delivered"),
            ..attempt(1, 2)
        };
        let done = ("delivered", again_at, Some(NOW.plus_ms(7)));
        outbox::record(tx, done, &last).await.unwrap();
        // The same receipt again, and one that comes too late.
        outbox::record(tx, done, &attempt(1, 2)).await.unwrap();
        outbox::record(tx, ("waiting", NOW, None), &attempt(1, 3))
            .await
            .unwrap();
        let (record, attempts) = outbox::by_id(tx, 1, 1).await.unwrap().unwrap();
        assert_eq!(record.state, "delivered");
        assert_eq!(record.done_at, Some(NOW.plus_ms(7)));
        assert_eq!((record.attempt_count, record.due_at), (2, again_at));
        assert_eq!(attempts, [first, last, attempt(1, 3)]);
        assert_eq!(kept(tx, 2).await, owed(2));
    });
}

async fn a_newer_notice_replaces_the_waiting_ones_of_its_kinds(database: &Database) {
    let later = NOW.plus_ms(5);
    writing!(database, |tx| {
        let delivered = OutboxRecord {
            state: String::from("delivered"),
            ..owed(3)
        };
        let elsewhere = OutboxRecord {
            destination_id: Some(8),
            ..owed(4)
        };
        let other_incident = OutboxRecord {
            incident_id: Some(62),
            ..owed(5)
        };
        let updated = of_kind(2, Kind::Updated);
        let resolved = of_kind(6, Kind::Resolved);
        let all = [
            owed(1),
            updated,
            delivered,
            elsewhere,
            other_incident,
            resolved,
        ];
        owe(tx, &all).await;
        let kinds = [Kind::Triggered.as_str(), Kind::Updated.as_str()];
        let count = outbox::replace_waiting(tx, (61, 7), &kinds, later).await;
        assert_eq!(count.unwrap(), 2);
        assert_eq!(due_ids(tx, NOW, 9).await, [5, 6, 4], "4 goes elsewhere");
        let replaced = kept(tx, 1).await;
        assert_eq!(
            (replaced.state.as_str(), replaced.done_at),
            ("replaced", Some(later))
        );
        assert_eq!(
            replaced.last_answer.as_deref(),
            Some("a newer notice says it")
        );
        assert_eq!(kept(tx, 3).await.state, "delivered");
    });
}

async fn edits_know_when_they_are_due_and_when_the_last_arrived(database: &Database) {
    let kinds = [Kind::Updated.as_str()];
    writing!(database, |tx| {
        let none = outbox::edits(tx, (61, 7), &kinds).await.unwrap();
        assert_eq!(none, (None, None));
        let at = |id, due_ms, done_ms: Option<i64>| OutboxRecord {
            due_at: NOW.plus_ms(due_ms),
            state: String::from(if done_ms.is_some() {
                "delivered"
            } else {
                "waiting"
            }),
            done_at: done_ms.map(|ms| NOW.plus_ms(ms)),
            ..of_kind(id, Kind::Updated)
        };
        let elsewhere = OutboxRecord {
            destination_id: Some(8),
            ..at(5, 1, None)
        };
        let all = [
            at(1, 9, None),
            at(2, 7, None),
            at(3, 0, Some(3)),
            at(4, 0, Some(4)),
        ];
        owe(tx, &all).await;
        owe(tx, &[elsewhere, owed(6)]).await;
        let found = outbox::edits(tx, (61, 7), &kinds).await.unwrap();
        assert_eq!(found, (Some(NOW.plus_ms(7)), Some(NOW.plus_ms(4))));
    });
}

async fn a_ceiling_counts_what_was_decided_lately(database: &Database) {
    writing!(database, |tx| {
        let at = |ms| {
            let at = NOW.plus_ms(ms);
            OutboxRecord {
                created_at: at,
                ..owed(first_id_at(at))
            }
        };
        let replaced = OutboxRecord {
            state: String::from("replaced"),
            ..at(3)
        };
        let elsewhere = OutboxRecord {
            destination_id: Some(8),
            ..at(4)
        };
        let delivered = OutboxRecord {
            state: String::from("delivered"),
            ..at(2)
        };
        owe(tx, &[at(0), at(1), delivered, replaced, elsewhere, at(5)]).await;
        let times = |all: Vec<Time>| -> Vec<i64> { all.iter().map(|at| at.0 - NOW.0).collect() };
        let since = outbox::sent_since(tx, 7, NOW.plus_ms(1), 9).await.unwrap();
        assert_eq!(times(since), [5, 2, 1]);
        let newest = outbox::sent_since(tx, 7, NOW, 2).await.unwrap();
        assert_eq!(times(newest), [5, 2]);
    });
}

async fn notices_are_listed_by_filter_and_page(database: &Database) {
    async fn ids(tx: &mut Tx, filter: &OutboxFilter) -> Vec<i64> {
        let all: Vec<OutboxRecord> =
            all_pages!(|cursor| { outbox::list(tx, 1, filter, (cursor, 2)).await.unwrap() });
        all.into_iter().map(|record| record.id).collect()
    }
    writing!(database, |tx| {
        let failed = OutboxRecord {
            state: String::from("failed"),
            ..owed(2)
        };
        let elsewhere = OutboxRecord {
            destination_id: Some(8),
            ..owed(3)
        };
        let other_incident = OutboxRecord {
            incident_id: Some(62),
            ..owed(4)
        };
        let foreign = OutboxRecord {
            workspace_id: 2,
            ..owed(5)
        };
        owe(tx, &[owed(1), failed, elsewhere, other_incident, foreign]).await;
        let any = OutboxFilter::default();
        assert_eq!(ids(tx, &any).await, [4, 3, 2, 1]);
        let of_incident = OutboxFilter {
            incident_id: Some(61),
            ..any.clone()
        };
        assert_eq!(ids(tx, &of_incident).await, [3, 2, 1]);
        let to_destination = OutboxFilter {
            destination_id: Some(7),
            ..any.clone()
        };
        assert_eq!(ids(tx, &to_destination).await, [4, 2, 1]);
        let in_state = OutboxFilter {
            state: Some(String::from("failed")),
            ..any.clone()
        };
        assert_eq!(ids(tx, &in_state).await, [2]);
        let together = OutboxFilter {
            state: Some(String::from("waiting")),
            ..of_incident
        };
        assert_eq!(ids(tx, &together).await, [3, 1]);
        let strange = outbox::list(tx, 1, &any, (Some("x"), 2)).await;
        assert!(matches!(strange, Err(StoreError::Cursor)));
    });
}
