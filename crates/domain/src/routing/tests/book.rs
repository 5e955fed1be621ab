//! Rules as people write them.

use super::super::book::{Book, Directory, Drop, Rule, Table};
use super::super::subject::Subject;
use crate::limits;

fn directory() -> Directory {
    Directory {
        services: [("pay".to_owned(), 2)].into(),
        destinations: [("chat".to_owned(), 9)].into(),
    }
}

fn rule(name: &str, when: &str) -> Rule {
    Rule {
        name: name.to_owned(),
        when: when.to_owned(),
        ..Rule::default()
    }
}

#[test]
fn every_fault_names_its_place() {
    let table = Table {
        field: "colour".to_owned(),
        ..Table::default()
    };
    let book = Book {
        zone: Some("Mars/Base".to_owned()),
        default_service: Some("gone".to_owned()),
        drops: vec![
            Drop {
                name: "all".to_owned(),
                ..Drop::default()
            },
            Drop {
                name: " ".to_owned(),
                when: "level ==".to_owned(),
                off: true,
            },
        ],
        rules: vec![Rule {
            rules: vec![Rule {
                service: Some("gone".to_owned()),
                destinations: Some(vec!["chat".to_owned(), "gone".to_owned()]),
                ..rule("below", "levl == 'fatal'")
            }],
            service_by: Some(table),
            ..rule("top", "")
        }],
    };
    let faults = book.compile(&directory()).unwrap_err();
    let places: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(
        places,
        [
            "drops[0].when",
            "drops[1].name",
            "drops[1].when",
            "rules[0].service_by.field",
            "rules[0].rules[0].when",
            "rules[0].rules[0].service",
            "rules[0].rules[0].destinations",
            "default_service",
            "zone",
        ]
    );
    let condition = &faults[4].message;
    assert!(condition.contains("line 1, column 1"), "{condition}");
}

#[test]
fn what_works_of_a_book_still_decides() {
    let book = Book {
        rules: vec![
            Rule {
                service: Some("gone".to_owned()),
                ..rule("first", "project == 'web'")
            },
            Rule {
                service: Some("pay".to_owned()),
                ..rule("second", "")
            },
        ],
        ..Book::default()
    };
    let (router, faults) = book.compile_what_works(&directory());
    assert_eq!(faults.len(), 1);
    assert_eq!(router.route(&Subject::default()).services, [2]);
}

#[test]
fn too_many_rules_are_refused() {
    let rules = (0..=limits::ROUTING_RULES).map(|number| rule(&number.to_string(), ""));
    let book = Book {
        rules: rules.collect(),
        ..Book::default()
    };
    let faults = book.compile(&directory()).unwrap_err();
    assert!(
        faults[0].message.contains("more than 500 rules"),
        "{faults:?}"
    );
}

#[test]
fn a_book_is_the_same_after_it_was_written_and_read() {
    let book = Book {
        rules: vec![Rule {
            continues: true,
            service_by: Some(Table {
                field: "owner".to_owned(),
                services: [("@shop/pay".to_owned(), "pay".to_owned())].into(),
            }),
            rules: vec![rule("below", "users > 5")],
            ..rule("top", "tags['a b'] == \"x\"")
        }],
        ..Book::default()
    };
    let text = serde_json::to_string(&book).unwrap();
    assert_eq!(serde_json::from_str::<Book>(&text).unwrap(), book);
    assert!(serde_json::from_str::<Book>(r#"{"rulez":[]}"#).is_err());
    let router = book.compile(&directory()).unwrap();
    assert!(router.asks_for_owners());
    let renamed = book.renamed(&|name| format!("svc_{name}"), &str::to_owned);
    assert_eq!(renamed.services(), ["svc_pay".to_owned()].into());
}

/// FIELD case 42: each rule is within its bounds, and all of them together are not.
#[test]
fn rules_that_would_cost_too_much_together_are_off() {
    let each = limits::CONDITION_PATTERNS;
    let costly = "message.matches('(a+)+$') || ".repeat(each - 1) + "message.matches('b')";
    let most = limits::BOOK_PATTERNS / each;
    let rules = (0..=most).map(|number| rule(&format!("costly {number}"), &costly));
    let last = Rule {
        service: Some("pay".to_owned()),
        ..rule("cheap", "")
    };
    let book = Book {
        rules: rules.chain([last]).collect(),
        ..Book::default()
    };
    let (router, faults) = book.compile_what_works(&directory());
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].field, format!("rules[{most}].when"));
    assert!(
        faults[0].message.contains("more than 1000 patterns"),
        "{faults:?}"
    );
    let routed = router.route(&Subject::default());
    assert_eq!(routed.services, [2], "the cheap one still takes it");
}
