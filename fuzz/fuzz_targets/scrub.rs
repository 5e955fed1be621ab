//! Scrubbing any bytes under any rules: it never panics, JSON stays JSON of the same shape, twice
//! is once, and secrets planted where the rules look are gone. The first two bytes pick the rules,
//! the third how secrets are planted, the rest is the body and the text around the secrets.

#![no_main]

use epicenter_domain::scrub::{Rules, RulesConfig, scrub};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// One of each sort that the rules look for in text.
const SECRETS: [&str; 4] = [
    "ann.lee@example.com",
    "203.0.113.9",
    "4111111111111111",
    "ghp_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ",
];

/// A body with `@` where a secret stands, between texts of the fuzzer's.
const EVENT: &str = r#"{"action":"triggered","data":{"event":{"title":"@","message":"@",
"tags":[["url","@"],{"key":"host","value":"@"}],"extra":{"note":["@",{"deep":"@"}]},
"request":{"url":"@","query_string":[["q","@"]],"headers":[["a","@"]],"data":"@"},
"user":{"email":"@","ip_address":"@","username":"@"},"breadcrumbs":{"values":[{"message":"@"}]},
"exception":{"values":[{"value":"@","stacktrace":{"frames":[{"vars":{"a":"@"}}]}}]}}}}"#;

/// Text around a secret; it is repeated at every place.
const AROUND_MAX: usize = 200;

fuzz_target!(|data: &[u8]| {
    let [low, high, how, text @ ..] = data else {
        return;
    };
    check(text, &rules(u16::from_le_bytes([*low, *high])));
    let around = &text[..text.len().min(AROUND_MAX)];
    planted(&String::from_utf8_lossy(around), *how);
});

/// Allows what the bits name, as an operator would.
fn rules(allowed: u16) -> Rules {
    let names = Rules::ALL.iter().enumerate();
    let allow = names
        .filter(|(index, _)| allowed & (1 << index) != 0)
        .map(|(_, rule)| rule.id().to_owned())
        .collect();
    let extra_keys = vec!["kontonummer".to_owned()];
    Rules::try_from(RulesConfig { allow, extra_keys }).expect("these rules exist")
}

fn check(body: &[u8], rules: &Rules) -> Vec<u8> {
    let once = scrub(body, rules).into_owned();
    let twice = scrub(&once, rules);
    assert_eq!(shown(&twice), shown(&once), "twice is once");
    if let Ok(before) = serde_json::from_slice::<Value>(body) {
        let after = serde_json::from_slice(&once).expect("JSON stays JSON");
        assert!(same_shape(&before, &after), "{before} became {after}");
    }
    once
}

fn shown(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// The same lists and objects with the same names, but for what was removed whole. Names that
/// were masked may have become equal, so they are not followed.
fn same_shape(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Array(_), Value::Array(after)) if after.is_empty() => true,
        (Value::Object(_), Value::Object(after)) if after.is_empty() => true,
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(a, b)| same_shape(a, b))
        }
        (Value::Object(before), Value::Object(after)) => {
            before.len() >= after.len()
                && before
                    .iter()
                    .filter(|(key, _)| !key.contains('['))
                    .all(|(key, value)| after.get(key).is_none_or(|after| same_shape(value, after)))
        }
        (Value::String(_), Value::String(_)) | (Value::Number(_), Value::Null) => true,
        _ => before == after,
    }
}

/// Plants a secret at every place of an event, with the text before and behind it, whole and torn.
fn planted(text: &str, how: u8) {
    let secret = SECRETS[usize::from(how) % SECRETS.len()];
    if text.contains(secret) {
        // Inside of a longer word, and so none.
        return;
    }
    let escape_all = how & 0x10 != 0;
    let middle = (0..=text.len() / 2)
        .rev()
        .find(|at| text.is_char_boundary(*at));
    let (before, behind) = text.split_at(middle.unwrap_or(0));
    let string = spelled(&format!("{before} {secret} {behind}"), escape_all);
    let body = EVENT.replace('@', &string);
    let after = check(body.as_bytes(), &Rules::default());
    let after: Value = serde_json::from_slice(&after).expect("JSON stays JSON");
    assert!(!holds(&after, secret), "{secret} in {after}");
    if !escape_all {
        let end = body.len() * usize::from(how >> 5) / 8;
        let torn = check(&body.as_bytes()[..end], &Rules::default());
        assert!(
            !shown(&torn).contains(secret),
            "{secret} in {}",
            shown(&torn)
        );
    }
}

/// Is the text in any name or string?
fn holds(value: &Value, secret: &str) -> bool {
    match value {
        Value::String(text) => text.contains(secret),
        Value::Array(list) => list.iter().any(|value| holds(value, secret)),
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| key.contains(secret) || holds(value, secret)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What stands between the quotes of a JSON string: as usual, or all of it in escapes.
fn spelled(text: &str, escape_all: bool) -> String {
    if escape_all {
        let units = text.encode_utf16();
        return units.map(|unit| format!("\\u{unit:04x}")).collect();
    }
    let quoted = serde_json::to_string(text).expect("a string can be written");
    quoted[1..quoted.len() - 1].to_owned()
}
