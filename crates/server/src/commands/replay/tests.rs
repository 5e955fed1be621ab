use super::*;
use crate::simulator::webhook::signature;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::{Json, Router, routing::post as on_post};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

type Seen = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A door that keeps what it gets, and refuses bodies with the word `refuse`.
async fn door() -> (Url, Seen) {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let app = Router::new().route(
        "/hooks/k",
        on_post(move |headers: HeaderMap, body: Bytes| async move {
            let is_refused = body.windows(6).any(|part| part == b"refuse");
            kept.lock().unwrap().push((headers, body));
            let status = if is_refused {
                StatusCode::UNAUTHORIZED
            } else {
                StatusCode::ACCEPTED
            };
            (status, Json(json!({"delivery_id": "dlv_1"})))
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks/k", listener.local_addr().unwrap());
    #[expect(
        clippy::disallowed_methods,
        reason = "the test's own server dies with the test"
    )]
    drop(tokio::spawn(
        async move { axum::serve(listener, app).await },
    ));
    (url.parse().unwrap(), seen)
}

fn options(from: &Path, to: Url) -> ReplayOptions {
    ReplayOptions {
        from: from.to_owned(),
        to,
        secret: "s".to_owned(),
        pace: 0,
        only: None,
        unsigned: false,
        dry_run: false,
    }
}

fn directory(files: &[(&str, Value)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(directory.path().join(name), content.to_string()).unwrap();
    }
    directory
}

async fn replayed(options: &ReplayOptions) -> (Tally, Vec<String>) {
    let mut lines = Vec::new();
    let tally = replay(options, &mut |line: &str| lines.push(line.to_owned()))
        .await
        .unwrap();
    (tally, lines)
}

#[tokio::test]
async fn a_directory_is_sent_in_order_and_signed() {
    let hook = json!({"Sentry-Hook-Resource": "issue", "Sentry-Hook-Signature": "old"});
    let directory = directory(&[
        (
            "b.json",
            json!({"headers": {"Sentry-App-Signature": "old"}, "raw": "{ }"}),
        ),
        (
            "a.json",
            json!({"headers": hook, "body": {"t": "caf\u{e9}"}}),
        ),
        (
            "c-rest.json",
            json!({"headers": {}, "body": {}, "response_status": 200}),
        ),
        (
            "d-legacy.json",
            json!({"headers": {}, "body": {"refuse": 1}}),
        ),
        ("e.txt", json!({})),
    ]);
    let (url, seen) = door().await;
    let (tally, lines) = replayed(&options(directory.path(), url)).await;

    let expected = Tally {
        sent: 3,
        refused: 1,
        lost: 0,
        skipped: 1,
    };
    assert_eq!(tally, expected);
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("202 ") && lines[0].ends_with("dlv_1  a.json"));
    assert!(lines[2].contains("c-rest.json: a recording of an API"));
    assert!(lines[3].starts_with("401 "));
    let seen = seen.lock().unwrap();
    for ((headers, body), (bytes, header)) in seen.iter().zip([
        (
            b"{\"t\":\"caf\\u00e9\"}".as_slice(),
            "sentry-hook-signature",
        ),
        (b"{ }", "sentry-app-signature"),
        (b"{\"refuse\":1}", "sentry-hook-signature"),
    ]) {
        assert_eq!(body, bytes);
        assert_eq!(headers[header], signature("s", bytes).as_str());
    }
    assert_eq!(seen[0].0["sentry-hook-resource"], "issue");
}

#[tokio::test]
async fn one_file_and_a_choice_of_files() {
    let file = json!({"headers": {}, "body": {}});
    let directory = directory(&[("issue-1.json", file.clone()), ("seer-1.json", file)]);
    let (url, seen) = door().await;
    let mut options = options(directory.path(), url);
    options.only = Some("seer".to_owned());
    options.unsigned = true;
    assert_eq!(replayed(&options).await.0.sent, 1);
    let headers = seen.lock().unwrap()[0].0.clone();
    assert!(!headers.contains_key("sentry-hook-signature"));

    options.only = None;
    options.from = directory.path().join("issue-1.json");
    assert_eq!(replayed(&options).await.0.sent, 1);
    options.from = directory.path().join("missing.json");
    assert!(replay(&options, &mut |_: &str| {}).await.is_err());
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let directory = directory(&[("a.json", json!({"headers": {}, "body": {"a": 1}}))]);
    let (url, seen) = door().await;
    let mut options = options(directory.path(), url);
    options.dry_run = true;
    let (tally, lines) = replayed(&options).await;
    assert_eq!((tally.sent, tally.refused), (1, 0));
    assert!(lines[0].contains("7 bytes"));
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_at_the_door_is_a_failure() {
    let directory = directory(&[("a.json", json!({"headers": {}, "body": {}}))]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let (tally, lines) = replayed(&options(directory.path(), url.parse().unwrap())).await;
    assert_eq!(tally.lost, 1);
    assert_ne!(tally.code(), ExitCode::SUCCESS);
    assert!(lines[0].starts_with("---"));
}
