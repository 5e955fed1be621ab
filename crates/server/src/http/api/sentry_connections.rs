//! `/api/v1/sentry-connections`: the way back to Sentry, one organisation on one host each.

use super::bodies::PageBody;
use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::sentry::{self as operation, Checked, WantedConnection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::Time;
use epicenter_store::sentry::connections::{self, ConnectionRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// An organisation on a Sentry host that is asked. Its token is never shown.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConnectionBody {
    /// `snc_…`
    id: String,
    /// `int_…` of the integration whose issues these are.
    integration: String,
    /// Where the host is.
    base_url: String,
    /// The organisation's slug.
    organization: String,
    /// Slugs of projects; empty: all.
    projects: Vec<String>,
    /// Is its token that of the environment?
    from_environment: bool,
    /// Up to when everything is known; null: it was never synchronised.
    synced_until: Option<String>,
    /// When it is synchronised next; null: as soon as possible.
    due_at: Option<String>,
    /// It wants not to be asked before this instant.
    held_until: Option<String>,
    /// When its token was last tried.
    checked_at: Option<String>,
    /// What was wrong then; null: nothing.
    check_fault: Option<String>,
    /// What its token may do, as far as Sentry said.
    scopes: Option<Vec<String>>,
    /// When its token ends, as the person who entered it said; null: not known, Sentry does not tell.
    token_expires_at: Option<String>,
    /// When it was set up.
    created_at: String,
}

impl From<ConnectionRecord> for ConnectionBody {
    fn from(record: ConnectionRecord) -> Self {
        let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
        Self {
            id: IdKind::SentryConnection.show(record.id),
            integration: IdKind::Integration.show(record.integration_id),
            base_url: record.base_url,
            organization: record.organization,
            projects: record.projects,
            from_environment: record.from_environment,
            synced_until: record.synced_until.map(Time::rfc3339),
            due_at: record.due_at.map(Time::rfc3339),
            held_until: record.held_until.map(Time::rfc3339),
            checked_at: record.checked_at.map(Time::rfc3339),
            check_fault: record.check_fault,
            scopes: record.scopes.map(words),
            token_expires_at: record.token_expires_at.map(Time::rfc3339),
            created_at: record.created_at.rfc3339(),
        }
    }
}

/// All connections, the oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/sentry-connections",
    tag = "sentry",
    responses((status = 200, body = PageBody<ConnectionBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<PageBody<ConnectionBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let all = connections::list(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    Ok(axum::Json(PageBody {
        items: all.into_iter().map(ConnectionBody::from).collect(),
        next_cursor: None,
    }))
}

/// A connection as it should be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectionRequest {
    /// `int_…`; without it the default Sentry integration.
    #[serde(default)]
    integration: Option<String>,
    /// Where the host is; without it `https://sentry.io`.
    #[serde(default)]
    base_url: Option<String>,
    /// The organisation's slug.
    organization: String,
    /// Slugs of projects; none: all.
    #[serde(default)]
    projects: Vec<String>,
    /// A token with the scopes event:read and project:read, and event:write to change issues;
    /// without it a connection keeps the one it has.
    #[serde(default)]
    token: Option<String>,
    /// When the token ends, a day or an instant, so that Epicenter can warn in time; without it the
    /// end of a token that stays the same stays, and that of a new one is not known.
    #[serde(default)]
    token_expires_at: Option<String>,
}

/// Sets a connection up, or changes the one of the same organisation.
#[utoipa::path(
    post,
    path = "/api/v1/sentry-connections",
    tag = "sentry",
    request_body = ConnectionRequest,
    responses((status = 201, body = ConnectionBody), (status = 400, body = Problem))
)]
pub(super) async fn save(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<ConnectionRequest>,
) -> Result<(StatusCode, axum::Json<ConnectionBody>), Problem> {
    let integration_id = if let Some(text) = request.integration.as_deref() {
        IdKind::Integration.parse(text)
    } else {
        let registry = app.registry.snapshot();
        let default = registry.default_of(IntegrationKind::Sentry);
        default.map(|entry| entry.origin.integration_id)
    };
    let wanted = WantedConnection {
        integration_id: integration_id
            .ok_or_else(|| Problem::invalid("integration", "is not the id of an integration"))?,
        base_url: request.base_url.unwrap_or_default(),
        organization: request.organization,
        projects: request.projects,
        token: request.token.unwrap_or_default(),
        token_expires_at: request.token_expires_at.unwrap_or_default(),
    };
    let id = operation::save(&app, caller.workspace_id, wanted).await?;
    let mut tx = app.database.read().await?;
    let found = connections::by_id(&mut tx, caller.workspace_id, id).await?;
    tx.rollback().await?;
    let record = found.ok_or_else(|| Problem::not_found("Sentry connection"))?;
    Ok((StatusCode::CREATED, axum::Json(record.into())))
}

/// Forgets a connection and its token.
#[utoipa::path(
    delete,
    path = "/api/v1/sentry-connections/{id}",
    tag = "sentry",
    params(("id" = String, Path, description = "`snc_…`")),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::SentryConnection, "Sentry connection", &id)?;
    operation::delete(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What trying a connection came to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckedBody {
    /// Does it work?
    works: bool,
    /// What came of it, in words.
    sentence: String,
    /// What is wrong, each a sentence.
    faults: Vec<String>,
    /// What the token may do; null: Sentry does not say.
    scopes: Option<Vec<String>>,
    /// Needed scopes that the token lacks.
    missing_scopes: Vec<String>,
    /// May it also change issues? Null: Sentry does not say.
    may_write: Option<bool>,
    /// Slugs of the projects that it sees, at most 100.
    projects: Vec<String>,
    /// Issues of the last 30 days, when Sentry counts them.
    issue_count: Option<i64>,
}

impl From<Checked> for CheckedBody {
    fn from(checked: Checked) -> Self {
        Self {
            works: checked.faults.is_empty(),
            sentence: checked.sentence(),
            faults: checked.faults,
            scopes: checked.scopes,
            missing_scopes: checked.missing,
            may_write: checked.may_write,
            projects: checked.projects,
            issue_count: checked.issue_count,
        }
    }
}

/// Tries a connection: is the organisation there, and may the token do what is needed?
#[utoipa::path(
    post,
    path = "/api/v1/sentry-connections/{id}/check",
    tag = "sentry",
    params(("id" = String, Path, description = "`snc_…`")),
    responses((status = 200, body = CheckedBody), (status = 404, body = Problem))
)]
pub(super) async fn check(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<axum::Json<CheckedBody>, Problem> {
    let id = parameters::id(IdKind::SentryConnection, "Sentry connection", &id)?;
    let checked = operation::check(&app, caller.workspace_id, id).await?;
    Ok(axum::Json(checked.into()))
}
