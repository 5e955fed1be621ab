//! `/api/v1/services/{id}/owner`: which team owns a service, which escalation policy it follows.

use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::people::escalations::set_owner;
use axum::extract::{Path, State};
use epicenter_domain::id::IdKind;
use epicenter_store::people::owners::{self, ServiceOwner};
use epicenter_store::services;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Who is responsible for a service.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnerBody {
    /// `tem_…` of the team that owns it.
    #[serde(default)]
    team: Option<String>,
    /// `esc_…` of the policy that its incidents follow; null: nobody is told by an escalation.
    #[serde(default)]
    escalation: Option<String>,
}

async fn shown(app: &App, workspace_id: i64, id: i64) -> Result<axum::Json<OwnerBody>, Problem> {
    let mut tx = app.database.read().await?;
    let service = services::by_id(&mut tx, workspace_id, id).await?;
    let owners = owners::of_workspace(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    if service.is_none() {
        return Err(Problem::not_found("service"));
    }
    let owner = owners.get(&id).copied().unwrap_or_default();
    Ok(axum::Json(OwnerBody {
        team: owner.team_id.map(|id| IdKind::Team.show(id)),
        escalation: owner.escalation_id.map(|id| IdKind::Escalation.show(id)),
    }))
}

/// Who is responsible for a service.
#[utoipa::path(
    get,
    path = "/api/v1/services/{id}/owner",
    tag = "services",
    params(("id" = String, Path, description = "`svc_…`")),
    responses((status = 200, body = OwnerBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<OwnerBody>, Problem> {
    let id = parameters::id(IdKind::Service, "service", &id)?;
    shown(&app, caller.workspace_id, id).await
}

/// Sets who is responsible for a service. Incidents that are open already go on as they began.
#[utoipa::path(
    put,
    path = "/api/v1/services/{id}/owner",
    tag = "services",
    params(("id" = String, Path, description = "`svc_…`")),
    request_body = OwnerBody,
    responses((status = 200, body = OwnerBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<OwnerBody>,
) -> Result<axum::Json<OwnerBody>, Problem> {
    let id = parameters::id(IdKind::Service, "service", &id)?;
    // What is no id is refused as something that does not exist.
    let parse =
        |kind: IdKind, text: Option<String>| text.map(|text| kind.parse(&text).unwrap_or(-1));
    let owner = ServiceOwner {
        team_id: parse(IdKind::Team, request.team),
        escalation_id: parse(IdKind::Escalation, request.escalation),
    };
    set_owner(&app, (caller.workspace_id, id), owner).await?;
    shown(&app, caller.workspace_id, id).await
}
