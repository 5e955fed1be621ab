//! Reading the error log.

mod search;

pub use search::{IssueFilter, IssueSort};

use self::search::{Reading, Way, way};
use crate::incidents::COUNT_CAP;
use crate::page::{Page, clamped, comparable, place};
use crate::slice::issues::{COLUMNS, IssueRow};
use crate::{StoreError, Tx};
use epicenter_domain::issue::Issue;
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::Time;
use sqlx::QueryBuilder;

/// Lists the error log, the largest of `sort` first. A filter that has an index in this order
/// leads straight to its rows. If not, and it lets few rows through, they are read and sorted; else
/// rows are looked through in order until the page is full or `WINDOW` of them were seen, and
/// the next page goes on from there.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &IssueFilter,
    sort: IssueSort,
    (cursor, limit): (Option<&str>, i64),
) -> Result<Page<Issue>, StoreError> {
    let limit = clamped(limit);
    let mut reading = Reading {
        workspace_id,
        filter,
        sort,
        before: place(cursor)?,
        way: Way::Ordered,
    };
    if !filter.is_walked(sort) {
        reading.way = way(tx, &reading).await?;
    }
    let rows: Vec<IssueRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query.push(COLUMNS).push(" FROM ");
        reading.push_source(&mut query);
        reading.push_conditions(&mut query);
        reading.push_order(&mut query, limit + 1);
        query.build_query_as().fetch_all(conn).await?
    });
    let issues = rows
        .into_iter()
        .map(Issue::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    let edge = match reading.way {
        Way::Window(edge) => edge,
        Way::Ordered | Way::Few(_) => None,
    };
    let place = |issue: &Issue| (sort.value(issue), issue.id);
    Ok(Page::cut_window(issues, limit, place, edge))
}

/// One issue.
pub async fn by_id(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<Option<Issue>, StoreError> {
    let row: Option<IssueRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM issues WHERE id = ")
            .push_bind(id);
        query.push(" AND workspace_id = ").push_bind(workspace_id);
        query.build_query_as().fetch_optional(conn).await?
    });
    row.map(Issue::try_from).transpose()
}

/// The issue that was seen last under this id of Sentry's.
pub async fn by_sentry_id(
    tx: &mut Tx,
    workspace_id: i64,
    sentry_issue_id: &str,
) -> Result<Option<Issue>, StoreError> {
    // One per integration. Sorted here: a planner that is to sort them rather walks through every
    // issue in that order.
    let rows: Vec<IssueRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM issues WHERE workspace_id = ")
            .push_bind(workspace_id);
        query
            .push(" AND sentry_issue_id = ")
            .push_bind(comparable(sentry_issue_id));
        query.build_query_as().fetch_all(conn).await?
    });
    let latest = rows
        .into_iter()
        .max_by_key(|row| (row.last_seen_at, row.id));
    latest.map(Issue::try_from).transpose()
}

/// How many issues have each status; each count stops at [`COUNT_CAP`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusCounts {
    /// Open.
    pub unresolved: i64,
    /// Over.
    pub resolved: i64,
    /// Ignored, which Sentry calls archived.
    pub ignored: i64,
}

/// Counts the statuses for the tabs of the error log.
pub async fn counts(tx: &mut Tx, workspace_id: i64) -> Result<StatusCounts, StoreError> {
    let mut counts = StatusCounts::default();
    for (status, slot) in [
        (IssueStatus::Unresolved, &mut counts.unresolved),
        (IssueStatus::Resolved, &mut counts.resolved),
        (IssueStatus::Ignored, &mut counts.ignored),
    ] {
        *slot = on_engine!(tx, |conn| {
            sqlx::query_scalar(
                "SELECT count(*) FROM (SELECT 1 AS one FROM issues \
                 WHERE workspace_id = $1 AND status = $2 LIMIT $3) AS few",
            )
            .bind(workspace_id)
            .bind(status.as_str())
            .bind(COUNT_CAP)
            .fetch_one(conn)
            .await?
        });
    }
    Ok(counts)
}

/// The projects that the error log knows, in order, at most 200.
pub async fn projects(tx: &mut Tx, workspace_id: i64) -> Result<Vec<String>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        // Hops from slug to slug in the index, instead of reading every issue.
        sqlx::query_scalar(
            "WITH RECURSIVE hops (slug) AS (\
             SELECT min(project_slug) FROM issues WHERE workspace_id = $1 UNION ALL \
             SELECT (SELECT min(project_slug) FROM issues WHERE workspace_id = $1 \
             AND project_slug > hops.slug) FROM hops WHERE hops.slug IS NOT NULL) \
             SELECT slug FROM hops WHERE slug IS NOT NULL LIMIT 200",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    }))
}

/// Issues of these projects (of all, when none is named) that were first seen from an instant until
/// before another, newest first.
pub async fn first_seen(
    tx: &mut Tx,
    workspace_id: i64,
    projects: &[String],
    (from, to): (Time, Time),
    limit: i64,
) -> Result<Vec<Issue>, StoreError> {
    let rows: Vec<IssueRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM issues WHERE workspace_id = ")
            .push_bind(workspace_id);
        query.push(" AND first_seen_at >= ").push_bind(from.0);
        query.push(" AND first_seen_at < ").push_bind(to.0);
        if !projects.is_empty() {
            // The sign keeps SQLite on the index of the instants.
            query.push(" AND project_slug || '' IN (");
            let mut list = query.separated(", ");
            for project in projects {
                list.push_bind(comparable(project));
            }
            query.push(")");
        }
        query
            .push(" ORDER BY first_seen_at DESC, id DESC LIMIT ")
            .push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    });
    rows.into_iter().map(Issue::try_from).collect()
}

/// Stored events per hour, oldest first; hours without any are left out.
pub async fn trend(
    tx: &mut Tx,
    issue_id: i64,
    from: Time,
    to: Time,
) -> Result<Vec<(Time, i64)>, StoreError> {
    let rows: Vec<(i64, i64)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT hour_at, event_count FROM event_buckets \
             WHERE issue_id = $1 AND hour_at >= $2 AND hour_at < $3 ORDER BY hour_at",
        )
        .bind(issue_id)
        .bind(from.hour().0)
        .bind(to.0)
        .fetch_all(conn)
        .await?
    });
    Ok(rows
        .into_iter()
        .map(|(hour, count)| (Time(hour), count))
        .collect())
}
