//! Reading counts of events.

use crate::page::comparable;
use crate::{StoreError, Tx};
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use sqlx::{Database, Encode, QueryBuilder, Type};

/// Which events are counted; what is empty lets all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountFilter {
    /// Of these projects.
    pub projects: Vec<String>,
    /// In this environment.
    pub environment: Option<String>,
    /// Of this release; its counts know no levels.
    pub release: Option<String>,
}

/// By what counts are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// By nothing.
    None,
    /// By level; not with a release.
    Level,
    /// By project.
    Project,
    /// By environment.
    Environment,
}

impl Split {
    /// All, as the API names them.
    pub const ALL: [Self; 4] = [Self::None, Self::Level, Self::Project, Self::Environment];

    /// The word as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Level => "level",
            Self::Project => "project",
            Self::Environment => "environment",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|split| split.as_str() == word)
    }

    fn column(self, filter: &CountFilter) -> &'static str {
        match self {
            Self::Level if filter.release.is_none() => "level",
            Self::None | Self::Level => "''",
            Self::Project => "project_slug",
            Self::Environment => "environment",
        }
    }
}

/// Events of one name in one bucket.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// Where the bucket begins, in ms.
    pub at: i64,
    /// Level, project or environment; empty: not told, or not split.
    pub name: String,
    /// Events.
    pub count: i64,
}

/// Events per bucket of `width_ms` (hours or more), oldest first; empty buckets are left out.
/// Hours that have become a day count at its beginning.
pub async fn counts(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &CountFilter,
    split: Split,
    (from, to, width_ms): (Time, Time, i64),
) -> Result<Vec<Count>, StoreError> {
    Ok(on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT at - (at % ");
        query.push_bind(width_ms);
        query.push(") AS at, ").push(split.column(filter));
        query.push(" AS name, CAST(SUM(event_count) AS BIGINT) AS count FROM ");
        push_source(&mut query, workspace_id, filter, (from, to));
        query.push(" GROUP BY 1, 2 ORDER BY 1, 2");
        query.build_query_as().fetch_all(conn).await?
    }))
}

/// Events from an instant until before another, both cut to hours, the names with most first; at
/// most `limit` names.
pub async fn totals(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &CountFilter,
    split: Split,
    (from, to, limit): (Time, Time, i64),
) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT name, count FROM (SELECT ");
        query.push(split.column(filter));
        query.push(" AS name, CAST(SUM(event_count) AS BIGINT) AS count FROM ");
        push_source(&mut query, workspace_id, filter, (from, to));
        query.push(" GROUP BY 1) AS few ORDER BY count DESC, name LIMIT ");
        query.push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    }))
}

/// Environments that were counted since an instant, in order, at most 100.
pub async fn environments(
    tx: &mut Tx,
    workspace_id: i64,
    since: Time,
) -> Result<Vec<String>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT DISTINCT environment FROM event_counts WHERE workspace_id = $1 \
             AND width_ms IN ($2, $3) AND at >= $4 AND environment <> '' \
             ORDER BY environment LIMIT 100",
        )
        .bind(workspace_id)
        .bind(HOUR_MS)
        .bind(DAY_MS)
        .bind(since.hour().0)
        .fetch_all(conn)
        .await?
    }))
}

fn push_source<DB>(
    query: &mut QueryBuilder<DB>,
    workspace_id: i64,
    filter: &CountFilter,
    (from, to): (Time, Time),
) where
    DB: Database,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    query.push(if filter.release.is_some() {
        "release_counts"
    } else {
        "event_counts"
    });
    query.push(" WHERE workspace_id = ").push_bind(workspace_id);
    query.push(" AND width_ms IN (").push_bind(HOUR_MS);
    query.push(", ").push_bind(DAY_MS).push(")");
    if let Some(release) = &filter.release {
        query.push(" AND release = ").push_bind(comparable(release));
    }
    query.push(" AND at >= ").push_bind(from.hour().0);
    query.push(" AND at < ").push_bind(to.0);
    if !filter.projects.is_empty() {
        query.push(" AND project_slug IN (");
        for (index, project) in filter.projects.iter().enumerate() {
            if index > 0 {
                query.push(", ");
            }
            query.push_bind(comparable(project));
        }
        query.push(")");
    }
    if let Some(environment) = &filter.environment {
        query
            .push(" AND environment = ")
            .push_bind(comparable(environment));
    }
}
