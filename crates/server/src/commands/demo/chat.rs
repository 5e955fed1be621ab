//! The demo's Slack: as much of it as a bot, its buttons and its command need, on an address of
//! this machine. It knows nothing of Epicenter but its door for Slack.

mod view;

use crate::clients::{Way, http_client};
use crate::clock::Clock;
use axum::body::Bytes;
use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use epicenter_domain::proof::hmac_sha256;
use epicenter_domain::time::SECOND_MS;
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::{Value, json};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;

/// The demo's own workspace and member of Slack.
pub(super) const TEAM: &str = "T0HARBOR";
/// Whoever looks at the page of the channel.
pub(super) const MEMBER: &str = "U0DANA";
/// Messages kept; older ones leave the page.
const KEPT: usize = 200;

/// One message.
#[derive(Clone, Debug)]
struct Message {
    channel: String,
    ts: String,
    thread: Option<String>,
    body: Value,
    edit_count: usize,
    /// Did only the person who asked see it?
    is_private: bool,
}

/// The chat.
#[derive(Debug)]
pub(super) struct Chat {
    /// What the bot must show.
    pub(super) token: String,
    /// What Slack signs with.
    pub(super) secret: String,
    messages: Mutex<Vec<Message>>,
    epicenter: Url,
    client: Client,
}

impl Chat {
    /// A chat whose app belongs to the Epicenter at this address.
    pub(super) fn new(
        epicenter: Url,
        token: String,
        secret: String,
    ) -> Result<Arc<Self>, reqwest::Error> {
        Ok(Arc::new(Self {
            token,
            secret,
            messages: Mutex::default(),
            client: http_client(Way::to(&epicenter))?,
            epicenter,
        }))
    }

    /// Takes an address of this machine. Answers it, and what serves it until it is dropped.
    pub(super) async fn open(
        self: Arc<Self>,
    ) -> Result<(SocketAddr, impl Future<Output = ()> + Send), Box<dyn Error + Send + Sync>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let routes = Router::new()
            .route("/", get(channel))
            .route("/chat.css", get(style))
            .route("/press", post(press))
            .route("/type", post(type_in))
            .route("/api/chat.postMessage", post(post_message))
            .route("/api/chat.update", post(update))
            .route("/answers", post(answer))
            .with_state(self);
        let served = async move {
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::warn!(%error, "demo: the chat ended: {error}");
            }
        };
        Ok((address, served))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Message>) -> T) -> T {
        work(&mut self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, channel: &str, body: Value, is_private: bool) -> String {
        self.with(|messages| {
            let last = messages
                .last()
                .and_then(|last| last.ts.strip_prefix("1700."));
            let number = last.and_then(|number| number.parse().ok()).unwrap_or(0) + 1;
            let ts = format!("1700.{number:06}");
            messages.push(Message {
                channel: channel.to_owned(),
                ts: ts.clone(),
                thread: word(&body, "thread_ts").map(str::to_owned),
                body,
                edit_count: 0,
                is_private,
            });
            let surplus = messages.len().saturating_sub(KEPT);
            messages.drain(..surplus);
            ts
        })
    }

    /// Sends a form to one of Epicenter's doors for Slack, signed. Answers the body.
    async fn tell(&self, path: &str, pairs: &[(&str, &str)]) -> Result<String, String> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        let timestamp = (Clock::system().now().0 / SECOND_MS).to_string();
        let message = format!("v0:{timestamp}:{body}");
        let proof = hmac_sha256(self.secret.as_bytes(), message.as_bytes());
        let url = self
            .epicenter
            .join(path)
            .map_err(|error| error.to_string())?;
        let request = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-slack-request-timestamp", timestamp)
            .header("x-slack-signature", format!("v0={}", hex::encode(proof)))
            .body(body);
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| error.to_string())?;
        if status.is_success() {
            Ok(text)
        } else {
            Err(format!("Epicenter answered {status}: {text}"))
        }
    }
}

/// A text of a JSON object.
fn word<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

async fn style() -> impl IntoResponse {
    (
        [("content-type", "text/css")],
        include_str!("chat/chat.css"),
    )
}

async fn channel(State(chat): State<Arc<Chat>>) -> Response {
    let page = chat.with(|messages| view::page(messages, &chat.epicenter));
    match page {
        Ok(html) => Html(html).into_response(),
        Err(error) => error.to_string().into_response(),
    }
}

/// A bot without the token is nobody; Slack says so with a word and 200.
fn must_be_ours(chat: &Chat, headers: &HeaderMap) -> Result<(), Json<Value>> {
    let bearer = headers.get("authorization").and_then(|it| it.to_str().ok());
    if bearer == Some(format!("Bearer {}", chat.token).as_str()) {
        return Ok(());
    }
    Err(Json(json!({"ok": false, "error": "invalid_auth"})))
}

async fn post_message(
    State(chat): State<Arc<Chat>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Json<Value>> {
    must_be_ours(&chat, &headers)?;
    let channel = word(&body, "channel").unwrap_or_default().to_owned();
    let ts = chat.add(&channel, body, false);
    Ok(Json(json!({"ok": true, "channel": channel, "ts": ts})))
}

async fn update(
    State(chat): State<Arc<Chat>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Json<Value>> {
    must_be_ours(&chat, &headers)?;
    let ts = word(&body, "ts").unwrap_or_default().to_owned();
    let channel = word(&body, "channel").unwrap_or_default().to_owned();
    let is_there = chat.with(|messages| {
        let found = messages.iter_mut().find(|message| message.ts == ts);
        found.is_some_and(|message| {
            message.body = body;
            message.edit_count += 1;
            true
        })
    });
    if is_there {
        return Ok(Json(json!({"ok": true, "channel": channel, "ts": ts})));
    }
    Err(Json(json!({"ok": false, "error": "message_not_found"})))
}

/// What only the person who pressed a button sees.
async fn answer(State(chat): State<Arc<Chat>>, body: Bytes) -> &'static str {
    if let Ok(body) = serde_json::from_slice(&body) {
        chat.add("#alerts", body, true);
    }
    "ok"
}

#[derive(Deserialize)]
struct Press {
    action_id: String,
    value: String,
    channel: String,
    ts: String,
}

async fn press(
    State(chat): State<Arc<Chat>>,
    headers: HeaderMap,
    Form(press): Form<Press>,
) -> Redirect {
    let host = headers.get("host").and_then(|host| host.to_str().ok());
    let host = host.unwrap_or_default();
    let payload = json!({
        "type": "block_actions",
        "user": {"id": MEMBER, "username": "dana", "name": "Dana Demo", "team_id": TEAM},
        "team": {"id": TEAM, "domain": "harbor-goods"},
        "container": {"channel_id": press.channel, "message_ts": press.ts},
        "actions": [{"action_id": press.action_id, "value": press.value, "type": "button"}],
        "response_url": format!("http://{host}/answers"),
    });
    let pairs = [("payload", payload.to_string())];
    let pairs = pairs
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    if let Err(error) = chat.tell("/hooks/slack/interactive", &pairs).await {
        chat.add(&press.channel, json!({"text": error}), true);
    }
    Redirect::to("/")
}

#[derive(Deserialize)]
struct Typed {
    text: String,
}

async fn type_in(State(chat): State<Arc<Chat>>, Form(typed): Form<Typed>) -> Redirect {
    let pairs = [
        ("command", "/epicenter"),
        ("text", typed.text.as_str()),
        ("team_id", TEAM),
        ("user_id", MEMBER),
        ("user_name", "dana"),
    ];
    let said = match chat.tell("/hooks/slack/command", &pairs).await {
        Ok(text) => serde_json::from_str(&text).unwrap_or(json!({"text": text})),
        Err(error) => json!({"text": error}),
    };
    chat.add("#alerts", said, true);
    Redirect::to("/")
}
