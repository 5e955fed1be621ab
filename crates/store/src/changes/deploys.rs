//! Versions that were put somewhere.

use crate::page::{Page, clamped, comparable, pattern, place};
use crate::rows::{ms, unreadable};
use crate::{StoreError, Tx};
use epicenter_domain::change::DeployStatus;
use epicenter_domain::change::link::Stop;
use epicenter_domain::time::Time;
use sqlx::{Database, Encode, FromRow, QueryBuilder, Type};

/// A deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Integration it came by; `None`: the API.
    pub integration_id: Option<i64>,
    /// What the sender calls it.
    pub dedup_key: String,
    /// Which deploys follow each other, see `domain::change::link::line`.
    pub line: String,
    /// Version.
    pub version: Option<String>,
    /// Commit.
    pub sha: Option<String>,
    /// Environment.
    pub environment: String,
    /// Repository.
    pub repository_id: Option<i64>,
    /// Service.
    pub service_id: Option<i64>,
    /// Sentry project.
    pub project: Option<String>,
    /// Name to show.
    pub name: Option<String>,
    /// How far it is.
    pub status: DeployStatus,
    /// When it began.
    pub started_at: Option<Time>,
    /// When it ended.
    pub finished_at: Option<Time>,
    /// Its instant: the end if known, else the beginning, else when it was told.
    pub at: Time,
    /// Its page.
    pub url: Option<String>,
    /// Who deployed.
    pub actor: String,
    /// The deploy that was live before it.
    pub previous_id: Option<i64>,
    /// The earlier deploy that it goes back to; set for rollbacks only.
    pub rollback_to_id: Option<i64>,
    /// When it became known.
    pub received_at: Time,
    /// The delivery that brought it.
    pub delivery_id: Option<i64>,
}

#[derive(FromRow)]
pub(super) struct Row {
    id: i64,
    workspace_id: i64,
    integration_id: Option<i64>,
    dedup_key: String,
    line: String,
    version: Option<String>,
    sha: Option<String>,
    environment: String,
    repository_id: Option<i64>,
    service_id: Option<i64>,
    project_slug: Option<String>,
    name: Option<String>,
    status: String,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    at: i64,
    url: Option<String>,
    actor: String,
    previous_id: Option<i64>,
    rollback_to_id: Option<i64>,
    received_at: i64,
    delivery_id: Option<i64>,
}

pub(super) const COLUMNS: &str = "id, workspace_id, integration_id, dedup_key, line, version, sha, \
    environment, repository_id, service_id, project_slug, name, status, started_at, finished_at, \
    at, url, actor, previous_id, rollback_to_id, received_at, delivery_id";

/// What an existing row takes over; it keeps its id, its key and when it became known.
const UPDATE: &str = " ON CONFLICT (workspace_id, dedup_key) DO UPDATE SET line = excluded.line, \
    version = excluded.version, sha = excluded.sha, environment = excluded.environment, \
    repository_id = excluded.repository_id, service_id = excluded.service_id, \
    project_slug = excluded.project_slug, name = excluded.name, status = excluded.status, \
    started_at = excluded.started_at, finished_at = excluded.finished_at, at = excluded.at, \
    url = excluded.url, previous_id = excluded.previous_id, \
    rollback_to_id = excluded.rollback_to_id";

/// Stores a deploy as it is now.
pub async fn save(tx: &mut Tx, deploy: &DeployRecord) -> Result<(), StoreError> {
    on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("INSERT INTO deploys (");
        query.push(COLUMNS).push(") ");
        query.push_values([deploy], |mut row, deploy| {
            row.push_bind(deploy.id)
                .push_bind(deploy.workspace_id)
                .push_bind(deploy.integration_id)
                .push_bind(deploy.dedup_key.as_str())
                .push_bind(deploy.line.as_str())
                .push_bind(deploy.version.as_deref())
                .push_bind(deploy.sha.as_deref())
                .push_bind(deploy.environment.as_str())
                .push_bind(deploy.repository_id)
                .push_bind(deploy.service_id)
                .push_bind(deploy.project.as_deref())
                .push_bind(deploy.name.as_deref())
                .push_bind(deploy.status.as_str())
                .push_bind(ms(deploy.started_at))
                .push_bind(ms(deploy.finished_at))
                .push_bind(deploy.at.0)
                .push_bind(deploy.url.as_deref())
                .push_bind(deploy.actor.as_str())
                .push_bind(deploy.previous_id)
                .push_bind(deploy.rollback_to_id)
                .push_bind(deploy.received_at.0)
                .push_bind(deploy.delivery_id);
        });
        query.push(UPDATE);
        query.build().execute(conn).await?;
    });
    Ok(())
}

/// The deploy that its sender calls so.
pub async fn by_key(
    tx: &mut Tx,
    workspace_id: i64,
    key: &str,
) -> Result<Option<DeployRecord>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM deploys WHERE workspace_id = $1 AND dedup_key = $2"
        ))
        .bind(workspace_id)
        .bind(comparable(key))
        .fetch_optional(conn)
        .await?
    });
    row.map(DeployRecord::try_from).transpose()
}

/// One deploy.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<DeployRecord>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM deploys WHERE id = $1 AND workspace_id = $2"
        ))
        .bind(id)
        .bind(workspace_id)
        .fetch_optional(conn)
        .await?
    });
    row.map(DeployRecord::try_from).transpose()
}

/// Deploys of a line at or before an instant, newest first.
pub async fn of_line(
    tx: &mut Tx,
    workspace_id: i64,
    line: &str,
    until: Time,
    limit: i64,
) -> Result<Vec<DeployRecord>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM deploys WHERE workspace_id = $1 AND line = $2 AND at <= $3 \
             ORDER BY at DESC, id DESC LIMIT $4"
        ))
        .bind(workspace_id)
        .bind(line)
        .bind(until.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter().map(DeployRecord::try_from).collect()
}

/// The deploy that followed in the same line.
pub async fn next_of_line(
    tx: &mut Tx,
    deploy: &DeployRecord,
) -> Result<Option<DeployRecord>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM deploys WHERE workspace_id = $1 AND line = $2 \
             AND (at, id) > ($3, $4) AND status IN ('succeeded', 'inactive') \
             ORDER BY at, id LIMIT 1"
        ))
        .bind(deploy.workspace_id)
        .bind(deploy.line.as_str())
        .bind(deploy.at.0)
        .bind(deploy.id)
        .fetch_optional(conn)
        .await?
    });
    row.map(DeployRecord::try_from).transpose()
}

/// Deploys of a version, newest first.
pub async fn of_version(
    tx: &mut Tx,
    workspace_id: i64,
    version: &str,
    limit: i64,
) -> Result<Vec<DeployRecord>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM deploys WHERE workspace_id = $1 AND version = $2 \
             ORDER BY at DESC, id DESC LIMIT $3"
        ))
        .bind(workspace_id)
        .bind(comparable(version))
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter().map(DeployRecord::try_from).collect()
}

/// Deploys of the commits whose names begin with `sha`, newest first.
pub async fn of_sha(
    tx: &mut Tx,
    workspace_id: i64,
    sha: &str,
    limit: i64,
) -> Result<Vec<DeployRecord>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM deploys WHERE workspace_id = $1 AND sha >= $2 AND sha < $3 \
             ORDER BY sha, at DESC LIMIT $4"
        ))
        .bind(workspace_id)
        .bind(sha)
        .bind(format!("{sha}g"))
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    let mut deploys: Vec<DeployRecord> = rows
        .into_iter()
        .map(DeployRecord::try_from)
        .collect::<Result<_, _>>()?;
    deploys.sort_by_key(|deploy| std::cmp::Reverse((deploy.at, deploy.id)));
    Ok(deploys)
}

/// Deploys between two instants (both included), newest first.
pub async fn between(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &DeployFilter,
    (from, until): (Time, Time),
    limit: i64,
) -> Result<Vec<DeployRecord>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM deploys WHERE workspace_id = ");
        query.push_bind(workspace_id);
        query.push(" AND at >= ").push_bind(from.0);
        query.push(" AND at <= ").push_bind(until.0);
        push_filter(&mut query, filter);
        query
            .push(" ORDER BY at DESC, id DESC LIMIT ")
            .push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    });
    rows.into_iter().map(DeployRecord::try_from).collect()
}

/// Which deploys a list shows.
#[derive(Clone, Debug, Default)]
pub struct DeployFilter {
    /// To this environment.
    pub environment: Option<String>,
    /// Of this service.
    pub service_id: Option<i64>,
    /// Of this repository.
    pub repository_id: Option<i64>,
    /// In this state.
    pub status: Option<DeployStatus>,
    /// Of this Sentry project, or of none that was told.
    pub project: Option<String>,
    /// Of this version.
    pub version: Option<String>,
    /// Whose version, commit or name has this text in it.
    pub q: Option<String>,
}

/// Deploys, newest first.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &DeployFilter,
    (cursor, limit): (Option<&str>, i64),
) -> Result<Page<DeployRecord>, StoreError> {
    let limit = clamped(limit);
    let (at, id) = place(cursor)?.unwrap_or((i64::MAX, i64::MAX));
    let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM deploys WHERE workspace_id = ");
        query.push_bind(workspace_id);
        query.push(" AND (at, id) < (").push_bind(at);
        query.push(", ").push_bind(id).push(")");
        push_filter(&mut query, filter);
        query
            .push(" ORDER BY at DESC, id DESC LIMIT ")
            .push_bind(limit + 1);
        query.build_query_as().fetch_all(conn).await?
    });
    let rows = rows
        .into_iter()
        .map(DeployRecord::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(rows, limit, |deploy: &DeployRecord| {
        (deploy.at.0, deploy.id)
    }))
}

fn push_filter<DB>(query: &mut QueryBuilder<DB>, filter: &DeployFilter)
where
    DB: Database,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
    for<'q> &'q str: Encode<'q, DB> + Type<DB>,
{
    for (column, wanted) in [
        ("environment", &filter.environment),
        ("version", &filter.version),
    ] {
        if let Some(wanted) = wanted {
            query.push(" AND ").push(column).push(" = ");
            query.push_bind(comparable(wanted));
        }
    }
    for (column, wanted) in [
        ("service_id", filter.service_id),
        ("repository_id", filter.repository_id),
    ] {
        if let Some(wanted) = wanted {
            query.push(" AND ").push(column).push(" = ");
            query.push_bind(wanted);
        }
    }
    if let Some(status) = filter.status {
        query.push(" AND status = ").push_bind(status.as_str());
    }
    if let Some(project) = &filter.project {
        query.push(" AND (project_slug IS NULL OR project_slug = ");
        query.push_bind(comparable(project)).push(")");
    }
    if let Some(q) = &filter.q {
        let wanted = pattern(q);
        for (before, column) in [(" AND (", "version"), (" OR ", "sha"), (" OR ", "name")] {
            query
                .push(before)
                .push("lower(")
                .push(column)
                .push(") LIKE lower(");
            query.push_bind(wanted.clone()).push(") ESCAPE '!'");
        }
        query.push(")");
    }
}

impl DeployRecord {
    /// Its place in its line.
    pub fn stop(&self) -> Stop {
        Stop {
            id: self.id,
            version: self.version.clone(),
            sha: self.sha.clone(),
            status: self.status,
            at: self.at,
        }
    }
}

impl TryFrom<Row> for DeployRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            status: DeployStatus::parse(&row.status)
                .ok_or_else(|| unreadable("deploys", row.id, "status"))?,
            id: row.id,
            workspace_id: row.workspace_id,
            integration_id: row.integration_id,
            dedup_key: row.dedup_key,
            line: row.line,
            version: row.version,
            sha: row.sha,
            environment: row.environment,
            repository_id: row.repository_id,
            service_id: row.service_id,
            project: row.project_slug,
            name: row.name,
            started_at: row.started_at.map(Time),
            finished_at: row.finished_at.map(Time),
            at: Time(row.at),
            url: row.url,
            actor: row.actor,
            previous_id: row.previous_id,
            rollback_to_id: row.rollback_to_id,
            received_at: Time(row.received_at),
            delivery_id: row.delivery_id,
        })
    }
}
