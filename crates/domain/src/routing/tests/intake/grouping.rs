//! Which alerts belong together, and the reason that is given.

use super::*;

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
