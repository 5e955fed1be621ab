//! Slack's Web API as far as a bot's card needs it, as strict as the real one.

use super::receiver::{FakeReceiver, Received, Reply};
use super::{Answer, TestApp};
use epicenter_domain::proof::hmac_sha256;
use epicenter_domain::time::Time;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The token it knows.
pub(crate) const BOT_TOKEN: &str = "xoxb-1-2-three";
/// The channel the bot is in: its name, and Slack's id of it.
pub(crate) const CHANNEL: (&str, &str) = ("#alerts", "C0ALERTS");

/// A message in the channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Posted {
    pub(crate) body: Value,
    pub(crate) thread: Option<String>,
    pub(crate) edits: usize,
}

type Messages = BTreeMap<String, Posted>;

/// A workspace with one channel.
pub(crate) struct FakeSlack {
    pub(crate) receiver: FakeReceiver,
    messages: Arc<Mutex<Messages>>,
}

impl FakeSlack {
    pub(crate) async fn start() -> Self {
        let messages: Arc<Mutex<Messages>> = Arc::default();
        let inside = Arc::clone(&messages);
        let receiver = FakeReceiver::answering(move |received| {
            let mut messages = inside.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = match answer(received, &mut messages) {
                Ok(answer) => answer,
                Err(word) => json!({"ok": false, "error": word}),
            };
            Reply::status(200).body(answer.to_string())
        })
        .await;
        Self { receiver, messages }
    }

    /// Where its API is.
    pub(crate) fn api(&self) -> String {
        format!("{}/api", self.receiver.url)
    }

    /// The cards, and the answers in their threads.
    pub(crate) fn cards_and_replies(&self) -> (Vec<Posted>, Vec<Posted>) {
        let messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        let all = messages.values().cloned();
        all.partition(|posted| posted.thread.is_none())
    }

    /// Somebody removes all messages.
    pub(crate) fn clear(&self) {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.clear();
    }
}

fn answer(received: &Received, messages: &mut Messages) -> Result<Value, &'static str> {
    if received.header("authorization") != format!("Bearer {BOT_TOKEN}") {
        return Err("invalid_auth");
    }
    if !received
        .header("content-type")
        .starts_with("application/json")
    {
        return Err("invalid_form_data");
    }
    let body = received.json();
    check_blocks(&body)?;
    let channel = body["channel"].as_str().unwrap_or_default();
    match received.path.as_str() {
        // An edit takes the id only.
        "/api/chat.update" if channel == CHANNEL.1 => {
            let ts = body["ts"].as_str().unwrap_or_default();
            let posted = messages.get_mut(ts).ok_or("message_not_found")?;
            posted.body = body.clone();
            posted.edits += 1;
            Ok(json!({"ok": true, "channel": CHANNEL.1, "ts": ts}))
        }
        "/api/chat.postMessage" if [CHANNEL.0, CHANNEL.1].contains(&channel) => {
            let thread = body["thread_ts"].as_str().map(str::to_owned);
            if thread.as_ref().is_some_and(|ts| !messages.contains_key(ts)) {
                return Err("thread_not_found");
            }
            let ts = format!("1700.{:06}", messages.len() + 1);
            let posted = Posted {
                body,
                thread,
                edits: 0,
            };
            messages.insert(ts.clone(), posted);
            Ok(json!({"ok": true, "channel": CHANNEL.1, "ts": ts}))
        }
        "/api/chat.update" | "/api/chat.postMessage" => Err("channel_not_found"),
        _ => Err("unknown_method"),
    }
}

/// The limits at which the real one says `invalid_blocks`.
fn check_blocks(body: &Value) -> Result<(), &'static str> {
    let none = Vec::new();
    let blocks = body["blocks"].as_array().unwrap_or(&none);
    let text = body["text"].as_str().unwrap_or_default();
    if text.is_empty() && blocks.is_empty() {
        return Err("no_text");
    }
    let size = |value: &Value| value.as_str().map_or(0, |text| text.encode_utf16().count());
    let fits = |block: &Value| match block["type"].as_str() {
        Some("header") => (1..=150).contains(&size(&block["text"]["text"])),
        Some("section") => {
            let fields = block["fields"].as_array().unwrap_or(&none);
            let has_text = (1..=3_000).contains(&size(&block["text"]["text"]));
            let short = |field: &Value| (1..=2_000).contains(&size(&field["text"]));
            (has_text || !fields.is_empty()) && fields.len() <= 10 && fields.iter().all(short)
        }
        Some("actions") => {
            let elements = block["elements"].as_array().unwrap_or(&none);
            let mut ids: Vec<_> = elements.iter().map(|e| e["action_id"].as_str()).collect();
            ids.sort_unstable();
            ids.dedup();
            (1..=25).contains(&elements.len()) && ids.len() == elements.len()
        }
        Some("context") => (1..=10).contains(&block["elements"].as_array().map_or(0, Vec::len)),
        _ => false,
    };
    if blocks.len() > 50 || !blocks.iter().all(fits) {
        return Err("invalid_blocks");
    }
    Ok(())
}

/// A request as Slack sends it, signed.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) path: &'static str,
    pub(crate) body: String,
    pub(crate) timestamp: String,
    pub(crate) signature: String,
}

impl Signed {
    /// The app's signing secret.
    pub(crate) const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

    fn new(path: &'static str, pairs: &[(&str, &str)], now: Time) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(pairs).finish();
        let timestamp = (now.0 / 1_000).to_string();
        let message = format!("v0:{timestamp}:{body}");
        let proof = hmac_sha256(Self::SECRET.as_bytes(), message.as_bytes());
        Self {
            path,
            body,
            timestamp,
            signature: format!("v0={}", hex::encode(proof)),
        }
    }

    /// Somebody presses a button of a card.
    pub(crate) fn press(button: &Value, member: &str, url: &str, now: Time) -> Self {
        let payload = json!({
            "type": "block_actions",
            "user": {"id": member, "username": "ada", "name": "Ada & co", "team_id": "T1"},
            "team": {"id": "T1", "domain": "acme"},
            "container": {"type": "message", "channel_id": CHANNEL.1, "message_ts": "1700.000001"},
            "actions": [{"action_id": button["action_id"], "value": button["value"],
                         "type": "button", "action_ts": "1700.1"}],
            "response_url": url,
        });
        Self::new(
            "/hooks/slack/interactive",
            &[("payload", &payload.to_string())],
            now,
        )
    }

    /// Somebody types a command.
    pub(crate) fn command(text: &str, member: &str, url: &str, now: Time) -> Self {
        let pairs = [
            ("command", "/epicenter"),
            ("text", text),
            ("team_id", "T1"),
            ("user_id", member),
            ("user_name", "ada"),
            ("response_url", url),
        ];
        Self::new("/hooks/slack/command", &pairs, now)
    }

    /// Sends it to the server under test.
    pub(crate) async fn send(&self, app: &TestApp) -> Answer {
        let request = app.api.with_token(None).request(Method::POST, self.path);
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-slack-request-timestamp", &self.timestamp)
            .header("x-slack-signature", &self.signature)
            .body(self.body.clone());
        Answer::of(request.send().await.unwrap()).await
    }
}
