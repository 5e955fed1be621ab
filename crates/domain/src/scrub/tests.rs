mod properties;

use super::*;
use crate::delivery::Headers;
use proptest::prelude::*;
use serde_json::{Value, json};

fn scrubbed(body: &str) -> String {
    scrubbed_by(&Rules::default(), body)
}

fn scrubbed_by(rules: &Rules, body: &str) -> String {
    String::from_utf8_lossy(&scrub(body.as_bytes(), rules)).into_owned()
}

fn allowing(ids: &[&str]) -> Rules {
    let allow = ids.iter().map(|id| (*id).to_owned()).collect();
    Rules::try_from(RulesConfig {
        allow,
        extra_keys: Vec::new(),
    })
    .unwrap()
}

/// `before` → `after` of whole bodies (ACCEPTANCE §5 Sanitiser, FIELD case 61).
const BODIES: &[(&str, &str)] = &[
    // What the parser needs stays, byte for byte.
    (
        r#"{ "data" : {"headers_seen":1.0, "id":"4111111111111111","title":"x\u00e9"} }"#,
        r#"{ "data" : {"headers_seen":1.0, "id":"4111111111111111","title":"x\u00e9"} }"#,
    ),
    (
        r#"{"action":"created","data":{"error":{"tokens_count":3,"author":"ann","key_id":"1"}}}"#,
        r#"{"action":"created","data":{"error":{"tokens_count":3,"author":"ann","key_id":"1"}}}"#,
    ),
    (
        r#"{"release":"shop@2.0.beta.app","dist":"10.0.0.1","version":"1.2.3.4","sdk":{"version":"1.2.3.4"}}"#,
        r#"{"release":"shop@2.0.beta.app","dist":"10.0.0.1","version":"1.2.3.4","sdk":{"version":"1.2.3.4"}}"#,
    ),
    (
        r#"{"tags":[["release","1.2.3.4"],["sentry:release","a@b.app"],["user","ip:1.2.3.4"],["user","email:a@b.co"]]}"#,
        r#"{"tags":[["release","1.2.3.4"],["sentry:release","a@b.app"],["user","ip:[ip]"],["user","email:[email]"]]}"#,
    ),
    (
        r#"{"tags":[{"key":"release","value":"1.2.3.4"},{"key":"token","value":"x"},{"key":"a","value":"1.2.3.4"}]}"#,
        r#"{"tags":[{"key":"release","value":"1.2.3.4"},{"key":"token","value":"[scrubbed]"},{"key":"a","value":"[ip]"}]}"#,
    ),
    // Requests, stored shape and REST shape.
    (
        r#"{"request":{"url":"https://x.io/a?token=1&b=2","headers":[["A","b"]],"cookies":{"a":"b"},"data":"x=y","env":{"REMOTE_ADDR":"h"},"query_string":[["password","x"],["coupon","X"]]}}"#,
        r#"{"request":{"url":"https://x.io/a?token=[secret]&b=2","headers":[],"cookies":{},"data":"[scrubbed]","env":{"REMOTE_ADDR":"[ip]"},"query_string":[["password","[scrubbed]"],["coupon","X"]]}}"#,
    ),
    (
        r#"{"entries":[{"data":{"headers":[["A","b"]],"data":{"a":1},"cookies":null,"method":"GET"},"type":"request"},{"type":"exception","data":{"values":[{"value":"v"}]}}]}"#,
        r#"{"entries":[{"data":{"headers":[],"data":{},"cookies":null,"method":"GET"},"type":"request"},{"type":"exception","data":{"values":[{"value":"v"}]}}]}"#,
    ),
    // Users.
    (
        r#"{"user":{"id":"42","email":"ann@x","username":"ann@example.com","ip_address":"{{auto}}","geo":{"city":"London"},"data":{"email":"q"}},"sentry_user":"ip:1.2.3.4"}"#,
        r#"{"user":{"id":"42","email":"[scrubbed]","username":"[email]","ip_address":"[scrubbed]","geo":{},"data":{"email":"[scrubbed]"}},"sentry_user":"ip:[ip]"}"#,
    ),
    (
        r#"{"assignedTo":{"type":"user","id":"1","name":"Ann","email":"ann@local"},"actor":{"type":"user","id":7,"name":"ann@example.com"}}"#,
        r#"{"assignedTo":{"type":"user","id":"1","name":"Ann","email":"[email]"},"actor":{"type":"user","id":7,"name":"[email]"}}"#,
    ),
    // Frames keep the names of variables and their code.
    (
        r#"{"vars":{"amount":"-3","n":4,"o":{"a":1},"l":[1],"t":true,"z":null},"context_line":"login(password=password)"}"#,
        r#"{"vars":{"amount":"[scrubbed]","n":null,"o":{},"l":[],"t":true,"z":null},"context_line":"login(password=password)"}"#,
    ),
    // Secrets by name and by look.
    (
        r#"{"extra":{"password":"x","apiKey":"y","clientSecret":["a"],"X-Auth-Token":"t","csrf_token":"c","session":{"a":1},"pwd":7,"access_token":9,"auth":"","api_key":true}}"#,
        r#"{"extra":{"password":"[scrubbed]","apiKey":"[scrubbed]","clientSecret":[],"X-Auth-Token":"[scrubbed]","csrf_token":"[scrubbed]","session":{},"pwd":null,"access_token":9,"auth":"","api_key":true}}"#,
    ),
    (
        r#"{"message":"ghp_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ by ann@example.com from 10.0.0.1"}"#,
        r#"{"message":"[secret] by [email] from [ip]"}"#,
    ),
    (
        r#"{"installation":{"uuid":"u","code":"grant"},"data":{"code":"kept"}}"#,
        r#"{"installation":{"uuid":"u","code":"[scrubbed]"},"data":{"code":"kept"}}"#,
    ),
    (r#"{"ann@example.com":"10.0.0.1"}"#, r#"{"[email]":"[ip]"}"#),
    (
        r#"{"\u0070assword":"x"}"#,
        r#"{"\u0070assword":"[scrubbed]"}"#,
    ),
    // Not JSON.
    ("mail ann@example.com", "mail [email]"),
    (
        "email=ann%40example.com&password=x&a=1",
        "email=[email]&password=[secret]&a=1",
    ),
    (
        r#"{"a":"ann@example.com"} 10.0.0.1"#,
        r#"{"a":"[email]"} [ip]"#,
    ),
    (r#"{"a":1.2.3.4,"#, r#"{"a":[ip],"#),
    (r#"{"a":"ann@example.com and"#, r#"{"a":"[email] and"#),
    (r#"{"password":"hunter2"#, r#"{"password":"[scrubbed]""#),
    (
        r#"{"request":{"headers":{"Cookie":"a"#,
        r#"{"request":{"headers":"[scrubbed]""#,
    ),
    ("", ""),
];

#[test]
fn bodies_keep_everything_but_what_the_rules_name() {
    for (before, after) in BODIES {
        assert_eq!(scrubbed(before), *after);
        assert_eq!(scrubbed(after), *after, "twice");
    }
}

#[test]
fn what_changes_nothing_copies_nothing() {
    let body = br#"{"data":{"issue":{"id":"1","title":"ValueError"}}}"#;
    assert!(matches!(scrub(body, &Rules::default()), Cow::Borrowed(_)));
}

#[test]
fn every_rule_can_be_allowed() {
    for (id, body) in [
        (
            "request_headers",
            r#"{"request":{"headers":[["Accept","b"]]}}"#,
        ),
        ("cookies", r#"{"cookies":{"a":"b"}}"#),
        ("request_body", r#"{"request":{"data":"abc"}}"#),
        ("user_email", r#"{"user":{"email":"ann@example.com"}}"#),
        ("user_ip", r#"{"user":{"ip_address":"10.0.0.1"}}"#),
        (
            "emails_in_text",
            r#"{"message":"ann@example.com","email":"q"}"#,
        ),
        ("ips_in_text", r#"{"message":"10.0.0.1","REMOTE_ADDR":"h"}"#),
        ("card_numbers", r#"{"message":"4111111111111111"}"#),
        ("secret_keys", r#"{"extra":{"password":"x"}}"#),
        ("secret_values", r#"{"m":"Bearer abcdef123456"}"#),
        ("frame_vars", r#"{"vars":{"a":"x"}}"#),
        ("url_parameters", r#"{"url":"https://x.io?token=a"}"#),
        ("geo", r#"{"geo":{"city":"x"}}"#),
    ] {
        assert_ne!(scrubbed(body), body, "{id}");
        assert_eq!(scrubbed_by(&allowing(&[id]), body), body, "{id}");
    }
    let everything = Rule::ALL.map(Rule::id);
    for (body, _) in BODIES {
        assert_eq!(scrubbed_by(&allowing(&everything), body), *body);
    }
}

#[test]
fn rules_are_read_strictly() {
    let rules: Rules =
        serde_json::from_value(json!({"allow": ["geo"], "extra_keys": ["Kontonummer"]})).unwrap();
    assert!(!rules.is_on(Rule::Geo) && rules.is_on(Rule::Cookies));
    let body = r#"{"kontoNummer":"DE1","n":1}"#;
    let expected = r#"{"kontoNummer":"[scrubbed]","n":1}"#;
    assert_eq!(scrubbed_by(&rules, body), expected);
    let unknown: Result<Rules, _> = serde_json::from_value(json!({"allow": ["emails"]}));
    let message = unknown.unwrap_err().to_string();
    assert!(message.contains("\"emails\""), "{message}");
    assert!(message.contains("emails_in_text, ips_in_text"), "{message}");
    assert!(serde_json::from_value::<Rules>(json!({"alow": []})).is_err());
}

#[test]
fn a_requests_own_headers_tell_no_secrets() {
    let kept = scrub_headers(&Headers::new([
        ("Content-Type", "application/json"),
        ("Sentry-Hook-Resource", "issue"),
        ("Sentry-Hook-Signature", &"a".repeat(64)),
        ("Authorization", "Bearer x"),
        ("Cookie", "a=b"),
        ("X-Forwarded-For", "10.0.0.1"),
        ("CF-Connecting-IP", "10.0.0.1"),
        ("X-Gitlab-Token", "hunter2"),
        ("User-Agent", "sentry/26.1.0.0 (ann@example.com)"),
        ("Request-ID", "36d9bbdc328a571daa8eaeccd0c73bc6"),
    ]));
    let pairs: Vec<_> = kept.iter().collect();
    assert_eq!(
        pairs,
        [
            ("content-type", "application/json"),
            ("sentry-hook-resource", "issue"),
            ("sentry-hook-signature", "[present, 64 characters]"),
            ("x-gitlab-token", "[present, 7 characters]"),
            ("user-agent", "sentry/26.1.0.0 ([email])"),
            ("request-id", "36d9bbdc328a571daa8eaeccd0c73bc6"),
        ]
    );
}

/// An event with everything Sentry may send.
fn rich_event() -> Value {
    json!({
        "action": "triggered",
        "installation": {"uuid": "a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},
        "data": {"triggered_rule": "Rule", "event": {
            "event_id": "a531b387764a4a5191424238eb181cb8", "project": 4_509_372_106_539_008_i64,
            "title": "ValueError: x", "culprit": "billing in pay", "message": "m",
            "logentry": {"formatted": "f", "message": "m", "params": ["a"]},
            "tags": [["environment", "production"], ["user", "id:42"], ["url", "u"]],
            "breadcrumbs": {"values": [{"type": "http", "category": "c", "message": "m",
                "data": {"url": "u", "http.query": "q", "status_code": 200}}]},
            "contexts": {"trace": {"description": "d"}, "state": {"a": {"b": ["c"]}}},
            "exception": {"values": [{"type": "t", "value": "v", "stacktrace": {"frames": [
                {"function": "f", "filename": "n", "abs_path": "p", "context_line": "c",
                 "pre_context": ["p"], "post_context": ["p"], "vars": {"a": "b"}}]}}]},
            "extra": {"argv": ["a", "b"], "deep": [[["x"]]], "pairs": [["k", "v"]]},
            "request": {"url": "u", "method": "m", "query_string": [["coupon", "X"]],
                "headers": [["User-Agent", "u"]], "cookies": [["s", "c"]], "data": {"a": "b"},
                "env": {"SERVER_NAME": "n"}, "fragment": "f"},
            "user": {"id": "i", "username": "u", "email": "e", "ip_address": "p", "name": "n"},
            "fingerprint": ["a"], "location": "l", "logger": "l", "transaction": "t",
            "metadata": {"type": "t", "value": "v", "title": "t"}, "web_url": "u", "issue_id": "1",
        }},
        "actor": {"type": "user", "id": 1, "name": "n"},
        "comment": "c", "assignee": {"name": "n", "email": "e"},
    })
}

fn each_string(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(list) => list.iter_mut().for_each(|item| each_string(item, change)),
        Value::Object(map) => map.values_mut().for_each(|item| each_string(item, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn needles_planted_in_every_string_are_gone() {
    for needle in [
        "ann.lee@example.com",
        "203.0.113.9",
        "2001:db8::dead:1",
        "ghp_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "AKIAIOSFODNN7EXAMPLE",
    ] {
        for frame in [
            "{}",
            "x {} y",
            "\n{}\u{e9}",
            "\u{1f4a5}({})",
            "k: {},",
            "\"{}\"",
            "<{}>",
        ] {
            let mut event = rich_event();
            each_string(&mut event, &mut |text| {
                text.push(' ');
                text.push_str(&frame.replace("{}", needle));
            });
            for body in [
                event.to_string(),
                serde_json::to_string_pretty(&event).unwrap(),
                ascii(&event.to_string()),
            ] {
                let after = scrubbed(&body);
                assert!(!after.contains(needle), "{needle} {frame}: {after}");
                serde_json::from_str::<Value>(&after).unwrap();
                let torn = &body.as_bytes()[..body.len() * 3 / 4];
                let torn = scrub(torn, &Rules::default()).into_owned();
                let whole_needles = String::from_utf8_lossy(&torn).into_owned();
                assert!(!whole_needles.contains(needle), "torn {needle} {frame}");
            }
        }
    }
}

/// As Sentry writes it.
fn ascii(json: &str) -> String {
    let spelling = crate::json::Spelling {
        ascii: true,
        spaced: false,
    };
    String::from_utf8(crate::json::respell(json.as_bytes(), spelling).unwrap()).unwrap()
}
