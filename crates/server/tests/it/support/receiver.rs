//! Somebody else's service on this machine: it remembers what it was sent and answers as it is
//! told.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// One request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default()
    }
}

/// An answer that is yet to be given.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
    held: Option<Held>,
}

/// An answer that is given when the test says so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    arrived: Arc<Notify>,
    released: Arc<Notify>,
}

impl Held {
    /// Waits until the request is there.
    pub(crate) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Has it answered.
    pub(crate) fn release(&self) {
        self.released.notify_one();
    }
}

impl Reply {
    /// A status code and nothing else.
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap(),
            headers: Vec::new(),
            body: String::new(),
            held: None,
        }
    }

    /// Not before it is released.
    pub(crate) fn held(mut self, held: &Held) -> Self {
        self.held = Some(held.clone());
        self
    }

    /// With a header.
    pub(crate) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// With a body.
    pub(crate) fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }
}

/// How a receiver answers a request.
pub(crate) type Answering = dyn Fn(&Received) -> Reply + Send + Sync;

#[derive(Clone)]
struct Desk {
    seen: Arc<Mutex<Vec<Received>>>,
    next: Arc<Mutex<VecDeque<Reply>>>,
    usual: Arc<Answering>,
}

/// A service that takes everything, unless it is told otherwise.
pub(crate) struct FakeReceiver {
    pub(crate) url: String,
    desk: Desk,
}

impl FakeReceiver {
    /// Answers 200 with no body.
    pub(crate) async fn start() -> Self {
        Self::answering(|_| Reply::status(200)).await
    }

    /// Answers by this rule.
    pub(crate) async fn answering<F>(usual: F) -> Self
    where
        F: Fn(&Received) -> Reply + Send + Sync + 'static,
    {
        let desk = Desk {
            seen: Arc::default(),
            next: Arc::default(),
            usual: Arc::new(usual),
        };
        let app = Router::new().fallback(take).with_state(desk.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        #[expect(
            clippy::disallowed_methods,
            reason = "the test's own server dies with the test"
        )]
        drop(tokio::spawn(
            async move { axum::serve(listener, app).await },
        ));
        Self { url, desk }
    }

    /// The next request gets this answer; several wait in line.
    pub(crate) fn once(&self, reply: Reply) {
        let mut next = self
            .desk
            .next
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        next.push_back(reply);
    }

    /// What came since it was asked last.
    pub(crate) fn take(&self) -> Vec<Received> {
        let mut seen = self
            .desk
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *seen)
    }

    /// The one request that came since it was asked last.
    pub(crate) fn take_one(&self) -> Received {
        let mut seen = self.take();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }
}

async fn take(
    State(desk): State<Desk>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let received = Received {
        method,
        path: uri.to_string(),
        headers,
        body,
    };
    let next = desk
        .next
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .pop_front();
    let reply = next.unwrap_or_else(|| (desk.usual)(&received));
    desk.seen
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(received);
    if let Some(held) = reply.held {
        held.arrived.notify_one();
        held.released.notified().await;
    }
    let mut response = (reply.status, reply.body).into_response();
    for (name, value) in reply.headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
