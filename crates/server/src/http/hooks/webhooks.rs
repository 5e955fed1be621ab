//! The doors for webhooks: find the integration, prove the sender over the raw bytes, hand the
//! bytes to the group-commit writer, answer. Nothing is parsed here.

use super::accept::{Arrived, keep, prove_sender};
use super::{incident_events, pagerduty};
use crate::app::App;
use crate::http::problem::Problem;
use crate::registry::Entry;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use epicenter_domain::delivery::Headers;
use epicenter_domain::id::IdKind;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::sources::sentry::ui_component;
use serde::Deserialize;
use std::sync::Arc;

pub(super) async fn by_key(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    request: axum::extract::Request,
) -> Response {
    let entry = app.registry.snapshot().by_key(&key).cloned();
    match entry {
        Some(entry) if entry.kind == IntegrationKind::Events => {
            incident_events::accept_for(&app, entry, request).await
        }
        Some(entry) if entry.kind == IntegrationKind::Pagerduty => {
            pagerduty::accept_for(&app, entry, request).await
        }
        entry => receive(&app, entry, request, StatusCode::ACCEPTED).await,
    }
}

pub(super) async fn by_kind(
    State(app): State<Arc<App>>,
    Path(kind): Path<String>,
    request: axum::extract::Request,
) -> Response {
    let snapshot = app.registry.snapshot();
    let kind = IntegrationKind::parse(&kind).filter(|kind| !is_api(*kind));
    let entry = kind.and_then(|kind| snapshot.default_of(kind)).cloned();
    receive(&app, entry, request, StatusCode::ACCEPTED).await
}

#[derive(Deserialize)]
pub(super) struct OpsKnightQuery {
    #[serde(rename = "integrationId")]
    integration_id: Option<String>,
}

pub(super) async fn by_opsknight_id(
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
pub(super) struct FlashdutyQuery {
    integration_key: Option<String>,
}

pub(super) async fn by_flashduty_key(
    State(app): State<Arc<App>>,
    Query(query): Query<FlashdutyQuery>,
    request: axum::extract::Request,
) -> Response {
    let wanted = query.integration_key.unwrap_or_default();
    let entry = app.registry.snapshot().by_key(&wanted).cloned();
    receive(&app, entry, request, StatusCode::ACCEPTED).await
}

pub(super) async fn lightfast(
    State(app): State<Arc<App>>,
    request: axum::extract::Request,
) -> Response {
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

/// Do programs call it, at paths of its own?
fn is_api(kind: IntegrationKind) -> bool {
    matches!(kind, IntegrationKind::Events | IntegrationKind::Pagerduty)
}

/// 405.
pub(super) fn wrong_method() -> Response {
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
    let arrived = Arrived::read(app, header_map, body).await?;
    let proof = prove_sender(app, entry, &arrived).await?;
    let answer = (entry.kind == IntegrationKind::Sentry && is_ui_component(&arrived.headers))
        .then(|| ui_component::answer(arrived.bytes(), &app.config.base_url(), is_get));
    let id = keep(app, entry, (&arrived.headers, arrived.bytes()), proof).await?;
    Ok(Accepted { id, answer })
}

/// A test from a page goes the same way. Answers the delivery's id.
pub(in crate::http) async fn accept_test(
    app: &App,
    entry: &Entry,
    headers: &HeaderMap,
    body: Body,
) -> Result<i64, Problem> {
    accept(app, entry, headers, body, false)
        .await
        .map(|accepted| accepted.id)
}

fn is_ui_component(headers: &Headers) -> bool {
    headers.get("sentry-app-signature").is_some() && headers.get("sentry-hook-resource").is_none()
}
