//! A text model that knows a few ideas, and is as strict as the real APIs.

use super::receiver::{FakeReceiver, Received, Reply};
use reqwest::Method;
use serde_json::{Value, json};

/// The key that it knows.
pub(crate) const MODEL_KEY: &str = "sk-key-of-the-text-model";

/// Words that mean much the same, an idea each.
const IDEAS: [&[&str]; 3] = [
    &["payment", "billing", "invoice", "charge", "declined"],
    &["database", "postgres", "deadlock", "connection"],
    &["keyerror", "cart", "sku"],
];

/// Starts it.
pub(crate) async fn start() -> FakeReceiver {
    FakeReceiver::answering(|received| match answer(received) {
        Ok(body) => Reply::status(200).body(body.to_string()),
        Err((status, why)) => Reply::status(status).body(json!({"error": why}).to_string()),
    })
    .await
}

fn answer(received: &Received) -> Result<Value, (u16, &'static str)> {
    if received.method != Method::POST || received.path != "/v1/embeddings" {
        return Err((404, "no such address"));
    }
    if received.header("authorization") != format!("Bearer {MODEL_KEY}") {
        return Err((401, "wrong key"));
    }
    if received.header("content-type") != "application/json" {
        return Err((415, "JSON only"));
    }
    let body = received.json();
    if body["model"] != "ideas" || body["dimensions"] != 4 || body["encoding_format"] != "float" {
        return Err((400, "unknown model"));
    }
    let texts = body["input"].as_array().ok_or((400, "no input"))?;
    if texts.is_empty() || texts.len() > 32 {
        return Err((400, "1 to 32 texts"));
    }
    let mut data = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let text = text.as_str().ok_or((400, "not a text"))?;
        if text.contains("unspeakable") {
            return Err((400, "refused"));
        }
        if text.contains("crashing") {
            return Err((500, "no answer"));
        }
        let numbers = if text.contains("senseless") {
            json!([0.0, 0.0, 0.0, 0.0])
        } else if text.contains("uncountable") {
            json!([null, null, null, null])
        } else {
            json!(vector(text))
        };
        data.push(json!({"object": "embedding", "index": index, "embedding": numbers}));
    }
    // The order is not promised.
    data.reverse();
    Ok(json!({"object": "list", "data": data, "model": "ideas"}))
}

fn vector(text: &str) -> [f64; 4] {
    let text = text.to_lowercase();
    let mut vector = [0.0, 0.0, 0.0, 0.05];
    for (place, words) in IDEAS.iter().enumerate() {
        vector[place] = f64::from(u8::from(words.iter().any(|word| text.contains(word))));
    }
    vector
}
