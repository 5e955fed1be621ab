//! What the workspace's rules do with signals.

use super::world::World;
use crate::engine::{Trace, VerdictOutcome, trace};
use crate::incident::IncidentStatus;
use crate::level::Severity;
use crate::routing::Known;
use crate::routing::book::{Book, Directory, Drop, Rule};
use crate::signal::{AlertState, IssueChange, IssueStatus};
use std::sync::Arc;

fn directory() -> Directory {
    Directory {
        services: [("pay", 2), ("web", 3), ("rest", 4)]
            .map(|(name, id)| (name.to_owned(), id))
            .into(),
        destinations: [("chat".to_owned(), 9)].into(),
    }
}

fn drop_rule(when: &str) -> Drop {
    Drop {
        name: "noise".to_owned(),
        when: when.to_owned(),
        off: false,
    }
}

fn rule(name: &str, when: &str, service: &str) -> Rule {
    Rule {
        name: name.to_owned(),
        when: when.to_owned(),
        service: Some(service.to_owned()),
        ..Rule::default()
    }
}

/// A world with these rules; service 1 is the workspace's default.
fn world(book: &Book) -> World {
    let mut world = World::new();
    let mut router = book.compile(&directory()).unwrap();
    router.service_names = [(1, "main"), (2, "pay"), (3, "web"), (4, "rest")]
        .map(|(id, name)| (id, name.to_owned()))
        .into();
    world.origin.default_service_id = Some(1);
    world.origin.routing = Some(Arc::new(router));
    world
}

#[test]
fn a_dropped_signal_opens_nothing_and_the_error_log_still_counts_it() {
    let book = Book {
        drops: vec![drop_rule("project == 'shop-api' && level == 'error'")],
        ..Book::default()
    };
    let mut world = world(&book);
    let verdict = world.alert("a");
    assert_eq!(verdict.outcome, VerdictOutcome::Ignored);
    assert_eq!(
        verdict.reason,
        "Dropped by the rule \"noise\" because project is shop-api and level is error"
    );
    assert!(world.incidents().is_empty());
    assert_eq!(world.issue().event_count(), 1);
    assert_eq!(verdict.issue_id, Some(world.issue().id));
    let metric = world.metric(AlertState::Firing(Severity::Critical));
    assert_eq!(metric.outcome, VerdictOutcome::Applied, "it has no level");
}

/// ARCHITECTURE rule 6: a resolve is never dropped, by no limit and no rule.
#[test]
fn a_resolve_is_never_dropped() {
    let mut world = world(&Book::default());
    world.alert("a");
    let book = Book {
        drops: vec![drop_rule("project != ''")],
        ..Book::default()
    };
    world.origin.routing = Some(Arc::new(book.compile(&directory()).unwrap()));
    assert_eq!(world.resolve().outcome, VerdictOutcome::Applied);
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
    let again = world.unresolved("regressed");
    assert_eq!(again.outcome, VerdictOutcome::Ignored);
    assert_eq!(world.incident().status, IncidentStatus::Resolved);
    assert_eq!(
        world.issue().status,
        IssueStatus::Unresolved,
        "the error log stays in step with Sentry"
    );
}

/// FD-03: rules first, then the project's service, then the default one.
#[test]
fn a_shared_integration_is_routed_and_the_timeline_says_why() {
    let book = Book {
        rules: vec![rule("payments", "title.contains('amount')", "pay")],
        ..Book::default()
    };
    let mut world = world(&book);
    world.alert("a");
    assert_eq!(world.incident().service_id, Some(2));
    let line = (world.slice.timeline.iter())
        .find(|line| line.kind == "incident.routed")
        .unwrap();
    assert_eq!(
        line.summary,
        "Routed to pay: Rule 1 \"payments\" matched because title contains \"amount\""
    );
    assert!(
        world.slice.routed.is_empty(),
        "it is no more than its service"
    );
}

#[test]
fn what_no_rule_takes_goes_by_project_and_then_to_the_default_of_the_rules() {
    let book = Book {
        default_service: Some("rest".to_owned()),
        rules: vec![rule("other", "project == 'web'", "web")],
        ..Book::default()
    };
    let mut here = world(&book);
    here.alert("a");
    assert_eq!(here.incident().service_id, Some(4));
    let mut here = world(&book);
    let known = ("shop-api".to_owned(), 3);
    here.origin.services_by_project.extend([known]);
    here.alert("a");
    assert_eq!(here.incident().service_id, Some(3));
    let mut here = world(&Book {
        rules: Vec::new(),
        ..book
    });
    here.alert("a");
    assert_eq!(here.incident().service_id, Some(4), "also without any rule");
}

/// FD-01: a private integration is bound to its service.
#[test]
fn a_private_integration_keeps_its_service() {
    let book = Book {
        rules: vec![rule("all", "", "pay")],
        ..Book::default()
    };
    let mut world = world(&book);
    world.origin.service_id = Some(3);
    world.alert("a");
    assert_eq!(world.incident().service_id, Some(3));
    assert!(!world.kinds().contains(&"incident.routed"));
}

#[test]
fn a_rule_that_continues_tells_the_others_too() {
    let mut first = rule("payments", "", "pay");
    first.continues = true;
    first.destinations = Some(vec!["chat".to_owned()]);
    let book = Book {
        rules: vec![first, rule("web", "level == 'error'", "web")],
        ..Book::default()
    };
    let mut world = world(&book);
    world.alert("a");
    let incident = world.incident();
    let routed = &world.slice.routed[&incident.id];
    assert_eq!(incident.service_id, Some(2));
    assert_eq!(routed.services, [2, 3]);
    assert_eq!(routed.destinations, [9].into());
    let line = world
        .slice
        .timeline
        .iter()
        .find(|it| it.kind == "incident.routed");
    assert!(line.unwrap().summary.ends_with("web hears of it too"));
}

/// U6: a hook that names no environment is routed by what earlier ones said.
#[test]
fn rules_see_what_earlier_signals_said() {
    let book = Book {
        rules: vec![rule("production", "environment == 'production'", "pay")],
        ..Book::default()
    };
    let world = world(&book);
    let signal = world.signal(IssueChange::Created);
    let known = Known {
        environment: Some("production"),
        ..Known::default()
    };
    let asked = trace(&world.origin, &signal, known, world.now);
    assert_eq!((asked.opens, asked.service_id), (true, Some(2)));
    let silent: Trace = trace(&world.origin, &signal, Known::default(), world.now);
    assert_eq!(silent.service_id, Some(1));
    let over = world.signal(IssueChange::Resolved(crate::signal::Resolution::default()));
    let over = trace(&world.origin, &over, known, world.now);
    assert!(!over.opens && over.subject.is_resolve);
}
