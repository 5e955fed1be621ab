//! Events of invented companies, in PagerDuty's words.

use super::super::wire::Wire;
use super::super::{Envelope, Fault, Outcome, Reading};
use crate::change::{ChangeFact, DeployFact};
use crate::delivery::Headers;
use crate::level::Severity;
use crate::signal::{AlertFact, AlertState, Fact};
use crate::time::Time;
use serde_json::{Value, json};

const NOW: Time = Time(1_800_000_000_000);

fn trigger() -> Value {
    json!({
        "routing_key": "0123456789abcdef0123456789abcdef", "event_action": "trigger",
        "dedup_key": "disk/db-7",
        "payload": {
            "summary": "Disk of db-7 is 97 % full", "source": "db-7.harbor.example",
            "severity": "warning", "timestamp": "2026-03-02T10:00:00Z",
            "component": "postgres", "group": "storage", "class": "disk",
            "custom_details": {"environment": "production", "free": {"bytes": 5}, "used": "97 %"},
        },
        "links": [{"href": "https://watch.harbor.example/db-7", "text": "Graph"},
            {"href": "javascript:alert(1)", "text": "No"}],
        "images": [{"src": "https://watch.harbor.example/db-7.png", "alt": "Disk"}],
        "client": "Harbor Watch", "client_url": "https://watch.harbor.example",
    })
}

fn change() -> Value {
    json!({
        "routing_key": "0123456789abcdef0123456789abcdef",
        "payload": {
            "summary": "Build 41 is live", "source": "harbor-ci",
            "timestamp": "2026-03-02T09:50:00Z",
            "custom_details": {"version": "shop@1.4.0", "environment": "Staging",
                "commit": "9fceb02d0ae598e95dc970b74767f19372d61af8",
                "repository": "Harbor/Shop", "user": "Robin"},
        },
        "links": [{"href": "https://ci.harbor.example/41", "text": "Build"}],
    })
}

fn read(body: &Value) -> Reading {
    let bytes = serde_json::to_vec(body).unwrap();
    super::read(Envelope {
        headers: &Headers::default(),
        body: &bytes,
        received_at: NOW,
    })
}

fn alert(body: &Value) -> AlertFact {
    match &read(body).outcome.signals()[0].fact {
        Fact::Alert(fact) => fact.as_ref().clone(),
        other => panic!("{other:?}"),
    }
}

fn deploy(body: &Value) -> DeployFact {
    match &read(body).outcome.signals()[0].fact {
        Fact::Change(fact) => match fact.as_ref() {
            ChangeFact::Deploy(deploy) => deploy.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn lines(found: &[Fault]) -> Vec<String> {
    let lines = found
        .iter()
        .map(|one| format!("{} {}", one.field, one.message));
    lines.collect()
}

// FIELD §1.5
#[test]
fn a_trigger_is_an_alert_with_everything_that_was_said() {
    let fact = alert(&trigger());
    assert_eq!(fact.dedup_key, "disk/db-7");
    assert_eq!(fact.state, AlertState::Firing(Severity::Warning));
    assert_eq!(fact.title, "Disk of db-7 is 97 % full");
    assert_eq!(fact.subject.as_deref(), Some("db-7.harbor.example"));
    assert_eq!(fact.environment.as_deref(), Some("production"));
    let page = "https://watch.harbor.example";
    assert_eq!(fact.permalink.as_deref(), Some(page));
    assert_eq!(fact.started_at, Time::parse("2026-03-02T10:00:00Z"));
    assert_eq!(
        fact.details,
        "- source: db-7.harbor.example\n- component: postgres\n- group: storage\n- class: disk\n\
         - timestamp: 2026-03-02T10:00:00Z\n- client: Harbor Watch\n- environment: production\n\
         - free: {bytes: 5}\n- used: 97 %\n\
         - Graph: https://watch.harbor.example/db-7\n\
         - Disk: https://watch.harbor.example/db-7.png",
        "and no link that is none"
    );
}

#[test]
fn severities_and_actions_are_pagerdutys() {
    for (word, severity) in [
        ("critical", Severity::Critical),
        ("error", Severity::Error),
        ("warning", Severity::Warning),
        ("info", Severity::Info),
        ("odd", Severity::Error),
    ] {
        let mut body = trigger();
        body["payload"]["severity"] = json!(word);
        assert_eq!(alert(&body).state, AlertState::Firing(severity), "{word}");
    }
    for (action, state) in [
        ("acknowledge", AlertState::Acknowledged),
        ("resolve", AlertState::Resolved),
    ] {
        let body = json!({"event_action": action, "dedup_key": "disk/db-7"});
        assert_eq!(alert(&body).state, state);
        assert_eq!(read(&body).action, action);
    }
}

#[test]
fn a_change_is_a_deploy() {
    let fact = deploy(&change());
    assert_eq!(fact.name.as_deref(), Some("Build 41 is live"));
    assert_eq!(fact.version.as_deref(), Some("shop@1.4.0"));
    assert_eq!(fact.environment, "staging");
    assert_eq!(fact.service.as_deref(), Some("harbor-ci"));
    assert_eq!(fact.repository.unwrap().name.as_str(), "harbor/shop");
    assert!(fact.sha.unwrap().starts_with("9fceb02"));
    assert_eq!(fact.finished_at, Time::parse("2026-03-02T09:50:00Z"));
    let page = "https://ci.harbor.example/41";
    assert_eq!(fact.url.as_deref(), Some(page));
    assert_eq!(fact.actor.name, "Robin");
    assert_eq!(read(&change()).identity, read(&change()).identity);
    let mut later = change();
    later["payload"]["timestamp"] = json!("2026-03-03T09:50:00Z");
    assert_ne!(deploy(&later).key, fact.key);
    let bare = deploy(&json!({"payload": {"summary": "Cache cleared"}}));
    assert_eq!(
        (bare.environment.as_str(), bare.finished_at),
        ("production", Some(NOW))
    );
}

#[test]
fn every_field_at_fault_is_named() {
    let event = |body: &Value| {
        let text = body.to_string();
        lines(&super::event_faults(&Wire::parse(&text).unwrap()))
    };
    let change_of = |body: &Value| {
        let text = body.to_string();
        lines(&super::change_faults(&Wire::parse(&text).unwrap()))
    };
    assert_eq!(event(&trigger()), Vec::<String>::new());
    assert_eq!(change_of(&change()), Vec::<String>::new());
    let words = "one of trigger, acknowledge, resolve";
    assert_eq!(
        event(&json!({})),
        [format!("event_action is required: {words}")]
    );
    assert_eq!(
        event(&json!({"event_action": "resolve"})),
        ["dedup_key is required"]
    );
    assert_eq!(
        event(&json!({"event_action": "trigger", "payload": {}})),
        [
            "payload.summary is required",
            "payload.source is required",
            "payload.severity is required: one of critical, error, warning, info",
        ]
    );
    let mut long = trigger();
    long["dedup_key"] = json!("x".repeat(256));
    assert_eq!(event(&long), ["dedup_key must have at most 255 characters"]);
    assert_eq!(change_of(&json!({})), ["payload is required"]);
    let no_summary = json!({"payload": {"source": 1}, "links": {}});
    assert_eq!(
        change_of(&no_summary),
        [
            "payload.summary is required",
            "payload.source must be a text",
            "links must be a list",
        ]
    );
    assert_eq!(event(&json!([])), ["body must be a JSON object"]);
    assert_eq!(change_of(&json!(1)), ["body must be a JSON object"]);
}

#[test]
fn any_body_ends_in_a_reading() {
    for body in [
        json!({}),
        json!(null),
        json!({"event_action": "explode", "dedup_key": "x"}),
        json!({"event_action": "trigger"}),
    ] {
        match read(&body).outcome {
            Outcome::NotUnderstood(reason) => assert!(reason.ends_with('.'), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_routing_key_is_in_the_body() {
    let bytes = serde_json::to_vec(&trigger()).unwrap();
    let key = super::routing_key(&bytes);
    assert_eq!(key.as_deref(), Some("0123456789abcdef0123456789abcdef"));
    assert_eq!(super::routing_key(b"{\"routing_key\": 5"), None);
    assert_eq!(super::routing_key(b"{\"routing_key\": \" \"}"), None);
}
