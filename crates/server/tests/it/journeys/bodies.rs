//! Bodies that are too large, or no JSON at all (FIELD §3.3 cases 9, 10, 12, 15).

use crate::support::app::outcome;
use crate::support::{SECRET, TestApp, Webhook, wire};
use async_compression::tokio::bufread::GzipEncoder;
use tokio::io::AsyncReadExt;

on_both_engines!(
    what_is_not_json_is_stored,
    odd_json_is_stored,
    a_declared_size_is_refused_unread,
    a_streamed_body_is_refused_at_the_limit,
    a_compressed_body_is_understood,
    a_bomb_is_refused,
    contradicting_lengths_are_refused,
);

// EL-06: a proven sender is never refused for what it says.
async fn what_is_not_json_is_stored(app: &TestApp) {
    for body in [
        "hello",
        "",
        "{\"action\":",
        "<xml/>",
        "null",
        "[]",
        "3",
        "{}",
    ] {
        let delivery = app
            .apply(Webhook::bare(serde_json::Value::Null).raw(body))
            .await;
        assert_eq!(outcome(&delivery), "not_understood", "{body:?}: {delivery}");
        assert_eq!(delivery["size"], body.len());
        assert!(!delivery["verdict"]["reason"].as_str().unwrap().is_empty());
    }
    let listed = app
        .api
        .all("/api/v1/deliveries?outcome=not_understood")
        .await;
    assert_eq!(listed.len(), 8);
}

// FIELD §3.3 case 12
async fn odd_json_is_stored(app: &TestApp) {
    let inside = |value: &str| {
        let text = String::from_utf8(Webhook::event_alert(42).body(app.now())).unwrap();
        text.replace("\"message\":\"\"", &format!("\"message\":{value}"))
            .into_bytes()
    };
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_map = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let mut latin = inside("\"@\"");
    let at = latin.iter().position(|byte| *byte == b'@').unwrap();
    latin[at] = 0xff;
    for (name, body) in [
        ("deep", deep.clone().into_bytes()),
        ("deep in a field", inside(&deep)),
        ("deep maps", inside(&deep_map)),
        ("unclosed", "[".repeat(1_000_000).into_bytes()),
        ("NUL", inside("\"a\\u0000b\"")),
        ("raw NUL", inside("\"a\0b\"")),
        ("half a pair", inside("\"\\ud83d\"")),
        ("no UTF-8", latin),
        ("huge number", inside("1e999999")),
        ("long number", inside(&"9".repeat(10_000))),
        ("doubled keys", inside("1,\"message\":2,\"message\":\"x\"")),
    ] {
        let delivery = app.apply(Webhook::event_alert(42).raw(body)).await;
        let outcome = outcome(&delivery);
        let is_fine = ["applied", "duplicate", "not_understood"].contains(&outcome);
        assert!(
            is_fine,
            "{name}: {outcome} {}",
            delivery["verdict"]["reason"]
        );
    }
    assert!(app.deliveries().await.len() == 11);
}

// FIELD §3.3 case 9
async fn a_declared_size_is_refused_unread(app: &TestApp) {
    let head = wire::head("Content-Length: 10485761\r\nContent-Type: application/json\r\n");
    let answer = wire::exchange(app.running().address, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(answer.contains("too_large"), "{answer}");
    // One byte less is read.
    let body = vec![b' '; 10 << 20];
    let delivery = app.apply(Webhook::event_alert(42).raw(body)).await;
    assert_eq!(delivery["size"], 10 << 20);
}

async fn a_streamed_body_is_refused_at_the_limit(app: &TestApp) {
    let mut bytes = wire::head("Transfer-Encoding: chunked\r\n").into_bytes();
    for _ in 0..11 {
        bytes.extend_from_slice(b"100000\r\n");
        bytes.resize(bytes.len() + (1 << 20), b' ');
        bytes.extend_from_slice(b"\r\n");
    }
    let answer = wire::exchange(app.running().address, &bytes).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(app.deliveries().await.len(), 0);
}

async fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    GzipEncoder::new(bytes)
        .read_to_end(&mut packed)
        .await
        .unwrap();
    packed
}

/// Some proxies compress on the way: the signature is over either.
async fn a_compressed_body_is_understood(app: &TestApp) {
    let plain = Webhook::event_alert(42).body(app.now());
    let packed = gzip(&plain).await;
    let webhook = Webhook::event_alert(42)
        .raw(packed.clone())
        .header("Content-Encoding", "gzip");
    assert_eq!(outcome(&app.apply(webhook.clone()).await), "applied");
    let by_proxy = webhook
        .clone()
        .unsigned()
        .header("Sentry-Hook-Signature", Webhook::signature(SECRET, &plain));
    assert_eq!(outcome(&app.apply(by_proxy).await), "duplicate");
    let broken = webhook.raw(packed[..packed.len() / 2].to_vec());
    app.send(broken)
        .await
        .expect_problem(400, "broken_encoding");
    let unknown = Webhook::event_alert(42).header("Content-Encoding", "br");
    app.send(unknown)
        .await
        .expect_problem(415, "unknown_encoding");
}

// FIELD §3.3 case 10
async fn a_bomb_is_refused(app: &TestApp) {
    let bomb = gzip(&vec![0; 64 << 20]).await;
    assert!(bomb.len() < 100_000);
    let webhook = Webhook::event_alert(42)
        .raw(bomb)
        .header("Content-Encoding", "gzip");
    app.send(webhook).await.expect_problem(413, "too_large");
    assert_eq!(app.deliveries().await.len(), 0);
}

// FIELD §3.3 case 15
async fn contradicting_lengths_are_refused(app: &TestApp) {
    for headers in [
        "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: two\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
    ] {
        let request = format!("{}{{}}", wire::head(headers));
        let answer = wire::exchange(app.running().address, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{headers}: {answer}");
    }
    let chunk = format!(
        "{}zz\r\n{{}}\r\n",
        wire::head("Transfer-Encoding: chunked\r\n")
    );
    let answer = wire::exchange(app.running().address, chunk.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(app.deliveries().await.len(), 0);
}
