//! What Epicenter knows of its own health.

use crate::notices_owed::owed;
use crate::support::{NOW, delivery, verdict};
use epicenter_domain::engine::VerdictOutcome;
use epicenter_domain::id::first_id_at;
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_store::health::alarms::SelfAlarm;
use epicenter_store::health::beats::Beat;
use epicenter_store::health::canary::CanaryRun;
use epicenter_store::health::counts::{NOT_STORED, NewCount, REFUSED};
use epicenter_store::health::queues::Waiting;
use epicenter_store::health::{alarms, beats, canary, counts, queues, samples};
use epicenter_store::notices::outbox;
use epicenter_store::{Database, inbox};

store_contract!(
    requests_are_added_up_by_hour_and_outcome,
    what_was_refused_is_not_heard,
    the_queues_say_how_much_waits_and_since_when,
    a_day_has_one_size_and_sums_of_what_went,
    beats_keep_what_a_later_one_does_not_know,
    a_canary_is_kept_once,
    a_warning_is_raised_once_until_it_is_taken_back,
);

fn count(integration_id: i64, at: Time, outcome: &'static str, request_count: i64) -> NewCount {
    NewCount {
        workspace_id: 1,
        integration_id,
        hour_at: at.hour(),
        outcome,
        request_count,
        last_at: at,
    }
}

async fn add(database: &Database, rows: &[NewCount]) {
    writing!(database, |tx| counts::add(tx, rows).await.unwrap());
}

async fn requests_are_added_up_by_hour_and_outcome(database: &Database) {
    let later = NOW.plus_ms(HOUR_MS);
    add(
        database,
        &[count(1, later, "applied", 2), count(1, NOW, "applied", 3)],
    )
    .await;
    // Another node is late with what it counted in the same hour.
    add(
        database,
        &[
            count(1, NOW, "applied", 4),
            count(1, later, "ignored", 1),
            count(2, NOW.plus_ms(-DAY_MS), "applied", 9),
        ],
    )
    .await;
    reading!(database, |tx| {
        let all = counts::since(tx, 1, NOW).await.unwrap();
        let all: Vec<_> = all
            .iter()
            .map(|one| (one.integration_id, one.outcome.as_str(), one.request_count))
            .collect();
        assert_eq!(all, [(1, "applied", 9), (1, "ignored", 1)]);
        assert_eq!(counts::since(tx, 2, NOW).await.unwrap(), []);
        let hours = counts::active_hours(tx, NOW).await.unwrap();
        let hours: Vec<_> = hours
            .iter()
            .map(|one| {
                (
                    one.integration_id,
                    one.hour_at,
                    one.request_count,
                    one.last_at,
                )
            })
            .collect();
        assert_eq!(
            hours,
            [(1, NOW.hour().0, 7, NOW.0), (1, later.hour().0, 3, later.0)]
        );
    });
    writing!(database, |tx| counts::delete_before(tx, NOW.hour())
        .await
        .unwrap());
    reading!(database, |tx| {
        let heard = counts::last_heard(tx, 1).await.unwrap();
        assert_eq!(heard, [(1, later)]);
    });
}

async fn what_was_refused_is_not_heard(database: &Database) {
    let later = NOW.plus_ms(1);
    let rows = [
        count(1, NOW, "duplicate", 1),
        count(1, later, REFUSED, 5),
        count(2, later, NOT_STORED, 5),
    ];
    add(database, &rows).await;
    reading!(database, |tx| {
        assert_eq!(counts::last_heard(tx, 1).await.unwrap(), [(1, NOW)]);
        let hours = counts::active_hours(tx, NOW).await.unwrap();
        assert_eq!(hours.len(), 1);
        assert_eq!((hours[0].workspace_id, hours[0].request_count), (1, 1));
        assert_eq!(counts::since(tx, 1, NOW).await.unwrap().len(), 3);
    });
}

async fn the_queues_say_how_much_waits_and_since_when(database: &Database) {
    reading!(database, |tx| {
        let nothing = Waiting::default();
        assert_eq!(queues::intake(tx, 9).await.unwrap(), nothing);
        assert_eq!(queues::parked(tx, 9).await.unwrap(), nothing);
        assert_eq!(queues::outbox(tx, NOW, 9).await.unwrap(), nothing);
    });
    let rows: Vec<_> = (1..=5).map(|id| delivery(id, b"{}")).collect();
    let since = Some(rows[0].received_at);
    writing!(database, |tx| {
        inbox::append(tx, &rows).await.unwrap();
        inbox::decide(tx, &[verdict(5, VerdictOutcome::Applied)], NOW)
            .await
            .unwrap();
        inbox::count_failure(tx, 4, 1, "it fails", NOW)
            .await
            .unwrap();
        for (id, due_at) in [
            (first_id_at(NOW), NOW),
            (first_id_at(NOW) + 1, NOW.plus_ms(9)),
        ] {
            let mut record = owed(id);
            record.due_at = due_at;
            outbox::owe(tx, &record).await.unwrap();
        }
    });
    reading!(database, |tx| {
        let waiting = |count| Waiting { count, since };
        assert_eq!(queues::intake(tx, 9).await.unwrap(), waiting(3));
        assert_eq!(queues::intake(tx, 2).await.unwrap(), waiting(2));
        let parked = Waiting {
            count: 1,
            since: Some(rows[3].received_at),
        };
        assert_eq!(queues::parked(tx, 9).await.unwrap(), parked);
        let due = Waiting {
            count: 1,
            since: Some(NOW),
        };
        assert_eq!(queues::outbox(tx, NOW, 9).await.unwrap(), due);
    });
}

async fn a_day_has_one_size_and_sums_of_what_went(database: &Database) {
    let (old, day) = (NOW.plus_ms(-9 * DAY_MS), NOW);
    writing!(database, |tx| {
        for (at, bytes) in [(old, 5), (day, 6), (day, 7)] {
            samples::keep_size(tx, at, bytes).await.unwrap();
        }
        for (at, kind, count) in [(old, "issues", 5), (day, "issues", 1), (day, "issues", 2)] {
            samples::add_removed(tx, at, kind, count).await.unwrap();
        }
        samples::add_removed(tx, day, "deliveries", 4)
            .await
            .unwrap();
    });
    reading!(database, |tx| {
        let sizes = samples::sizes_since(tx, old).await.unwrap();
        assert_eq!(sizes, [(old, 5), (day, 7)]);
        let removed = samples::removed_since(tx, day).await.unwrap();
        let expected = [("deliveries".to_owned(), 4), ("issues".to_owned(), 3)];
        assert_eq!(removed, expected);
    });
    writing!(database, |tx| samples::delete_before(tx, day)
        .await
        .unwrap());
    reading!(database, |tx| {
        assert_eq!(samples::sizes_since(tx, old).await.unwrap(), [(day, 7)]);
        assert_eq!(samples::removed_since(tx, old).await.unwrap().len(), 2);
    });
}

async fn beats_keep_what_a_later_one_does_not_know(database: &Database) {
    let failed = Beat {
        node: 3,
        name: "intake".to_owned(),
        done_at: None,
        failed_at: Some(NOW.0),
        failure: Some("no disk".to_owned()),
    };
    let done = Beat {
        done_at: Some(NOW.0 + 5),
        failed_at: None,
        failure: None,
        ..failed.clone()
    };
    let old = Beat {
        node: 1,
        done_at: Some(NOW.0 - 9),
        ..done.clone()
    };
    writing!(database, |tx| {
        beats::keep(tx, &[failed.clone(), old]).await.unwrap();
        beats::keep(tx, &[done]).await.unwrap();
    });
    let all = reading!(database, |tx| beats::all(tx).await.unwrap());
    assert_eq!(all.len(), 2);
    let kept = Beat {
        done_at: Some(NOW.0 + 5),
        ..failed
    };
    assert_eq!(all[1], kept);
    writing!(database, |tx| beats::forget(tx, NOW).await.unwrap());
    let all = reading!(database, |tx| beats::all(tx).await.unwrap());
    assert_eq!(all, [kept]);
}

async fn a_canary_is_kept_once(database: &Database) {
    let run = |id: i64, outcome: &str| CanaryRun {
        id,
        started_at: NOW.0 + id,
        outcome: outcome.to_owned(),
        stage: "door".to_owned(),
        detail: "It was taken.".to_owned(),
        duration_ms: 3,
    };
    writing!(database, |tx| {
        for run in [run(1, "passed"), run(2, "waiting"), run(2, "failed")] {
            canary::keep(tx, &run).await.unwrap();
        }
    });
    reading!(database, |tx| {
        let all = canary::newest(tx, 9).await.unwrap();
        assert_eq!(all, [run(2, "failed"), run(1, "passed")]);
        assert_eq!(canary::newest(tx, 1).await.unwrap().len(), 1);
        assert_eq!(canary::by_id(tx, 1).await.unwrap(), Some(run(1, "passed")));
        assert_eq!(canary::by_id(tx, 3).await.unwrap(), None);
    });
    writing!(database, |tx| canary::delete_before(tx, NOW.plus_ms(2))
        .await
        .unwrap());
    let all = reading!(database, |tx| canary::newest(tx, 9).await.unwrap());
    assert_eq!(all.len(), 1);
}

async fn a_warning_is_raised_once_until_it_is_taken_back(database: &Database) {
    let alarm = |at: i64| SelfAlarm {
        workspace_id: 1,
        dedup_key: "epicenter-canary".to_owned(),
        raised_at: at,
        says: "It did not come back.".to_owned(),
    };
    writing!(database, |tx| {
        assert!(alarms::raise(tx, &alarm(5)).await.unwrap());
        assert!(!alarms::raise(tx, &alarm(9)).await.unwrap());
        assert_eq!(alarms::all(tx).await.unwrap(), [alarm(5)]);
        let key = "epicenter-canary";
        let since = alarms::raised_at(tx, 1, key).await.unwrap();
        assert_eq!(since, Some(Time(5)));
        assert_eq!(alarms::raised_at(tx, 2, key).await.unwrap(), None);
        assert!(!alarms::lower(tx, 2, key).await.unwrap());
        assert!(alarms::lower(tx, 1, key).await.unwrap());
        assert!(!alarms::lower(tx, 1, key).await.unwrap());
    });
}
