//! `/api/v1/repositories/{id}/owners`: CODEOWNERS; and `/api/v1/incidents/{id}/owners`: whose it is.

use super::incidents::find;
use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::owner_files as operation;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_store::routing::owner_files::{self, OwnerFile};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The CODEOWNERS file of a repository.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnerFileBody {
    /// `upload` or `clone`.
    source: &'static str,
    /// Where it was found in the clone; empty for an upload.
    path: String,
    /// When it was read or uploaded.
    read_at: String,
    /// Its text.
    text: String,
    /// Lines that were not understood, from 1.
    skipped_lines: Vec<usize>,
}

impl From<OwnerFile> for OwnerFileBody {
    fn from(file: OwnerFile) -> Self {
        Self {
            source: if file.is_from_clone {
                "clone"
            } else {
                "upload"
            },
            skipped_lines: operation::skipped(&file),
            path: file.path,
            read_at: file.read_at.rfc3339(),
            text: file.text,
        }
    }
}

async fn shown(
    app: &App,
    workspace_id: i64,
    id: i64,
) -> Result<axum::Json<OwnerFileBody>, Problem> {
    let mut tx = app.database.read().await?;
    let file = owner_files::of_repository(&mut tx, workspace_id, id).await?;
    tx.rollback().await?;
    let file = file.ok_or_else(|| Problem::not_found("CODEOWNERS file"))?;
    Ok(axum::Json(OwnerFileBody::from(file)))
}

/// The CODEOWNERS file of a repository.
#[utoipa::path(
    get,
    path = "/api/v1/repositories/{id}/owners",
    tag = "repositories",
    params(("id" = String, Path, description = "`rep_…`")),
    responses((status = 200, body = OwnerFileBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<OwnerFileBody>, Problem> {
    let id = parameters::id(IdKind::Repository, "repository", &id)?;
    shown(&app, caller.workspace_id, id).await
}

/// A CODEOWNERS file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnerFileRequest {
    /// Its text; without one it is read from the repository's clone on the server.
    text: Option<String>,
}

/// Keeps a CODEOWNERS file, or reads it from the clone.
#[utoipa::path(
    put,
    path = "/api/v1/repositories/{id}/owners",
    tag = "repositories",
    params(("id" = String, Path, description = "`rep_…`")),
    request_body = OwnerFileRequest,
    responses(
        (status = 200, body = OwnerFileBody),
        (status = 400, body = Problem),
        (status = 409, body = Problem)
    )
)]
pub(super) async fn put(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<OwnerFileRequest>,
) -> Result<axum::Json<OwnerFileBody>, Problem> {
    let id = parameters::id(IdKind::Repository, "repository", &id)?;
    match request.text {
        Some(text) => operation::upload(&app, caller.workspace_id, id, &text).await?,
        None => operation::read_from_clone(&app, caller.workspace_id, id).await?,
    }
    shown(&app, caller.workspace_id, id).await
}

/// Forgets the CODEOWNERS file of a repository.
#[utoipa::path(
    delete,
    path = "/api/v1/repositories/{id}/owners",
    tag = "repositories",
    params(("id" = String, Path, description = "`rep_…`")),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn forget(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Repository, "repository", &id)?;
    operation::forget(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose the file is in which it broke.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentOwnersBody {
    /// `@org/team`, `@user` or addresses; empty: nothing says so.
    owners: Vec<String>,
    /// Path in the repository.
    path: Option<String>,
    /// `rep_…`
    repository_id: Option<String>,
    /// Why: a sentence.
    reason: Option<String>,
}

/// Whose an incident is by CODEOWNERS: the file of the crash in its newest event.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/owners",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    responses((status = 200, body = IncidentOwnersBody), (status = 404, body = Problem))
)]
pub(super) async fn of_incident(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<IncidentOwnersBody>, Problem> {
    let mut tx = app.database.read().await?;
    let incident = find(&mut tx, caller.workspace_id, &id).await?;
    let found = operation::of_incident(&mut tx, &incident).await?;
    tx.rollback().await?;
    Ok(axum::Json(match found {
        None => IncidentOwnersBody {
            owners: Vec::new(),
            path: None,
            repository_id: None,
            reason: None,
        },
        Some(file) => IncidentOwnersBody {
            owners: file.owned.owners,
            path: Some(file.path),
            repository_id: Some(IdKind::Repository.show(file.repository_id)),
            reason: Some(file.owned.reason),
        },
    }))
}
