//! The doors for webhooks (DESIGN §4.1): find the integration, prove the sender over the raw
//! bytes, hand the bytes to the group-commit writer, answer. Nothing is parsed here.

use super::body;
use super::problem::Problem;
use crate::app::App;
use crate::inbox::NotStored;
use crate::limits::WEBHOOK_BODY_BYTES;
use crate::registry::Entry;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use epicenter_domain::delivery::Headers;
use epicenter_domain::id::IdKind;
use epicenter_domain::proof::{Demand, Proof, Refusal, prove};
use epicenter_domain::scrub::{scrub, scrub_headers};
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::sources::sentry::ui_component;
use epicenter_store::inbox::NewDelivery;
use epicenter_store::packing;
use serde::Deserialize;
use std::sync::Arc;

/// The doors.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/hooks/{key}", any(by_key))
        .route("/api/webhooks/{kind}", any(by_kind))
        .route("/api/integrations/sentry", any(by_opsknight_id))
        .route("/api/sentry/webhooks", any(lightfast))
        .route("/event/push/alert/sentry", any(by_flashduty_key))
}

async fn by_key(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    request: axum::extract::Request,
) -> Response {
    let entry = app.registry.snapshot().by_key(&key).cloned();
    receive(&app, entry, request, StatusCode::ACCEPTED).await
}

async fn by_kind(
    State(app): State<Arc<App>>,
    Path(kind): Path<String>,
    request: axum::extract::Request,
) -> Response {
    let snapshot = app.registry.snapshot();
    let kind = IntegrationKind::parse(&kind);
    let entry = kind.and_then(|kind| snapshot.default_of(kind)).cloned();
    receive(&app, entry, request, StatusCode::ACCEPTED).await
}

#[derive(Deserialize)]
struct OpsKnightQuery {
    #[serde(rename = "integrationId")]
    integration_id: Option<String>,
}

async fn by_opsknight_id(
    State(app): State<Arc<App>>,
    Query(query): Query<OpsKnightQuery>,
    request: axum::extract::Request,
) -> Response {
    let snapshot = app.registry.snapshot();
    let wanted = query.integration_id.unwrap_or_default();
    let by_id = IdKind::Integration
        .parse(&wanted)
        .and_then(|id| snapshot.by_id(id));
    let entry = by_id.or_else(|| snapshot.by_key(&wanted)).cloned();
    receive(&app, entry, request, StatusCode::ACCEPTED).await
}

#[derive(Deserialize)]
struct FlashdutyQuery {
    integration_key: Option<String>,
}

async fn by_flashduty_key(
    State(app): State<Arc<App>>,
    Query(query): Query<FlashdutyQuery>,
    request: axum::extract::Request,
) -> Response {
    let wanted = query.integration_key.unwrap_or_default();
    let entry = app.registry.snapshot().by_key(&wanted).cloned();
    receive(&app, entry, request, StatusCode::ACCEPTED).await
}

async fn lightfast(State(app): State<Arc<App>>, request: axum::extract::Request) -> Response {
    if request.method() == Method::GET && !request.headers().contains_key("sentry-app-signature") {
        let health = serde_json::json!({"status": "ok", "service": "sentry-webhooks"});
        return axum::Json(health).into_response();
    }
    let entry = app
        .registry
        .snapshot()
        .default_of(IntegrationKind::Sentry)
        .cloned();
    receive(&app, entry, request, StatusCode::OK).await
}

/// Receives one request for an integration.
async fn receive(
    app: &App,
    entry: Option<Arc<Entry>>,
    request: axum::extract::Request,
    success: StatusCode,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some(entry) = entry else {
        app.metrics.unknown_integration();
        return Problem::not_found("integration").into_response();
    };
    let is_sentry = entry.kind == IntegrationKind::Sentry;
    let is_get = is_sentry
        && parts.method == Method::GET
        && parts.headers.contains_key("sentry-app-signature");
    if parts.method != Method::POST && !is_get {
        return wrong_method();
    }
    match accept(app, &entry, &parts.headers, body, is_get).await {
        Ok(Accepted {
            answer: Some(answer),
            ..
        }) => ([(header::CONTENT_TYPE, "application/json")], answer).into_response(),
        Ok(Accepted { id, answer: None }) => {
            let answer = serde_json::json!({
                "received": true,
                "delivery_id": IdKind::Delivery.show(id),
            });
            (success, axum::Json(answer)).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

fn wrong_method() -> Response {
    let detail = "This is a push URL: POST requests are sent to it. Open the page instead.";
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail);
    ([(header::ALLOW, "POST")], problem).into_response()
}

/// A request that is durable.
struct Accepted {
    id: i64,
    /// Sentry asked something and waits for this JSON.
    answer: Option<String>,
}

async fn accept(
    app: &App,
    entry: &Entry,
    header_map: &HeaderMap,
    body: Body,
    is_get: bool,
) -> Result<Accepted, Problem> {
    let most = (WEBHOOK_BODY_BYTES, app.config.deadlines.body);
    let raw = body::read(header_map, body, most).await?;
    let plain = body::decompress(header_map, &raw, WEBHOOK_BODY_BYTES).await?;
    let headers = headers_of(header_map);
    let proof = proof_of(app, entry, &headers, &raw, plain.as_ref());
    let bytes = plain.as_ref().unwrap_or(&raw);
    let proof = match proof {
        Ok(proof) => proof,
        Err(refusal) => return Err(refuse(app, entry, &headers, bytes, refusal).await),
    };
    let answer = (entry.kind == IntegrationKind::Sentry && is_ui_component(&headers))
        .then(|| ui_component::answer(bytes, &app.config.base_url(), is_get));
    let id = store(app, entry, &headers, bytes, Ok(proof)).await?;
    app.metrics.received(bytes.len());
    if let Some(secret_id) = proof.secret_id {
        app.matched.note(secret_id, app.clock.now());
    }
    Ok(Accepted { id, answer })
}

/// A test from a page goes the same way. Answers the delivery's id.
pub(super) async fn accept_test(
    app: &App,
    entry: &Entry,
    headers: &HeaderMap,
    body: Body,
) -> Result<i64, Problem> {
    accept(app, entry, headers, body, false)
        .await
        .map(|accepted| accepted.id)
}

/// The signature is over the bytes as sent; some proxies compress them on the way.
fn proof_of(
    app: &App,
    entry: &Entry,
    headers: &Headers,
    raw: &Bytes,
    plain: Option<&Bytes>,
) -> Result<Proof, Refusal> {
    let now = app.clock.now();
    let demand = Demand {
        kind: entry.kind,
        secrets: &entry.secrets,
        unsigned_allowed: entry.is_unsigned,
    };
    let over = |bytes: &Bytes| prove(demand, headers, bytes, now);
    over(raw).or_else(|refusal| plain.map_or(Err(refusal), over))
}

fn is_ui_component(headers: &Headers) -> bool {
    headers.get("sentry-app-signature").is_some() && headers.get("sentry-hook-resource").is_none()
}

/// Counts a refused request, keeps a limited number for the diagnosis, and says what to do.
async fn refuse(
    app: &App,
    entry: &Entry,
    headers: &Headers,
    bytes: &Bytes,
    refusal: Refusal,
) -> Problem {
    app.metrics.refused(refusal.code());
    let integration_id = entry.origin.integration_id;
    tracing::warn!(
        integration.id = integration_id,
        code = refusal.code(),
        "[webhooks/sentry] refused a request for integration {}: {}",
        entry.origin.name,
        refusal.message()
    );
    let now = app.clock.now();
    if app
        .refused
        .keep(integration_id, headers, bytes, refusal, now)
    {
        match store(app, entry, headers, bytes, Err(refusal)).await {
            // No worker looks at it again, so the open pages hear of it now.
            Ok(_) => app.live.publish(Vec::new(), []),
            Err(problem) => tracing::warn!(
                code = problem.code,
                "a refused request could not be recorded"
            ),
        }
    }
    Problem::unauthorized(refusal.code(), refusal.message())
}

/// Scrubs, packs and stores; returns when the request is durable.
async fn store(
    app: &App,
    entry: &Entry,
    headers: &Headers,
    bytes: &Bytes,
    proof: Result<Proof, Refusal>,
) -> Result<i64, Problem> {
    let now = app.clock.now();
    let id = app.ids.next(now);
    let scrubbed = scrub(bytes, &app.scrub_rules);
    let packed = packing::pack(&scrub_headers(headers), &scrubbed).map_err(|error| {
        tracing::error!(%error, "[webhooks/sentry] a body could not be packed: {error}");
        Problem::unavailable(
            "not_stored",
            "The webhook could not be stored; send it again.",
            5,
        )
    })?;
    let delivery = NewDelivery {
        id,
        workspace_id: entry.origin.workspace_id,
        integration_id: entry.origin.integration_id,
        received_at: now,
        resource: resource_hint(entry.kind, headers),
        refusal: proof.as_ref().err().map(|refusal| refusal.message()),
        scheme: proof.as_ref().map_or("none", |proof| proof.scheme.as_str()),
        secret_id: proof.ok().and_then(|proof| proof.secret_id),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        packed,
        replay_of: None,
    };
    let stored = app.inbox.store(delivery).await;
    stored
        .map(|()| id)
        .map_err(|reason| not_stored(app, reason))
}

/// What the header calls it, cut to a word; the parser has the last say.
fn resource_hint(kind: IntegrationKind, headers: &Headers) -> String {
    let name = match kind {
        IntegrationKind::Sentry => "sentry-hook-resource",
        IntegrationKind::Github => "x-github-event",
        IntegrationKind::Gitlab => "x-gitlab-event",
        IntegrationKind::Vercel => "x-vercel-event",
    };
    let hint = headers.get(name).unwrap_or_default();
    hint.chars()
        .filter(char::is_ascii_graphic)
        .take(40)
        .collect()
}

fn not_stored(app: &App, reason: NotStored) -> Problem {
    app.metrics.not_stored();
    match reason {
        NotStored::DiskFull => Problem::unavailable(
            "disk_full",
            "There is no room to store the webhook. Nothing stored is harmed; free some space.",
            30,
        ),
        NotStored::Unavailable => Problem::unavailable(
            "database_unavailable",
            "The database cannot be reached; send the webhook again.",
            5,
        ),
        NotStored::Stopping => Problem::unavailable(
            "stopping",
            "The server is restarting; send the webhook again.",
            2,
        ),
    }
}

/// Header values as text; bytes that are none become `\u{fffd}`.
fn headers_of(map: &HeaderMap) -> Headers {
    Headers::new(map.iter().map(|(name, value)| {
        (
            name.as_str(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    }))
}
