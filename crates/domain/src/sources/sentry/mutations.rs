//! Whatever is dropped, nulled, mistyped, cut or scrambled: there is always a reading, and it
//! stays within the limits.

use super::fixtures::{self, flat};
use crate::delivery::Headers;
use crate::limits;
use crate::signal::Fact;
use crate::sources::{Envelope, Outcome, Reading};
use crate::time::Time;
use proptest::prelude::*;
use serde_json::{Value, json};

const RESOURCES: [&str; 11] = [
    "issue",
    "event_alert",
    "error",
    "metric_alert",
    "activity_alert",
    "comment",
    "installation",
    "seer",
    "preprod_artifact",
    "x-servicehook",
    "",
];

fn read(resource: &str, body: &[u8]) -> Reading {
    let name = match resource {
        "x-servicehook" => "x-servicehook-guid",
        _ => "sentry-hook-resource",
    };
    super::read(Envelope {
        headers: &Headers::new([(name, resource)]),
        body,
        received_at: Time(0),
    })
}

/// What must hold for every reading.
fn check(reading: &Reading, context: &str) {
    let flat = flat(reading);
    for (key, value) in &flat {
        assert!(!value.contains('\0'), "{context}: NUL in {key}");
        if ["permalink", "web_url"].contains(key) {
            let lower = value.to_ascii_lowercase();
            assert!(
                lower.starts_with("http://") || lower.starts_with("https://"),
                "{context}: {value}"
            );
        }
    }
    for key in ["title", "event_title"] {
        let length = flat.get(key).map_or(0, |title| title.chars().count());
        assert!(length <= limits::TITLE_CHARS + 1, "{context}: {key}");
    }
    if let Outcome::Ignored(reason) | Outcome::NotUnderstood(reason) = &reading.outcome {
        assert!(
            reason.ends_with('.') && reason.len() < 1_000,
            "{context}: {reason}"
        );
        assert_eq!(reading.identity, None, "{context}");
    }
    if let Outcome::Signal(signal) = &reading.outcome
        && let Fact::Issue(fact) = &signal.fact
    {
        assert!(
            fact.issue.key.dedup_key().len() > "sentry-".len(),
            "{context}"
        );
        assert!(reading.identity.is_some(), "{context}");
    }
}

/// Pointers to every value inside, outermost first.
fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    let mut children: Vec<(String, &Value)> = Vec::new();
    if let Some(map) = value.as_object() {
        let escaped = |key: &String| key.replace('~', "~0").replace('/', "~1");
        children.extend(map.iter().map(|(key, child)| (escaped(key), child)));
    }
    for (index, child) in value.as_array().into_iter().flatten().enumerate() {
        children.push((index.to_string(), child));
    }
    for (key, child) in children {
        let pointer = format!("{at}/{key}");
        out.push(pointer.clone());
        pointers(child, &pointer, out);
    }
}

fn drop_at(body: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    let parent = body.pointer_mut(parent).unwrap();
    if let Some(map) = parent.as_object_mut() {
        map.remove(&key);
    } else if let Some(items) = parent.as_array_mut() {
        items.remove(key.parse().unwrap());
    }
}

#[test]
fn a_missing_null_or_mistyped_field_never_breaks_a_reading() {
    let wrong = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(1.5e300),
        json!(18_446_744_073_709_551_615_u64),
        json!(""),
        json!("\u{0}"),
        json!("🚢".repeat(5)),
        json!([]),
        json!([[]]),
        json!([null, 1, "x", {}]),
        json!({}),
        json!({"id": {}, "type": [], "values": {}, "frames": [1]}),
    ];
    let mut readings = 0;
    for fixture in fixtures::all() {
        let Ok(body) = serde_json::from_str::<Value>(&fixture.body) else {
            continue;
        };
        let mut all = Vec::new();
        pointers(&body, "", &mut all);
        for pointer in &all {
            let context = format!("{} {pointer}", fixture.file);
            let mut mutant = body.clone();
            drop_at(&mut mutant, pointer);
            check(&fixture.read(mutant.to_string().as_bytes()), &context);
            let mut mutant = body.clone();
            // Null always, and two of the others in turn.
            for turn in [0, 1 + readings % 12, 1 + (readings + 5) % 12] {
                *mutant.pointer_mut(pointer).unwrap() = wrong[turn].clone();
                check(&fixture.read(mutant.to_string().as_bytes()), &context);
                readings += 1;
            }
        }
    }
    assert!(readings > 20_000, "{readings}");
}

#[test]
fn a_field_of_little_weight_never_costs_the_fact() {
    let identifying = ["id", "issue_id", "issue_url", "web_url", "url", "event_id"];
    for fixture in fixtures::all() {
        if !fixture.file.starts_with("event_alert-triggered") {
            continue;
        }
        let body: Value = serde_json::from_str(&fixture.body).unwrap();
        let mut all = Vec::new();
        pointers(&body, "", &mut all);
        for pointer in all
            .iter()
            .filter(|pointer| pointer.starts_with("/data/event/"))
        {
            if identifying.iter().any(|key| pointer.ends_with(key)) {
                continue;
            }
            for value in [json!({"odd": []}), json!([7]), json!(7.5), Value::Null] {
                let mut mutant = body.clone();
                *mutant.pointer_mut(pointer).unwrap() = value;
                let got = flat(&fixture.read(mutant.to_string().as_bytes()));
                assert_eq!(got["outcome"], "signal", "{} {pointer}", fixture.file);
                assert_eq!(got["fact"], "alert_fired", "{} {pointer}", fixture.file);
            }
        }
    }
}

#[test]
fn a_body_cut_anywhere_ends_in_a_reading() {
    for fixture in fixtures::all() {
        let step = (fixture.body.len() / 60).max(1);
        for end in (0..fixture.body.len()).step_by(step) {
            let cut = &fixture.body.as_bytes()[..end];
            check(&fixture.read(cut), &fixture.file);
        }
    }
}

#[test]
fn a_body_under_any_header_ends_in_a_reading() {
    for fixture in fixtures::all() {
        for resource in RESOURCES {
            check(&read(resource, fixture.body.as_bytes()), &fixture.file);
        }
    }
}

#[test]
fn nesting_bytes_and_sizes_beyond_reason_end_in_a_reading() {
    let deep = |open: &str, close: &str, levels: usize| {
        format!("{}1{}", open.repeat(levels), close.repeat(levels))
    };
    let long = "x".repeat(300_000);
    let frames: Vec<Value> = (0..2_000)
        .map(|line| json!({"function": "f", "lineno": line}))
        .collect();
    let crumbs: Vec<Value> = (0..2_000)
        .map(|n| json!({"message": format!("crumb {n}")}))
        .collect();
    let chain: Vec<Value> = (0..500)
        .map(|n| json!({"type": format!("E{n}"), "stacktrace": {"frames": &frames[..20]}}))
        .collect();
    let event = json!({"event_id": &long, "issue_id": &long, "title": &long, "message": &long,
        "exception": {"values": [{"type": &long, "value": &long, "stacktrace": {"frames": frames}}]},
        "breadcrumbs": {"values": crumbs},
        "tags": (0..5_000).map(|n| json!([format!("t{n}"), &"v".repeat(900)])).collect::<Vec<_>>()});
    let chained = json!({"event_id": "1", "exception": {"values": chain}});
    let bodies = [
        deep("[", "]", 127),
        deep("{\"data\":", "}", 126),
        deep("[", "]", 100_000),
        deep("{\"event\":", "}", 100_000),
        json!({"action": &long, "data": {"event": event}}).to_string(),
        json!({"action": "triggered", "data": {"event": event, "triggered_rule": &long}})
            .to_string(),
        json!({"action": "triggered", "data": {"event": chained}}).to_string(),
    ];
    for body in &bodies {
        for resource in RESOURCES {
            check(&read(resource, body.as_bytes()), resource);
        }
    }
    let detail = |body: &str| {
        let Outcome::Signal(signal) = read("event_alert", body.as_bytes()).outcome else {
            panic!("no signal");
        };
        let Fact::Issue(fact) = signal.fact else {
            panic!("no issue");
        };
        fact.event.unwrap().detail
    };
    let big = detail(&bodies[5]);
    assert_eq!(big.exceptions[0].frames.len(), limits::FRAMES);
    assert_eq!(big.crash_frame().unwrap().line, Some(1_999));
    assert_eq!(big.breadcrumbs.len(), limits::BREADCRUMBS);
    assert_eq!(big.breadcrumbs.last().unwrap().message, "crumb 1999");
    assert_eq!(big.tags.len(), limits::TAGS);
    assert!(big.message.len() <= limits::MESSAGE_BYTES + '…'.len_utf8());
    let chained = detail(&bodies[6]);
    assert_eq!(chained.exceptions.len(), limits::EXCEPTIONS);
    assert_eq!(chained.raised().unwrap().kind, "E499");
}

#[test]
fn variables_headers_cookies_and_addresses_are_never_kept() {
    for fixture in fixtures::all() {
        let Outcome::Signal(signal) = fixture.read(fixture.body.as_bytes()).outcome else {
            continue;
        };
        let text = format!("{:?}", signal.fact);
        for secret in [
            "4111",
            "secret",
            "203.0.113.7",
            "not-kept",
            "@harbor.example",
        ] {
            assert!(!text.contains(secret), "{}: {secret}", fixture.file);
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_repaired() {
    let body =
        b"{\"action\":\"resolved\",\"data\":{\"issue\":{\"id\":\"5\",\"title\":\"caf\xe9\"}}}";
    let got = flat(&read("issue", body));
    assert_eq!(got["fact"], "resolved");
    assert_eq!(got["title"], "caf\u{fffd}");
    let nothing = flat(&read("issue", b"\xff\xfe\x00"));
    assert_eq!(
        nothing["reason"],
        "The body is not JSON: it is not even text."
    );
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("data"),
        Just("issue"),
        Just("event"),
        Just("id"),
        Just("action"),
        Just("type"),
        Just("values"),
        Just("exception"),
        Just("stacktrace"),
        Just("frames"),
        Just("tags"),
        Just("metric_alert"),
        Just("activity"),
        Just("details"),
        Just("project"),
        Just("group"),
        Just("entries"),
        Just("group_id"),
        Just("comment_id"),
        Just("installation"),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|entries| {
                Value::Object(
                    entries
                        .into_iter()
                        .map(|(k, v)| (k.to_owned(), v))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_end_in_a_reading(body in prop::collection::vec(any::<u8>(), 0..400), at in 0..11_usize) {
        check(&read(RESOURCES[at], &body), "bytes");
    }

    #[test]
    fn any_json_ends_in_a_reading(body in json_value(), at in 0..11_usize) {
        check(&read(RESOURCES[at], body.to_string().as_bytes()), "json");
    }

    #[test]
    fn a_scrambled_fixture_ends_in_a_reading(
        pick in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let all = fixtures::all();
        let fixture = pick.get(&all);
        let mut body = fixture.body.clone().into_bytes();
        for (at, byte) in edits {
            if !body.is_empty() {
                let at = at.index(body.len());
                body[at] = byte;
            }
        }
        check(&fixture.read(&body), &fixture.file);
    }
}
