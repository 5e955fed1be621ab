use super::*;
use crate::time::{HOUR_MS, MINUTE_MS, Time};

type Change = fn(&mut Regression);

const START: Time = Time(1_795_255_200_000);

fn minute(number: i64) -> Time {
    START.plus_ms(number * MINUTE_MS)
}

fn usual() -> Detection {
    Detection::default()
}

fn kinds(findings: &[Finding]) -> Vec<FindingKind> {
    findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn a_spike_stands_out_of_all_minutes_and_is_told_once() {
    let mut pulse = Pulse::default();
    for number in 0..240 {
        assert_eq!(pulse.observe(6, &usual(), minute(number)), [], "{number}");
    }
    // Three times the usual, and told once while it goes on.
    assert_eq!(
        kinds(&pulse.observe(18, &usual(), minute(241))),
        [FindingKind::Spike]
    );
    assert_eq!(pulse.observe(18, &usual(), minute(242)), []);
    assert_eq!(pulse.observe(12, &usual(), minute(243)), []);
    let again = pulse.observe(40, &usual(), minute(260));
    assert_eq!(kinds(&again), [FindingKind::Spike]);
    assert!(
        again[0]
            .reason
            .starts_with("40 events in this minute; usual are "),
        "{}",
        again[0].reason
    );
}

#[test]
fn empty_minutes_count_for_the_baseline() {
    // Sixty events in one minute of each hour: one a minute, not sixty.
    let mut pulse = Pulse::default();
    for hour in 0..5 {
        pulse.observe(1, &usual(), minute(hour * 60));
    }
    assert_eq!(
        kinds(&pulse.observe(12, &usual(), minute(5 * 60))),
        [FindingKind::Spike]
    );
    // A new issue has nothing that is usual yet.
    assert_eq!(Pulse::default().observe(500, &usual(), START), []);
}

#[test]
fn the_same_hour_of_the_week_is_usual_after_two_weeks() {
    let rush = |pulse: &mut Pulse, week: i64| {
        let mut findings = Vec::new();
        for number in 0..60 {
            findings.extend(pulse.observe(20, &usual(), minute(week * 7 * 24 * 60 + number)));
        }
        findings
    };
    let mut pulse = Pulse::default();
    pulse.observe(1, &usual(), START.plus_ms(-2 * HOUR_MS));
    for week in 0..12 {
        let spikes = kinds(&rush(&mut pulse, week)).contains(&FindingKind::Spike);
        if week == 0 {
            assert!(spikes);
        } else if week >= 4 {
            assert!(!spikes, "{week}");
        }
    }
}

#[test]
fn what_returns_after_a_quiet_time_is_noticed() {
    let mut often = Pulse::default();
    for number in 0..10 {
        assert_eq!(often.observe(1, &usual(), minute(number * 5)), []);
    }
    let back = often.observe(1, &usual(), minute(45 + 61));
    assert_eq!(kinds(&back), [FindingKind::Returned]);
    assert_eq!(
        back[0].reason,
        "Back after 61 quiet minutes; it used to come every 5.0"
    );
    // What comes once a day is not quiet after two hours.
    let mut seldom = Pulse::default();
    for day in 0..5 {
        seldom.observe(1, &usual(), minute(day * 24 * 60));
    }
    assert_eq!(seldom.observe(1, &usual(), minute(4 * 24 * 60 + 120)), []);
}

/// ACCEPTANCE U13: growth of an issue that is already open.
#[test]
fn growth_is_told_at_each_tenfold() {
    for (before, after, told) in [
        (Some(1), 9, false),
        (Some(9), 10, true),
        (Some(10), 99, false),
        (Some(99), 100, true),
        (Some(100), 999, false),
        (Some(100), 1_000, true),
        (Some(5), 357_000, true),
        (None, 357_000, false),
        (Some(i64::MAX - 1), i64::MAX, false),
    ] {
        assert_eq!(
            Pulse::grown(before, after).is_some(),
            told,
            "{before:?} {after}"
        );
    }
    let reason = Pulse::grown(Some(5), 357_000).unwrap().reason;
    assert_eq!(
        reason,
        "It has 357000 events now, and passed 100000 while it was open"
    );
}

/// ACCEPTANCE U5: archived for ever, but ten times as loud as then.
#[test]
fn loud_archived_issues_are_told_once() {
    let mut pulse = Pulse::default();
    for number in 0..600 {
        pulse.observe(1, &usual(), minute(number * 10));
    }
    pulse.archive(true, minute(6_000));
    let mut findings = Vec::new();
    for number in 0..50 {
        findings.extend(pulse.observe(4, &usual(), minute(6_001 + number)));
    }
    let loud: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.kind == FindingKind::LoudThoughArchived)
        .collect();
    assert_eq!(loud.len(), 1);
    assert!(
        loud[0].reason.ends_with("6 when it was muted"),
        "{}",
        loud[0].reason
    );
    pulse.archive(false, minute(6_100));
    for number in 0..50 {
        let findings = kinds(&pulse.observe(40, &usual(), minute(6_101 + number)));
        assert!(!findings.contains(&FindingKind::LoudThoughArchived));
    }
}

#[test]
fn the_state_survives_the_store_and_stays_small() {
    let mut pulse = Pulse::default();
    for hour in 0..3_000 {
        pulse.observe(3, &usual(), minute(hour * 60));
    }
    let stored = serde_json::to_string(&pulse).unwrap();
    assert!(stored.len() < 8_192, "{}", stored.len());
    assert_eq!(serde_json::from_str::<Pulse>(&stored).unwrap(), pulse);
    // A jump over years costs no more than a minute.
    assert_eq!(
        kinds(&pulse.observe(1, &usual(), Time(i64::MAX / 2))),
        [FindingKind::Returned]
    );
}

#[test]
fn first_seen_in_an_environment_or_release() {
    let mut places = Places::default();
    assert_eq!(places.seen("production", "1.0"), []);
    assert_eq!(places.seen("production", "1.0"), []);
    assert_eq!(places.seen("", ""), []);
    let staging = places.seen("staging", "1.0");
    assert_eq!(kinds(&staging), [FindingKind::NewInEnvironment]);
    assert_eq!(
        staging[0].reason,
        "First seen in staging; until now in production"
    );
    assert_eq!(
        kinds(&places.seen("staging", "1.1")),
        [FindingKind::NewInRelease]
    );
    for number in 0..500 {
        places.seen(&format!("branch-{number}"), &format!("2.{number}"));
    }
    assert!(serde_json::to_string(&places).unwrap().len() < 8_192);
}

/// ACCEPTANCE U4, row 22: old client, not deployed here yet, real.
#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn regressions_are_judged_by_releases() {
    let known = Regression {
        fixed_in: Some("shop@1.4.0".to_owned()),
        fixed_released_at: Some(minute(0)),
        fixed_deployed_at: Some(minute(5)),
        fixed_after: None,
        commit: None,
        lists_commits: false,
        release: Some("shop@1.3.9".to_owned()),
        released_at: Some(minute(-60)),
        environment: "production".to_owned(),
        at: minute(10),
    };
    let cases: [(ReleaseVerdict, &str, Change); 14] = [
        (
            ReleaseVerdict::NotDeployedHere,
            "the fix comes in the release after that one",
            |known| {
                known.fixed_after = known.release.clone();
                known.fixed_in = None;
            },
        ),
        (
            ReleaseVerdict::OldClient,
            "An old client: it runs shop@1.3.9",
            |_| {},
        ),
        (
            ReleaseVerdict::NotDeployedHere,
            "not deployed in production yet",
            |known| {
                known.fixed_deployed_at = None;
            },
        ),
        (
            ReleaseVerdict::NotDeployedHere,
            "not deployed in production yet",
            |known| {
                known.at = minute(4);
            },
        ),
        (ReleaseVerdict::Real, "a real regression", |known| {
            known.released_at = Some(minute(1));
        }),
        (ReleaseVerdict::Real, "a real regression", |known| {
            known.release = known.fixed_in.clone();
        }),
        (ReleaseVerdict::OldClient, "An old client", |known| {
            known.released_at = None;
        }),
        (ReleaseVerdict::Real, "a real regression", |known| {
            known.released_at = None;
            known.release = Some("shop@1.10.0".to_owned());
        }),
        (ReleaseVerdict::Unknown, "is newer is not known", |known| {
            known.released_at = None;
            known.release = Some("4f2a91c".to_owned());
        }),
        (ReleaseVerdict::Unknown, "Sentry does not say", |known| {
            known.fixed_in = None;
        }),
        (
            ReleaseVerdict::OldClient,
            "the fix shop@1.4.0 (commit ab12cd34) is deployed since",
            |known| {
                known.commit = Some("ab12cd34".to_owned());
            },
        ),
        (
            ReleaseVerdict::Real,
            "has the fix of shop@1.4.0 (commit ab12cd34): a real regression",
            |known| {
                known.commit = Some("ab12cd34".to_owned());
                known.release = known.fixed_in.clone();
            },
        ),
        (
            ReleaseVerdict::NotDeployedHere,
            "no release that is known has the fix, commit ab12cd34, yet",
            |known| {
                known.commit = Some("ab12cd34".to_owned());
                known.fixed_in = None;
                known.lists_commits = true;
            },
        ),
        (
            ReleaseVerdict::Unknown,
            "Which release has the fix, commit ab12cd34, is not known",
            |known| {
                known.commit = Some("ab12cd34".to_owned());
                known.fixed_in = None;
            },
        ),
    ];
    for (expected, sentence, change) in cases {
        let mut regression = known.clone();
        change(&mut regression);
        let Judged { verdict, reason } = regression.judge();
        assert_eq!(verdict, expected, "{reason}");
        assert!(reason.contains(sentence), "{reason}");
        assert_eq!(
            verdict.alerts(),
            !matches!(
                verdict,
                ReleaseVerdict::OldClient | ReleaseVerdict::NotDeployedHere
            )
        );
    }
}
