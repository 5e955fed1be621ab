//! `/api/v1/code-hosts` and `/api/v1/cut-pushes`: the way back to the hosts whose webhooks cut
//! pushes, and what waits to be completed.

use super::bodies::PageBody;
use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::limits::SHOWN_CUT_PUSHES;
use crate::operations::code_hosts::{self as operation, WantedHost};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_domain::time::Time;
use epicenter_store::changes::code_hosts::{self, CodeHostRecord};
use epicenter_store::changes::{cut_pushes, pushes};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A place on a code host that is asked for commits. Its token is never shown.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CodeHostBody {
    /// `hst_…`
    id: String,
    /// `github.com`, or the beginning of repositories' addresses: `github.com/acme`.
    place: String,
    /// `github` or `gitlab`.
    provider: String,
    /// Where its API is.
    api_url: String,
    /// It wants not to be asked before this instant.
    held_until: Option<String>,
    /// When it was set up.
    created_at: String,
}

impl From<CodeHostRecord> for CodeHostBody {
    fn from(record: CodeHostRecord) -> Self {
        Self {
            id: IdKind::CodeHost.show(record.id),
            place: record.place,
            provider: record.provider,
            api_url: record.api_url,
            held_until: record.held_until.map(|at| Time(at).rfc3339()),
            created_at: Time(record.created_at).rfc3339(),
        }
    }
}

/// All places, by name.
#[utoipa::path(
    get,
    path = "/api/v1/code-hosts",
    tag = "repositories",
    responses((status = 200, body = PageBody<CodeHostBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<PageBody<CodeHostBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let all = code_hosts::list(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    Ok(axum::Json(PageBody {
        items: all.into_iter().map(CodeHostBody::from).collect(),
        next_cursor: None,
    }))
}

/// A place as it should be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeHostRequest {
    /// `github.com`, `github.com/acme`, or the address of one repository.
    place: String,
    /// `github` or `gitlab`; not needed where the host's name says it.
    #[serde(default)]
    provider: Option<String>,
    /// Where its API is, when that is not the usual address.
    #[serde(default)]
    api_url: Option<String>,
    /// A token that may read the repositories; without it a place keeps the one it has.
    #[serde(default)]
    token: Option<String>,
}

/// Sets a place up, or changes it, and tries all cut pushes again.
#[utoipa::path(
    post,
    path = "/api/v1/code-hosts",
    tag = "repositories",
    request_body = CodeHostRequest,
    responses((status = 201, body = CodeHostBody), (status = 400, body = Problem))
)]
pub(super) async fn save(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<CodeHostRequest>,
) -> Result<(StatusCode, axum::Json<CodeHostBody>), Problem> {
    let wanted = WantedHost {
        place: request.place,
        provider: request.provider,
        api_url: request.api_url.unwrap_or_default(),
        token: request.token.unwrap_or_default(),
    };
    let id = operation::save(&app, caller.workspace_id, wanted).await?;
    let mut tx = app.database.read().await?;
    let all = code_hosts::list(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    let record = all
        .into_iter()
        .find(|one| one.id == id)
        .ok_or_else(|| Problem::not_found("code host"))?;
    Ok((StatusCode::CREATED, axum::Json(record.into())))
}

/// Forgets a place and its token.
#[utoipa::path(
    delete,
    path = "/api/v1/code-hosts/{id}",
    tag = "repositories",
    params(("id" = String, Path, description = "`hst_…`")),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::CodeHost, "code host", &id)?;
    operation::delete(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A push whose sender left commits out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CutPushBody {
    /// `psh_…`
    push_id: String,
    /// `rep_…`
    repository_id: String,
    /// Branch or tag.
    branch: String,
    /// When it was pushed.
    pushed_at: String,
    /// Commits that are known.
    commit_count: i64,
    /// Commits there are, when the sender said so.
    total_count: Option<i64>,
    /// When the host is asked (again); `null`: when the settings change.
    due_at: Option<String>,
    /// Why it is not complete yet.
    fault: Option<String>,
}

/// Pushes that wait for the rest of their commits, newest first, at most 50.
#[utoipa::path(
    get,
    path = "/api/v1/cut-pushes",
    tag = "repositories",
    responses((status = 200, body = PageBody<CutPushBody>))
)]
pub(super) async fn list_cut_pushes(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<PageBody<CutPushBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let waiting = cut_pushes::list(&mut tx, caller.workspace_id, SHOWN_CUT_PUSHES).await?;
    let ids: Vec<i64> = waiting.iter().map(|one| one.push_id).collect();
    let found = pushes::by_ids(&mut tx, &ids).await?;
    tx.rollback().await?;
    let body = |one: cut_pushes::CutPush| {
        let push = found.iter().find(|push| push.id == one.push_id)?;
        Some(CutPushBody {
            push_id: IdKind::Push.show(push.id),
            repository_id: IdKind::Repository.show(push.repository_id),
            branch: push.branch.clone(),
            pushed_at: push.at.rfc3339(),
            commit_count: push.commit_count,
            total_count: push.total_count,
            due_at: one.due_at.map(|at| Time(at).rfc3339()),
            fault: one.fault,
        })
    };
    Ok(axum::Json(PageBody {
        items: waiting.into_iter().filter_map(body).collect(),
        next_cursor: None,
    }))
}

/// Asks the hosts again for all cut pushes, now.
#[utoipa::path(
    post,
    path = "/api/v1/cut-pushes/retry",
    tag = "repositories",
    responses((status = 204))
)]
pub(super) async fn retry(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
) -> Result<StatusCode, Problem> {
    operation::try_again(&app, caller.workspace_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
