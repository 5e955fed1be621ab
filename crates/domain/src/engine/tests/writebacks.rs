//! What is done here and owed to Sentry, through the engine.

use super::world::World;
use crate::engine::{VerdictOutcome, mirror_told};
use crate::incident::{Command, IncidentStatus};
use crate::signal::{Actor, ActorKind, Assignee, IssueChange, IssueStatus, Resolution};
use crate::time::{MINUTE_MS, SECOND_MS};
use crate::writeback::{Said, Sent, WriteBack, WriteState};

impl World {
    fn owed(&self) -> Vec<&WriteBack> {
        let all = self.slice.writebacks.values();
        all.map(|tracked| &tracked.row).collect()
    }

    /// Sentry is told of everything that waits.
    fn tell(&mut self) {
        let now = self.now;
        let mut told = Vec::new();
        for ((key, _, _), tracked) in &mut self.slice.writebacks {
            let done = tracked.edit();
            if done.state == WriteState::Waiting {
                done.state = WriteState::Told;
                done.told_at = Some(now);
                done.sent = Some(Sent {
                    said: done.said.clone(),
                    first_at: now,
                    at: now,
                });
                told.push((key.clone(), done.said.clone()));
            }
        }
        let (slice, context) = self.context();
        for (key, said) in told {
            mirror_told(slice, &context, &key, &said);
        }
    }

    fn told_by_app(&mut self, change: IssueChange) -> crate::engine::Verdict {
        let mut signal = self.signal(change);
        signal.actor = Actor {
            kind: ActorKind::Application,
            id: "0f5a".to_owned(),
            name: "Epicenter".to_owned(),
        };
        self.receive(signal)
    }
}

fn resolved() -> IssueChange {
    IssueChange::Resolved(Resolution::default())
}

#[test]
fn resolving_here_is_told_once_and_its_echo_is_no_news() {
    // ACCEPTANCE U2: resolve in the incident tool resolves in Sentry.
    let mut world = World::new();
    world.alert("a");
    world.pass(MINUTE_MS);
    world.command(&Command::Resolve).unwrap();
    let said: Vec<_> = world.owed().iter().map(|done| done.said.clone()).collect();
    assert_eq!(said, [Said::Status(IssueStatus::Resolved)]);
    assert_eq!(world.owed()[0].before, Some(IssueStatus::Unresolved));
    assert_eq!(world.owed()[0].sentry_issue_id, "42");
    world.pass(SECOND_MS);
    world.tell();
    assert_eq!(
        world.issue().status,
        IssueStatus::Resolved,
        "the mirror follows"
    );
    let lines = world.slice.timeline.len();
    let notes = world.slice.notes.len();
    world.slice.to_plan.clear();
    world.pass(SECOND_MS);
    let verdict = world.told_by_app(resolved());
    assert_eq!(verdict.outcome, VerdictOutcome::Duplicate);
    assert!(
        verdict
            .reason
            .starts_with("Echo of what was done here: resolved here by Ann")
    );
    assert_eq!(verdict.incident_id, Some(world.incident().id));
    assert_eq!(world.slice.timeline.len(), lines);
    assert_eq!(
        world.slice.notes.len(),
        notes,
        "nothing is remembered twice"
    );
    assert!(world.slice.to_plan.is_empty(), "nobody hears of it");
}

#[test]
fn what_came_from_sentry_or_the_clock_is_never_sent_back() {
    let mut world = World::new();
    world.alert("a");
    world.pass(MINUTE_MS);
    world.resolve();
    world.pass(MINUTE_MS);
    world.unresolved("regressed");
    world.command(&Command::Acknowledge).unwrap();
    world
        .command(&Command::Snooze(world.now.plus_ms(MINUTE_MS)))
        .unwrap();
    assert!(world.owed().is_empty());
}

#[test]
fn the_error_log_owes_the_same_and_only_the_last_state() {
    let mut world = World::new();
    world.alert("a");
    for status in [
        IssueStatus::Ignored,
        IssueStatus::Unresolved,
        IssueStatus::Resolved,
    ] {
        world.pass(MINUTE_MS);
        world.set_issue(status);
    }
    let [done] = world.owed()[..] else {
        panic!("{:?}", world.owed());
    };
    assert_eq!(done.said, Said::Status(IssueStatus::Resolved));
    assert_eq!(
        done.before,
        Some(IssueStatus::Unresolved),
        "as Sentry has it"
    );
    assert_eq!(
        (done.state, done.asked_at),
        (WriteState::Waiting, world.now)
    );
}

#[test]
fn the_later_of_two_sides_counts_and_the_timeline_names_both() {
    let mut world = World::new();
    world.alert("a");
    world.pass(MINUTE_MS);
    world.resolve();
    world.pass(MINUTE_MS);
    let mut older = world.signal(resolved());
    world.pass(MINUTE_MS);
    world.command(&Command::Reopen).unwrap();
    older.when.sent_at = Some(world.now.plus_ms(-30 * SECOND_MS));
    let verdict = world.receive(older);
    assert_eq!(verdict.outcome, VerdictOutcome::Ignored);
    assert_eq!(world.incident().status, IncidentStatus::Triggered);
    let line = world.slice.timeline.last().unwrap().clone();
    assert_eq!(line.kind, "sentry.kept");
    assert!(
        line.summary.contains("reopened here by Ann"),
        "{}",
        line.summary
    );
    assert!(
        line.summary.contains("resolved in Sentry by Sentry"),
        "{}",
        line.summary
    );
    assert_eq!(
        world.owed()[0].state,
        WriteState::Waiting,
        "Sentry is still to be told"
    );

    world.pass(MINUTE_MS);
    world.resolve();
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
    assert_eq!(world.owed()[0].state, WriteState::Overruled);
    assert!(
        world.kinds().contains(&"sentry.overruled"),
        "{:?}",
        world.kinds()
    );
}

#[test]
fn an_event_after_a_resolve_that_was_not_told_yet_takes_it_back() {
    let mut world = World::new();
    world.alert("a");
    world.pass(MINUTE_MS);
    world.command(&Command::Resolve).unwrap();
    world.pass(MINUTE_MS);
    world.alert("b");
    assert_eq!(world.incident().status, IncidentStatus::Triggered);
    assert_eq!(world.owed()[0].state, WriteState::Overruled);
    let line = world.slice.timeline.last().unwrap();
    assert!(
        line.summary
            .starts_with("It happened again before Sentry was told")
    );
}

#[test]
fn each_issue_of_an_incident_is_told() {
    let mut world = World::new();
    for issue in [42, 43] {
        world.issue = issue;
        world.alert("a");
        world.pass(SECOND_MS);
    }
    let ids: Vec<i64> = world.incidents().iter().map(|one| one.id).collect();
    let (slice, mut context) = world.context();
    crate::engine::merge(slice, &mut context, (ids[1], ids[0]), &World::ann()).unwrap();
    assert!(world.owed().is_empty(), "a merge is no matter of Sentry");
    world.command_to(ids[0], &Command::Resolve).unwrap();
    let told: Vec<_> = world
        .owed()
        .iter()
        .map(|done| done.sentry_issue_id.clone())
        .collect();
    assert_eq!(told, ["42", "43"]);
}

#[test]
fn assignments_and_notes_are_owed_and_known_again() {
    let mut world = World::new();
    world.alert("a");
    world.pass(MINUTE_MS);
    let eve = Assignee {
        kind: "user".to_owned(),
        id: "usr_2".to_owned(),
        name: "Eve".to_owned(),
    };
    world.command(&Command::Assign(eve.clone())).unwrap();
    world.command(&Command::Note("Looking".to_owned())).unwrap();
    world.command(&Command::Note("Found".to_owned())).unwrap();
    assert_eq!(world.owed().len(), 3);
    world.pass(SECOND_MS);
    world.tell();
    let lines = world.slice.timeline.len();
    world.pass(SECOND_MS);
    let theirs = Assignee {
        id: "77".to_owned(),
        ..eve
    };
    let echo = world.told_by_app(IssueChange::Assigned(theirs.clone()));
    assert_eq!(echo.outcome, VerdictOutcome::Duplicate);
    assert_eq!(world.incident().assignee.unwrap().id, "usr_2", "ours stays");
    let comments = world
        .owed()
        .iter()
        .filter_map(|done| done.comment())
        .collect::<Vec<_>>();
    for text in comments {
        let comment = IssueChange::Commented {
            comment_id: "1".to_owned(),
            action: "created".to_owned(),
            text,
        };
        assert_eq!(
            world.told_by_app(comment).outcome,
            VerdictOutcome::Duplicate
        );
    }
    assert_eq!(world.slice.timeline.len(), lines);
    let third = IssueChange::Commented {
        comment_id: "3".to_owned(),
        action: "created".to_owned(),
        text: "From another app".to_owned(),
    };
    assert_eq!(
        world.told_by_app(third).outcome,
        VerdictOutcome::Applied,
        "each is heard once"
    );
    world.pass(MINUTE_MS);
    let mut late = world.signal(IssueChange::Assigned(Assignee {
        name: "Kim".to_owned(),
        ..theirs
    }));
    late.when.sent_at = Some(world.now.plus_ms(-2 * MINUTE_MS));
    assert_eq!(world.receive(late).outcome, VerdictOutcome::Ignored);
    assert_eq!(world.incident().assignee.unwrap().name, "Eve");
}

#[test]
fn what_the_sync_saw_does_not_take_back_what_is_still_to_be_told() {
    // ACCEPTANCE §4, the error log: "a status set in the UI is overwritten by the next sync".
    let mut world = World::new();
    world.alert("a");
    world.pass(MINUTE_MS);
    world.set_issue(IssueStatus::Resolved);
    let lines = world.slice.timeline.len();
    world.pass(MINUTE_MS);
    let seen = |world: &mut World| {
        let signal = world.signal(IssueChange::Unresolved);
        let crate::signal::Fact::Issue(fact) = &signal.fact else {
            return;
        };
        let (slice, mut context) = world.context();
        crate::engine::issues::apply(slice, &mut context, &signal, fact);
    };
    seen(&mut world);
    assert_eq!(world.issue().status, IssueStatus::Resolved);
    assert_eq!(world.owed()[0].state, WriteState::Waiting);
    assert_eq!(
        world.slice.timeline.len(),
        lines,
        "a sync says so without end"
    );
    world.tell();
    world.pass(MINUTE_MS);
    seen(&mut world);
    assert_eq!(
        world.issue().status,
        IssueStatus::Unresolved,
        "it changed there since"
    );
}
