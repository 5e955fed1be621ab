//! `/api/v1/users`: accounts of people.

use super::bodies::PageBody;
use super::parameters::{self, Json};
use super::tokens::role;
use crate::app::App;
use crate::http::auth::Administrator;
use crate::http::problem::Problem;
use crate::operations::accounts::{self, Person};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_store::users::{Role, UserRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserBody {
    /// `usr_…`
    id: String,
    /// E-mail address, the login.
    email: String,
    /// Name.
    name: String,
    /// admin, responder or viewer.
    role: String,
    /// When the account was made.
    created_at: String,
}

impl From<UserRecord> for UserBody {
    fn from(record: UserRecord) -> Self {
        Self {
            id: IdKind::User.show(record.id),
            email: record.email,
            name: record.name,
            role: record.role.as_str().to_owned(),
            created_at: record.created_at.rfc3339(),
        }
    }
}

/// Lists people.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    tag = "users",
    responses((status = 200, body = PageBody<UserBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
) -> Result<axum::Json<PageBody<UserBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let all = epicenter_store::users::list(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    let items = all.into_iter().map(UserBody::from).collect();
    Ok(axum::Json(PageBody {
        items,
        next_cursor: None,
    }))
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserRequest {
    /// E-mail address, the login.
    email: String,
    /// Name.
    name: String,
    /// Password.
    password: String,
    /// admin, responder (default) or viewer.
    role: Option<String>,
}

/// Creates an account.
#[utoipa::path(
    post,
    path = "/api/v1/users",
    tag = "users",
    request_body = UserRequest,
    responses((status = 201, body = UserBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(_caller): Administrator,
    Json(request): Json<UserRequest>,
) -> Result<(StatusCode, axum::Json<UserBody>), Problem> {
    let person = Person {
        email: request.email,
        name: request.name,
        password: request.password,
        role: role(request.role.as_deref(), Role::Responder)?,
    };
    let id = accounts::create_user(&app, person).await?;
    Ok((StatusCode::CREATED, shown(&app, id).await?))
}

async fn shown(app: &App, id: i64) -> Result<axum::Json<UserBody>, Problem> {
    let mut tx = app.database.read().await?;
    let user = epicenter_store::users::by_id(&mut tx, id)
        .await?
        .ok_or_else(|| Problem::not_found("user"))?;
    tx.rollback().await?;
    Ok(axum::Json(UserBody::from(user)))
}

/// What to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserChange {
    /// admin, responder or viewer.
    role: String,
}

/// Changes a person's role.
#[utoipa::path(
    patch,
    path = "/api/v1/users/{id}",
    tag = "users",
    params(("id" = String, Path, description = "`usr_…`")),
    request_body = UserChange,
    responses((status = 200, body = UserBody), (status = 409, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<UserChange>,
) -> Result<axum::Json<UserBody>, Problem> {
    let id = parameters::id(IdKind::User, "user", &id)?;
    let role = role(Some(&request.role), Role::Viewer)?;
    accounts::set_role(&app, caller.workspace_id, id, role).await?;
    shown(&app, id).await
}

/// Deletes an account and ends its sessions.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}",
    tag = "users",
    params(("id" = String, Path, description = "`usr_…`")),
    responses((status = 204), (status = 409, body = Problem))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::User, "user", &id)?;
    accounts::delete_user(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
