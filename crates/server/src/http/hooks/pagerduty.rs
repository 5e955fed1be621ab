//! `POST /v2/enqueue` and `/v2/change/enqueue`: PagerDuty's Events API v2, answered in its own
//! words. The routing key is an integration's key.

use super::accept::{Arrived, keep, prove_sender};
use super::incident_events::check;
use super::webhooks::wrong_method;
use crate::app::App;
use crate::http::problem::Problem;
use crate::operations::accounts::random_hex;
use crate::registry::Entry;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use epicenter_domain::proof::sender_key;
use epicenter_domain::scrub::scrub;
use epicenter_domain::sources::wire::Wire;
use epicenter_domain::sources::{IntegrationKind, pagerduty};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Which of the two APIs is spoken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Api {
    Events,
    Changes,
}

pub(super) async fn enqueue(State(app): State<Arc<App>>, request: Request) -> Response {
    answer(&app, None, Some(Api::Events), request).await
}

pub(super) async fn enqueue_change(State(app): State<Arc<App>>, request: Request) -> Response {
    answer(&app, None, Some(Api::Changes), request).await
}

/// Takes an event or a change at the push URL of this integration.
pub(super) async fn accept_for(app: &App, entry: Arc<Entry>, request: Request) -> Response {
    answer(app, Some(entry), None, request).await
}

async fn answer(
    app: &App,
    entry: Option<Arc<Entry>>,
    api: Option<Api>,
    request: Request,
) -> Response {
    if request.method() != Method::POST {
        return wrong_method();
    }
    let taken = accept(app, entry, api, request).await;
    let body = match taken {
        Ok(Some(dedup_key)) => serde_json::json!({
            "status": "success",
            "message": "Event processed",
            "dedup_key": dedup_key,
        }),
        Ok(None) => serde_json::json!({
            "status": "success",
            "message": "Change event processed",
        }),
        Err(problem) => return refused(problem),
    };
    (StatusCode::ACCEPTED, axum::Json(body)).into_response()
}

/// Stores an event. Answers its dedup key; a change has none.
async fn accept(
    app: &App,
    entry: Option<Arc<Entry>>,
    api: Option<Api>,
    request: Request,
) -> Result<Option<String>, Problem> {
    let (parts, body) = request.into_parts();
    let arrived = Arrived::read(app, &parts.headers, body).await?;
    let entry = match entry {
        Some(entry) => entry,
        None => entry_of(app, &arrived)?,
    };
    let proof = prove_sender(app, &entry, &arrived).await?;
    let bytes = arrived.bytes();
    let api = api.unwrap_or_else(|| spoken(bytes));
    let (bytes, dedup_key) = match api {
        Api::Changes => {
            check(bytes, pagerduty::change_faults)?;
            (bytes.clone(), None)
        }
        Api::Events => {
            check(bytes, pagerduty::event_faults)?;
            let (bytes, key) = with_dedup_key(app, bytes)?;
            (bytes, Some(key))
        }
    };
    keep(app, &entry, (&arrived.headers, &bytes), proof).await?;
    Ok(dedup_key)
}

/// The integration whose key it is; the default one says no to keys that nobody knows.
fn entry_of(app: &App, arrived: &Arrived) -> Result<Arc<Entry>, Problem> {
    let snapshot = app.registry.snapshot();
    let Some(key) = sender_key(&arrived.headers, arrived.bytes()) else {
        let field = "'routing_key' is missing or blank";
        return Err(Problem::invalid("routing_key", field));
    };
    let speaks = |entry: &&Arc<Entry>| entry.kind == IntegrationKind::Pagerduty;
    let by_key = snapshot.by_key(&key).filter(speaks);
    by_key
        .or_else(|| snapshot.default_of(IntegrationKind::Pagerduty))
        .cloned()
        .ok_or_else(|| Problem::not_found("integration"))
}

fn spoken(bytes: &[u8]) -> Api {
    let text = String::from_utf8_lossy(bytes);
    match Wire::parse(&text) {
        Ok(body) if body.get("event_action").is_blank() && body.get("payload").is_map() => {
            Api::Changes
        }
        _ => Api::Events,
    }
}

/// The body with a dedup key that is stored as it is, and the key to answer. A key with personal
/// data in it is stored as a hash, so that what is removed cannot make two alerts one.
fn with_dedup_key(app: &App, bytes: &Bytes) -> Result<(Bytes, String), Problem> {
    let text = String::from_utf8_lossy(bytes);
    let sent = Wire::parse(&text)
        .ok()
        .and_then(|body| body.get("dedup_key").name());
    let Some(sent) = sent else {
        let made = random_hex(16)?;
        return Ok((with_key(bytes, &made), made));
    };
    let alone = serde_json::json!({ "dedup_key": sent }).to_string();
    if *scrub(alone.as_bytes(), &app.scrub_rules) == *alone.as_bytes() {
        return Ok((bytes.clone(), sent));
    }
    let hash = hex::encode(Sha256::digest(&sent));
    Ok((with_key(bytes, hash.get(..32).unwrap_or(&hash)), sent))
}

/// Adds the key at the end of the object; of two the last counts.
fn with_key(bytes: &Bytes, key: &str) -> Bytes {
    let Some(end) = bytes.iter().rposition(|byte| *byte == b'}') else {
        return bytes.clone();
    };
    let mut longer = bytes.get(..end).unwrap_or_default().to_vec();
    longer.extend_from_slice(format!(r#","dedup_key":"{key}"}}"#).as_bytes());
    longer.into()
}

/// A problem in PagerDuty's shape.
fn refused(problem: Problem) -> Response {
    let status = match problem.code {
        "invalid" => "invalid event",
        "too_large" => "event too large",
        _ if problem.status == 401 => "unauthorized",
        _ => "error",
    };
    let errors: Vec<String> = if status == "unauthorized" {
        vec!["Invalid routing key".to_owned()]
    } else if problem.fields.is_empty() {
        vec![problem.detail.clone()]
    } else {
        let fields = problem.fields.iter();
        fields
            .map(|fault| match fault.field.as_str() {
                "routing_key" => fault.message.clone(),
                field => format!("'{field}' {}", fault.message),
            })
            .collect()
    };
    let message = match status {
        "invalid event" => "Event object is invalid".to_owned(),
        "unauthorized" => "Invalid routing key".to_owned(),
        _ => problem.detail.clone(),
    };
    let body = serde_json::json!({"status": status, "message": message, "errors": errors});
    let (mut parts, _) = problem.into_response().into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    (parts.status, parts.headers, axum::Json(body)).into_response()
}
