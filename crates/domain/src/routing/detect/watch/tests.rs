use super::*;
use crate::signal::{IssueFacts, IssueKey, Resolution};
use crate::time::HOUR_MS;

const START: Time = Time(1_795_255_200_000);

fn minute(number: i64) -> Time {
    START.plus_ms(number * MINUTE_MS)
}

fn issue(count: i64) -> Issue {
    let facts = IssueFacts::bare(IssueKey::Issue("42".to_owned()));
    Issue {
        sentry_event_count: count,
        ..Issue::stub(1, 1, 1, &facts, START)
    }
}

fn seen(environment: &str, number: i64, events: u32) -> Seen {
    Seen {
        at: minute(number),
        environment: environment.to_owned(),
        release: String::new(),
        events,
    }
}

fn look_at(watch: &mut Watch, issue: &Issue, seen: &[Seen]) -> Vec<FindingKind> {
    let look = Look {
        issue,
        has_fired: true,
        detection: &Detection::default(),
    };
    let now = seen.last().map_or(START, |one| one.at);
    let found = watch.look(seen, &look, now);
    found.into_iter().map(|finding| finding.kind).collect()
}

#[test]
fn each_environment_has_its_own_usual_up_to_a_limit() {
    let mut watch = Watch::default();
    let all: Vec<Seen> = (0..100)
        .map(|place| seen(&format!("branch-{place}"), 0, 1))
        .collect();
    let found = look_at(&mut watch, &issue(0), &all);
    assert_eq!(watch.pulses.len(), limits::WATCHED_ENVIRONMENTS + 1);
    assert_eq!(found.len(), limits::FINDINGS, "no flood of lines");
    let text = serde_json::to_string(&watch).unwrap();
    assert_eq!(serde_json::from_str::<Watch>(&text).unwrap(), watch);
}

#[test]
fn a_spike_is_one_of_its_environment() {
    let mut watch = Watch::default();
    for number in 0..120 {
        let both = [seen("staging", number, 20), seen("production", number, 1)];
        look_at(&mut watch, &issue(0), &both);
    }
    let spike = [FindingKind::Spike];
    assert_eq!(
        look_at(&mut watch, &issue(0), &[seen("staging", 121, 12)]),
        []
    );
    assert_eq!(
        look_at(&mut watch, &issue(0), &[seen("production", 121, 12)]),
        spike
    );
}

/// ACCEPTANCE U13: growth of an open issue, also where no event ever came.
#[test]
fn growth_is_noticed_while_it_is_open() {
    let mut watch = Watch::default();
    let grown = [FindingKind::Grown];
    assert_eq!(
        look_at(&mut watch, &issue(3), &[]),
        [],
        "its first count is none"
    );
    assert_eq!(look_at(&mut watch, &issue(9), &[]), []);
    assert_eq!(look_at(&mut watch, &issue(13), &[]), grown);
    assert_eq!(look_at(&mut watch, &issue(90), &[]), []);
    let archived = Issue {
        status: IssueStatus::Ignored,
        ..issue(5_000)
    };
    assert_eq!(look_at(&mut watch, &archived, &[]), []);
}

/// ACCEPTANCE U5: which are muted for ever, and how much comes nevertheless.
#[test]
fn what_is_muted_for_ever_is_counted() {
    let archived = |until: &str| Issue {
        status: IssueStatus::Ignored,
        archived_until: Some(until.to_owned()),
        ..issue(10)
    };
    let resolved = |how: &str| Issue {
        status: IssueStatus::Resolved,
        resolution: Some(Resolution {
            how: Some(how.to_owned()),
            ..Resolution::default()
        }),
        ..issue(10)
    };
    for (issue, expected) in [
        (issue(10), None),
        (archived("for ever"), Some("archived for ever")),
        (archived("until it escalates"), None),
        (resolved("now"), None),
        (
            resolved("in_next_release"),
            Some("resolved in the next release"),
        ),
    ] {
        assert_eq!(mute_of(&issue), expected, "{:?}", issue.status);
    }
    let mut watch = Watch::default();
    look_at(&mut watch, &issue(10), &[]);
    look_at(&mut watch, &archived("for ever"), &[]);
    assert_eq!(watch.state().muted_events, 0);
    let louder = Issue {
        sentry_event_count: 17,
        ..archived("for ever")
    };
    look_at(&mut watch, &louder, &[]);
    assert_eq!(watch.state().muted_events, 7);
    assert!(watch.state().muted_since.is_some());
    look_at(&mut watch, &issue(17), &[]);
    assert_eq!(watch.state(), WatchedState::default());
}

/// ACCEPTANCE §4 (PushLog): sixty quiet minutes.
#[test]
fn what_is_resolved_comes_back_after_sixty_quiet_minutes() {
    let resolved = Issue {
        status: IssueStatus::Resolved,
        ..issue(2)
    };
    let hour = HOUR_MS / MINUTE_MS;
    for (quiet, status, expected) in [
        (hour - 1, &resolved, vec![]),
        (hour, &resolved, vec![FindingKind::Returned]),
        (hour, &issue(2), vec![]),
    ] {
        let mut watch = Watch::default();
        look_at(&mut watch, &issue(2), &[seen("production", 0, 1)]);
        let found = look_at(&mut watch, status, &[seen("production", quiet, 1)]);
        assert_eq!(found, expected, "{quiet}");
    }
}

#[test]
fn a_new_issue_is_one_of_which_nothing_has_told() {
    let new = |has_fired: bool, count: i64| {
        let mut issue = issue(count);
        issue.stored_event_count = 1;
        let look = Look {
            issue: &issue,
            has_fired,
            detection: &Detection::default(),
        };
        let found = Watch::default().look(&[seen("production", 0, 1)], &look, START);
        found.iter().any(|one| one.kind == FindingKind::NewIssue)
    };
    assert!(new(false, 0));
    assert!(!new(true, 0), "an alert has told");
    assert!(!new(false, 900), "Sentry knows it for long");
}
