//! What happens when a signal arrives: dropping, routing, owners, grouping.

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
fn code_owners_of_github() {
    let owners = Owners::parse(
        "# comment\n*       @global\n*.js    @js # inline\n/build/logs/ @ops\ndocs/*  docs@example.com\n\
         apps/   @apps\n/apps/github\n**/cart/**/price.py @money @ada\n/a\\ b.py @space\n",
    );
    for (path, expected) in [
        ("README", "@global"),
        ("src/x.js", "@js"),
        ("build/logs/a/b.txt", "@ops"),
        ("src/build/logs/a.txt", "@global"),
        ("docs/start.md", "docs@example.com"),
        ("docs/deep/start.md", "@global"),
        ("src/apps/x.py", "@apps"),
        ("apps/github/x.py", ""),
        ("lib/cart/v2/price.py", "@money @ada"),
        ("lib/cart/price.py", "@money @ada"),
        ("a b.py", "@space"),
        ("./src//x.js", "@js"),
    ] {
        assert_eq!(owners.field(path), expected, "{path}");
    }
    let owned = owners.of("src/x.js").unwrap();
    assert_eq!(owned.reason, "@js by CODEOWNERS line 3 \"*.js\"");
    assert_eq!(owners.skipped, [0_usize; 0]);
}

#[test]
fn code_owners_of_gitlab() {
    let owners = Owners::parse(
        "* @all\n[Docs] @writers\n*.md\nREADME.md @lead\n^[Data][2] @dba\n/db/\n!/db/seed/\n\
         [DOCS]\nguide.md @guides\n[ab]*.rs @pattern\n",
    );
    for (path, expected) in [
        ("x.md", "@all @writers"),
        ("README.md", "@all @lead"),
        ("db/schema.sql", "@all @dba"),
        ("db/seed/x.sql", "@all"),
        ("guide.md", "@all @guides"),
    ] {
        let mut expected: Vec<&str> = expected.split(' ').collect();
        let owners = owners.field(path);
        let mut found: Vec<&str> = owners.split(' ').collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{path}");
    }
}

#[test]
fn a_hostile_code_owners_file_is_bounded() {
    let stars = format!("{} @a\n", "*a".repeat(200));
    let owners = Owners::parse(&(stars + &"x @b\n".repeat(crate::limits::OWNERS_LINES + 5)));
    assert_eq!(owners.skipped.len(), 6);
    let long = "a".repeat(500) + "b";
    assert_eq!(owners.field(&long), "");
    let deep = Owners::parse(&format!("{} @a\n", "/**/a".repeat(100)));
    assert_eq!(deep.field(&"a/".repeat(250)), "@a");
    assert_eq!(deep.field(&"b/".repeat(250)), "");
}

fn stack(functions: &[&str]) -> Stack {
    let frames: Vec<Frame> = functions
        .iter()
        .rev()
        .map(|function| Frame {
            function: (*function).to_owned(),
            filename: "shop/cart.py".to_owned(),
            in_app: !function.starts_with('_'),
            ..Frame::default()
        })
        .collect();
    Stack::from_frames(&frames)
}

fn traits() -> Traits {
    Traits {
        service_id: Some(3),
        deploy: "1.4.2 in production".to_owned(),
        subject: subject(),
        stack: stack(&["total", "price", "view", "main"]),
    }
}

fn candidate(incident_id: i64, traits: Traits) -> Candidate {
    Candidate {
        incident_id,
        number: incident_id,
        opened_at: at(-HOUR_MS),
        joined_at: at(-MINUTE_MS),
        alert_count: 1,
        traits,
    }
}

fn joined(alert: &Traits, open: &[Candidate], policy: &GroupPolicy) -> Option<(i64, Bond)> {
    join(alert, open, policy, NOW).map(|join| {
        assert!(
            join.reason
                .contains(&format!("incident #{}", join.incident_id))
        );
        (join.incident_id, join.by)
    })
}

/// ACCEPTANCE row 24: the same deploy with the same crash, or, if wanted, family of exceptions.
#[test]
fn alerts_of_one_deploy_with_one_crash_belong_together() {
    let cases: [(&str, bool, bool, Change); 7] = [
        ("same crash and family", true, true, |_| {}),
        ("another way there", true, true, |traits| {
            traits.stack = stack(&["total", "price", "view", "other"]);
        }),
        ("another caller", false, true, |traits| {
            traits.stack = stack(&["total", "other", "view"]);
        }),
        ("another family", false, false, |traits| {
            "KeyError".clone_into(&mut traits.subject.exception);
        }),
        ("same family", false, true, |traits| {
            traits.stack = stack(&["other"]);
            "app.ValueException".clone_into(&mut traits.subject.exception);
        }),
        ("another deploy", false, false, |traits| {
            "1.4.3 in production".clone_into(&mut traits.deploy);
        }),
        ("another service", false, false, |traits| {
            traits.service_id = Some(4);
        }),
    ];
    for (name, by_crash, by_family, change) in cases {
        let mut alert = traits();
        change(&mut alert);
        for (is_wanted, joins) in [(false, by_crash), (true, by_family)] {
            let policy = GroupPolicy {
                by_family: is_wanted,
                ..GroupPolicy::default()
            };
            let open = [candidate(7, traits().kept(&policy))];
            let expected = joins.then_some((7, Bond::Deploy));
            assert_eq!(joined(&alert, &open, &policy), expected, "{name}");
            let shared = hashes(&alert, &policy)
                .iter()
                .any(|hash| hashes(&traits(), &policy).contains(hash));
            assert_eq!(shared, joins, "{name}: found by its hashes");
        }
    }
    let off = GroupPolicy {
        is_on: false,
        ..GroupPolicy::default()
    };
    assert_eq!(joined(&traits(), &[candidate(7, traits())], &off), None);
}

#[test]
fn the_reason_names_deploy_and_crash() {
    let open = [candidate(12, traits())];
    let join = join(&traits(), &open, &GroupPolicy::default(), NOW).unwrap();
    let crash = traits().stack.crash().to_owned();
    assert_eq!(
        join.reason,
        format!(
            "Joined incident #12: the same deploy 1.4.2 in production and the same crash frame {crash}"
        )
    );
}

/// ACCEPTANCE row 25: deterministic likeness of stacks, with its reason.
#[test]
fn alike_stacks_belong_together() {
    let without = |functions: &[&str]| Traits {
        deploy: String::new(),
        stack: stack(functions),
        ..traits()
    };
    let open = [
        candidate(8, without(&["total", "price", "view", "wsgi"])),
        candidate(7, without(&["total", "price", "view", "wsgi"])),
        candidate(6, without(&["total", "x"])),
    ];
    let alert = without(&["total", "_library", "price", "price", "view", "main"]);
    let policy = GroupPolicy {
        alike_percent: Some(75),
        ..GroupPolicy::default()
    };
    let join = join(&alert, &open, &policy, NOW).unwrap();
    assert_eq!((join.incident_id, join.by), (7, Bond::Stack));
    assert_eq!(
        join.reason,
        "Joined incident #7: its stack is 76 % like that one, 3 of 5 frames are the same"
    );
    assert_eq!(joined(&without(&["other"]), &open, &policy), None);
    let mut other_family = alert.clone();
    "KeyError".clone_into(&mut other_family.subject.exception);
    assert_eq!(joined(&other_family, &open, &policy), None);
    let off = GroupPolicy {
        alike_percent: None,
        ..policy
    };
    assert_eq!(joined(&alert, &open, &off), None);
}

#[test]
fn rules_group_by_equal_fields_that_both_know() {
    let policy = GroupPolicy {
        by_deploy: false,
        alike_percent: None,
        rules: vec![GroupRule {
            id: 2,
            name: "customer".to_owned(),
            condition: condition("environment == 'production'"),
            equal: vec![Field::Tag("customer".to_owned())],
        }],
        ..GroupPolicy::default()
    };
    let of = |customer: &str| {
        let mut traits = traits();
        traits.subject.tags = [("customer".to_owned(), customer.to_owned())].into();
        traits
    };
    for (own, theirs, joins) in [
        ("acme", "acme", true),
        ("acme", "other", false),
        ("", "", false),
    ] {
        let expected = joins.then_some((7, Bond::Rule(2)));
        let kept = of(theirs).kept(&policy);
        assert_eq!(
            joined(&of(own), &[candidate(7, kept)], &policy),
            expected,
            "{own}"
        );
        let is_found = hashes(&of(own), &policy)
            .iter()
            .any(|hash| hashes(&of(theirs), &policy).contains(hash));
        assert_eq!(is_found, joins, "{own}");
    }
}

/// FIELD §1.8: the window rolls for 300 s, at most 24 hours; a fixed one counts from the opening.
#[test]
fn windows_of_groups_end() {
    for (window, opened, last_joined, joins) in [
        (Window::Rolling, -HOUR_MS, -300_000, true),
        (Window::Rolling, -HOUR_MS, -300_001, false),
        (Window::Rolling, -24 * HOUR_MS, -1, true),
        (Window::Rolling, -24 * HOUR_MS - 1, -1, false),
        (Window::Fixed, -300_000, -1, true),
        (Window::Fixed, -300_001, -1, false),
    ] {
        let open = Candidate {
            opened_at: at(opened),
            joined_at: at(last_joined),
            ..candidate(7, traits())
        };
        let policy = GroupPolicy {
            window,
            ..GroupPolicy::default()
        };
        assert_eq!(
            joined(&traits(), &[open], &policy).is_some(),
            joins,
            "{window:?} {opened}"
        );
    }
}

#[test]
fn families_of_exceptions() {
    for (exception, expected) in [
        ("sqlalchemy.exc.TimeoutError", "timeout"),
        ("java.util.concurrent.TimeoutException", "timeout"),
        ("App\\Http\\NotFoundException", "notfound"),
        ("std::io::Error", ""),
        ("Exception", ""),
        ("TypeError", "type"),
        ("panic", "panic"),
        ("", ""),
    ] {
        assert_eq!(family(exception), expected, "{exception}");
    }
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
