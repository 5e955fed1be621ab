//! Several alerts in one incident, merged and split by hand (U15, FIELD §4.22).

mod joins;
mod properties;

use super::world::World;
use crate::engine::{Look, Part, merge, split};
use crate::incident::{Command, CommandError, Incident, IncidentStatus, STORM_KEY};
use crate::level::{Level, Severity};
use crate::routing::Subject;
use crate::routing::group::{GroupPolicy, Stack, Traits, hashes};
use crate::signal::{Actor, AlertState, Frame, IssueChange};
use crate::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use proptest::prelude::*;
use std::sync::Arc;

impl World {
    /// The incident that an issue's alert is in now.
    fn of_issue(&self, issue: u8) -> Incident {
        let alert = &self.slice.alerts[&(9, format!("sentry-{issue}"))].row;
        self.slice.incidents[&alert.incident_id.unwrap()]
            .row
            .clone()
    }

    fn fire(&mut self, issue: u8) {
        self.issue = issue;
        self.pass(SECOND_MS);
        self.alert("a");
    }

    fn resolve_issue(&mut self, issue: u8) {
        self.issue = issue;
        self.pass(SECOND_MS);
        self.resolve();
    }

    fn merge(&mut self, source: i64, target: i64) -> Result<(), CommandError> {
        let (slice, mut context) = self.context();
        merge(slice, &mut context, (source, target), &Self::ann())
    }

    fn split(&mut self, whole: i64, part: Part) -> Result<i64, CommandError> {
        let (slice, mut context) = self.context();
        split(slice, &mut context, (whole, part), &Self::ann())
    }

    fn alert_id(&self, issue: u8) -> i64 {
        self.slice.alerts[&(9, format!("sentry-{issue}"))].row.id
    }

    fn lines_of(&self, id: i64) -> Vec<(&str, &str)> {
        let lines = self.slice.timeline.iter();
        lines
            .filter(|line| line.incident_id == Some(id))
            .map(|line| (line.kind.as_str(), line.summary.as_str()))
            .collect()
    }
}

/// Two issues with three and one events; the second merged into the first.
fn merged() -> (World, i64, i64) {
    let mut world = World::new();
    world.fire(1);
    world.fire(1);
    world.fire(1);
    world.fire(2);
    let (first, second) = (world.of_issue(1).id, world.of_issue(2).id);
    world.merge(second, first).unwrap();
    (world, first, second)
}

#[test]
fn merged_alerts_count_in_their_leader_and_the_number_leads_there() {
    let (world, first, second) = merged();
    let leader = &world.slice.incidents[&first].row;
    let source = &world.slice.incidents[&second].row;
    assert_eq!((leader.alert_count, leader.event_count), (2, 4));
    assert_eq!((source.alert_count, source.event_count), (0, 0));
    assert_eq!(source.status, IncidentStatus::Resolved);
    let into = source.merged.as_ref().unwrap();
    assert_eq!((into.into_id, into.into_number), (first, 1));
    assert_eq!(
        world.lines_of(second).last(),
        Some(&("incident.merged", "Merged into #1"))
    );
    let (kind, text) = *world.lines_of(first).last().unwrap();
    assert_eq!(kind, "incident.joined");
    assert!(text.starts_with("#2 was merged into this one: "), "{text}");
    assert_eq!(world.slice.timeline.last().unwrap().actor.name, "Ann");
}

#[test]
fn later_signals_of_merged_alerts_go_to_the_leader_which_keeps_its_looks() {
    let (mut world, first, _) = merged();
    world.issue = 2;
    world.pass(SECOND_MS);
    let verdict = world.alert("b");
    assert_eq!(verdict.incident_id, Some(first));
    assert_eq!(verdict.reason, "Counted in incident #1");
    let leader = world.of_issue(2);
    assert_eq!(leader.event_count, 5);
    assert_eq!(leader.dedup_key, "sentry-1");
}

#[test]
fn sentrys_resolve_of_one_member_ends_the_incident_only_when_all_are_over() {
    let (mut world, first, _) = merged();
    world.resolve_issue(2);
    assert_eq!(world.of_issue(2).status, IncidentStatus::Triggered);
    let (kind, text) = *world.lines_of(first).last().unwrap();
    assert_eq!(kind, "alert.resolved");
    assert!(text.ends_with("1 of 2 alerts still fire"), "{text}");
    world.fire(2);
    let (kind, text) = *world.lines_of(first).last().unwrap();
    assert_eq!(kind, "alert.reopened");
    assert!(text.ends_with("fires again"), "{text}");
    world.resolve_issue(1);
    assert_eq!(world.of_issue(1).status, IncidentStatus::Triggered);
    world.resolve_issue(2);
    assert_eq!(world.of_issue(1).status, IncidentStatus::Resolved);
}

#[test]
fn resolving_the_leader_resolves_the_alerts_of_its_members() {
    let (mut world, first, _) = merged();
    world.command_to(first, &Command::Resolve).unwrap();
    assert!(world.slice.alerts.values().all(|alert| !alert.row.is_open));
    world.fire(2);
    assert_eq!(world.of_issue(2).id, first, "it reopens the leader");
    assert!(world.of_issue(2).is_open());
}

#[test]
fn archiving_one_member_in_sentry_leaves_the_others_loud() {
    let (mut world, first, _) = merged();
    world.issue = 2;
    world.pass(SECOND_MS);
    world.change(IssueChange::Archived {
        until: "for ever".into(),
    });
    assert_eq!(world.of_issue(1).status, IncidentStatus::Triggered);
    assert_eq!(world.lines_of(first).last().unwrap().0, "alert.archived");
}

#[test]
fn merge_then_split_restores_both() {
    let mut world = World::new();
    world.fire(1);
    world.level = Level::Fatal;
    world.fire(2);
    world.level = Level::Error;
    world
        .command(&Command::Snooze(world.now.plus_ms(HOUR_MS)))
        .unwrap();
    let (first, second) = (world.of_issue(1), world.of_issue(2));
    world.merge(second.id, first.id).unwrap();
    assert_eq!(world.of_issue(1).severity, Severity::Critical);
    world.pass(MINUTE_MS);
    let back = world.split(first.id, Part::Merged(second.id)).unwrap();
    assert_eq!(back, second.id);
    for (before, issue, is_apart) in [(first, 1, false), (second, 2, true)] {
        let updated_at = world.now;
        let expected = Incident {
            updated_at,
            is_apart,
            ..before
        };
        assert_eq!(world.of_issue(issue), expected);
    }
    let shares = world
        .slice
        .alerts
        .values()
        .filter(|alert| alert.row.share.is_some());
    assert_eq!(
        shares.count(),
        0,
        "an incident with one alert needs no share"
    );
}

#[test]
fn what_came_while_merged_goes_along_when_split() {
    let (mut world, first, second) = merged();
    world.issue = 2;
    world.pass(SECOND_MS);
    world.alert("b");
    let back = world.split(first, Part::Alert(world.alert_id(2))).unwrap();
    assert_eq!(back, second, "the only alert from #2 goes back to #2");
    assert_eq!(world.of_issue(1).event_count, 3);
    assert_eq!(world.of_issue(2).event_count, 2);
    assert_eq!(
        world.lines_of(second).last(),
        Some(&("incident.split", "Split from #1"))
    );
    assert!(
        world
            .lines_of(first)
            .last()
            .unwrap()
            .1
            .starts_with("Split out as #2: ")
    );
}

#[test]
fn one_of_several_merged_alerts_becomes_an_incident_of_its_own() {
    let (mut world, first, second) = merged();
    world.fire(3);
    let third = world.of_issue(3).id;
    world.split(first, Part::Merged(second)).unwrap();
    world.merge(third, second).unwrap();
    world.merge(second, first).unwrap();
    assert_eq!(world.of_issue(3).alert_count, 3);
    world.command_to(first, &Command::Acknowledge).unwrap();
    let part = world.split(first, Part::Merged(second)).unwrap();
    assert_eq!(part, second, "what was merged into #2 before goes with it");
    assert_eq!(world.of_issue(3).id, second);
    assert_eq!(world.of_issue(3).alert_count, 2);
    world.merge(second, first).unwrap();
    let own = world.split(first, Part::Alert(world.alert_id(2))).unwrap();
    assert!(![first, second, third].contains(&own));
    let own = world.of_issue(2);
    assert_eq!((own.number, own.alert_count, own.event_count), (4, 1, 1));
    assert_eq!(own.status, IncidentStatus::Acknowledged, "as the whole was");
    assert!(world.slice.to_rank.contains(&own.id));
    world.merge(own.id, first).unwrap();
    assert_eq!(
        world.of_issue(2).alert_count,
        3,
        "undone by merging it back"
    );
}

#[test]
fn what_is_over_is_over_when_split() {
    let (mut world, first, second) = merged();
    world.resolve_issue(2);
    world.split(first, Part::Merged(second)).unwrap();
    assert_eq!(world.of_issue(2).status, IncidentStatus::Resolved);
    assert_eq!(world.of_issue(1).status, IncidentStatus::Triggered);
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let (mut world, first, second) = merged();
    let refused = |result: Result<(), CommandError>| result.unwrap_err().to_string();
    assert!(refused(world.merge(first, first)).contains("into itself"));
    assert!(refused(world.merge(second, first)).contains("resolved"));
    assert!(refused(world.merge(first, second)).contains("the other incident is resolved"));
    assert!(refused(world.merge(first, 5)).contains("no such incident"));
    let lead = Part::Alert(world.alert_id(1));
    let result = world.split(first, lead).map(|_| ());
    assert!(refused(result).contains("leads the incident"));
    let result = world.split(first, Part::Merged(first)).map(|_| ());
    assert!(refused(result).contains("not merged into"));
    world.fire(3);
    let third = world.of_issue(3).id;
    let only = Part::Alert(world.alert_id(3));
    let result = world.split(third, only).map(|_| ());
    assert!(refused(result).contains("the only alert"));
    let reopened = world.command_to(second, &Command::Reopen);
    assert!(refused(reopened.map(|_| ())).contains("merged"));
}

#[test]
fn a_metric_that_calms_down_does_not_hide_a_worse_member() {
    let mut world = World::new();
    world.fire(1);
    let first = world.of_issue(1).id;
    world.pass(SECOND_MS);
    world.metric(AlertState::Firing(Severity::Critical));
    let metric = world.incident().id;
    world.merge(metric, first).unwrap();
    assert_eq!(world.of_issue(1).severity, Severity::Critical);
    world.pass(SECOND_MS);
    world.metric(AlertState::Firing(Severity::Warning));
    assert_eq!(world.of_issue(1).severity, Severity::Error);
}

impl World {
    /// The next delivery is about `issue`, and its body says where it crashed.
    fn looks(&mut self, issue: u8, look: Look) {
        let key = (9, format!("sentry-{issue}"));
        let delivery_id = self.next_delivery();
        self.slice.groups.looks.insert((delivery_id, key), look);
    }

    fn fire_looking(&mut self, issue: u8) {
        self.pass(SECOND_MS);
        self.looks(issue, look(GroupPolicy::default()));
        self.issue = issue;
        self.alert("a");
    }
}

/// Both crash in the same place of the same deploy.
fn look(policy: GroupPolicy) -> Look {
    let frame = |function: &str| Frame {
        module: "cart".to_owned(),
        function: function.to_owned(),
        in_app: true,
        ..Frame::default()
    };
    let traits = Traits {
        service_id: Some(1),
        deploy: "1.4.2 in production".to_owned(),
        subject: Subject {
            exception: "KeyError".to_owned(),
            ..Subject::default()
        },
        stack: Stack::from_frames(&[frame("view"), frame("total")]),
    };
    Look {
        hashes: hashes(&traits, &policy),
        traits,
        policy: Arc::new(policy),
    }
}

#[test]
fn an_incident_that_tells_of_a_storm_is_merged_with_nothing() {
    let mut world = World::new();
    world.fire(1);
    world.fire(2);
    let [one, storm] = [1, 2].map(|issue| world.of_issue(issue).id);
    let tells = world.slice.incidents.get_mut(&storm).unwrap().edit();
    tells.dedup_key = format!("{STORM_KEY}{storm}");
    for pair in [(one, storm), (storm, one)] {
        let refused = world.merge(pair.0, pair.1).unwrap_err();
        assert!(refused.to_string().contains("storm"), "{refused}");
    }
}
