//! `/api/v1/teams`: who belongs together.

use super::bodies::PageBody;
use super::parameters::{self, Json, Paging, Query};
use super::people::user_id;
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::people::teams::{self as operation, WantedTeam};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_store::people::teams::{self, TeamRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A team.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TeamBody {
    /// `tem_…`
    id: String,
    /// Name.
    name: String,
    /// `usr_…` of its members.
    members: Vec<String>,
    /// When it was made.
    created_at: String,
}

impl From<TeamRecord> for TeamBody {
    fn from(record: TeamRecord) -> Self {
        let members = record.members.into_iter();
        Self {
            id: IdKind::Team.show(record.id),
            name: record.name,
            members: members.map(|id| IdKind::User.show(id)).collect(),
            created_at: record.created_at.rfc3339(),
        }
    }
}

/// A team as it should be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamRequest {
    /// Name, unique in the workspace.
    name: String,
    /// `usr_…` of its members.
    #[serde(default)]
    members: Vec<String>,
}

impl TeamRequest {
    fn wanted(self) -> WantedTeam {
        // What is no id is refused as an unknown user, with its place.
        let members = self.members.iter().map(|text| user_id(text).unwrap_or(-1));
        WantedTeam {
            members: members.collect(),
            name: self.name,
        }
    }
}

/// Lists teams.
#[utoipa::path(
    get,
    path = "/api/v1/teams",
    tag = "teams",
    params(Paging),
    responses((status = 200, body = PageBody<TeamBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<PageBody<TeamBody>>, Problem> {
    let limit = paging.limit()?;
    let mut tx = app.database.read().await?;
    let cursor = paging.cursor.as_deref();
    let page = teams::list(&mut tx, caller.workspace_id, cursor, limit).await?;
    tx.rollback().await?;
    Ok(axum::Json(PageBody {
        items: page.items.into_iter().map(TeamBody::from).collect(),
        next_cursor: page.next_cursor,
    }))
}

async fn shown(app: &App, workspace_id: i64, id: i64) -> Result<axum::Json<TeamBody>, Problem> {
    let mut tx = app.database.read().await?;
    let found = teams::by_id(&mut tx, workspace_id, id).await?;
    tx.rollback().await?;
    let record = found.ok_or_else(|| Problem::not_found("team"))?;
    Ok(axum::Json(TeamBody::from(record)))
}

/// One team.
#[utoipa::path(
    get,
    path = "/api/v1/teams/{id}",
    tag = "teams",
    params(("id" = String, Path, description = "`tem_…`")),
    responses((status = 200, body = TeamBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<TeamBody>, Problem> {
    let id = parameters::id(IdKind::Team, "team", &id)?;
    shown(&app, caller.workspace_id, id).await
}

/// Makes a team.
#[utoipa::path(
    post,
    path = "/api/v1/teams",
    tag = "teams",
    request_body = TeamRequest,
    responses((status = 201, body = TeamBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<TeamRequest>,
) -> Result<(StatusCode, axum::Json<TeamBody>), Problem> {
    let workspace_id = caller.workspace_id;
    let id = operation::create(&app, workspace_id, request.wanted()).await?;
    Ok((StatusCode::CREATED, shown(&app, workspace_id, id).await?))
}

/// Changes a team.
#[utoipa::path(
    put,
    path = "/api/v1/teams/{id}",
    tag = "teams",
    params(("id" = String, Path, description = "`tem_…`")),
    request_body = TeamRequest,
    responses((status = 200, body = TeamBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<TeamRequest>,
) -> Result<axum::Json<TeamBody>, Problem> {
    let id = parameters::id(IdKind::Team, "team", &id)?;
    operation::change(&app, caller.workspace_id, id, request.wanted()).await?;
    shown(&app, caller.workspace_id, id).await
}

/// Deletes a team that no escalation policy names.
#[utoipa::path(
    delete,
    path = "/api/v1/teams/{id}",
    tag = "teams",
    params(("id" = String, Path, description = "`tem_…`")),
    responses((status = 204), (status = 409, body = Problem))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Team, "team", &id)?;
    operation::delete(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
