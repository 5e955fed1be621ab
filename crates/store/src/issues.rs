//! Reading the error log.

use crate::page::{Page, comparable, pattern, place};
use crate::slice::issues::{COLUMNS, IssueRow};
use crate::{StoreError, Tx};
use epicenter_domain::issue::Issue;
use epicenter_domain::level::Level;
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::Time;
use sqlx::QueryBuilder;

/// Filters of a list; empty ones let everything through.
#[derive(Clone, Debug, Default)]
pub struct IssueFilter {
    /// This status.
    pub status: Option<IssueStatus>,
    /// This level.
    pub level: Option<Level>,
    /// This project slug.
    pub project: Option<String>,
    /// A part of title or short id, or Sentry's id.
    pub q: Option<String>,
    /// Last seen at or after.
    pub from: Option<Time>,
    /// Last seen before.
    pub to: Option<Time>,
}

/// Orders of a list; always the largest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IssueSort {
    /// Last seen.
    #[default]
    LastSeen,
    /// Events.
    Count,
    /// First seen.
    FirstSeen,
}

impl IssueSort {
    fn column(self) -> &'static str {
        match self {
            Self::LastSeen => "last_seen_at",
            Self::Count => "event_count",
            Self::FirstSeen => "first_seen_at",
        }
    }

    fn value(self, issue: &Issue) -> i64 {
        match self {
            Self::LastSeen => issue.last_seen_at.0,
            Self::Count => issue.event_count(),
            Self::FirstSeen => issue.first_seen_at.0,
        }
    }
}

/// Lists the error log.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &IssueFilter,
    sort: IssueSort,
    (cursor, limit): (Option<&str>, i64),
) -> Result<Page<Issue>, StoreError> {
    let before = place(cursor)?;
    let column = sort.column();
    let rows: Vec<IssueRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM issues WHERE workspace_id = ")
            .push_bind(workspace_id);
        if let Some(status) = filter.status {
            query.push(" AND status = ").push_bind(status.as_str());
        }
        if let Some(level) = filter.level {
            query.push(" AND level = ").push_bind(level.as_str());
        }
        if let Some(project) = &filter.project {
            query
                .push(" AND project_slug = ")
                .push_bind(comparable(project));
        }
        if let Some(from) = filter.from {
            query.push(" AND last_seen_at >= ").push_bind(from.0);
        }
        if let Some(to) = filter.to {
            query.push(" AND last_seen_at < ").push_bind(to.0);
        }
        if let Some(q) = &filter.q {
            query
                .push(" AND (sentry_issue_id = ")
                .push_bind(comparable(q.trim()));
            for column in ["title", "short_id"] {
                query.push(" OR lower(").push(column).push(") LIKE lower(");
                query.push_bind(pattern(q)).push(") ESCAPE '!'");
            }
            query.push(")");
        }
        if let Some((value, id)) = before {
            query
                .push(" AND (")
                .push(column)
                .push(", id) < (")
                .push_bind(value);
            query.push(", ").push_bind(id).push(")");
        }
        query
            .push(" ORDER BY ")
            .push(column)
            .push(" DESC, id DESC LIMIT ");
        query.push_bind(limit + 1);
        query.build_query_as().fetch_all(conn).await?
    });
    let issues = rows
        .into_iter()
        .map(Issue::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(issues, limit, |issue| {
        (sort.value(issue), issue.id)
    }))
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
