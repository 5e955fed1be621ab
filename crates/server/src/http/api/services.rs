//! `/api/v1/services`: what teams own.

use super::bodies::PageBody;
use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::services;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_store::services::ServiceRecord;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceBody {
    /// `svc_…`
    id: String,
    /// Name.
    name: String,
    /// Does it take what no other service owns?
    is_default: bool,
    /// Slugs of its Sentry projects.
    sentry_projects: Vec<String>,
    /// Is what usually ends by itself held back for a moment?
    holds_transients: bool,
    /// When it was made.
    created_at: String,
}

impl From<ServiceRecord> for ServiceBody {
    fn from(record: ServiceRecord) -> Self {
        Self {
            id: IdKind::Service.show(record.id),
            name: record.name,
            is_default: record.is_default,
            sentry_projects: record.projects,
            holds_transients: record.holds_transients,
            created_at: record.created_at.rfc3339(),
        }
    }
}

/// Lists services.
#[utoipa::path(
    get,
    path = "/api/v1/services",
    tag = "services",
    responses((status = 200, body = PageBody<ServiceBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<PageBody<ServiceBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let all = epicenter_store::services::list(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    let items = all.into_iter().map(ServiceBody::from).collect();
    Ok(axum::Json(PageBody {
        items,
        next_cursor: None,
    }))
}

/// A service as it should be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceRequest {
    /// Name.
    name: String,
    /// Slugs of its Sentry projects.
    #[serde(default)]
    sentry_projects: Vec<String>,
    /// Is what usually ends by itself held back for a moment? Absent: as it is; true for a new one.
    #[serde(default)]
    holds_transients: Option<bool>,
}

async fn shown(app: &App, workspace_id: i64, id: i64) -> Result<axum::Json<ServiceBody>, Problem> {
    let mut tx = app.database.read().await?;
    let record = epicenter_store::services::by_id(&mut tx, workspace_id, id)
        .await?
        .ok_or_else(|| Problem::not_found("service"))?;
    tx.rollback().await?;
    Ok(axum::Json(ServiceBody::from(record)))
}

/// Creates a service.
#[utoipa::path(
    post,
    path = "/api/v1/services",
    tag = "services",
    request_body = ServiceRequest,
    responses((status = 201, body = ServiceBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<ServiceRequest>,
) -> Result<(StatusCode, axum::Json<ServiceBody>), Problem> {
    let wanted = (request.name, request.sentry_projects);
    let id = services::create(&app, caller.workspace_id, wanted.clone()).await?;
    if request.holds_transients == Some(false) {
        services::change(&app, caller.workspace_id, id, wanted, Some(false)).await?;
    }
    Ok((
        StatusCode::CREATED,
        shown(&app, caller.workspace_id, id).await?,
    ))
}

/// One service.
#[utoipa::path(
    get,
    path = "/api/v1/services/{id}",
    tag = "services",
    params(("id" = String, Path, description = "`svc_…`")),
    responses((status = 200, body = ServiceBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<ServiceBody>, Problem> {
    let id = parameters::id(IdKind::Service, "service", &id)?;
    shown(&app, caller.workspace_id, id).await
}

/// Changes a service.
#[utoipa::path(
    put,
    path = "/api/v1/services/{id}",
    tag = "services",
    params(("id" = String, Path, description = "`svc_…`")),
    request_body = ServiceRequest,
    responses((status = 200, body = ServiceBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<ServiceRequest>,
) -> Result<axum::Json<ServiceBody>, Problem> {
    let id = parameters::id(IdKind::Service, "service", &id)?;
    let wanted = (request.name, request.sentry_projects);
    services::change(
        &app,
        caller.workspace_id,
        id,
        wanted,
        request.holds_transients,
    )
    .await?;
    shown(&app, caller.workspace_id, id).await
}

/// Deletes a service that nothing uses.
#[utoipa::path(
    delete,
    path = "/api/v1/services/{id}",
    tag = "services",
    params(("id" = String, Path, description = "`svc_…`")),
    responses((status = 204), (status = 409, body = Problem))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Service, "service", &id)?;
    services::delete(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
