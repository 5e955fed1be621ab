//! Alerts that join an open incident instead of opening one (FIELD §1.8).

use super::*;

#[test]
fn an_alert_joins_the_incident_of_the_same_deploy_and_crash_instead_of_opening_one() {
    let mut world = World::new();
    world.fire_looking(1);
    world.level = Level::Fatal;
    world.fire_looking(2);
    let leader = world.of_issue(2);
    assert_eq!(
        (leader.number, leader.alert_count, leader.event_count),
        (1, 2, 2)
    );
    assert_eq!(leader.severity, Severity::Critical, "as bad as the worst");
    assert_eq!(leader.dedup_key, "sentry-1");
    assert_eq!(world.incidents().len(), 1, "no number is used up");
    let lines = world.lines_of(leader.id);
    let (kind, text) = lines[1];
    assert_eq!(kind, "incident.joined");
    assert!(
        text.contains("Joined incident #1: the same deploy 1.4.2 in production and the same crash"),
        "{text}"
    );
    world.resolve_issue(1);
    assert!(world.of_issue(1).is_open());
    let own = world
        .split(leader.id, Part::Alert(world.alert_id(2)))
        .unwrap();
    let own = world.slice.incidents[&own].row.clone();
    assert_eq!((own.number, own.event_count), (2, 1));
    world.fire_looking(2);
    assert_eq!(
        world.of_issue(2).id,
        own.id,
        "what a person split stays apart"
    );
}

#[test]
fn what_another_incident_explains_is_joined_when_that_is_told() {
    let mut world = World::new();
    world.fire_looking(1);
    let first = world.of_issue(1).id;
    world.issue = 2;
    world.created();
    let own = world.of_issue(2);
    assert_eq!(
        own.number, 2,
        "a new issue's webhook says nothing of the crash"
    );
    world.fire_looking(2);
    assert_eq!(world.of_issue(2).id, first);
    let merged = world.slice.incidents[&own.id].row.merged.clone().unwrap();
    assert_eq!(merged.into_number, 1);
    assert_eq!(
        world.slice.timeline.last().unwrap().actor,
        Actor::epicenter()
    );
    world.issue = 3;
    world.created();
    world
        .command_to(world.of_issue(3).id, &Command::Acknowledge)
        .unwrap();
    world.fire_looking(3);
    assert_eq!(world.of_issue(3).number, 3, "what somebody has taken stays");
}

#[test]
fn nothing_joins_what_is_over_or_long_ago() {
    let mut world = World::new();
    world.fire_looking(1);
    world.pass(5 * MINUTE_MS + 1);
    world.fire_looking(2);
    assert_eq!(world.of_issue(2).number, 2, "the window is over");
    world.resolve_issue(2);
    world.fire_looking(3);
    assert_eq!(world.of_issue(3).number, 3, "the incident is over");
    world.fire_looking(4);
    assert_eq!(world.of_issue(4).number, 3, "the newest leader takes it");
}

/// Rules may give two projects that crash alike to different services: each is told of its own.
#[test]
fn nothing_joins_an_incident_of_another_service() {
    let mut world = World::new();
    world.origin.service_id = Some(1);
    world.fire_looking(1);
    world.origin.service_id = Some(2);
    world.fire_looking(2);
    let own = world.of_issue(2);
    assert_eq!((own.number, own.service_id), (2, Some(2)));
    world.fire_looking(3);
    assert_eq!(world.of_issue(3).number, 2, "of the same service");
}

/// FIELD §1.8: what waits whether it ends by itself waits no longer when something joins that does
/// not wait.
#[test]
fn what_joins_an_incident_that_is_held_back_wakes_it() {
    for late in [false, true] {
        let mut world = World::new();
        world.fire_looking(1);
        let leader = world.of_issue(1).id;
        let held = world.slice.incidents.get_mut(&leader).unwrap().edit();
        held.status = IncidentStatus::Suspended;
        if late {
            world.issue = 2;
            world.created();
        }
        world.fire_looking(2);
        let joined = world.of_issue(2);
        assert_eq!(joined.id, leader);
        assert_eq!(joined.status, IncidentStatus::Triggered, "late: {late}");
        let lines = world.lines_of(leader);
        assert!(
            lines
                .iter()
                .any(|(kind, _)| *kind == "incident.retriggered"),
            "{lines:?}"
        );
    }
}
