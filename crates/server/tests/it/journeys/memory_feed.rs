//! Who reads along: webhooks and a file get every record once, in order, across every failure
//! (ACCEPTANCE §3 66: sinks for every transition, LF-14, LF-27).

use crate::support::app::id;
use crate::support::engine::OwnDatabase;
use crate::support::receiver::{FakeReceiver, Received, Reply};
use crate::support::{Engine, SECRET, TestApp, Webhook};
use epicenter::operations::feed::feed_due;
use epicenter::workers::{clean_up, write_file};
use serde_json::{Value, json};
use standardwebhooks::Webhook as Checker;
use std::path::Path;

on_both_engines!(
    a_reader_gets_every_record_once_and_signed,
    a_reader_that_is_away_goes_on_where_it_was,
    a_reader_of_one_service_hears_of_no_other,
    only_webhooks_read_along,
    a_file_gets_every_record_once,
);

/// Starts a server that may reach this machine, and writes this file if there is one.
async fn reach(engine: Engine, file: Option<&Path>) -> TestApp {
    let database = OwnDatabase::new(engine).await.unwrap();
    TestApp::start_with(database, Some(SECRET), |config| {
        config.outbound.allowed_networks = vec!["127.0.0.1".to_owned()];
        if let Some(file) = file {
            config.memory.file = file.to_owned();
        }
    })
    .await
}

async fn reader(app: &TestApp, receiver: &FakeReceiver, takes: &str, services: Value) -> Value {
    let wanted = json!({"name": "Reader", "observations": takes, "services": services,
        "target": {"channel": "webhook", "url": format!("{}/memory", receiver.url),
            "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}});
    let made = app.api.post("/api/v1/destinations", wanted).await;
    made.expect(201).json()
}

/// Remembers, owes and sends what is due now.
async fn feed(app: &TestApp) {
    app.settle().await;
    while feed_due(app.inside()).await.unwrap() > 0 {
        app.tell().await;
    }
    app.tell().await;
}

fn types(seen: &[Received]) -> Vec<String> {
    let kind = |one: &Received| one.json()["type"].as_str().unwrap().to_owned();
    seen.iter().map(kind).collect()
}

async fn a_reader_gets_every_record_once_and_signed(app: &TestApp) {
    let app = reach(app.engine, None).await;
    let receiver = FakeReceiver::start().await;
    app.apply(Webhook::event_alert(41)).await;
    let made = reader(&app, &receiver, "only", json!([])).await;
    assert_eq!(made["observations"], "only");
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    app.apply(Webhook::issue("resolved", 42)).await;
    feed(&app).await;
    feed(&app).await;
    let seen = receiver.take();
    let expected = [
        "epicenter.event_alert.triggered",
        "epicenter.issue.resolved",
    ];
    assert_eq!(
        types(&seen),
        expected,
        "no notices, and nothing from before"
    );
    let kind = seen[0].header("content-type");
    assert_eq!(kind, "application/cloudevents+json; charset=utf-8");
    let event = seen[0].json();
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(
        event["timestamp"], event["time"],
        "as Standard Webhooks ask"
    );
    assert_eq!(seen[0].header("webhook-id"), event["id"]);
    let checker = Checker::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    // The clock of the test stands still; the library compares with the real one.
    let signature = seen[0].header("webhook-signature");
    let at: i64 = seen[0].header("webhook-timestamp").parse().unwrap();
    let body = std::str::from_utf8(&seen[0].body).unwrap();
    let name = seen[0].header("webhook-id");
    assert_eq!(checker.sign(name, at, body.as_bytes()).unwrap(), signature);
    let path = format!("/api/v1/observations/{}", event["id"].as_str().unwrap());
    assert_eq!(event["data"], app.api.one(&path).await, "the record itself");
    let log = app.api.all("/api/v1/notifications").await;
    assert_eq!(log[0]["kind"], "observation");
    let incident = app.incidents().await.pop().unwrap();
    let path = format!("/api/v1/incidents/{}/why", id(&incident));
    let why = app.api.get(&path).await.text;
    assert!(why.contains("observations of the memory"), "{why}");
    // Sent records leave the log of notices, and stay in the memory.
    app.later(15 * 24 * 3_600);
    clean_up(app.inside()).await.unwrap();
    assert!(app.api.all("/api/v1/notifications").await.is_empty());
    assert_eq!(app.api.all("/api/v1/observations").await.len(), 3);
    app.finish().await;
}

async fn a_reader_that_is_away_goes_on_where_it_was(app: &TestApp) {
    let app = reach(app.engine, None).await;
    let receiver = FakeReceiver::start().await;
    let made = reader(&app, &receiver, "only", json!([])).await;
    for issue in 0..120 {
        app.receive(Webhook::event_alert(issue)).await;
    }
    app.settle().await;
    receiver.once(Reply::status(503));
    assert_eq!(
        feed_due(app.inside()).await.unwrap(),
        100,
        "no more at once"
    );
    assert_eq!(feed_due(app.inside()).await.unwrap(), 0, "they wait");
    app.tell().await;
    let mut seen = receiver.take();
    assert_eq!(seen.len(), 100);
    // Switched off, it is owed nothing; back again, everything.
    let path = format!("/api/v1/destinations/{}", id(&made));
    app.api
        .patch(&path, json!({"enabled": false}))
        .await
        .expect(200);
    assert_eq!(feed_due(app.inside()).await.unwrap(), 0);
    app.api
        .patch(&path, json!({"enabled": true}))
        .await
        .expect(200);
    app.later(10);
    feed(&app).await;
    seen.extend(receiver.take());
    let mut ids: Vec<String> = seen
        .iter()
        .map(|one| one.header("webhook-id").to_owned())
        .collect();
    assert_eq!(ids.len(), 121, "one of them was tried twice");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 120, "all, under one id each");
    app.finish().await;
}

async fn a_reader_of_one_service_hears_of_no_other(app: &TestApp) {
    let app = reach(app.engine, None).await;
    let receiver = FakeReceiver::start().await;
    let wanted = json!({"name": "Nothing happens here"});
    let service = app
        .api
        .post("/api/v1/services", wanted)
        .await
        .expect(201)
        .json();
    reader(&app, &receiver, "also", json!([id(&service)])).await;
    app.apply(Webhook::event_alert(42)).await;
    feed(&app).await;
    assert!(receiver.take().is_empty(), "neither record nor notice");
    app.finish().await;
}

async fn only_webhooks_read_along(app: &TestApp) {
    let wanted = |takes: &str| {
        json!({"name": "Chat", "observations": takes,
            "target": {"channel": "discord", "url": "https://discord.com/api/webhooks/1/x"}})
    };
    for (takes, fault) in [
        ("only", "are for webhooks"),
        ("all", "must be no, also or only"),
    ] {
        let answer = app.api.post("/api/v1/destinations", wanted(takes)).await;
        let problem = answer.expect(400).json();
        assert!(problem.to_string().contains(fault), "{problem}");
    }
    let answer = app.api.post("/api/v1/destinations", wanted("no")).await;
    answer.expect(201);
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.ends_with('\n'));
    let line = |line: &str| serde_json::from_str(line).unwrap();
    text.lines().map(line).collect()
}

async fn a_file_gets_every_record_once(app: &TestApp) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("observations.jsonl");
    let app = reach(app.engine, Some(&file)).await;
    app.apply(Webhook::event_alert(41)).await;
    app.apply(Webhook::event_alert(42)).await;
    while write_file(app.inside()).await.unwrap() > 0 {}
    let streamed = app.api.get("/api/v1/observations/stream?after=").await;
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text, streamed.expect(200).text, "the lines of the stream");
    // A crash left half a line, and the store does not know of the last one.
    std::fs::write(
        &file,
        format!("{text}{{\"specversion\":\"1.0\",\"id\":\"obs_0"),
    )
    .unwrap();
    app.apply(Webhook::event_alert(43)).await;
    while write_file(app.inside()).await.unwrap() > 0 {}
    let written = lines(&file);
    assert_eq!(written.len(), 3, "{written:#?}");
    assert_eq!(written[2]["subject"], "issue:43");
    // It was rotated: only what is new goes into the new one.
    std::fs::rename(&file, folder.path().join("observations.jsonl.1")).unwrap();
    app.apply(Webhook::event_alert(44)).await;
    while write_file(app.inside()).await.unwrap() > 0 {}
    assert_eq!(lines(&file).len(), 1);
    // Another file is left alone.
    app.apply(Webhook::event_alert(45)).await;
    for theirs in ["PATH=/bin\n", "PATH=/bin", "A\nB"] {
        std::fs::write(&file, theirs).unwrap();
        let error = write_file(app.inside()).await.unwrap_err().to_string();
        assert!(
            error.contains("does not end with one of our records"),
            "{error}"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), theirs);
    }
    app.finish().await;
}
