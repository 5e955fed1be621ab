//! `/api/v1/sync-runs`: passes over Sentry's issues, what they found, and how to ask for one.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::bodies::PageBody;
use super::parameters::{self, Paging, Query};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::sentry::{Report, last_reason, sync_one, to_the_end};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_domain::time::Time;
use epicenter_store::sentry::runs::{self, ProjectTally, RunRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Issues by status.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ByStatus {
    /// Resolved in Sentry.
    resolved: i64,
    /// Unresolved.
    unresolved: i64,
    /// Ignored.
    ignored: i64,
}

/// What a pass saw of one project.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ProjectBody {
    /// Slug; empty: Sentry named none.
    project: String,
    /// Issues.
    seen: i64,
    /// Issues with news that a webhook had told of.
    heard: i64,
    /// Issues with news that only the pass found.
    found: i64,
}

/// One pass over a window of time.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct RunBody {
    /// `syn_…`
    id: String,
    /// `snc_…` of the connection that was asked.
    connection: String,
    /// When it began.
    started_at: String,
    /// When it ended; null: it is under way, or waits.
    ended_at: Option<String>,
    /// How long it took in all, with its waits; null: it has not ended.
    duration_ms: Option<i64>,
    /// running, waiting, done or failed.
    outcome: String,
    /// What came of it, in words.
    sentence: String,
    /// Why it waits or failed.
    reason: Option<String>,
    /// Is it the connection's first, which opens no incidents?
    is_first: bool,
    /// Issues that were seen at or after this instant.
    window_from: String,
    /// And before this one.
    window_until: String,
    /// Pages that were read.
    pages: i64,
    /// Issues of the window, as Sentry counts them.
    expected: Option<i64>,
    /// Issues by status (EL-17).
    by_status: ByStatus,
    /// Issues that were unknown.
    created: i64,
    /// Issues that said something else.
    updated: i64,
    /// Issues that said the same.
    unchanged: i64,
    /// Entries that could not be read.
    unreadable: i64,
    /// Issues with news that a webhook had told of.
    heard: i64,
    /// Issues with news that only the pass found.
    found: i64,
    /// Questions that failed and were asked again.
    faults: i64,
    /// The same, by project.
    projects: Vec<ProjectBody>,
}

impl RunBody {
    pub(in crate::http) fn new((run, projects): Report) -> Self {
        let project = |tally: ProjectTally| ProjectBody {
            project: tally.project,
            seen: tally.seen_count,
            heard: tally.heard_count,
            found: tally.found_count,
        };
        Self {
            id: IdKind::SyncRun.show(run.id),
            connection: IdKind::SentryConnection.show(run.connection_id),
            started_at: Time(run.started_at).rfc3339(),
            ended_at: run.ended_at.map(|at| Time(at).rfc3339()),
            duration_ms: run.ended_at.map(|at| at - run.started_at),
            sentence: last_reason(&run),
            outcome: run.outcome,
            reason: run.reason,
            is_first: run.is_first,
            window_from: Time(run.window_from).rfc3339(),
            window_until: Time(run.window_until).rfc3339(),
            pages: run.page_count,
            expected: run.expected_count,
            by_status: ByStatus {
                resolved: run.resolved_count,
                unresolved: run.unresolved_count,
                ignored: run.ignored_count,
            },
            created: run.created_count,
            updated: run.updated_count,
            unchanged: run.unchanged_count,
            unreadable: run.unreadable_count,
            heard: run.heard_count,
            found: run.found_count,
            faults: run.fault_count,
            projects: projects.into_iter().map(project).collect(),
        }
    }
}

/// Which passes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RunQuery {
    /// `snc_…`: only those of this connection.
    connection: Option<String>,
    /// Items on a page, 1 to 100.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Passes, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/sync-runs",
    tag = "sentry",
    params(RunQuery),
    responses((status = 200, body = PageBody<RunBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<RunQuery>,
) -> Result<axum::Json<PageBody<RunBody>>, Problem> {
    let read = |text: &str| parameters::id(IdKind::SentryConnection, "Sentry connection", text);
    let paging = Paging {
        limit: query.limit,
        cursor: query.cursor,
    };
    let connection = query.connection.as_deref().map(read).transpose()?;
    let before = paging.cursor.as_deref().map(|text| {
        let id = IdKind::SyncRun.parse(text);
        id.ok_or_else(|| Problem::invalid("cursor", "is not one of this list"))
    });
    let before = before.transpose()?;
    let limit = paging.limit()?;
    let mut tx = app.database.read().await?;
    let place = (before, limit);
    let all: Vec<RunRecord> = runs::list(&mut tx, caller.workspace_id, connection, place).await?;
    let is_full = i64::try_from(all.len()) == Ok(limit);
    let last = all.last().filter(|_| is_full);
    let next_cursor = last.map(|run| IdKind::SyncRun.show(run.id));
    let mut items = Vec::with_capacity(all.len());
    for run in all {
        let projects = runs::projects(&mut tx, run.id).await?;
        items.push(RunBody::new((run, projects)));
    }
    tx.rollback().await?;
    Ok(axum::Json(PageBody { items, next_cursor }))
}

/// Synchronises a connection now; answers when the pass has ended or has to wait.
#[utoipa::path(
    post,
    path = "/api/v1/sentry-connections/{id}/sync",
    tag = "sentry",
    params(("id" = String, Path, description = "`snc_…`")),
    responses(
        (status = 200, body = RunBody),
        (status = 404, body = Problem),
        (status = 409, body = Problem)
    )
)]
pub(super) async fn start(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<axum::Json<RunBody>, Problem> {
    let id = parameters::id(IdKind::SentryConnection, "Sentry connection", &id)?;
    let own = Arc::clone(&app);
    let workspace_id = caller.workspace_id;
    let asked = to_the_end(&app, async move { sync_one(&own, workspace_id, id).await }).await;
    let asked = asked.ok_or_else(under_way)??;
    let report = asked.report.ok_or_else(under_way)?;
    Ok(axum::Json(RunBody::new(report)))
}

/// Said when a pass of the same connection is running.
pub(in crate::http) fn under_way() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "sync_under_way",
        "A pass is under way already; ask again when it has ended.",
    )
}
