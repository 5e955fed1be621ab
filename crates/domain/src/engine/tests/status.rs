//! Resolved, regressed, archived: what Sentry says of an issue, in any order.

use super::*;

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
