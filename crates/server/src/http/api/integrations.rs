//! `/api/v1/integrations`: push URLs and their secrets.

use super::bodies::PageBody;
use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::Administrator;
use crate::http::problem::Problem;
use crate::operations::integrations::{self, Change, NewIntegrationRequest};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::Time;
use epicenter_store::integrations::IntegrationRecord;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// An inbound push URL.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "settings that people switch one by one"
)]
pub(super) struct IntegrationBody {
    /// `int_…`
    id: String,
    /// sentry.
    kind: String,
    /// Name.
    name: String,
    /// The unguessable part of the push URL.
    key: String,
    /// Where the sender posts to.
    push_url: String,
    /// Is it the default of its kind?
    is_default: bool,
    /// `svc_…` it is bound to; null: routed by project.
    service: Option<String>,
    /// May requests be unsigned?
    unsigned: bool,
    /// Severity profile: level or flashduty.
    profile: String,
    /// Do service hooks trigger incidents?
    service_hooks_trigger: bool,
    /// A closed incident younger than this is opened again.
    reopen_window_s: i64,
    /// Is what usually ends by itself within minutes held back for as long?
    holds_transients: bool,
    /// Sentry organisation, once it told.
    organization: Option<String>,
    /// When it was removed in Sentry.
    uninstalled_at: Option<String>,
    /// When it was made.
    created_at: String,
    /// How many secrets are active; their values are never shown.
    secret_count: usize,
}

impl IntegrationBody {
    fn new(app: &App, record: IntegrationRecord) -> Self {
        let registry = app.registry.snapshot();
        let now = app.clock.now();
        let secret_count = registry.by_id(record.id).map_or(0, |entry| {
            entry
                .secrets
                .iter()
                .filter(|secret| secret.is_active(now))
                .count()
        });
        Self {
            id: IdKind::Integration.show(record.id),
            push_url: format!("{}/hooks/{}", app.config.base_url(), record.key),
            service: record.service_id.map(|id| IdKind::Service.show(id)),
            profile: record.profile.as_str().to_owned(),
            reopen_window_s: record.reopen_window_ms / 1_000,
            holds_transients: record.holds_transients,
            uninstalled_at: record.uninstalled_at.map(Time::rfc3339),
            created_at: record.created_at.rfc3339(),
            kind: record.kind,
            name: record.name,
            key: record.key,
            is_default: record.is_default,
            unsigned: record.is_unsigned,
            service_hooks_trigger: record.service_hooks_trigger,
            organization: record.organization,
            secret_count,
        }
    }
}

/// Lists integrations.
#[utoipa::path(
    get,
    path = "/api/v1/integrations",
    tag = "integrations",
    responses((status = 200, body = PageBody<IntegrationBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
) -> Result<axum::Json<PageBody<IntegrationBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let all = epicenter_store::integrations::list(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    let items = all
        .into_iter()
        .filter(|record| record.kind != IntegrationKind::Own.as_str())
        .map(|record| IntegrationBody::new(&app, record))
        .collect();
    Ok(axum::Json(PageBody {
        items,
        next_cursor: None,
    }))
}

/// A new integration.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IntegrationRequest {
    /// sentry.
    kind: String,
    /// Name.
    name: String,
    /// `svc_…` to bind it to.
    service: Option<String>,
    /// The client secret from Sentry.
    secret: Option<String>,
    /// May requests be unsigned? For the legacy plugin, which cannot sign.
    #[serde(default)]
    unsigned: bool,
    /// level (default) or flashduty.
    profile: Option<String>,
}

fn service_id(text: Option<&str>) -> Result<Option<i64>, Problem> {
    let parse = |text: &str| {
        IdKind::Service
            .parse(text)
            .ok_or_else(|| Problem::invalid("service", "is not the id of a service"))
    };
    text.filter(|text| !text.is_empty()).map(parse).transpose()
}

async fn shown(
    app: &App,
    workspace_id: i64,
    id: i64,
) -> Result<axum::Json<IntegrationBody>, Problem> {
    let mut tx = app.database.read().await?;
    let record = epicenter_store::integrations::by_id(&mut tx, workspace_id, id)
        .await?
        .ok_or_else(|| Problem::not_found("integration"))?;
    tx.rollback().await?;
    Ok(axum::Json(IntegrationBody::new(app, record)))
}

/// Creates an integration. It has no secret until the one from Sentry is given.
#[utoipa::path(
    post,
    path = "/api/v1/integrations",
    tag = "integrations",
    request_body = IntegrationRequest,
    responses((status = 201, body = IntegrationBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<IntegrationRequest>,
) -> Result<(StatusCode, axum::Json<IntegrationBody>), Problem> {
    let request = NewIntegrationRequest {
        kind: request.kind,
        name: request.name,
        service_id: service_id(request.service.as_deref())?,
        secret: request.secret,
        is_unsigned: request.unsigned,
        profile: request.profile,
    };
    let id = integrations::create(&app, caller.workspace_id, request).await?;
    Ok((
        StatusCode::CREATED,
        shown(&app, caller.workspace_id, id).await?,
    ))
}

/// One integration.
#[utoipa::path(
    get,
    path = "/api/v1/integrations/{id}",
    tag = "integrations",
    params(("id" = String, Path, description = "`int_…`")),
    responses((status = 200, body = IntegrationBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<axum::Json<IntegrationBody>, Problem> {
    let id = parameters::id(IdKind::Integration, "integration", &id)?;
    shown(&app, caller.workspace_id, id).await
}

/// What to change; absent fields stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct IntegrationChange {
    /// Name.
    name: Option<String>,
    /// `svc_…`; empty: routed by project.
    service: Option<String>,
    /// May requests be unsigned?
    unsigned: Option<bool>,
    /// level or flashduty.
    profile: Option<String>,
    /// Do service hooks trigger incidents?
    service_hooks_trigger: Option<bool>,
    /// A closed incident younger than this is opened again.
    reopen_window_s: Option<i64>,
    /// Hold back for five minutes what ended by itself as fast in three of its last four times?
    holds_transients: Option<bool>,
}

/// Changes an integration.
#[utoipa::path(
    patch,
    path = "/api/v1/integrations/{id}",
    tag = "integrations",
    params(("id" = String, Path, description = "`int_…`")),
    request_body = IntegrationChange,
    responses((status = 200, body = IntegrationBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<IntegrationChange>,
) -> Result<axum::Json<IntegrationBody>, Problem> {
    let id = parameters::id(IdKind::Integration, "integration", &id)?;
    let service = request
        .service
        .as_deref()
        .map(|text| service_id(Some(text)))
        .transpose()?;
    let change = Change {
        name: request.name,
        service_id: service,
        is_unsigned: request.unsigned,
        profile: request.profile,
        service_hooks_trigger: request.service_hooks_trigger,
        reopen_window_s: request.reopen_window_s,
        holds_transients: request.holds_transients,
    };
    integrations::change(&app, caller.workspace_id, id, change).await?;
    shown(&app, caller.workspace_id, id).await
}

/// Deletes an integration with its secrets. Its deliveries and incidents stay.
#[utoipa::path(
    delete,
    path = "/api/v1/integrations/{id}",
    tag = "integrations",
    params(("id" = String, Path, description = "`int_…`")),
    responses((status = 204), (status = 409, body = Problem))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Integration, "integration", &id)?;
    integrations::delete(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
