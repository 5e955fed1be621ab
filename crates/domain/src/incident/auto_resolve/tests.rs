//! ACCEPTANCE §3 row 37: closed when it is quiet for N times the usual gap, and never sooner.

use super::*;
use crate::incident::{Command, IncidentEvent, Merged, decide_command};
use crate::level::Severity;
use crate::signal::When;
use crate::time::{DAY_MS, HOUR_MS};
use proptest::prelude::*;

const NOW: Time = Time(1_790_000_000_000);

fn ago(ms: i64) -> Time {
    NOW.plus_ms(-ms)
}

/// Opened a day ago, seen so many times since, the last time so long ago.
fn incident(events: i64, quiet_ms: i64) -> Incident {
    let opened_at = ago(DAY_MS);
    Incident {
        id: 1,
        workspace_id: 1,
        number: 1,
        service_id: None,
        integration_id: 1,
        issue_id: Some(1),
        title: "KeyError".to_owned(),
        status: IncidentStatus::Triggered,
        severity: Severity::Error,
        source: "Sentry - shop".to_owned(),
        dedup_key: "sentry-42".to_owned(),
        project: None,
        environment: None,
        release: None,
        culprit: None,
        alert_count: 1,
        event_count: events,
        user_count: 0,
        assignee: None,
        archived_until: None,
        snoozed_until: None,
        suspended_until: None,
        opened_at,
        triggered_at: opened_at,
        first_seen_at: opened_at,
        last_seen_at: ago(quiet_ms),
        acknowledged_at: None,
        resolved_at: None,
        previous_incident_id: None,
        sentry_issue_id: Some("42".to_owned()),
        short_id: None,
        permalink: None,
        updated_at: NOW,
        merged: None,
        is_apart: false,
    }
}

fn alert(dedup_key: &str, is_open: bool) -> QuietAlert {
    QuietAlert {
        dedup_key: dedup_key.to_owned(),
        is_open,
        issue_seen_at: None,
        marks: [None, None],
    }
}

fn rule(mode: AutoResolve) -> QuietRule {
    QuietRule {
        mode,
        quiet_ms: 4 * HOUR_MS,
        times: 6,
    }
}

fn look(incident: &Incident, mode: AutoResolve) -> Ending {
    let calm = Calm {
        incident,
        alerts: &[alert("sentry-42", true)],
        is_own: false,
        is_source_silent: false,
        watched_gap_ms: None,
    };
    calm.look(rule(mode), NOW)
}

fn over(how: &str) -> Ending {
    Ending::Over(format!("by itself: {how}"))
}

#[test]
fn a_fixed_quiet_time_ends_it_to_the_millisecond() {
    let almost = incident(9, 4 * HOUR_MS - 1);
    let enough = "4 hours are enough".to_owned();
    let due = NOW.plus_ms(1);
    assert_eq!(
        look(&almost, AutoResolve::Quiet),
        Ending::At(due, enough.clone())
    );
    let quiet = incident(9, 4 * HOUR_MS);
    let how = over("quiet for 4 hours; 4 hours are enough");
    assert_eq!(look(&quiet, AutoResolve::Quiet), how);
    let off = look(&incident(9, 6 * DAY_MS), AutoResolve::Off);
    assert!(matches!(off, Ending::Stays(_)), "off by default: {off:?}");
    let taken = Incident {
        status: IncidentStatus::Acknowledged,
        ..quiet
    };
    assert_eq!(look(&taken, AutoResolve::Quiet), how, "as with PagerDuty");
}

#[test]
fn the_usual_gap_is_learnt_from_its_own_signals() {
    for (events, quiet_ms, expected) in [
        // 18 hours with 18 gaps: hourly. Six hours of silence are enough.
        (
            19,
            6 * HOUR_MS,
            "quiet for 6 hours; 6 times its usual gap of 60 minutes are enough",
        ),
        (
            100_001,
            23 * HOUR_MS,
            "quiet for 23 hours; its usual gap is 0 seconds, and at least 30 minutes are waited",
        ),
        (
            3,
            5 * HOUR_MS,
            "quiet for 5 hours; 4 hours are enough while too few signals came to know a usual \
             gap",
        ),
    ] {
        let quiet = incident(events, quiet_ms);
        assert_eq!(look(&quiet, AutoResolve::Gaps), over(expected));
    }
    let waits = look(&incident(19, 6 * HOUR_MS - 3), AutoResolve::Gaps);
    assert_eq!(waits.at(), Some(NOW.plus_ms(3)));
    let says = "Unless it happens again: 6 times its usual gap of 60 minutes are enough.";
    assert_eq!(waits.says(), says);
}

#[test]
fn more_than_a_week_is_not_waited() {
    let month_old = ago(30 * DAY_MS);
    let rare = |quiet_ms| Incident {
        opened_at: month_old,
        triggered_at: month_old,
        first_seen_at: month_old,
        ..incident(5, quiet_ms)
    };
    let waits = look(&rare(7 * DAY_MS - 1), AutoResolve::Gaps);
    assert!(matches!(&waits, Ending::At(at, _) if *at == NOW.plus_ms(1)));
    let how = "quiet for 7 days; its usual gap is 5 days, and more than 7 days are not waited";
    assert_eq!(look(&rare(7 * DAY_MS), AutoResolve::Gaps), over(how));
}

#[test]
fn a_later_episode_learns_from_itself_and_detection_may_know_a_longer_gap() {
    let later = Incident {
        first_seen_at: ago(300 * DAY_MS),
        previous_incident_id: Some(9),
        ..incident(23, HOUR_MS)
    };
    let waits = look(&later, AutoResolve::Gaps);
    let because = "6 times its usual gap of 62 minutes are enough".to_owned();
    let due = ago(HOUR_MS).plus_ms(6 * (23 * HOUR_MS / 22));
    assert_eq!(waits, Ending::At(due, because));
    let calm = Calm {
        incident: &later,
        alerts: &[],
        is_own: false,
        is_source_silent: false,
        watched_gap_ms: Some(3 * HOUR_MS),
    };
    let waits = calm.look(rule(AutoResolve::Gaps), NOW);
    let expected = "6 times its usual gap of 3 hours are enough".to_owned();
    assert_eq!(waits, Ending::At(NOW.plus_ms(17 * HOUR_MS), expected));
}

#[test]
fn what_sentry_called_unresolved_again_was_no_silence() {
    let quiet = incident(9, 23 * HOUR_MS);
    let mark = |kind| {
        let when = When {
            sent_at: Some(ago(HOUR_MS)),
            occurred_at: None,
        };
        Some(Mark::new(kind, when, NOW))
    };
    for (kind, is_signal) in [
        (MarkKind::Unresolved, true),
        (MarkKind::Trigger, true),
        (MarkKind::Resolved, false),
        (MarkKind::Archived, false),
    ] {
        let mut one = alert("sentry-42", true);
        one.marks = [None, mark(kind)];
        let calm = Calm {
            incident: &quiet,
            alerts: &[one],
            is_own: false,
            is_source_silent: false,
            watched_gap_ms: None,
        };
        let waits = calm.look(rule(AutoResolve::Quiet), NOW).at();
        let due = NOW.plus_ms(3 * HOUR_MS);
        assert_eq!(waits, is_signal.then_some(due), "{kind:?}");
    }
}

#[test]
fn what_others_end_stays_open() {
    let quiet = || incident(9, 23 * HOUR_MS);
    let merged = Merged {
        into_id: 2,
        into_number: 2,
        status: IncidentStatus::Triggered,
        snoozed_until: None,
        archived_until: None,
    };
    let stays = [
        Incident {
            status: IncidentStatus::Suspended,
            ..quiet()
        },
        Incident {
            status: IncidentStatus::Resolved,
            ..quiet()
        },
        Incident {
            snoozed_until: Some(NOW),
            ..quiet()
        },
        Incident {
            archived_until: Some("for ever".to_owned()),
            ..quiet()
        },
        Incident {
            dedup_key: "epicenter-storm-7".to_owned(),
            ..quiet()
        },
        Incident {
            merged: Some(Box::new(merged)),
            ..quiet()
        },
    ];
    for kept in stays {
        for mode in [AutoResolve::Quiet, AutoResolve::Gaps] {
            let ending = look(&kept, mode);
            assert!(matches!(ending, Ending::Stays(why) if why.ends_with('.')));
        }
        let late = Command::ResolveQuiet(NOW, "by itself".to_owned());
        assert_eq!(decide_command(&kept, &late, NOW), Ok(Vec::new()));
    }
    let quiet = quiet();
    let calm = |is_own, metric_is_open, is_source_silent| {
        let alerts = [
            alert("sentry-42", true),
            alert("sentry-metric-5-1", metric_is_open),
        ];
        let calm = Calm {
            incident: &quiet,
            alerts: &alerts,
            is_own,
            is_source_silent,
            watched_gap_ms: None,
        };
        calm.look(rule(AutoResolve::Quiet), NOW)
    };
    assert!(
        matches!(calm(true, false, false), Ending::Stays(_)),
        "its own"
    );
    assert!(
        matches!(calm(false, true, false), Ending::Stays(_)),
        "a metric"
    );
    assert!(matches!(calm(false, false, true), Ending::Stays(_)), "mute");
    assert!(matches!(calm(false, false, false), Ending::Over(_)));
    let done = Command::ResolveQuiet(NOW, "by itself".to_owned());
    let events = decide_command(&quiet, &done, NOW).unwrap();
    assert_eq!(events, [IncidentEvent::Resolved("by itself".to_owned())]);
}

fn modes() -> impl Strategy<Value = AutoResolve> {
    prop_oneof![Just(AutoResolve::Quiet), Just(AutoResolve::Gaps)]
}

proptest! {
    /// Never sooner than the usual gap (or a week, if that is longer), nor while its issue is seen
    /// by any way; and what is looked at when it says so has not been forgotten.
    #[test]
    fn what_fired_within_the_gap_is_never_closed(
        (events, age_ms, quiet_ms) in (0_i64..5_000, 0..90 * DAY_MS, 0..30 * DAY_MS),
        (triggered_ms, issue_ms) in (0..30 * DAY_MS, proptest::option::of(0..30 * DAY_MS)),
        watched_gap_ms in proptest::option::of(0..20 * DAY_MS),
        (mode, quiet_minutes, times) in (modes(), 5_i64..10_080, 2_i64..100),
    ) {
        let quiet_ms = quiet_ms.min(age_ms);
        let started = ago(age_ms);
        let incident = Incident {
            opened_at: started,
            first_seen_at: started,
            triggered_at: ago(triggered_ms.min(age_ms)),
            ..incident(events, quiet_ms)
        };
        let mut one = alert("sentry-42", true);
        one.issue_seen_at = issue_ms.map(ago);
        let calm = Calm {
            incident: &incident,
            alerts: &[one],
            is_own: false,
            is_source_silent: false,
            watched_gap_ms,
        };
        let rule = QuietRule { mode, quiet_ms: quiet_minutes * MINUTE_MS, times };
        let silent_ms = NOW.since_ms(calm.last_signal_at());
        let mean = (events > 3).then(|| (age_ms - silent_ms).max(0) / (events - 1));
        let gap_ms = mean.max(watched_gap_ms).filter(|_| mode == AutoResolve::Gaps);
        let ending = calm.look(rule, NOW);
        match &ending {
            Ending::Over(how) => {
                prop_assert!(how.starts_with("by itself: quiet for "));
                let least = gap_ms.map_or(rule.quiet_ms, |gap| {
                    gap.clamp(AUTO_RESOLVE_FLOOR_MS, AUTO_RESOLVE_LONGEST_MS)
                });
                prop_assert!(silent_ms >= least, "{silent_ms} of {least}: {how}");
            }
            Ending::At(due, because) => {
                prop_assert!(*due > NOW && !because.is_empty());
                let most = AUTO_RESOLVE_LONGEST_MS.max(rule.quiet_ms);
                prop_assert!(silent_ms < most);
                let then = calm.look(rule, *due);
                prop_assert!(matches!(then, Ending::Over(_)), "{then:?}");
            }
            Ending::Stays(why) => prop_assert!(false, "{why}"),
        }
        let again = Calm::look_again_at(&ending, NOW);
        prop_assert!(again > NOW);
        prop_assert!(again.since_ms(NOW) < AUTO_RESOLVE_LOOK_MS + MINUTE_MS);
    }
}
