//! Incident events of invented companies.

use super::super::wire::Wire;
use super::super::{Envelope, Outcome, Reading};
use crate::change::{ChangeFact, DeployFact};
use crate::delivery::Headers;
use crate::level::Level;
use crate::signal::{Fact, IssueChange, IssueFact};
use crate::time::Time;
use serde_json::{Value, json};

const SHA: &str = "9fceb02d0ae598e95dc970b74767f19372d61af8";

fn full() -> Value {
    json!({
        "source": "harbor-watch", "service": "checkout", "environment": "production",
        "timestamp": "2026-03-02T10:00:00Z", "severity": "critical",
        "exception_type": "PriceMissing", "message": "no price for sku 7\nasked twice",
        "stacktrace": [
            {"file": "shop/cart.py", "function": "add_line", "line": 88},
            {"file": "lib/site-packages/flask/app.py", "function": "dispatch", "line": 1},
            {"file": "run.py"},
        ],
        "tags": {"release": "shop@1.4.0", "shard": 7, "nested": {"a": 1}},
        "links": {"dashboard": "https://watch.harbor.example/d/1", "note": "see the wiki"},
        "change_window": {"deploy_time": "2026-03-02T09:50:00Z", "commits": [
            {"id": SHA, "timestamp": "2026-03-02T08:00:00Z", "files": ["shop/cart.py"],
                "message": "Look prices up by sku", "author": "Robin", "risk_score": 70},
            {"id": "abc12", "timestamp": "2026-03-02T09:00:00Z", "files": ["/docs/a.md"],
                "author": "sam@harbor.example"},
        ]},
        "correlation_hints": {"critical_paths": ["shop/"], "low_priority_paths": ["docs/"]},
        "api_route": "POST /cart", "request_url": "https://shop.harbor.example/cart",
        "pod": {"name": "checkout-5"},
    })
}

fn read(body: &Value) -> Reading {
    let bytes = serde_json::to_vec(body).unwrap();
    super::read(Envelope {
        headers: &Headers::default(),
        body: &bytes,
        received_at: Time(1_800_000_000_000),
    })
}

fn issue(body: &Value) -> IssueFact {
    let reading = read(body);
    match &reading.outcome.signals()[0].fact {
        Fact::Issue(fact) => fact.as_ref().clone(),
        other => panic!("{other:?}"),
    }
}

fn deploy(body: &Value) -> DeployFact {
    let reading = read(body);
    match &reading.outcome.signals()[1].fact {
        Fact::Change(change) => match change.as_ref() {
            ChangeFact::Deploy(deploy) => deploy.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn faults(body: &Value) -> Vec<String> {
    let text = body.to_string();
    let found = super::faults(&Wire::parse(&text).unwrap());
    let lines = found
        .iter()
        .map(|one| format!("{} {}", one.field, one.message));
    lines.collect()
}

#[test]
fn pl_04_an_incident_event_is_an_event_with_its_stack() {
    let fact = issue(&full());
    assert_eq!(
        fact.change,
        IssueChange::Reported {
            by: "harbor-watch".into()
        }
    );
    let facts = &fact.issue;
    assert_eq!(
        facts.title.as_deref(),
        Some("PriceMissing: no price for sku 7")
    );
    assert_eq!(facts.level, Some(Level::Fatal));
    assert_eq!(facts.project.slug.as_deref(), Some("checkout"));
    assert_eq!(facts.environment.as_deref(), Some("production"));
    assert_eq!(facts.release.as_deref(), Some("shop@1.4.0"));
    assert_eq!(facts.culprit.as_deref(), Some("POST /cart"));
    let link = Some("https://watch.harbor.example/d/1");
    assert_eq!(facts.permalink.as_deref(), link);
    let event = fact.event.unwrap();
    assert_eq!(event.at, Time::parse("2026-03-02T10:00:00Z"));
    assert_eq!(event.event_id.len(), 32);
    let crash = event.detail.crash_frame().unwrap();
    assert_eq!(
        (crash.filename.as_str(), crash.line),
        ("shop/cart.py", Some(88))
    );
    let frames = &event.detail.raised().unwrap().frames;
    let in_app: Vec<_> = frames.iter().map(|frame| frame.in_app).collect();
    assert_eq!(in_app, [true, false, true], "oldest first");
    let url = event.detail.request.unwrap().url;
    assert_eq!(url, "https://shop.harbor.example/cart");
}

// ACCEPTANCE §5: nothing that is sent is dropped silently.
#[test]
fn everything_else_is_shown_as_it_came() {
    let detail = issue(&full()).event.unwrap().detail;
    let line = |name: &str| {
        let found = detail.contexts.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert_eq!(line("links.dashboard"), "https://watch.harbor.example/d/1");
    assert_eq!(line("links.note"), "see the wiki");
    assert_eq!(line("correlation_hints.critical_paths"), "[shop/]");
    assert_eq!(line("correlation_hints.low_priority_paths"), "[docs/]");
    assert_eq!(line("api_route"), "POST /cart");
    assert_eq!(line("pod"), "{name: checkout-5}");
    assert_eq!(line(&format!("risk_score {SHA}")), "70");
    let tags: Vec<_> = detail.tags.iter().map(|(_, value)| value).collect();
    assert_eq!(
        tags,
        ["{a: 1}", "shop@1.4.0", "7"],
        "by key, as serde writes"
    );
}

#[test]
fn pl_05_a_change_window_is_a_deploy_with_its_commits() {
    let deploy = deploy(&full());
    assert_eq!(deploy.environment, "production");
    assert_eq!(deploy.service.as_deref(), Some("checkout"));
    assert_eq!(deploy.finished_at, Time::parse("2026-03-02T09:50:00Z"));
    let shas: Vec<_> = deploy.commits.iter().map(|one| one.sha.as_str()).collect();
    assert_eq!(shas, ["abc12", SHA], "newest first");
    assert_eq!(deploy.sha.as_deref(), Some("abc12"));
    let files = deploy.commits[0].files.as_ref().unwrap();
    assert_eq!(files[0].path, "docs/a.md");
    // The same window with another incident is the same deploy.
    let mut other = full();
    other["message"] = json!("another");
    assert_eq!(super::tests::deploy(&other).key, deploy.key);
    other["change_window"]["deploy_time"] = json!("2026-03-02T09:51:00Z");
    assert_ne!(super::tests::deploy(&other).key, deploy.key);
}

#[test]
fn an_incident_is_told_by_source_service_exception_frame_and_environment() {
    let key = |body: &Value| issue(body).issue.key.dedup_key();
    let first = key(&full());
    assert!(first.starts_with("incident-"), "{first}");
    for (pointer, value, same) in [
        ("/message", json!("no price for sku 8"), true),
        ("/timestamp", json!("2026-03-02T11:00:00Z"), true),
        ("/stacktrace/0/line", json!(90), true),
        ("/severity", json!("error"), true),
        ("/source", json!("other"), false),
        ("/service", json!("billing"), false),
        ("/environment", json!("staging"), false),
        ("/exception_type", json!("KeyError"), false),
        ("/stacktrace/0/file", json!("shop/price.py"), false),
        ("/stacktrace/0/function", json!("remove_line"), false),
    ] {
        let mut body = full();
        *body.pointer_mut(pointer).unwrap() = value;
        assert_eq!(key(&body) == first, same, "{pointer}");
    }
}

#[test]
fn every_missing_field_is_named() {
    assert_eq!(faults(&full()), Vec::<String>::new());
    let nothing = faults(&json!({}));
    for field in [
        "source is required",
        "service is required",
        "environment is required",
        "exception_type is required",
        "message is required",
        "timestamp is required",
        "severity is required: one of critical, error, warning",
        "stacktrace is required",
    ] {
        assert!(
            nothing.iter().any(|one| one == field),
            "{field}: {nothing:?}"
        );
    }
    assert_eq!(faults(&json!([])), ["body must be a JSON object"]);
    let many = json!({"stacktrace": vec![json!({}); 500]});
    assert_eq!(faults(&many).len(), crate::limits::FAULTS);
}

#[test]
fn every_field_at_fault_is_named() {
    for (pointer, value, fault) in [
        ("/source", json!(" "), "source must not be empty"),
        ("/message", json!(5), "message must be a text"),
        ("/timestamp", json!("soon"), "timestamp must be a time"),
        ("/severity", json!("bad"), "severity must be one of"),
        (
            "/stacktrace",
            json!([]),
            "stacktrace must have at least one",
        ),
        ("/stacktrace", json!("x"), "stacktrace must be a list"),
        ("/stacktrace/1", json!({}), "stacktrace[1].file is required"),
        (
            "/stacktrace/0/line",
            json!(-1),
            "stacktrace[0].line must be",
        ),
        ("/tags", json!([]), "tags must be an object"),
        ("/links/note", json!(1), "links.note must be a text"),
        (
            "/change_window",
            json!(1),
            "change_window must be an object",
        ),
        (
            "/change_window",
            json!({}),
            "change_window.deploy_time is required",
        ),
        (
            "/change_window/commits/1/risk_score",
            json!(101),
            "change_window.commits[1].risk_score must be",
        ),
        (
            "/change_window/commits/0/files/0",
            json!(1),
            "change_window.commits[0].files[0] must be a text",
        ),
        (
            "/correlation_hints/critical_paths",
            json!("x"),
            "correlation_hints.critical_paths must be a list",
        ),
        ("/api_route", json!({}), "api_route must be a text"),
    ] {
        let mut body = full();
        match body.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => body["change_window"]["commits"][1]["risk_score"] = value,
        }
        let found = faults(&body);
        assert!(
            found.iter().any(|one| one.starts_with(fault)),
            "{pointer}: {found:?}"
        );
    }
}

#[test]
fn any_body_ends_in_a_reading() {
    for body in [json!({}), json!([]), json!(null), json!({"message": ""})] {
        match read(&body).outcome {
            Outcome::NotUnderstood(reason) => assert!(reason.ends_with('.'), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
    let bare = issue(&json!({"message": "it broke"}));
    assert_eq!(bare.issue.title.as_deref(), Some("it broke"));
    assert_eq!(bare.issue.level, Some(Level::Error));
    assert!(matches!(
        super::read(Envelope {
            headers: &Headers::default(),
            body: b"\xff{",
            received_at: Time(0),
        })
        .outcome,
        Outcome::NotUnderstood(_)
    ));
}
