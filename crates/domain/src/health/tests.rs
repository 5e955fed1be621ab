mod integrations;
mod tokens;

use super::*;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

const NOW: Time = Time(1_780_000_000_000);

fn ago(ms: i64) -> Time {
    NOW.plus_ms(-ms)
}

/// Hours in which a source spoke, so many hours before `now`, oldest first.
fn hours(before: impl Iterator<Item = i64>) -> Vec<Time> {
    let mut hours: Vec<Time> = before.map(|count| ago(count * HOUR_MS).hour()).collect();
    hours.sort();
    hours
}

#[test]
fn a_source_is_quiet_when_it_is_silent_for_longer_than_it_ever_was() {
    // name, hours in which it spoke, hours of silence, quiet?
    let every = |step: i64| (0..14 * 24).filter(move |hour| hour % step == 0);
    let office = |hour: &i64| (hour / 24) % 7 < 5 && hour % 24 < 9;
    let cases: Vec<(&str, Vec<Time>, i64, bool)> = vec![
        (
            "speaks every hour, silent for 5",
            hours(every(1).skip(5)),
            5,
            false,
        ),
        (
            "speaks every hour, silent for 7",
            hours(every(1).skip(7)),
            7,
            true,
        ),
        (
            "speaks every 6 hours, silent for 11",
            hours(every(6).skip(2)),
            11,
            false,
        ),
        (
            "speaks every 6 hours, silent for 13",
            hours(every(6).skip(3)),
            13,
            true,
        ),
        (
            "speaks once a day: too seldom to say",
            hours(every(24).skip(4)),
            90,
            false,
        ),
        (
            "speaks since yesterday: too new to say",
            hours(8..40),
            8,
            false,
        ),
        (
            "speaks in office hours: a weekend is usual",
            hours((70..14 * 24).filter(office)),
            72,
            false,
        ),
        ("never spoke", Vec::new(), 90, false),
    ];
    for (name, hours, silent, is_quiet) in cases {
        let found = quiet(&hours, ago(silent * HOUR_MS), NOW);
        assert_eq!(found.is_some(), is_quiet, "{name}: {found:?}");
    }
}

/// Name, last webhook, issues told and missed in the week before, minutes since the missed ones, how
/// many are told.
type GapCase = (
    &'static str,
    Option<Time>,
    (i64, i64),
    &'static [i64],
    Option<i64>,
);

fn gap_cases() -> Vec<GapCase> {
    let heard = Some(ago(60 * MINUTE_MS));
    let whole = (10, 0);
    vec![
        ("nothing happened", heard, whole, &[], None),
        (
            "all are before the last webhook",
            heard,
            whole,
            &[90, 80, 70],
            None,
        ),
        ("two are lost by any network", heard, whole, &[50, 20], None),
        (
            "three at once: one short failure",
            heard,
            whole,
            &[22, 21, 20],
            None,
        ),
        (
            "three, some minutes apart",
            heard,
            whole,
            &[20, 40, 30],
            Some(3),
        ),
        (
            "only those after the last webhook count",
            heard,
            whole,
            &[90, 50, 30, 20],
            Some(3),
        ),
        (
            "never heard: nothing is expected",
            None,
            (0, 9),
            &[90, 50, 30],
            None,
        ),
        (
            "new to webhooks: nothing is known",
            heard,
            (0, 0),
            &[50, 40, 30],
            None,
        ),
        (
            "rules let a third through: four say little",
            heard,
            (3, 6),
            &[50, 40, 30, 20],
            None,
        ),
        (
            "rules let a third through: nine say it",
            heard,
            (3, 6),
            &[50, 45, 40, 35, 30, 25, 20, 15, 10],
            Some(9),
        ),
    ]
}

/// ACCEPTANCE row 17, U11, SENTRY-PROTOCOL §10 (12).
#[test]
fn sentry_stopped_sending_when_several_issues_after_the_last_webhook_came_by_the_sync_only() {
    for (name, heard_at, (heard_before, missed_before), minutes, expected) in gap_cases() {
        let found = gap_of(&ProjectPulse {
            heard_at,
            heard_before,
            missed_before,
            missed_at: minutes.iter().map(|one| ago(one * MINUTE_MS)).collect(),
        });
        assert_eq!(found.map(|gap| gap.missed), expected, "{name}");
    }
    let gap = Gap {
        heard_at: NOW,
        missed: 7,
    };
    assert_eq!(
        gap.says("shop"),
        "Sentry stopped sending about shop since 2026-05-28T20:26:40.000Z: 7 issues came by the \
         sync only."
    );
}

#[test]
fn the_capture_rate_is_told_before_and_after_the_sync() {
    let day = Capture {
        heard: 80,
        synced: 0,
        missing: 20,
    };
    assert_eq!((day.before(), day.after()), (80, 80));
    let day = Capture {
        heard: 80,
        synced: 20,
        missing: 0,
    };
    assert_eq!((day.before(), day.after()), (80, 100));
    assert_eq!(day.finding().level, Level::Attention);
    assert_eq!(Capture::default().finding().level, Level::Ok);
}

/// EL-20: a delivery rate under 99 % is a fault.
#[test]
fn webhooks_that_were_not_stored_are_told() {
    let facts = |stored, not_stored| TrafficFacts {
        stored,
        not_stored,
        ..TrafficFacts::default()
    };
    for (stored, not_stored, level) in [
        (0, 0, Level::Ok),
        (500, 0, Level::Ok),
        (999, 1, Level::Attention),
        (990, 10, Level::Attention),
        (989, 11, Level::Broken),
        (0, 1, Level::Broken),
    ] {
        let found = traffic(&facts(stored, not_stored), NOW);
        assert_eq!(found[0].level, level, "{stored} {not_stored}");
        assert_eq!(found[0].todo.is_empty(), level == Level::Ok);
    }
}

#[test]
fn what_waits_for_long_is_told() {
    for (age, level) in [
        (None, Level::Ok),
        (Some(9 * SECOND_MS), Level::Ok),
        (Some(10 * SECOND_MS), Level::Attention),
        (Some(5 * MINUTE_MS), Level::Broken),
    ] {
        let facts = TrafficFacts {
            waiting: 3,
            waiting_since: age.map(ago),
            ..TrafficFacts::default()
        };
        let found = traffic(&facts, NOW);
        let backlog = found.iter().find(|one| one.code == "backlog").unwrap();
        assert_eq!(backlog.level, level, "{age:?}");
    }
    for (age, level) in [(1, Level::Ok), (2, Level::Attention), (15, Level::Broken)] {
        let facts = OutboxFacts {
            waiting: 1,
            waiting_since: Some(ago(age * MINUTE_MS)),
            destination_count: 1,
            ..OutboxFacts::default()
        };
        assert_eq!(outbox(&facts, NOW)[0].level, level, "{age}");
    }
}

#[test]
fn growth_is_forecast_from_daily_sizes() {
    let day = |count: i64| Time(count * DAY_MS);
    assert_eq!(growth(&[], None), None);
    assert_eq!(growth(&[(day(1), 5), (day(2), 9)], None), None);
    let found = growth(
        &[(day(1), 1_000), (day(3), 900), (day(6), 1_500)],
        Some(1_000),
    )
    .unwrap();
    assert_eq!((found.per_day, found.in_30_days), (100, 4_500));
    assert_eq!(found.days_left, Some(10));
    let found = growth(&[(day(1), 1_000), (day(6), 500)], Some(1_000)).unwrap();
    assert_eq!((found.per_day, found.days_left), (-100, None));
    let facts = |days| DatabaseFacts {
        growth: Some(Growth {
            per_day: 1,
            in_30_days: 2,
            days_left: Some(days),
        }),
        ..DatabaseFacts::default()
    };
    for (days, level) in [(1, Level::Broken), (13, Level::Attention), (14, Level::Ok)] {
        assert_eq!(database(&facts(days)).level, level);
    }
    assert!(
        database(&DatabaseFacts {
            total_bytes: 5 << 30,
            ..DatabaseFacts::default()
        })
        .says
        .starts_with("The database has 5.0 GiB;")
    );
}

#[test]
fn a_worker_that_fails_or_hangs_is_told() {
    let beat = |done: i64| WorkerFacts {
        name: "intake".to_owned(),
        done_at: Some(ago(done)),
        ..WorkerFacts::default()
    };
    let failed = WorkerFacts {
        failed: Some((ago(1), "no disk".to_owned())),
        ..beat(9)
    };
    let mended = WorkerFacts {
        failed: Some((ago(9), "no disk".to_owned())),
        ..beat(1)
    };
    for (facts, level) in [
        (beat(0), Level::Ok),
        (beat(5 * MINUTE_MS), Level::Attention),
        (failed, Level::Broken),
        (mended, Level::Ok),
    ] {
        assert_eq!(workers(&[facts], NOW)[0].level, level);
    }
}

#[test]
fn the_canary_must_come_back() {
    let facts = |age: i64, outcome: &str| CanaryFacts {
        every_ms: HOUR_MS,
        newest: Some((ago(age), outcome.to_owned(), "It says so.".to_owned())),
    };
    for (facts, level) in [
        (CanaryFacts::default(), Level::Ok),
        (facts(MINUTE_MS, "passed"), Level::Ok),
        (facts(MINUTE_MS, "waiting"), Level::Ok),
        (facts(MINUTE_MS, "failed"), Level::Broken),
        (facts(3 * HOUR_MS, "passed"), Level::Attention),
    ] {
        assert_eq!(canary(&facts, NOW).level, level);
    }
}

#[test]
fn the_worst_line_counts_and_lines_are_in_order() {
    let line = |part, level| Finding::new(part, "code", level, "It is so.");
    let report = Report::new(
        NOW,
        vec![
            line(Part::Storage, Level::Attention),
            line(Part::Deliveries, Level::Ok),
        ],
    );
    assert_eq!(report.findings[0].part, Part::Deliveries);
    assert_eq!(report.level(), Level::Attention);
    assert_eq!(Report::new(NOW, Vec::new()).level(), Level::Ok);
}
