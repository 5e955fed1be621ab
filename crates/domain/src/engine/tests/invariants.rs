//! What holds after any sequence of signals, commands and passing time.

use super::world::World;
use crate::engine::VerdictOutcome;
use crate::incident::{Command, IncidentStatus};
use crate::signal::{IssueChange, IssueStatus, Resolution};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Pass(i64),
    Alert(u8),
    LateAlert(u8, i64),
    Created,
    Occur(u8),
    Resolve,
    Unresolved,
    Archive,
    Command(u8),
    SetIssue(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_i64..20_000_000).prop_map(Step::Pass),
        any::<u8>().prop_map(Step::Alert),
        (any::<u8>(), 0_i64..10_000_000).prop_map(|(id, ago)| Step::LateAlert(id, ago)),
        Just(Step::Created),
        any::<u8>().prop_map(Step::Occur),
        Just(Step::Resolve),
        Just(Step::Unresolved),
        Just(Step::Archive),
        (0_u8..7).prop_map(Step::Command),
        (0_u8..3).prop_map(Step::SetIssue),
    ]
}

fn take(world: &mut World, step: &Step) {
    let verdict = match step {
        Step::Pass(ms) => return world.pass(*ms),
        Step::Alert(id) => world.alert(&id.to_string()),
        Step::LateAlert(id, ago) => world.alert_at(&id.to_string(), world.now.plus_ms(-ago)),
        Step::Created => world.created(),
        Step::Occur(id) => world.occur(&id.to_string(), false),
        Step::Resolve => world.change(IssueChange::Resolved(Resolution::default())),
        Step::Unresolved => world.unresolved("regressed"),
        Step::Archive => world.change(IssueChange::Archived {
            until: "for ever".into(),
        }),
        Step::Command(which) => return command(world, *which),
        Step::SetIssue(which) => return set_issue(world, *which),
    };
    assert_eq!(verdict.outcome, VerdictOutcome::Applied);
    assert!(!verdict.reason.is_empty(), "every verdict has a reason");
}

fn command(world: &mut World, which: u8) {
    if world.incidents().is_empty() {
        return;
    }
    let command = match which {
        0 => Command::Acknowledge,
        1 => Command::Resolve,
        2 => Command::Reopen,
        3 => Command::Snooze(world.now.plus_ms(1_000)),
        4 => Command::EndSuspension,
        5 => Command::ResolveQuiet(world.incident().last_seen_at, "by itself".to_owned()),
        _ => Command::Wake,
    };
    let result = world.command(&command);
    assert!(result.is_ok() || !world.incident().is_open());
}

fn set_issue(world: &mut World, which: u8) {
    let status = match which {
        0 => IssueStatus::Resolved,
        1 => IssueStatus::Ignored,
        _ => IssueStatus::Unresolved,
    };
    if world
        .slice
        .issues
        .values()
        .next()
        .is_some_and(|issue| issue.row.status != status)
    {
        world.set_issue(status);
    }
}

fn check(world: &World) {
    let incidents = world.incidents();
    let open = incidents
        .iter()
        .filter(|incident| incident.is_open())
        .count();
    assert!(open <= 1, "one alert never has two open incidents");
    for (index, incident) in incidents.iter().enumerate() {
        assert_eq!(
            incident.number,
            i64::try_from(index).unwrap() + 1,
            "numbers have no gaps"
        );
        let is_resolved = incident.status == IncidentStatus::Resolved;
        assert_eq!(incident.resolved_at.is_some(), is_resolved);
        assert!(!is_resolved || incident.snoozed_until.is_none());
        assert!(incident.event_count >= 0);
        let opened = world.slice.timeline.iter().filter(|entry| {
            entry.incident_id == Some(incident.id) && entry.kind == "incident.opened"
        });
        assert_eq!(opened.count(), 1, "each incident is opened once");
    }
    if let Some(alert) = world.slice.alerts.values().next() {
        assert_eq!(
            alert.row.is_open,
            open == 1,
            "the alert is open with its incident"
        );
    }
    let ids: Vec<_> = world.slice.timeline.iter().map(|entry| entry.id).collect();
    assert!(ids.is_sorted(), "timelines are in order");
    let stored: i64 = world.slice.buckets.values().sum();
    assert_eq!(stored, i64::try_from(world.slice.new_events.len()).unwrap());
}

proptest! {
    #[test]
    fn any_sequence_keeps_the_invariants(steps in prop::collection::vec(step(), 0..60)) {
        let mut world = World::new();
        for step in &steps {
            take(&mut world, step);
            check(&world);
        }
    }

    #[test]
    fn after_a_resolve_with_the_newest_clock_nothing_is_open(
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let mut world = World::new();
        for step in &steps {
            take(&mut world, step);
        }
        world.pass(1);
        world.change(IssueChange::Resolved(Resolution::default()));
        prop_assert!(world.incidents().iter().all(|incident| !incident.is_open()));
    }
}
