//! `/api/v1/issues`: the error log.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::bodies::{PageBody, TimelineBody};
use super::event_body::EventBody;
use super::issue_body::IssueBody;
use super::parameters::{self, Json, Paging, Query};
use crate::app::App;
use crate::http::auth::{Caller, Responder};
use crate::http::problem::Problem;
use crate::operations::change_issue::change_issue;
use crate::operations::event_detail::event_detail;
use axum::extract::{Path, State};
use epicenter_domain::id::IdKind;
use epicenter_domain::issue::Issue;
use epicenter_domain::level::Level;
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::{DAY_MS, HOUR_MS};
use epicenter_store::issues::{self, IssueFilter, IssueSort};
use epicenter_store::{Tx, events, timeline};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Filters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// unresolved, resolved, ignored.
    status: Option<String>,
    /// fatal, error, warning, info, debug, sample.
    level: Option<String>,
    /// Project slug.
    project: Option<String>,
    /// Searches title and short id.
    q: Option<String>,
    /// Seen at or after this time or day.
    from: Option<String>,
    /// Seen before this time or day.
    to: Option<String>,
    /// `last_seen` (default), count or `first_seen`.
    sort: Option<String>,
    /// Items on a page, 1 to 100.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

fn some(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn filter(query: &ListQuery) -> Result<IssueFilter, Problem> {
    let statuses = ["unresolved", "resolved", "ignored"];
    let levels = ["fatal", "error", "warning", "info", "debug", "sample"];
    let level = |word: &str| levels.contains(&word).then(|| Level::from_sentry(word));
    let time = |field, text: Option<String>| {
        some(text)
            .map(|text| parameters::time(field, &text))
            .transpose()
    };
    Ok(IssueFilter {
        status: parameters::words(
            "status",
            query.status.as_deref(),
            &statuses,
            IssueStatus::from_sentry,
        )?
        .pop(),
        level: parameters::words("level", query.level.as_deref(), &levels, level)?.pop(),
        project: some(query.project.clone()),
        q: some(query.q.clone()),
        from: time("from", query.from.clone())?,
        to: time("to", query.to.clone())?,
    })
}

fn sort(text: Option<&str>) -> Result<IssueSort, Problem> {
    match text.unwrap_or_default() {
        "" | "last_seen" => Ok(IssueSort::LastSeen),
        "count" => Ok(IssueSort::Count),
        "first_seen" => Ok(IssueSort::FirstSeen),
        _ => Err(Problem::invalid(
            "sort",
            "must be last_seen, count or first_seen",
        )),
    }
}

/// Lists the error log.
#[utoipa::path(
    get,
    path = "/api/v1/issues",
    tag = "issues",
    params(ListQuery),
    responses((status = 200, body = PageBody<IssueBody>), (status = 400, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<PageBody<IssueBody>>, Problem> {
    let filter = filter(&query)?;
    let sort = sort(query.sort.as_deref())?;
    let paging = Paging {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = paging.limit()?;
    let cursor = paging.cursor.as_deref();
    let mut tx = app.database.read().await?;
    let page = issues::list(&mut tx, caller.workspace_id, &filter, sort, (cursor, limit)).await?;
    tx.rollback().await?;
    let items = page.items.into_iter().map(IssueBody::from).collect();
    Ok(axum::Json(PageBody {
        items,
        next_cursor: page.next_cursor,
    }))
}

async fn find(tx: &mut Tx, workspace_id: i64, text: &str) -> Result<Issue, Problem> {
    let id = parameters::id(IdKind::Issue, "issue", text)?;
    issues::by_id(tx, workspace_id, id)
        .await?
        .ok_or_else(|| Problem::not_found("issue"))
}

/// One issue.
#[utoipa::path(
    get,
    path = "/api/v1/issues/{id}",
    tag = "issues",
    params(("id" = String, Path, description = "`iss_…`")),
    responses((status = 200, body = IssueBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<IssueBody>, Problem> {
    let mut tx = app.database.read().await?;
    let issue = find(&mut tx, caller.workspace_id, &id).await?;
    tx.rollback().await?;
    Ok(axum::Json(IssueBody::from(issue)))
}

/// What to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueChange {
    /// unresolved, resolved or ignored.
    status: String,
}

/// Changes the status here; its incident follows.
#[utoipa::path(
    patch,
    path = "/api/v1/issues/{id}",
    tag = "issues",
    params(("id" = String, Path, description = "`iss_…`")),
    request_body = IssueChange,
    responses((status = 200, body = IssueBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
    Json(request): Json<IssueChange>,
) -> Result<axum::Json<IssueBody>, Problem> {
    let status = IssueStatus::from_sentry(&request.status)
        .ok_or_else(|| Problem::invalid("status", "must be unresolved, resolved or ignored"))?;
    let issue_id = parameters::id(IdKind::Issue, "issue", &id)?;
    change_issue(&app, caller.workspace_id, issue_id, status, &caller.actor).await?;
    let mut tx = app.database.read().await?;
    let issue = find(&mut tx, caller.workspace_id, &id).await?;
    tx.rollback().await?;
    Ok(axum::Json(IssueBody::from(issue)))
}

/// What happened to it, oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/issues/{id}/timeline",
    tag = "issues",
    params(("id" = String, Path, description = "`iss_…`"), Paging),
    responses((status = 200, body = PageBody<TimelineBody>), (status = 404, body = Problem))
)]
pub(super) async fn timeline(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<PageBody<TimelineBody>>, Problem> {
    let limit = paging.limit()?;
    let mut tx = app.database.read().await?;
    let issue = find(&mut tx, caller.workspace_id, &id).await?;
    let page = timeline::of_issue(&mut tx, issue.id, paging.cursor.as_deref(), limit).await?;
    tx.rollback().await?;
    let items = page.items.into_iter().map(TimelineBody::from).collect();
    Ok(axum::Json(PageBody {
        items,
        next_cursor: page.next_cursor,
    }))
}

/// Its single events, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/issues/{id}/events",
    tag = "issues",
    params(("id" = String, Path, description = "`iss_…`"), Paging),
    responses((status = 200, body = PageBody<EventBody>), (status = 404, body = Problem))
)]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<PageBody<EventBody>>, Problem> {
    let limit = paging.limit()?;
    let mut tx = app.database.read().await?;
    let issue = find(&mut tx, caller.workspace_id, &id).await?;
    let page = events::of_issue(&mut tx, issue.id, paging.cursor.as_deref(), limit).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for record in page.items {
        let detail = event_detail(&mut tx, caller.workspace_id, &record).await?;
        items.push(EventBody::new(record, detail));
    }
    tx.rollback().await?;
    Ok(axum::Json(PageBody {
        items,
        next_cursor: page.next_cursor,
    }))
}

/// Which buckets.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TrendQuery {
    /// hour (default) or day.
    bucket: Option<String>,
    /// Default: 24 hours ago, or 30 days for days.
    from: Option<String>,
    /// Default: now.
    to: Option<String>,
}

/// Counts of events per bucket, empty ones included.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrendBody {
    /// hour or day.
    bucket: String,
    /// Oldest first.
    items: Vec<TrendBucket>,
}

/// One bucket.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrendBucket {
    /// Where it begins.
    at: String,
    /// Events in it.
    count: i64,
}

/// Counts of stored events per hour or day.
#[utoipa::path(
    get,
    path = "/api/v1/issues/{id}/trend",
    tag = "issues",
    params(("id" = String, Path, description = "`iss_…`"), TrendQuery),
    responses((status = 200, body = TrendBody), (status = 404, body = Problem))
)]
pub(super) async fn trend(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<TrendQuery>,
) -> Result<axum::Json<TrendBody>, Problem> {
    let (bucket, width_ms, span_ms) = match query.bucket.as_deref().unwrap_or("hour") {
        "hour" => ("hour", HOUR_MS, DAY_MS),
        "day" => ("day", DAY_MS, 30 * DAY_MS),
        _ => return Err(Problem::invalid("bucket", "must be hour or day")),
    };
    let time = |field, text: Option<String>| {
        some(text)
            .map(|text| parameters::time(field, &text))
            .transpose()
    };
    let to = time("to", query.to)?.unwrap_or_else(|| app.clock.now());
    let from = time("from", query.from)?.unwrap_or_else(|| to.plus_ms(-span_ms));
    if to.since_ms(from) > 100 * span_ms {
        return Err(Problem::invalid(
            "from",
            "the span is too long for these buckets",
        ));
    }
    let mut tx = app.database.read().await?;
    let issue = find(&mut tx, caller.workspace_id, &id).await?;
    let hours = issues::trend(&mut tx, issue.id, from, to).await?;
    tx.rollback().await?;
    let counts = crate::operations::trend::buckets(&hours, from, to, width_ms);
    let items = counts
        .into_iter()
        .map(|(at, count)| TrendBucket {
            at: at.rfc3339(),
            count,
        })
        .collect();
    Ok(axum::Json(TrendBody {
        bucket: bucket.to_owned(),
        items,
    }))
}
