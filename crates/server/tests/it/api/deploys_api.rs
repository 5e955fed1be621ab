//! `POST /api/v1/deploys`: what it answers to what, and the page that says so.

use crate::support::TestApp;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;

on_both_engines!(the_deploys_api_does_what_the_page_says);

/// Where its part of the page begins.
const TITLE: &str = "\n## The deploys API\n";

fn cases() -> Vec<(&'static str, Value)> {
    let sha = "9fceb02d0ae598e95dc970b74767f19372d61af8";
    let commit = json!({"id": sha, "message": "Look prices up by sku", "author": "Robin",
        "timestamp": "2026-03-02T09:00:00Z", "files": ["shop/cart.py"]});
    vec![
        (
            "a version",
            json!({"version": "shop@1.4.0", "project": "shop", "repository": "acme/shop"}),
        ),
        ("a commit", json!({"sha": sha, "environment": "Staging"})),
        (
            "all of it",
            json!({"version": "shop@1.4.1", "sha": sha, "environment": "production",
                "repository": "https://github.com/Acme/Shop.git", "project": "shop",
                "service": "Shop", "name": "Ship it", "key": "ci-41", "status": "started",
                "started_at": "2026-03-02T10:00:30Z", "url": "https://ci.acme.example/41",
                "commits": [commit]}),
        ),
        (
            "the same key, now live",
            json!({"version": "shop@1.4.1", "key": "ci-41", "status": "succeeded",
                "finished_at": "2026-03-02T10:02:00Z"}),
        ),
        (
            "the same key, going back",
            json!({"version": "shop@1.4.1", "key": "ci-41", "status": "started"}),
        ),
        (
            "a version that was live before",
            json!({"version": "shop@1.4.0", "key": "ci-42", "project": "shop",
                "repository": "acme/shop"}),
        ),
        (
            "it failed",
            json!({"version": "shop@1.4.2", "status": "failed"}),
        ),
        (
            "nothing that is deployed",
            json!({"environment": "production"}),
        ),
        ("a commit that is none", json!({"sha": "HEAD"})),
        (
            "a status that is none",
            json!({"version": "1", "status": "done"}),
        ),
        (
            "a time that is none",
            json!({"version": "1", "finished_at": "yesterday"}),
        ),
        (
            "a link that is none",
            json!({"version": "1", "url": "javascript:alert(1)"}),
        ),
        (
            "a repository that is none",
            json!({"version": "1", "repository": "a b"}),
        ),
        (
            "a listed commit without a name",
            json!({"version": "1", "commits": [{"id": "zz"}]}),
        ),
        ("an unknown field", json!({"version": "1", "colour": "red"})),
    ]
}

fn does(answer: &crate::support::Answer) -> String {
    let body = answer.json();
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    if answer.status.as_u16() != 201 {
        return format!("{}: {}", answer.status.as_u16(), text("detail"));
    }
    let what = if body["version"].is_null() {
        text("sha")
    } else {
        text("version")
    };
    let back = match &body["rollback_to_id"] {
        Value::Null => "",
        _ => ", a rollback",
    };
    let (environment, status) = (text("environment"), text("status"));
    format!("201: keeps the deploy of {what} to {environment}: {status}{back}")
}

#[expect(
    clippy::disallowed_methods,
    reason = "this test keeps a page of the documentation up to date"
)]
async fn the_deploys_api_does_what_the_page_says(app: &TestApp) {
    let mut part = format!(
        "{TITLE}\n`POST /api/v1/deploys`, one request after the other.\n\n\
         | request | what Epicenter does |\n|---|---|\n"
    );
    for (name, body) in cases() {
        let answer = app.api.post("/api/v1/deploys", body).await;
        let does = does(&answer).replace('|', "\\|");
        writeln!(part, "| {name} | {does} |").unwrap();
        app.later(60);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, written) = page
        .find(TITLE)
        .map_or((page.as_str(), ""), |at| page.split_at(at));
    if std::env::var("UPDATE_DOCS").is_ok() {
        std::fs::write(&path, format!("{before}{part}")).unwrap();
        return;
    }
    assert!(
        written == part,
        "docs/conformance.md is out of date: run this test with UPDATE_DOCS=1\n{part}"
    );
}
