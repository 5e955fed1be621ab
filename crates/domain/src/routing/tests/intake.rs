//! What happens when a signal arrives: dropping, routing, owners, grouping.

mod grouping;
mod owners;

use super::super::drop::{DropRule, judge};
use super::super::group::{
    Bond, Candidate, GroupPolicy, GroupRule, Traits, Window, family, hashes, join,
};
use super::super::owners::Owners;
use super::super::ownership::Ownership;
use super::super::stack::Stack;
use super::super::tree::{RuleRow, ServiceChoice, Tree, TreeError, ValueTable};
use super::super::window::Zone;
use super::*;
use crate::change::mapping::Mapping;
use crate::level::Level;
use crate::signal::{
    Actor, EventDetail, EventFacts, Exception, Fact, Frame, IssueChange, IssueFact, IssueFacts,
    IssueKey, Resolution, Signal, When,
};

type Change = fn(&mut Traits);

fn rule(id: i64, parent_id: Option<i64>, text: &str) -> RuleRow {
    RuleRow {
        id,
        parent_id,
        position: id,
        name: format!("r{id}"),
        condition: condition(text),
        continues: false,
        is_on: true,
        service: None,
        destinations: None,
    }
}

fn to(mut row: RuleRow, service_id: i64, destinations: &[i64]) -> RuleRow {
    row.service = Some(ServiceChoice::Fixed(service_id));
    row.destinations = Some(ids(destinations));
    row
}

#[test]
fn the_first_rule_that_matches_wins_unless_it_continues() {
    let rows = vec![
        to(rule(1, None, "environment == 'staging'"), 1, &[11]),
        RuleRow {
            continues: true,
            ..to(rule(2, None, "project == 'shop-api'"), 2, &[12])
        },
        to(rule(3, None, "users >= 5"), 3, &[13]),
        to(rule(4, None, ""), 4, &[14]),
    ];
    let tree = Tree::build(rows).unwrap();
    let routed = tree.route(&subject());
    assert_eq!(routed.services, [2, 3]);
    assert_eq!(routed.destinations, ids(&[12, 13]));
    assert_eq!(
        routed.path,
        [
            "Rule 2 \"r2\" matched because project is shop-api",
            "Rule 3 \"r3\" matched because users is 10, which is at least 5",
        ]
    );
}

#[test]
fn children_inherit_and_the_parent_takes_what_they_decline() {
    let rows = vec![
        to(rule(1, None, "project == 'shop-api'"), 1, &[11]),
        RuleRow {
            destinations: Some(ids(&[12])),
            ..rule(2, Some(1), "level == 'fatal'")
        },
        RuleRow {
            is_on: false,
            ..to(rule(3, Some(1), ""), 3, &[13])
        },
    ];
    let tree = Tree::build(rows).unwrap();
    let declined = tree.route(&subject());
    assert_eq!(
        (declined.services, declined.destinations),
        (vec![1], ids(&[11]))
    );
    let fatal = Subject {
        level: Some(Level::Fatal),
        ..subject()
    };
    let taken = tree.route(&fatal);
    assert_eq!((taken.services, taken.destinations), (vec![1], ids(&[12])));
    assert_eq!(
        taken.path[1],
        "Rule 1.1 \"r2\" matched because level is fatal"
    );
}

#[test]
fn what_no_rule_takes_has_no_service() {
    let rows = vec![to(rule(1, None, "project == 'web'"), 1, &[11])];
    let routed = Tree::build(rows).unwrap().route(&subject());
    assert_eq!(routed.services, [0_i64; 0]);
    assert_eq!(routed.path, ["None of the 1 rules matched"]);
    assert_eq!(Tree::default().route(&subject()).services, [0_i64; 0]);
}

#[test]
fn tables_name_services_by_value() {
    let table = |field: &str, value: &str| {
        Some(ServiceChoice::ByValue(ValueTable {
            field: Field::parse(field).unwrap(),
            services: [(value.to_owned(), 8)].into(),
        }))
    };
    for (field, value, services) in [
        ("project", "shop-api", vec![8]),
        ("project", "web", vec![]),
        ("owner", "@shop/payments", vec![8]),
        ("tags.team", "payments", vec![8]),
    ] {
        let row = RuleRow {
            service: table(field, value),
            ..rule(1, None, "")
        };
        let subject = Subject {
            owner: "@ada @shop/payments".to_owned(),
            tags: [("team".to_owned(), "payments".to_owned())].into(),
            ..subject()
        };
        let routed = Tree::build(vec![row]).unwrap().route(&subject);
        assert_eq!(
            routed.services, services,
            "{field} {value}: {:?}",
            routed.path
        );
    }
}

/// FIELD case 48: rules in a circle, or under nothing, are refused.
#[test]
fn circles_of_rules_are_refused() {
    for rows in [
        vec![rule(1, Some(2), ""), rule(2, Some(1), "")],
        vec![rule(1, Some(1), "")],
        vec![rule(1, None, ""), rule(2, Some(9), "")],
    ] {
        let error = Tree::build(rows).unwrap_err();
        assert!(matches!(error, TreeError::Unrooted(_)), "{error}");
    }
    let deep = (1..20)
        .map(|id| rule(id, (id > 1).then(|| id - 1), ""))
        .collect();
    assert!(matches!(Tree::build(deep), Err(TreeError::TooDeep(_))));
    let many =
        (0..=i64::try_from(crate::limits::ROUTING_RULES).unwrap()).map(|id| rule(id, None, ""));
    assert_eq!(Tree::build(many.collect()), Err(TreeError::TooMany));
}

#[test]
fn a_resolve_is_never_dropped() {
    let rules = [DropRule {
        id: 4,
        name: "noise".to_owned(),
        condition: condition("project == 'shop-api'"),
        is_on: true,
    }];
    let dropped = judge(&rules, &subject()).unwrap();
    assert_eq!(dropped.rule_id, 4);
    assert_eq!(
        dropped.reason,
        "Dropped by the rule \"noise\" because project is shop-api"
    );
    let resolve = Subject {
        is_resolve: true,
        ..subject()
    };
    assert_eq!(judge(&rules, &resolve), None);
    let off = [DropRule {
        is_on: false,
        ..rules[0].clone()
    }];
    assert_eq!(judge(&off, &subject()), None);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one signal, field by field")]
fn a_signal_is_seen_by_its_event_first() {
    let frame = |file: &str, function: &str| Frame {
        filename: file.to_owned(),
        function: function.to_owned(),
        in_app: true,
        ..Frame::default()
    };
    let raised = Exception {
        kind: "ValueError".to_owned(),
        value: "bad cart".to_owned(),
        frames: vec![
            frame("shop/view.py", "show"),
            frame("shop/cart.py", "total"),
        ],
        ..Exception::default()
    };
    let tag = |value: &str| ("team".to_owned(), value.to_owned());
    let event = EventFacts {
        event_id: "e".to_owned(),
        at: None,
        level: Level::Fatal,
        title: "ValueError: bad cart".to_owned(),
        detail: EventDetail {
            exceptions: vec![raised],
            tags: vec![tag("first"), tag("second")],
            ..EventDetail::default()
        },
        environment: Some("production".to_owned()),
        release: None,
    };
    let mut issue = IssueFacts::bare(IssueKey::Issue("1".to_owned()));
    issue.environment = Some("staging".to_owned());
    issue.release = Some("1.0".to_owned());
    let mut signal = Signal {
        when: When::default(),
        actor: Actor::sentry(),
        fact: Fact::Issue(Box::new(IssueFact {
            change: IssueChange::Created,
            issue: issue.clone(),
            event: Some(Box::new(event)),
        })),
    };
    let zone = Zone::parse("Asia/Tokyo").unwrap();
    let ownership = Ownership {
        mappings: [(
            "shop-api".to_owned(),
            vec![Mapping {
                repository_id: 4,
                stack_prefix: "shop/".to_owned(),
                source_prefix: "src/".to_owned(),
            }],
        )]
        .into(),
        files: [(4, Owners::parse("/src/cart.py @money"))].into(),
    };
    let around = Surroundings {
        integration: "Sentry",
        service: "",
        severity: Some(Severity::Critical),
        known: Known {
            project: Some("shop-api"),
            environment: Some("testing"),
            ..Known::default()
        },
        ownership: Some(&ownership),
        zone: &zone,
        now: NOW,
    };
    let seen = Subject::of(&signal, &around);
    let text = "level == 'fatal' && environment == 'production' && release == '1.0' && \
                message == 'bad cart' && exception == 'ValueError' && crash_function == 'total' \
                && crash_file == 'shop/cart.py' && owner == '@money' && tags.team == 'first' && \
                project == 'shop-api' && hour == 19 && weekday == 'saturday' && kind == 'issue' && action == 'created'";
    assert!(condition(text).is_met(&seen), "{seen:?}");
    assert!(!seen.is_resolve);
    signal.fact = Fact::Issue(Box::new(IssueFact {
        change: IssueChange::Resolved(Resolution::default()),
        issue,
        event: None,
    }));
    assert!(Subject::of(&signal, &around).is_resolve);
}
