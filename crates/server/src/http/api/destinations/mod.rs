//! `/api/v1/destinations`: where notices go.

mod bodies;

use super::bodies::PageBody;
use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::notice_settings::{destinations as operation, send_test};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bodies::{DestinationBody, DestinationRequest};
use epicenter_domain::id::IdKind;
use epicenter_store::notices::destinations;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Lists destinations, oldest first, without their secrets.
#[utoipa::path(
    get,
    path = "/api/v1/destinations",
    tag = "destinations",
    responses((status = 200, body = PageBody<DestinationBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<PageBody<DestinationBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let all = destinations::list(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    Ok(axum::Json(PageBody {
        items: all.into_iter().map(DestinationBody::from).collect(),
        next_cursor: None,
    }))
}

async fn shown(
    app: &App,
    workspace_id: i64,
    id: i64,
) -> Result<axum::Json<DestinationBody>, Problem> {
    let mut tx = app.database.read().await?;
    let found = destinations::by_id(&mut tx, workspace_id, id).await?;
    tx.rollback().await?;
    let record = found.ok_or_else(|| Problem::not_found("destination"))?;
    Ok(axum::Json(DestinationBody::from(record)))
}

/// One destination, without its secrets.
#[utoipa::path(
    get,
    path = "/api/v1/destinations/{id}",
    tag = "destinations",
    params(("id" = String, Path, description = "`dst_…`")),
    responses((status = 200, body = DestinationBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<DestinationBody>, Problem> {
    let id = parameters::id(IdKind::Destination, "destination", &id)?;
    shown(&app, caller.workspace_id, id).await
}

/// Makes a destination. It hears of what is open already, too.
#[utoipa::path(
    post,
    path = "/api/v1/destinations",
    tag = "destinations",
    request_body = DestinationRequest,
    responses((status = 201, body = DestinationBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<DestinationRequest>,
) -> Result<(StatusCode, axum::Json<DestinationBody>), Problem> {
    let id = operation::create(&app, caller.workspace_id, request.wanted()).await?;
    let made = shown(&app, caller.workspace_id, id).await?;
    Ok((StatusCode::CREATED, made))
}

/// Changes a destination. What is not sent stays, secrets included.
#[utoipa::path(
    patch,
    path = "/api/v1/destinations/{id}",
    tag = "destinations",
    params(("id" = String, Path, description = "`dst_…`")),
    request_body = DestinationRequest,
    responses((status = 200, body = DestinationBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<DestinationRequest>,
) -> Result<axum::Json<DestinationBody>, Problem> {
    let id = parameters::id(IdKind::Destination, "destination", &id)?;
    operation::change(&app, (caller.workspace_id, id), request.wanted()).await?;
    shown(&app, caller.workspace_id, id).await
}

/// Deletes a destination that no escalation policy names. What was sent there stays in the log.
#[utoipa::path(
    delete,
    path = "/api/v1/destinations/{id}",
    tag = "destinations",
    params(("id" = String, Path, description = "`dst_…`")),
    responses((status = 204), (status = 409, body = Problem))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Destination, "destination", &id)?;
    operation::delete(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A notice that is owed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwedBody {
    /// `ntf_…`; what comes of it is in the notifications.
    pub(super) notification_id: String,
}

/// Sends a test, also to a destination that is switched off.
#[utoipa::path(
    post,
    path = "/api/v1/destinations/{id}/test",
    tag = "destinations",
    params(("id" = String, Path, description = "`dst_…`")),
    responses((status = 202, body = OwedBody), (status = 404, body = Problem))
)]
pub(super) async fn test(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<(StatusCode, axum::Json<OwedBody>), Problem> {
    let id = parameters::id(IdKind::Destination, "destination", &id)?;
    let place = (caller.workspace_id, id);
    let notice_id = send_test(&app, place, &caller.actor.name).await?;
    let body = OwedBody {
        notification_id: IdKind::Notification.show(notice_id),
    };
    Ok((StatusCode::ACCEPTED, axum::Json(body)))
}
