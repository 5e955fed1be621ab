//! Clients that never finish: they are let go, and keep nobody else waiting.

use crate::support::engine::OwnDatabase;
use crate::support::{Engine, SECRET, TestApp, Webhook, wire};
use epicenter::config::{Config, Deadlines};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server with little patience.
async fn impatient() -> TestApp {
    let database = OwnDatabase::new(Engine::Sqlite).await.unwrap();
    TestApp::start_with(database, Some(SECRET), |config| {
        config.deadlines = Deadlines {
            headers: Duration::from_millis(300),
            body: Duration::from_millis(300),
        };
    })
    .await
}

/// Sends this much of a request and then nothing. Answers what came until the server hung up, or
/// had answered.
async fn stall(app: &TestApp, bytes: &str) -> String {
    let mut stream = TcpStream::connect(app.running().address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let end = async {
        while let Ok(1..) = stream.read_buf(&mut answer).await {
            if answer.starts_with(b"HTTP/1.1 ") && answer.ends_with(b"}") {
                break;
            }
        }
    };
    let ended = timeout(Duration::from_secs(20), end).await;
    assert!(ended.is_ok(), "the server waits for ever: {bytes}");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn in_production_headers_have_10_and_bodies_20_seconds() {
    let deadlines = Config::default().deadlines;
    assert_eq!(deadlines.headers, Duration::from_secs(10));
    assert_eq!(deadlines.body, Duration::from_secs(20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_that_never_end_are_not_waited_for() {
    let app = impatient().await;
    for head in [
        "",
        "POST",
        "POST /api/webhooks/sentry HTTP/1.1\r\nHost: epicenter.test\r\nX-Slow: ",
    ] {
        let (answer, delivery) =
            tokio::join!(stall(&app, head), app.apply(Webhook::event_alert(42)),);
        assert!(!answer.starts_with("HTTP/1.1 2"), "{head:?}: {answer}");
        assert_eq!(delivery["verdict"]["outcome"], "applied");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhooks_body_that_never_ends_is_not_waited_for() {
    let app = impatient().await;
    for headers in ["Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n"] {
        let answer = stall(&app, &format!("{}{{\"a\"", wire::head(headers))).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{headers}: {answer}");
    }
    let half = format!("{}{{\"a\"", wire::head("Content-Length: 1000\r\n"));
    let answer = stall(&app, &half).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("too_slow"), "{answer}");
    assert!(app.deliveries().await.is_empty(), "half a webhook is none");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_or_a_command_that_never_ends_is_not_waited_for() {
    let app = impatient().await;
    let token = crate::support::ADMIN_TOKEN;
    for (path, headers) in [
        (
            "/login",
            "Content-Type: application/x-www-form-urlencoded\r\n".to_owned(),
        ),
        (
            "/api/v1/services",
            format!("Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n"),
        ),
    ] {
        let half = format!(
            "POST {path} HTTP/1.1\r\nHost: epicenter.test\r\n{headers}\
             Content-Length: 1000\r\nConnection: close\r\n\r\n{{\"name\": \"Slow"
        );
        let answer = stall(&app, &half).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
    }
    let services = app.api.all("/api/v1/services").await;
    assert!(services.iter().all(|one| one["name"] != "Slow"));
    app.finish().await;
}
