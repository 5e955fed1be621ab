//! The engine in domain words: signals and commands in, incidents and timelines out.

mod found;
mod groups;
mod invariants;
mod people;
mod routes;
mod status;
mod world;
mod writebacks;

use crate::engine::{Profile, VerdictOutcome};
use crate::incident::{Command, CommandError, IncidentStatus};
use crate::level::{Level, Severity};
use crate::signal::{AlertState, Assignee, IssueChange, IssueStatus, Resolution};
use crate::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use world::World;

#[test]
fn an_alert_opens_one_incident_and_later_ones_only_count() {
    // DESIGN §5, OK-14: one Sentry issue, one incident.
    let mut world = World::new();
    assert_eq!(world.alert("a").reason, "Opened incident #1");
    assert_eq!(world.alert("b").reason, "Counted in incident #1");
    world.created();
    let incident = world.incident();
    assert_eq!(incident.status, IncidentStatus::Triggered);
    assert_eq!(incident.severity, Severity::Error);
    assert_eq!(incident.source, "Sentry - Shop API");
    assert_eq!(incident.dedup_key, "sentry-42");
    assert_eq!(incident.event_count, 2);
    assert_eq!(world.incidents().len(), 1);
    assert_eq!(world.kinds(), ["incident.opened"]);
}

#[test]
fn severity_follows_the_level_and_never_falls_by_an_event() {
    // PL-14, OK-11, EL: fatal→critical … debug→info; missing→error is the parser's.
    for (level, severity) in [
        (Level::Fatal, Severity::Critical),
        (Level::Error, Severity::Error),
        (Level::Warning, Severity::Warning),
        (Level::Info, Severity::Info),
        (Level::Debug, Severity::Info),
        (Level::Sample, Severity::Info),
    ] {
        let mut world = World::new();
        world.level = level;
        world.alert("a");
        assert_eq!(world.incident().severity, severity, "{level:?}");
    }
    let mut world = World::new();
    world.level = Level::Warning;
    world.alert("a");
    world.level = Level::Fatal;
    world.alert("b");
    world.level = Level::Info;
    world.alert("c");
    assert_eq!(world.incident().severity, Severity::Critical);
    assert_eq!(
        world.kinds(),
        ["incident.opened", "incident.severity_changed"]
    );
}

#[test]
fn flashdutys_profile_makes_triggers_warnings() {
    // FD-10.
    let mut world = World::new();
    world.origin.profile = Profile::Flashduty;
    world.alert("a");
    assert_eq!(world.incident().severity, Severity::Warning);
    world.level = Level::Fatal;
    world.alert("b");
    assert_eq!(world.incident().severity, Severity::Critical);
}

#[test]
fn the_same_fact_twice_is_one_and_two_resolves_are_two() {
    let mut world = World::new();
    world.alert("a");
    world.pass(SECOND_MS);
    let resolve = world.signal(IssueChange::Resolved(Resolution::default()));
    assert_eq!(
        world.receive_as(resolve.clone(), "same").outcome,
        VerdictOutcome::Applied
    );
    let again = world.receive_as(resolve.clone(), "same");
    assert_eq!(again.outcome, VerdictOutcome::Duplicate);
    assert!(again.reason.contains("dlv_"), "{}", again.reason);
    world.pass(MINUTE_MS);
    let other = world.signal(IssueChange::Resolved(Resolution::default()));
    assert_eq!(
        world.receive_as(other, "other").outcome,
        VerdictOutcome::Applied
    );
    // Equal bodies, but the issue was unresolved in between.
    world.pass(MINUTE_MS);
    world.unresolved("ongoing");
    world.pass(MINUTE_MS);
    let third = world.signal(IssueChange::Resolved(Resolution::default()));
    assert_eq!(
        world.receive_as(third, "same").outcome,
        VerdictOutcome::Applied
    );
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
}

#[test]
fn a_replay_goes_through_todays_rules_and_counts_nothing_twice() {
    let mut world = World::new();
    let alert = world.signal(IssueChange::AlertFired {
        rules: vec!["High".to_owned()],
    });
    world.receive_as(alert.clone(), "one");
    let verdict = world.replay(alert, "one");
    assert_eq!(verdict.outcome, VerdictOutcome::Applied);
    assert_eq!(world.incident().event_count, 1);
}

#[test]
fn errors_and_service_hooks_fill_the_error_log_without_incidents() {
    let mut world = World::new();
    world.occur("a", false);
    world.occur("a", false);
    world.occur("b", true);
    assert!(world.incidents().is_empty());
    assert_eq!(world.issue().stored_event_count, 2);
    world.origin.service_hooks_trigger = true;
    world.occur("c", true);
    assert_eq!(world.incident().event_count, 3);
    // From now on errors count for the open incident, too.
    world.occur("d", false);
    assert_eq!(world.incident().event_count, 4);
}

#[test]
fn one_event_told_three_ways_is_one_event() {
    // SENTRY-PROTOCOL §6: one occurrence is issue.created + error.created + event_alert.
    let mut world = World::new();
    world.created();
    world.occur("a", false);
    world.alert("a");
    assert_eq!(world.issue().stored_event_count, 1);
    assert_eq!(world.incident().event_count, 1);
}

#[test]
fn metric_alerts_say_their_state() {
    // DESIGN §5: critical, warning, open, resolved.
    let mut world = World::new();
    world.metric(AlertState::Firing(Severity::Warning));
    assert_eq!(world.incident().severity, Severity::Warning);
    world.pass(SECOND_MS);
    world.metric(AlertState::Firing(Severity::Critical));
    assert_eq!(world.incident().severity, Severity::Critical);
    world.pass(SECOND_MS);
    world.metric(AlertState::Firing(Severity::Warning));
    assert_eq!(world.incident().severity, Severity::Warning);
    world.pass(SECOND_MS);
    world.metric(AlertState::Resolved);
    let incident = world.incident();
    assert_eq!(incident.status, IncidentStatus::Resolved);
    assert_eq!(incident.dedup_key, "sentry-metric-5-1");
    assert_eq!(incident.event_count, 3);
}

#[test]
fn comments_and_unknown_issues_are_kept() {
    let mut world = World::new();
    let comment = IssueChange::Commented {
        comment_id: "1".into(),
        action: "created".into(),
        text: "looking".into(),
    };
    world.change(comment.clone());
    assert!(world.incidents().is_empty());
    assert_eq!(world.kinds(), ["comment.created"]);
    world.alert("a");
    world.change(comment);
    let last = world.slice.timeline.last().unwrap();
    assert_eq!(last.incident_id, Some(world.incident().id));
    assert_eq!(last.summary, "commented: looking");
}

#[test]
fn services_are_found_by_integration_then_project_then_default() {
    let mut world = World::new();
    world.origin.default_service_id = Some(1);
    world.alert("a");
    assert_eq!(world.incident().service_id, Some(1));
    let mut world = World::new();
    world.origin.default_service_id = Some(1);
    world
        .origin
        .services_by_project
        .insert("shop-api".to_owned(), 2);
    world.alert("a");
    assert_eq!(world.incident().service_id, Some(2));
    let mut world = World::new();
    world.origin.service_id = Some(3);
    world
        .origin
        .services_by_project
        .insert("shop-api".to_owned(), 2);
    world.alert("a");
    assert_eq!(world.incident().service_id, Some(3));
}

#[test]
fn a_metric_alert_without_its_numbers_is_the_same_alert() {
    // SENTRY-PROTOCOL §2.4: `metric_alert` is null when Sentry could not write it in time.
    let mut world = World::new();
    world.metric(AlertState::Firing(Severity::Warning));
    world.pass(MINUTE_MS);
    world.metric_of(AlertState::Firing(Severity::Critical), None);
    let incident = world.incident();
    assert_eq!(world.incidents().len(), 1);
    assert_eq!(incident.severity, Severity::Critical);
    assert_eq!(incident.dedup_key, "sentry-metric-5-1");
    world.pass(MINUTE_MS);
    world.metric_of(AlertState::Resolved, None);
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
    assert_eq!(world.slice.new_organizations.len(), 1);

    // The other way round: what began under the name goes on under it.
    let mut world = World::new();
    world.metric_of(AlertState::Firing(Severity::Critical), None);
    world.pass(MINUTE_MS);
    world.metric(AlertState::Resolved);
    assert_eq!(world.incidents().len(), 1);
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
    assert_eq!(world.incident().dedup_key, "sentry-metric-shop-1");
}
