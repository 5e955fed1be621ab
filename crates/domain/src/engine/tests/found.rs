//! Issues that were read from the API.

use super::world::World;
use crate::engine::{Found, Merged, Visit};
use crate::incident::IncidentStatus;
use crate::signal::IssueStatus;
use crate::sources::sentry::api;
use crate::time::{MINUTE_MS, Time};
use crate::writeback::WriteState;

/// What the API says of the issue: status, substatus, events.
fn read(world: &World, status: &str, count: i64) -> api::ReadIssue {
    let seen = Time(world.now.0 - MINUTE_MS).rfc3339();
    let body = serde_json::json!({
        "id": world.issue.to_string(), "status": status, "count": count.to_string(),
        "title": "ValueError: amount must be positive", "level": "error",
        "firstSeen": seen, "lastSeen": seen, "project": {"slug": "shop-api", "name": "Shop API"},
    });
    api::issue(body.to_string().as_bytes()).unwrap()
}

fn visit(world: &mut World, status: &str, news_from: Option<i64>) -> Found {
    let issue = read(world, status, 3);
    let visit = Visit {
        asked_at: world.now,
        news_from: news_from.map(|ms| world.now.plus_ms(ms)),
    };
    world.find(&issue, visit)
}

const NEWS: Option<i64> = Some(-10 * MINUTE_MS);

#[test]
fn history_opens_nothing_and_ends_what_is_over() {
    let mut world = World::new();
    let found = visit(&mut world, "unresolved", None);
    assert_eq!((found.merged, found.is_found), (Merged::Created, false));
    assert!(world.incidents().is_empty());
    let mut world = World::new();
    world.created();
    world.pass(MINUTE_MS);
    visit(&mut world, "resolved", None);
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
    world.pass(MINUTE_MS);
    visit(&mut world, "unresolved", None);
    assert_eq!(
        world.incident().status,
        IncidentStatus::Resolved,
        "it wakes nobody"
    );
    assert_eq!(world.issue().status, IssueStatus::Unresolved);
}

#[test]
fn what_is_new_triggers_once_and_what_is_old_does_not() {
    let mut world = World::new();
    let found = visit(&mut world, "unresolved", NEWS);
    assert!(found.is_found && !found.is_heard, "{found:?}");
    assert_eq!(world.kinds(), ["incident.opened", "sync.found"]);
    world.pass(MINUTE_MS);
    let found = visit(&mut world, "unresolved", Some(-5 * MINUTE_MS));
    assert_eq!((found.is_found, world.incidents().len()), (false, 1));
    // First seen before the last visit: whoever was told then knew.
    let mut world = World::new();
    visit(&mut world, "unresolved", Some(0));
    assert!(world.incidents().is_empty());
    // Over already.
    let mut world = World::new();
    let found = visit(&mut world, "resolved", NEWS);
    assert!(found.is_found && world.incidents().is_empty());
}

#[test]
fn what_a_webhook_told_of_is_heard_and_not_found() {
    let mut world = World::new();
    world.created();
    world.pass(MINUTE_MS);
    let found = visit(&mut world, "unresolved", NEWS);
    assert!(found.is_heard && !found.is_found, "{found:?}");
    world.pass(MINUTE_MS);
    let found = visit(&mut world, "unresolved", Some(0));
    assert!(!found.is_heard, "not since then");
}

#[test]
fn the_same_twice_changes_nothing() {
    let mut world = World::new();
    visit(&mut world, "unresolved", None);
    let before = world.issue().id;
    world.pass(10);
    let issue = read(&world, "unresolved", 3);
    let visit = Visit {
        asked_at: world.now,
        news_from: None,
    };
    // The same answer, byte for byte.
    let first = world.find(&issue, visit);
    world.pass(10);
    let again = world.find(&issue, visit);
    assert_eq!(
        (first.merged, again.merged),
        (Merged::Updated, Merged::Unchanged)
    );
    assert_eq!(world.issue().id, before);
}

#[test]
fn a_person_is_overruled_only_by_news() {
    let mut world = World::new();
    world.created();
    world.pass(MINUTE_MS);
    visit(&mut world, "unresolved", NEWS);
    world.pass(MINUTE_MS);
    world.set_issue(IssueStatus::Resolved);
    world.pass(MINUTE_MS);
    let found = visit(&mut world, "unresolved", NEWS);
    assert!(!found.is_found);
    assert_eq!(world.issue().status, IssueStatus::Resolved);
    // Nobody is to be told of it: what Sentry says next counts.
    for owed in world.slice.writebacks.values_mut() {
        owed.edit().state = WriteState::Off;
    }
    world.pass(MINUTE_MS);
    let found = visit(&mut world, "ignored", NEWS);
    assert!(found.is_found);
    assert_eq!(world.issue().status, IssueStatus::Ignored);
}

#[test]
fn an_answer_that_is_older_than_a_webhook_changes_no_status() {
    // FIELD case 44
    let mut world = World::new();
    world.created();
    world.pass(MINUTE_MS);
    let issue = read(&world, "unresolved", 3);
    let asked_at = world.now;
    world.pass(MINUTE_MS);
    world.resolve();
    let visit = Visit {
        asked_at,
        news_from: Some(asked_at.plus_ms(-10 * MINUTE_MS)),
    };
    let found = world.find(&issue, visit);
    assert!(!found.is_found, "{found:?}");
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
    assert_eq!(world.issue().status, IssueStatus::Resolved);
}
