//! `/api/v1/users/{id}/slack`: who in Slack is this person.

use super::bodies::PageBody;
use super::contacts::person;
use super::parameters::Json;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::operations::slack::{link_member, unlink_member};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::time::Time;
use epicenter_store::people::slack::{self, SlackMember};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A member of a Slack workspace who is this person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SlackMemberBody {
    /// Slack's id of its workspace, `T…`.
    team: String,
    /// Slack's id of the person, `U…`.
    member: String,
    /// What Slack calls the person.
    name: String,
    /// Since when.
    created_at: String,
}

impl From<SlackMember> for SlackMemberBody {
    fn from(record: SlackMember) -> Self {
        Self {
            team: record.team,
            member: record.member,
            name: record.name,
            created_at: Time(record.created_at).rfc3339(),
        }
    }
}

/// The members of Slack that are this person. For the person and for admins.
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}/slack",
    tag = "users",
    params(("id" = String, Path, description = "`usr_…`")),
    responses((status = 200, body = PageBody<SlackMemberBody>), (status = 403, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<PageBody<SlackMemberBody>>, Problem> {
    let id = person(&app, &caller, &id).await?;
    let mut tx = app.database.read().await?;
    let all = slack::of_user(&mut tx, id).await?;
    tx.rollback().await?;
    Ok(axum::Json(PageBody {
        items: all.into_iter().map(SlackMemberBody::from).collect(),
        next_cursor: None,
    }))
}

/// A member of Slack.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SlackMemberRequest {
    /// Slack's id of its workspace, `T…`.
    team: String,
    /// Slack's id of the person, `U…`.
    member: String,
}

/// Says that a member of Slack is this person. For admins; people prove it themselves with the link
/// that Slack shows them when they first press a button.
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/slack",
    tag = "users",
    params(("id" = String, Path, description = "`usr_…`")),
    request_body = SlackMemberRequest,
    responses(
        (status = 201),
        (status = 400, body = Problem),
        (status = 403, body = Problem)
    )
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(request): Json<SlackMemberRequest>,
) -> Result<StatusCode, Problem> {
    caller.must_administer()?;
    let id = person(&app, &caller, &id).await?;
    let names = (request.team.trim(), request.member.trim(), "");
    link_member(&app, (caller.workspace_id, id), names).await?;
    Ok(StatusCode::CREATED)
}

/// A member of Slack is this person no more.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}/slack/{team}/{member}",
    tag = "users",
    params(
        ("id" = String, Path, description = "`usr_…`"),
        ("team" = String, Path, description = "Slack's id of its workspace"),
        ("member" = String, Path, description = "Slack's id of the person")
    ),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, team, member)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    let id = person(&app, &caller, &id).await?;
    unlink_member(&app, id, (&team, &member)).await?;
    Ok(StatusCode::NO_CONTENT)
}
