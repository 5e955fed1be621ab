//! Issues that may have moved, and how many events they had.

use super::events::CountFilter;
use crate::batch::{padded, pieces};
use crate::page::comparable;
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};
use std::collections::BTreeMap;

/// An issue, as a list of movers names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub struct MovingIssue {
    /// Our id.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Sentry's short id.
    pub short_id: Option<String>,
    /// Project slug.
    pub project_slug: Option<String>,
}

/// Issues last seen from an instant until before another, at most `limit`, the latest.
pub async fn seen_between(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &CountFilter,
    (from, to): (Time, Time),
    limit: i64,
) -> Result<Vec<MovingIssue>, StoreError> {
    Ok(on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new(
            "SELECT id, title, short_id, project_slug FROM issues WHERE workspace_id = ",
        );
        query.push_bind(workspace_id);
        query.push(" AND last_seen_at >= ").push_bind(from.0);
        query.push(" AND last_seen_at < ").push_bind(to.0);
        if !filter.projects.is_empty() {
            // The sign keeps SQLite on the index of the instants.
            query.push(" AND project_slug || '' IN (");
            let mut list = query.separated(", ");
            for project in &filter.projects {
                list.push_bind(comparable(project));
            }
            query.push(")");
        }
        if let Some(environment) = &filter.environment {
            query.push(" AND environment = ");
            query.push_bind(comparable(environment));
        }
        query.push(" ORDER BY last_seen_at DESC, id DESC LIMIT ");
        query.push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    }))
}

/// Events of these issues from an instant until before another, both cut to hours; issues without
/// any are left out.
pub async fn events_of(
    tx: &mut Tx,
    issue_ids: &[i64],
    (from, to): (Time, Time),
) -> Result<BTreeMap<i64, i64>, StoreError> {
    let mut counts = BTreeMap::new();
    for piece in pieces(&padded(issue_ids)) {
        let rows: Vec<(i64, i64)> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT issue_id, CAST(SUM(event_count) AS BIGINT) FROM event_buckets \
                 WHERE issue_id IN (",
            );
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(") AND hour_at >= ").push_bind(from.hour().0);
            query.push(" AND hour_at < ").push_bind(to.hour().0);
            query.push(" GROUP BY issue_id");
            query.build_query_as().fetch_all(conn).await?
        });
        counts.extend(rows);
    }
    Ok(counts)
}
