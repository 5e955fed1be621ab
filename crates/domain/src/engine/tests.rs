//! The engine in domain words: signals and commands in, incidents and timelines out.

mod groups;
mod invariants;
mod routes;
mod world;

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
fn resolved_in_sentry_closes_and_the_error_log_knows_how() {
    // EL-10, EL-19, FD-06.
    let mut world = World::new();
    world.alert("a");
    let verdict = world.change(IssueChange::Resolved(Resolution {
        how: Some("in_release".to_owned()),
        release: Some("shop@1.4.0".to_owned()),
        ..Resolution::default()
    }));
    assert_eq!(verdict.reason, "Resolved incident #1");
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
    assert_eq!(world.issue().status, IssueStatus::Resolved);
    let last = world.slice.timeline.last().unwrap();
    assert_eq!(last.summary, "Resolved in release shop@1.4.0");
    assert!(last.delivery_id.is_some());
}

#[test]
fn a_resolve_that_overtakes_its_trigger_wins() {
    // FIELD case 44.
    let mut world = World::new();
    let trigger_at = world.now;
    world.pass(5 * SECOND_MS);
    let verdict = world.resolve();
    assert_eq!(verdict.outcome, VerdictOutcome::Applied);
    assert!(
        verdict.reason.contains("before anything fired"),
        "{}",
        verdict.reason
    );
    world.pass(SECOND_MS);
    let verdict = world.alert_at("a", trigger_at);
    assert!(
        verdict.reason.contains("before the alert was resolved"),
        "{}",
        verdict.reason
    );
    assert!(world.incidents().is_empty());
    assert_eq!(world.issue().status, IssueStatus::Resolved);
    assert_eq!(
        world.issue().stored_event_count,
        1,
        "the event itself is kept"
    );
    world.pass(MINUTE_MS);
    world.alert("b");
    assert_eq!(world.incident().status, IncidentStatus::Triggered);
    assert_eq!(world.issue().substatus.as_deref(), Some("regressed"));
}

#[test]
fn a_late_resolve_does_not_close_a_newer_regression() {
    let mut world = World::new();
    world.alert("a");
    world.pass(MINUTE_MS);
    let resolve = world.signal(IssueChange::Resolved(Resolution::default()));
    world.pass(MINUTE_MS);
    world.resolve();
    world.pass(MINUTE_MS);
    world.unresolved("regressed");
    world.pass(MINUTE_MS);
    let verdict = world.receive(resolve);
    assert!(
        verdict.reason.starts_with("Nothing changed"),
        "{}",
        verdict.reason
    );
    assert_eq!(world.incident().status, IncidentStatus::Triggered);
    assert_eq!(world.issue().status, IssueStatus::Unresolved);
}

#[test]
fn a_resolve_with_the_same_clocks_as_the_trigger_closes_it() {
    // Recorded samples carry one time-stamp for everything.
    let mut world = World::new();
    world.alert("a");
    world.resolve();
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
}

#[test]
fn regressions_reopen_within_the_window_and_open_a_linked_incident_after_it() {
    // DESIGN §5; FIELD §1.8: 7,200 s.
    let mut world = World::new();
    world.alert("a");
    world.pass(MINUTE_MS);
    world.resolve();
    world.pass(2 * HOUR_MS - SECOND_MS);
    assert_eq!(world.unresolved("regressed").reason, "Reopened incident #1");
    world.pass(MINUTE_MS);
    world.resolve();
    world.pass(2 * HOUR_MS);
    assert_eq!(world.unresolved("regressed").reason, "Opened incident #2");
    let incidents = world.incidents();
    assert_eq!(incidents[1].previous_incident_id, Some(incidents[0].id));
}

#[test]
fn archived_acknowledges_and_escalating_brings_it_back() {
    // OK-09, EL-10: ignored → acknowledge, own mark "archived".
    let mut world = World::new();
    world.alert("a");
    world.pass(SECOND_MS);
    world.change(IssueChange::Archived {
        until: "until it escalates".to_owned(),
    });
    let incident = world.incident();
    assert_eq!(incident.status, IncidentStatus::Acknowledged);
    assert_eq!(
        incident.archived_until.as_deref(),
        Some("until it escalates")
    );
    assert_eq!(world.issue().status, IssueStatus::Ignored);
    world.pass(SECOND_MS);
    world.unresolved("escalating");
    assert_eq!(world.incident().status, IncidentStatus::Triggered);
    assert_eq!(world.incident().archived_until, None);
}

#[test]
fn assigning_never_acknowledges() {
    // OpsKnight's fault (ACCEPTANCE §4).
    let mut world = World::new();
    world.alert("a");
    let ann = Assignee {
        kind: "user".into(),
        id: "7".into(),
        name: "Ann".into(),
    };
    world.change(IssueChange::Assigned(ann.clone()));
    assert_eq!(world.incident().status, IncidentStatus::Triggered);
    assert_eq!(world.incident().assignee, Some(ann.clone()));
    assert_eq!(world.issue().assignee, Some(ann));
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
fn people_take_snooze_and_close() {
    let mut world = World::new();
    world.alert("a");
    world.command(&Command::Acknowledge).unwrap();
    assert_eq!(world.incident().status, IncidentStatus::Acknowledged);
    assert!(
        !world.command(&Command::Acknowledge).unwrap(),
        "a second time changes nothing"
    );
    let until = world.now.plus_ms(HOUR_MS);
    world.command(&Command::Snooze(until)).unwrap();
    assert!(!world.command(&Command::Wake).unwrap(), "too early");
    world.pass(HOUR_MS);
    assert!(world.command(&Command::Wake).unwrap());
    assert_eq!(world.incident().status, IncidentStatus::Triggered);
    world.command(&Command::Note("rolled back".into())).unwrap();
    world.command(&Command::Resolve).unwrap();
    assert_eq!(
        world.kinds(),
        [
            "incident.opened",
            "incident.acknowledged",
            "incident.snoozed",
            "incident.woke",
            "incident.noted",
            "incident.resolved"
        ]
    );
    assert!(
        world.slice.timeline[1..]
            .iter()
            .all(|entry| entry.delivery_id.is_none())
    );
}

#[test]
fn commands_that_make_no_sense_say_why() {
    let mut world = World::new();
    world.alert("a");
    for (command, expected) in [
        (Command::Snooze(world.now), "until: must be in the future"),
        (Command::Note("  ".into()), "text: must not be empty"),
        (
            Command::Assign(Assignee {
                kind: "user".into(),
                id: String::new(),
                name: " ".into(),
            }),
            "to: must name somebody",
        ),
    ] {
        assert_eq!(world.command(&command).unwrap_err().to_string(), expected);
    }
    world.command(&Command::Resolve).unwrap();
    for command in [Command::Acknowledge, Command::Snooze(world.now.plus_ms(1))] {
        let error = world.command(&command).unwrap_err().to_string();
        assert!(error.contains("reopen it first"), "{error}");
    }
}

#[test]
fn undo_puts_the_status_back() {
    let mut world = World::new();
    world.alert("a");
    world.command(&Command::Resolve).unwrap();
    world
        .command(&Command::Restore(IncidentStatus::Triggered))
        .unwrap();
    assert_eq!(world.incident().status, IncidentStatus::Triggered);
    world.command(&Command::Acknowledge).unwrap();
    world.command(&Command::Resolve).unwrap();
    world
        .command(&Command::Restore(IncidentStatus::Acknowledged))
        .unwrap();
    assert_eq!(world.incident().status, IncidentStatus::Acknowledged);
    assert!(world.alert_row().is_open);
}

#[test]
fn an_event_after_a_manual_resolve_reopens_and_an_older_one_does_not() {
    let mut world = World::new();
    world.alert("a");
    let before = world.now;
    world.pass(MINUTE_MS);
    world.command(&Command::Resolve).unwrap();
    world.pass(SECOND_MS);
    world.alert_at("late", before);
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
    world.alert("b");
    assert_eq!(world.incident().status, IncidentStatus::Triggered);
}

#[test]
fn a_status_set_in_the_error_log_moves_the_incident() {
    let mut world = World::new();
    world.alert("a");
    world.pass(SECOND_MS);
    world.set_issue(IssueStatus::Resolved);
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
    world.pass(SECOND_MS);
    world.set_issue(IssueStatus::Unresolved);
    assert_eq!(world.incident().status, IncidentStatus::Triggered);
    world.pass(SECOND_MS);
    world.set_issue(IssueStatus::Ignored);
    assert_eq!(world.incident().status, IncidentStatus::Acknowledged);
    assert_eq!(world.slice.timeline.last().unwrap().actor.name, "Ann");
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
fn an_incident_that_a_newer_one_replaced_stays_over() {
    // Open again, it would stay so: signals reach the newer one only.
    let mut world = World::new();
    world.alert("a");
    world.resolve();
    world.pass(3 * HOUR_MS);
    world.alert("b");
    let old = world.incidents()[0].clone();
    for command in [
        Command::Reopen,
        Command::Restore(IncidentStatus::Acknowledged),
    ] {
        let answer = world.command_to(old.id, &command);
        assert!(
            matches!(answer, Err(CommandError::Conflict(_))),
            "{command:?}"
        );
    }
    assert_eq!(world.incidents()[0], old);
    assert_eq!(
        world.command_to(old.id, &Command::Note("seen".to_owned())),
        Ok(true)
    );
    world.pass(1);
    world.resolve();
    assert_eq!(world.command(&Command::Reopen), Ok(true));
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
