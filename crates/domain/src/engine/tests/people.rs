//! What people do to incidents and issues, and undo.

use super::*;

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
