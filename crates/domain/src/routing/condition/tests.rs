//! Tables of conditions: what holds, what is refused and where, what the form writes.

use super::*;
use crate::level::{Level, Severity};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn subject() -> Subject {
    Subject {
        title: "ValueError: bad cart".to_owned(),
        message: "connection pool exhausted\nafter 30 s".to_owned(),
        level: Some(Level::Fatal),
        severity: Some(Severity::Critical),
        environment: "production".to_owned(),
        project: "shop-api".to_owned(),
        weekday: "saturday".to_owned(),
        hour: 14,
        users: 49,
        tags: [("customer", "acme"), ("k8s.pod/name", "api-1")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        ..Subject::default()
    }
}

fn holds(text: &str) -> bool {
    let condition = Condition::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    condition.holds(&subject()).unwrap()
}

#[test]
fn conditions_ask_fields_and_tags() {
    for text in [
        "",
        "true",
        "project == \"shop-api\"",
        "project != 'web' && level == 'fatal'",
        "severity in [\"critical\", \"error\"]",
        "title.startsWith(\"ValueError\") || project == \"web\"",
        "message.contains('pool') && title.endsWith(\"cart\")",
        "title.lowerAscii().contains('valueerror')",
        "message.matches(\"pool.*after\") == false",
        "message.matches(\"(?s)pool.*after [0-9]+ s$\")",
        "matches(title, '^Value')",
        "tags.customer == \"acme\"",
        "tags[\"k8s.pod/name\"].startsWith('api')",
        "has(tags.customer) && !has(tags.tenant)",
        "'customer' in tags && !('tenant' in tags)",
        "tags.tenant == ''",
        "hour >= 9 && hour < 18 && weekday in ['saturday', 'sunday']",
        "users > 48 && users in [49, 50]",
        "title.size() > 3 && size(title) < 100",
        "level == 'fatal' ? project == 'shop-api' : false",
        "release == '' && owner == ''",
        "(project == 'web') == false",
    ] {
        assert!(holds(text), "{text}");
    }
    for text in [
        "false",
        "project == \"Shop-API\"",
        "hour < 14",
        "has(tags.tenant)",
        "!(project == 'shop-api')",
        "environment in ['staging']",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_is_refused_says_why_and_where() {
    for (text, sentence, line, column) in [
        ("project = 'x'", "it cannot be read", 1, 9),
        ("project ==", "it cannot be read", 1, 11),
        (
            "level == 'fatal' &&\n projct == 'x'",
            "there is no field \"projct\"",
            2,
            2,
        ),
        (
            "project",
            "a condition must be true or false, this is a text",
            1,
            1,
        ),
        (
            "project == 5",
            "\"==\" cannot compare a text with a number",
            1,
            9,
        ),
        (
            "hour > 9 && severity > 'error'",
            "\">\" compares numbers",
            1,
            6,
        ),
        ("hour + 1 > 5", "conditions do not calculate: \"+\"", 1, 6),
        (
            "title.matches('[')",
            "the pattern \"[\" cannot be read",
            1,
            7,
        ),
        (
            "title.matches(project)",
            "matches needs a field and a pattern",
            1,
            7,
        ),
        (
            "title.nothing('x')",
            "\"nothing\" cannot be used with",
            1,
            7,
        ),
        (
            "title.foo == 'x'",
            "only tags have fields of their own; \"foo\"",
            1,
            7,
        ),
        (
            "[1,2].exists(x, x == 1)",
            "loops (all, exists, map, filter)",
            1,
            1,
        ),
        (
            "tags == 'x'",
            "\"==\" cannot compare all tags together",
            1,
            6,
        ),
        (
            "project in ['a', 1]",
            "a list holds either texts or numbers",
            1,
            12,
        ),
        ("project in []", "an empty list matches nothing", 1, 12),
        (
            "project in [title]",
            "a list holds texts or numbers in full",
            1,
            12,
        ),
        ("{'a': 1} == {'a': 1}", "objects in braces", 1, 1),
        ("hour == 1.5", "use texts, whole numbers", 1, 1),
        ("tags[project] == 'x'", "only a tag is looked up so", 1, 5),
        ("project in tags", "say which tag", 1, 12),
        ("\"\" in tags", "say which tag", 1, 1),
        ("title == 'x' && tags[\"\"] == 'x'", "say which tag", 1, 22),
    ] {
        let error = Condition::parse(text).expect_err(text);
        assert!(error.sentence.contains(sentence), "{text}: {error}");
        assert_eq!(
            (error.line, error.column),
            (line, column),
            "{text}: {error}"
        );
    }
}

/// FIELD case 58: rules built to explode are refused or answered at once.
#[test]
#[expect(clippy::disallowed_methods, reason = "a refusal has to be quick")]
fn rules_built_to_explode_are_refused_quickly() {
    let nested = |open: &str, inside: &str, close: &str, times: usize| {
        format!("{}{inside}{}", open.repeat(times), close.repeat(times))
    };
    // The parser takes these two without nesting; they need to be quick only.
    for text in [
        nested("(", "true", ")", 2_000),
        nested("!", "true", "", 4_000),
    ] {
        let began = Instant::now();
        assert!(Condition::parse(&text).is_ok_and(|condition| condition.is_met(&subject())));
        assert!(began.elapsed() < Duration::from_secs(1));
    }
    for text in [
        nested("[", "", "]", 2_000),
        nested("true ? true : ", "true", "", 250),
        nested("true && ", "true", "", 500),
        nested("title.lowerAscii()", ".size() > 1", "", 1) + &"&& true ".repeat(400),
        "title".to_owned() + &".lowerAscii()".repeat(300) + " == ''",
        "title".to_owned() + &".a".repeat(2_000),
        "a".repeat(limits::CONDITION_BYTES + 1),
        "title.matches('(a{1,900}){1,900}')".to_owned(),
        "title.matches('((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))')"
            .to_owned(),
        "title.matches('a') || ".repeat(limits::CONDITION_PATTERNS) + "title.matches('a')",
        format!("project in [{}'a']", "'a',".repeat(600)),
    ] {
        let began = Instant::now();
        let shown = limits::cut_chars(&text, 40);
        assert!(Condition::parse(&text).is_err(), "{shown}");
        assert!(began.elapsed() < Duration::from_secs(1), "{shown}");
    }
    // The worst that is taken: patterns that back-tracking engines die of, over the longest text.
    let text = "message.matches('(a+)+$') || ".repeat(limits::CONDITION_PATTERNS - 1) + "false";
    let condition = Condition::parse(&text).unwrap();
    let long = Subject {
        message: "a".repeat(limits::MESSAGE_BYTES - 1) + "!",
        ..Subject::default()
    };
    let began = Instant::now();
    assert!(!condition.holds(&long).unwrap());
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_condition_says_why_it_holds() {
    for (text, why) in [
        ("project == 'shop-api'", "project is shop-api"),
        (
            "project == 'shop-api' && (hour < 3 || severity in ['critical'])",
            "project is shop-api and severity is critical",
        ),
        (
            "!(project in ['web']) && users >= 10",
            "project is shop-api and users is 49, which is at least 10",
        ),
        ("title.contains('cart')", "title contains \"cart\""),
        ("message.matches('pool')", "message matches \"pool\""),
        ("has(tags.customer)", "tag customer is acme"),
        ("release == ''", "release is not known"),
        ("environment != 'staging'", "environment is not staging"),
        ("", "it takes everything"),
        (
            "(project == 'web') == false",
            "`(project == 'web') == false` holds",
        ),
    ] {
        assert_eq!(
            Condition::parse(text).unwrap().why(&subject()),
            why,
            "{text}"
        );
    }
}

#[test]
fn the_form_reads_what_it_can_show() {
    for text in [
        "",
        "project == \"shop\"",
        "project == \"shop\" && hour >= 9 && hour <= 17",
        "level in [\"fatal\", \"error\"] || !title.contains(\"x\")",
        "!(tags[\"a b\"] in [\"1\"]) && message.matches(\"a|b\")",
    ] {
        let form = Form::of(&Condition::parse(text).unwrap()).expect(text);
        assert_eq!(form.text(), text);
    }
    for text in [
        "project == 'a' && (hour == 1 || hour == 2)",
        "title.size() > 3",
        "!(title.startsWith('a'))",
        "project == title",
        "title.lowerAscii() == 'a'",
    ] {
        assert_eq!(Form::of(&Condition::parse(text).unwrap()), None, "{text}");
    }
}

#[test]
fn a_condition_without_fields_is_constant() {
    assert!(Condition::parse("").unwrap().is_constant());
    assert!(Condition::parse("1 == 1 || false").unwrap().is_constant());
    assert!(!Condition::parse("title.matches('')").unwrap().is_constant());
}

fn rows() -> impl Strategy<Value = Row> {
    let field = prop_oneof![
        prop::sample::select(&super::super::subject::NAMES[..])
            .prop_map(|name| Field::parse(name).unwrap()),
        "[a-z \"\\\\.]{1,8}".prop_map(Field::Tag),
    ];
    (
        field,
        prop::sample::select(&Operator::ALL[..]),
        prop::collection::vec(".{0,12}", 1..4),
    )
        .prop_map(|(field, operator, texts)| {
            let operator = match (field.is_number(), operator) {
                (
                    true,
                    Operator::OneOf
                    | Operator::NoneOf
                    | Operator::Is
                    | Operator::IsNot
                    | Operator::AtLeast,
                ) => operator,
                (true, _) => Operator::AtMost,
                (false, Operator::AtLeast | Operator::AtMost) => Operator::Contains,
                (false, _) => operator,
            };
            let mut values: Vec<String> = texts
                .into_iter()
                .enumerate()
                .map(|(index, text)| {
                    if field.is_number() {
                        index.to_string()
                    } else {
                        text
                    }
                })
                .collect();
            if operator == Operator::Matches {
                values = values.iter().map(|value| regex::escape(value)).collect();
            }
            if !matches!(operator, Operator::OneOf | Operator::NoneOf) {
                values.truncate(1);
            }
            Row {
                field,
                operator,
                values,
            }
        })
}

proptest! {
    #[test]
    fn what_the_form_writes_it_reads_back(rows in prop::collection::vec(rows(), 2..6), any in any::<bool>()) {
        let form = Form { joint: if any { Joint::Any } else { Joint::All }, rows };
        let condition = form.condition().unwrap();
        prop_assert_eq!(Form::of(&condition), Some(form));
    }

    #[test]
    fn no_text_brings_the_parser_down(text in ".{0,200}") {
        if let Ok(condition) = Condition::parse(&text) {
            prop_assert!(condition.holds(&subject()).is_ok());
        }
    }

    #[test]
    fn texts_of_the_language_never_fail_later(words in prop::collection::vec(prop::sample::select(vec![
        "project", "tags.a", "tags", "'x'", "5", "==", "!=", "&&", "||", "!", "(", ")", "in", "['a']",
        ".contains('a')", ".size()", "?", ":", "<", "hour", "true", ".matches('a')", "-", "[0]", ".lowerAscii()",
    ]), 1..14)) {
        if let Ok(condition) = Condition::parse(&words.join(" ")) {
            prop_assert!(condition.holds(&subject()).is_ok(), "{}", condition.text());
            condition.why(&subject());
        }
    }
}
