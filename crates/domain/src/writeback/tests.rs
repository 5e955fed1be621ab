use super::*;
use crate::time::{HOUR_MS, MINUTE_MS, SECOND_MS};

/// When Ann did something here; half a second after a whole one.
const DONE: Time = Time(1_800_000_000_500);
const RESOLVED: Said = Said::Status(IssueStatus::Resolved);
const REOPENED: Said = Said::Status(IssueStatus::Unresolved);

fn actor(kind: ActorKind, id: &str, name: &str) -> Actor {
    Actor {
        kind,
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

fn ann() -> Actor {
    actor(ActorKind::User, "usr_1", "Ann")
}

fn bob() -> Actor {
    actor(ActorKind::Person, "77", "Bob")
}

fn our_app() -> Actor {
    actor(ActorKind::Application, "0f5a", "Epicenter")
}

fn assigned(name: &str) -> Said {
    Said::Assignee(Some(Assignee {
        kind: "user".to_owned(),
        id: name.len().to_string(),
        name: name.to_owned(),
    }))
}

fn done(said: Said, state: WriteState) -> WriteBack {
    WriteBack {
        id: 1,
        workspace_id: 1,
        integration_id: 9,
        dedup_key: "sentry-42".to_owned(),
        sentry_issue_id: "42".to_owned(),
        issue_id: Some(5),
        incident_id: Some(6),
        said,
        before: Some(IssueStatus::Unresolved),
        actor: ann(),
        asked_at: DONE,
        state,
        due_at: DONE,
        attempt_count: 0,
        sent: None,
        told_at: None,
        comment_id: None,
        reason: String::new(),
    }
}

/// Done, and told so much later.
fn told(said: Said, after_ms: i64) -> WriteBack {
    let at = DONE.plus_ms(after_ms);
    WriteBack {
        sent: Some(Sent {
            said: said.clone(),
            first_at: at,
            at,
        }),
        told_at: Some(at),
        ..done(said, WriteState::Told)
    }
}

#[derive(Debug, PartialEq)]
enum Short {
    News,
    Overrules,
    Agrees,
    Echo,
    Late,
}

fn judged(done: &WriteBack, said: &Said, actor: &Actor, after_ms: i64, way: Way) -> Short {
    let news = News {
        said,
        actor,
        at: DONE.plus_ms(after_ms),
        way,
        comment_id: None,
    };
    match judge(done, &news) {
        Judgement::News => Short::News,
        Judgement::Overrules(_) => Short::Overrules,
        Judgement::Agrees => Short::Agrees,
        Judgement::Echo(_) => Short::Echo,
        Judgement::Late(_) => Short::Late,
    }
}

/// What was done; what comes, from whom, how much later; what it is.
fn cases() -> Vec<(WriteBack, Said, Actor, i64, Short)> {
    use Short::{Agrees, Echo, Late, News, Overrules};
    use WriteState::{Gone, Off, Refused, Waiting};
    let (sentry, app) = (Actor::sentry, our_app);
    let minute = MINUTE_MS;
    vec![
        // Not told yet: the later one counts, and says so; Sentry wins a tie of seconds.
        (done(REOPENED, Waiting), RESOLVED, bob(), -minute, Late),
        (done(REOPENED, Waiting), RESOLVED, bob(), -500, Overrules),
        (done(REOPENED, Waiting), RESOLVED, bob(), minute, Overrules),
        (done(RESOLVED, Waiting), REOPENED, sentry(), 1, Overrules),
        (done(RESOLVED, Waiting), RESOLVED, bob(), minute, Agrees),
        // Never told: so it is, but what could not be told is no matter of the timeline for ever.
        (done(REOPENED, Refused), RESOLVED, bob(), minute, Overrules),
        (done(REOPENED, Off), RESOLVED, bob(), minute, News),
        (done(REOPENED, Gone), RESOLVED, bob(), minute, News),
        (done(REOPENED, Off), RESOLVED, bob(), -minute, Late),
        // Told: our own app, however late; or anybody who does the same in that moment.
        (told(RESOLVED, 0), RESOLVED, app(), SECOND_MS, Echo),
        (told(RESOLVED, 0), RESOLVED, app(), 59 * minute, Echo),
        (told(RESOLVED, 0), RESOLVED, app(), 2 * HOUR_MS, News),
        (told(RESOLVED, 0), RESOLVED, bob(), SECOND_MS, Echo),
        (told(RESOLVED, 0), RESOLVED, bob(), 10 * minute, News),
        (told(RESOLVED, 0), RESOLVED, app(), -minute, News),
        (told(RESOLVED, 0), REOPENED, app(), minute, News),
        // Told late: until then it was otherwise in Sentry, and since then it is as told.
        (told(REOPENED, HOUR_MS), RESOLVED, bob(), minute, Late),
        (told(REOPENED, HOUR_MS), RESOLVED, bob(), 2 * HOUR_MS, News),
        // Of another matter.
        (told(RESOLVED, 0), assigned("Eve"), app(), SECOND_MS, News),
        // Assignees.
        (
            told(assigned("Eve"), 0),
            assigned("eve"),
            bob(),
            SECOND_MS,
            Echo,
        ),
        (
            told(assigned("Eve"), 0),
            assigned("e@x"),
            app(),
            SECOND_MS,
            Echo,
        ),
        (
            told(assigned("Eve"), 0),
            assigned("Kim"),
            bob(),
            SECOND_MS,
            News,
        ),
        (
            done(assigned("Eve"), Waiting),
            assigned("Kim"),
            bob(),
            -minute,
            Late,
        ),
        (
            done(assigned("Eve"), Waiting),
            assigned("Kim"),
            bob(),
            minute,
            Overrules,
        ),
    ]
}

#[test]
fn what_comes_from_sentry_is_weighed_by_its_time() {
    // ACCEPTANCE U2, row 62.
    for (number, (done, said, actor, after_ms, expected)) in cases().iter().enumerate() {
        let found = judged(done, said, actor, *after_ms, Way::Change);
        assert_eq!(
            found, *expected,
            "case {number}: {done:?} {said:?} {after_ms}"
        );
    }
}

#[test]
fn a_sync_never_takes_back_what_was_set_here() {
    // ACCEPTANCE §4, the error log: "a status set in the UI is overwritten by the next sync".
    use Short::{Late, News, Overrules};
    use WriteState::{Off, Overruled, Refused, Waiting};
    let cases = [
        // Older than what was done here.
        (done(RESOLVED, Waiting), REOPENED, -1, Late),
        (told(RESOLVED, 0), REOPENED, -1, Late),
        // Sentry is still to be told.
        (done(RESOLVED, Waiting), REOPENED, HOUR_MS, Late),
        // Sentry never heard of it, and has it as before; or something happened there since.
        (done(RESOLVED, Off), REOPENED, HOUR_MS, Late),
        (done(RESOLVED, Refused), REOPENED, HOUR_MS, Late),
        (
            done(RESOLVED, Off),
            Said::Status(IssueStatus::Ignored),
            HOUR_MS,
            Overrules,
        ),
        // Sentry was told, and then it changed there.
        (told(RESOLVED, 0), REOPENED, HOUR_MS, News),
        (done(RESOLVED, Overruled), REOPENED, HOUR_MS, News),
        // The same is never an echo: nothing happened.
        (told(RESOLVED, 0), RESOLVED, SECOND_MS, News),
    ];
    for (number, (done, said, after_ms, expected)) in cases.iter().enumerate() {
        let found = judged(done, said, &Actor::sentry(), *after_ms, Way::Snapshot);
        assert_eq!(
            found, *expected,
            "case {number}: {done:?} {said:?} {after_ms}"
        );
    }
}

#[test]
fn a_late_echo_of_what_was_since_undone_is_an_echo_and_a_persons_act_is_not() {
    let mut undone = told(RESOLVED, 0);
    undone.replace(WriteBack {
        asked_at: DONE.plus_ms(10 * SECOND_MS),
        ..done(REOPENED, WriteState::Waiting)
    });
    assert_eq!(undone.said, REOPENED);
    let after = |ms, actor: &Actor| judged(&undone, &RESOLVED, actor, ms, Way::Change);
    assert_eq!(after(20 * SECOND_MS, &our_app()), Short::Echo);
    assert_eq!(after(5 * SECOND_MS, &bob()), Short::Echo);
    assert_eq!(after(20 * SECOND_MS, &bob()), Short::Overrules);
}

#[test]
fn what_sentry_had_before_survives_until_it_is_told() {
    let mut first = done(RESOLVED, WriteState::Off);
    first.replace(WriteBack {
        before: Some(IssueStatus::Resolved),
        ..done(Said::Status(IssueStatus::Ignored), WriteState::Waiting)
    });
    assert_eq!(first.before, Some(IssueStatus::Unresolved));
    let mut second = told(RESOLVED, 0);
    second.replace(WriteBack {
        before: Some(IssueStatus::Resolved),
        ..done(REOPENED, WriteState::Waiting)
    });
    assert_eq!(second.before, Some(IssueStatus::Resolved));
    assert!(second.sent.is_some(), "its echo may still come");
}

#[test]
fn what_counted_since_leaves_no_echo() {
    let mut told = told(RESOLVED, 0);
    told.overrule(String::new());
    assert_eq!(told.state, WriteState::Told, "it was told all the same");
    let again = judged(&told, &RESOLVED, &our_app(), SECOND_MS, Way::Change);
    assert_eq!(again, Short::News, "a resolve is never dropped");
}

#[test]
fn the_sentences_name_both_sides() {
    let news = News {
        said: &RESOLVED,
        actor: &bob(),
        at: DONE.plus_ms(-MINUTE_MS),
        way: Way::Change,
        comment_id: None,
    };
    let waiting = done(REOPENED, WriteState::Waiting);
    let expected = "Stays reopened here by Ann at 2027-01-15T08:00:00.500Z; resolved in Sentry by \
                    Bob at 2027-01-15T07:59:00.500Z is older";
    assert_eq!(judge(&waiting, &news), Judgement::Late(expected.to_owned()));
    let later = News {
        at: DONE.plus_ms(MINUTE_MS),
        ..news
    };
    let expected = "Resolved in Sentry by Bob at 2027-01-15T08:01:00.500Z counts: it is later than \
                    reopened here by Ann at 2027-01-15T08:00:00.500Z";
    let found = judge(&waiting, &later);
    assert_eq!(found, Judgement::Overrules(expected.to_owned()));
}

#[test]
fn a_comment_is_known_by_its_number_its_text_or_its_app() {
    let note = || Said::Note("Rolled back".to_owned());
    let mut sent = told(note(), 0);
    let text = Said::Note(sent.comment().unwrap());
    let judged = |sent: &WriteBack, said: &Said, actor: &Actor, comment_id| {
        let news = News {
            said,
            actor,
            at: DONE.plus_ms(SECOND_MS),
            way: Way::Change,
            comment_id: Some(comment_id),
        };
        matches!(judge(sent, &news), Judgement::Echo(_))
    };
    let other = Said::Note("Thanks".to_owned());
    assert!(judged(&sent, &text, &bob(), "7"));
    assert!(judged(&sent, &other, &our_app(), "7"), "it may be scrubbed");
    assert!(!judged(&sent, &other, &bob(), "7"));
    sent.comment_id = Some("8".to_owned());
    assert!(judged(&sent, &other, &bob(), "8"));
    assert!(!judged(&sent, &text, &our_app(), "9"));
}

#[test]
fn a_token_that_may_write_is_used_for_the_status_unless_told_otherwise() {
    let cases = [
        (None, Some("event:read event:write org:read"), Scope::Status),
        (None, Some("event:admin"), Scope::Status),
        (None, Some("event:read org:read"), Scope::Off),
        (None, None, Scope::Status),
        (Some(Scope::Off), Some("event:write"), Scope::Off),
        (Some(Scope::All), Some("event:read"), Scope::All),
    ];
    for (chosen, scopes, expected) in cases {
        assert_eq!(Scope::in_force(chosen, scopes), expected, "{scopes:?}");
    }
}
