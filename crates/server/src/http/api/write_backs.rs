//! What Sentry was told of what was done here, and what each connection is told.

use super::bodies::PageBody;
use super::incidents::find;
use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::limits::SHOWN_WRITE_BACKS;
use crate::operations::write_backs::{Choice, choice_of, choose};
use axum::extract::{Path, State};
use epicenter_domain::id::IdKind;
use epicenter_domain::writeback::{Scope, WriteBack};
use epicenter_store::sentry::connections;
use epicenter_store::{issues, write_backs};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Something that was done here to a Sentry issue, and how far the news of it came.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WriteBackBody {
    /// `status`, `assignee` or `note`.
    matter: String,
    /// What was done, in words: "resolved", "assigned to Ada".
    what: String,
    /// Who did it.
    by: String,
    /// When.
    at: String,
    /// Sentry's issue id.
    sentry_issue_id: String,
    /// `iss_…`
    issue_id: Option<String>,
    /// `waiting`, `told`, `refused`, `gone` (Sentry has no such issue), `off` (the settings say so)
    /// or `overruled` (Sentry said something later).
    state: String,
    /// When Sentry took it.
    told_at: Option<String>,
    /// When it is tried (again), while it waits.
    next_at: Option<String>,
    /// Attempts so far.
    attempt_count: i64,
    /// Why it stands so, as a sentence; may be empty.
    reason: String,
}

impl From<WriteBack> for WriteBackBody {
    fn from(done: WriteBack) -> Self {
        let is_waiting = done.state == epicenter_domain::writeback::WriteState::Waiting;
        Self {
            matter: done.said.matter().as_str().to_owned(),
            what: done.said.verb(),
            by: done.actor.name,
            at: done.asked_at.rfc3339(),
            sentry_issue_id: done.sentry_issue_id,
            issue_id: done.issue_id.map(|id| IdKind::Issue.show(id)),
            state: done.state.as_str().to_owned(),
            told_at: done.told_at.map(epicenter_domain::time::Time::rfc3339),
            next_at: is_waiting.then(|| done.due_at.rfc3339()),
            attempt_count: done.attempt_count,
            reason: done.reason,
        }
    }
}

fn page(all: Vec<WriteBack>) -> axum::Json<PageBody<WriteBackBody>> {
    axum::Json(PageBody {
        items: all.into_iter().map(WriteBackBody::from).collect(),
        next_cursor: None,
    })
}

/// What was done in an incident and Sentry is told, newest first, at most 200.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/write-backs",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    responses((status = 200, body = PageBody<WriteBackBody>), (status = 404, body = Problem))
)]
pub(super) async fn of_incident(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<PageBody<WriteBackBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let incident = find(&mut tx, caller.workspace_id, &id).await?;
    let all = write_backs::of_incident(&mut tx, incident.id, SHOWN_WRITE_BACKS).await?;
    tx.rollback().await?;
    Ok(page(all))
}

/// What was done to an issue here and Sentry is told, newest first, at most 200.
#[utoipa::path(
    get,
    path = "/api/v1/issues/{id}/write-backs",
    tag = "issues",
    params(("id" = String, Path, description = "`iss_…`")),
    responses((status = 200, body = PageBody<WriteBackBody>), (status = 404, body = Problem))
)]
pub(super) async fn of_issue(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<PageBody<WriteBackBody>>, Problem> {
    let issue_id = parameters::id(IdKind::Issue, "issue", &id)?;
    let mut tx = app.database.read().await?;
    issues::by_id(&mut tx, caller.workspace_id, issue_id)
        .await?
        .ok_or_else(|| Problem::not_found("issue"))?;
    let all = write_backs::of_issue(&mut tx, issue_id, SHOWN_WRITE_BACKS).await?;
    tx.rollback().await?;
    Ok(page(all))
}

/// What a connection is told of what is done here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScopeBody {
    /// What was chosen: `off`, `status` or `all`; null: nothing, so that the token decides.
    scope: Option<String>,
    /// What counts: `status` with a token that may write, unless something else was chosen.
    in_force: String,
    /// Since when its token may not; it is tried again after the setting is saved.
    refused_at: Option<String>,
    /// What Sentry said then.
    refusal: Option<String>,
}

impl From<Choice> for ScopeBody {
    fn from(choice: Choice) -> Self {
        Self {
            scope: choice.chosen.map(|scope| scope.as_str().to_owned()),
            in_force: choice.in_force.as_str().to_owned(),
            refused_at: choice.refused_at.map(epicenter_domain::time::Time::rfc3339),
            refusal: choice.refusal,
        }
    }
}

async fn shown(app: &App, workspace_id: i64, id: i64) -> Result<axum::Json<ScopeBody>, Problem> {
    let mut tx = app.database.read().await?;
    let connection = connections::by_id(&mut tx, workspace_id, id)
        .await?
        .ok_or_else(|| Problem::not_found("Sentry connection"))?;
    let choice = choice_of(&mut tx, &connection).await?;
    tx.rollback().await?;
    Ok(axum::Json(ScopeBody::from(choice)))
}

/// What a connection is told of what is done here.
#[utoipa::path(
    get,
    path = "/api/v1/sentry-connections/{id}/write-backs",
    tag = "sentry",
    params(("id" = String, Path, description = "`snc_…`")),
    responses((status = 200, body = ScopeBody), (status = 404, body = Problem))
)]
pub(super) async fn scope(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<ScopeBody>, Problem> {
    let id = parameters::id(IdKind::SentryConnection, "Sentry connection", &id)?;
    shown(&app, caller.workspace_id, id).await
}

/// What a connection should be told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeRequest {
    /// `off`, `status`, `all` (status, assignee and notes), or null: the token decides.
    scope: Option<String>,
}

/// Chooses what a connection is told, and lets a token that was refused try again.
#[utoipa::path(
    put,
    path = "/api/v1/sentry-connections/{id}/write-backs",
    tag = "sentry",
    params(("id" = String, Path, description = "`snc_…`")),
    request_body = ScopeRequest,
    responses((status = 200, body = ScopeBody), (status = 400, body = Problem))
)]
pub(super) async fn choose_scope(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<ScopeRequest>,
) -> Result<axum::Json<ScopeBody>, Problem> {
    let id = parameters::id(IdKind::SentryConnection, "Sentry connection", &id)?;
    let wrong = || Problem::invalid("scope", "must be off, status, all or null");
    let scope = match request.scope.as_deref() {
        None => None,
        Some(word) => Some(Scope::parse(word).ok_or_else(wrong)?),
    };
    choose(&app, caller.workspace_id, id, scope).await?;
    shown(&app, caller.workspace_id, id).await
}
