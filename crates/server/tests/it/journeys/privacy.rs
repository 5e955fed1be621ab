//! Personal data and secrets in payloads never reach the database (FIELD §3.3 case 61).

use crate::support::app::id;
use crate::support::{Engine, TestApp, Webhook};
use epicenter_store::deliveries;
use serde_json::json;

on_both_engines!(personal_data_is_not_stored);

/// What must be nowhere.
const NEEDLES: [&str; 9] = [
    "nadia.needle@private.example",
    "198.51.100.77",
    "needle-cookie-value",
    "needle-api-key-value",
    "needle-password-value",
    "4111111111111111",
    "needle-bearer-value",
    "needle-query-token",
    "needle-header-cookie",
];

fn webhook() -> Webhook {
    Webhook::event_alert(42)
        .header("Cookie", "session=needle-header-cookie")
        .header("X-Forwarded-For", "198.51.100.77")
        .set(
            "/data/event/user",
            json!({"id": "7", "email": "nadia.needle@private.example", "ip_address": "198.51.100.77"}),
        )
        .set(
            "/data/event/request",
            json!({
                "url": "https://shop.example/pay?token=needle-query-token", "method": "POST",
                "cookies": [["session", "needle-cookie-value"]],
                "headers": [["Authorization", "Bearer needle-bearer-value"],
                    ["X-Api-Key", "needle-api-key-value"], ["X-Real-Ip", "198.51.100.77"]],
                "data": {"password": "needle-password-value", "card": "4111111111111111"},
            }),
        )
        .set("/data/event/message", "mail to nadia.needle@private.example from 198.51.100.77")
}

async fn personal_data_is_not_stored(app: &TestApp) {
    let delivery = app.apply(webhook()).await;
    let issue = app.issue().await;
    let answers = [
        delivery.to_string(),
        json!(app.events(&issue).await).to_string(),
        json!(app.incidents().await).to_string(),
    ];
    let mut tx = app.inside().database.read().await.unwrap();
    let number = epicenter_domain::id::IdKind::Delivery
        .parse(id(&delivery))
        .unwrap();
    let stored = deliveries::body(&mut tx, number).await.unwrap().unwrap();
    tx.rollback().await.unwrap();
    let unpacked = format!(
        "{:?} {}",
        stored.headers,
        String::from_utf8_lossy(&stored.body)
    );
    for needle in NEEDLES {
        for answer in &answers {
            assert!(!answer.contains(needle), "{needle} in {answer}");
        }
        assert!(
            !unpacked.contains(needle),
            "{needle} in the stored body: {unpacked}"
        );
    }
    // What is needed to work stays.
    assert!(unpacked.contains("shop/cart.py"), "{unpacked}");
    if app.engine == Engine::Sqlite {
        for file in app.files() {
            let bytes = std::fs::read(&file).unwrap();
            for needle in NEEDLES {
                let is_there = bytes
                    .windows(needle.len())
                    .any(|part| part == needle.as_bytes());
                assert!(!is_there, "{needle} in {}", file.display());
            }
        }
    }
}
