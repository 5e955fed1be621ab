//! Versions.

use crate::page::{Page, clamped, comparable, pattern, place};
use crate::rows::ms;
use crate::{StoreError, Tx};
use epicenter_domain::change::ReleaseFact;
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};
use std::collections::BTreeSet;

/// A release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Its name.
    pub version: String,
    /// Repository.
    pub repository_id: Option<i64>,
    /// Head commit.
    pub sha: Option<String>,
    /// Head of the release before, when a range was sent.
    pub previous_sha: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Archived?
    pub is_archived: bool,
    /// Did somebody list its commits?
    pub has_commits: bool,
    /// Who made it.
    pub actor: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was finalised.
    pub released_at: Option<Time>,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    workspace_id: i64,
    version: String,
    repository_id: Option<i64>,
    sha: Option<String>,
    previous_sha: Option<String>,
    url: Option<String>,
    is_archived: bool,
    has_commits: bool,
    actor: String,
    created_at: i64,
    released_at: Option<i64>,
}

const COLUMNS: &str = "id, workspace_id, version, repository_id, sha, previous_sha, url, \
    is_archived, has_commits, actor, created_at, released_at";

/// Finds the release by its version and completes it, or makes it; answers its id.
pub async fn ensure(
    tx: &mut Tx,
    (workspace_id, repository_id): (i64, Option<i64>),
    fact: &ReleaseFact,
    new_id: i64,
    at: Time,
) -> Result<i64, StoreError> {
    let head = fact.refs.first();
    let sha = fact.sha.as_deref().or(head.map(|head| head.sha.as_str()));
    let previous = head.and_then(|head| head.previous_sha.as_deref());
    let id = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "INSERT INTO releases (id, workspace_id, version, repository_id, sha, previous_sha, \
             url, is_archived, has_commits, actor, created_at, released_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, COALESCE($8, $9), $9, $10, $11, $12) \
             ON CONFLICT (workspace_id, version) DO UPDATE SET \
             repository_id = COALESCE(excluded.repository_id, releases.repository_id), \
             sha = COALESCE(excluded.sha, releases.sha), \
             previous_sha = COALESCE(excluded.previous_sha, releases.previous_sha), \
             url = COALESCE(excluded.url, releases.url), \
             is_archived = COALESCE($8, releases.is_archived), \
             released_at = COALESCE(excluded.released_at, releases.released_at) \
             RETURNING id",
        )
        .bind(new_id)
        .bind(workspace_id)
        .bind(fact.version.as_str())
        .bind(repository_id)
        .bind(sha)
        .bind(previous)
        .bind(fact.url.as_deref())
        .bind(fact.is_archived)
        .bind(false)
        .bind(fact.actor.name.as_str())
        .bind(fact.created_at.unwrap_or(at).0)
        .bind(ms(fact.released_at))
        .fetch_one(conn)
        .await?
    });
    for project in BTreeSet::from_iter(&fact.projects) {
        on_engine!(tx, |conn| {
            sqlx::query(
                "INSERT INTO release_projects (workspace_id, project_slug, release_id) \
                 VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            )
            .bind(workspace_id)
            .bind(project.as_str())
            .bind(id)
            .execute(conn)
            .await?;
        });
    }
    Ok(id)
}

/// Says that somebody listed its commits (or cleared the list), and which is the newest.
pub async fn set_has_commits(
    tx: &mut Tx,
    id: i64,
    has_commits: bool,
    head: Option<&str>,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE releases SET has_commits = $2, sha = COALESCE($3, sha) WHERE id = $1")
            .bind(id)
            .bind(has_commits)
            .bind(head)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// One release by its version.
pub async fn by_version(
    tx: &mut Tx,
    workspace_id: i64,
    version: &str,
) -> Result<Option<ReleaseRecord>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM releases WHERE workspace_id = $1 AND version = $2"
        ))
        .bind(workspace_id)
        .bind(comparable(version))
        .fetch_optional(conn)
        .await?
    });
    Ok(row.map(ReleaseRecord::from))
}

/// Which releases a list shows.
#[derive(Clone, Debug, Default)]
pub struct ReleaseFilter {
    /// Of this Sentry project.
    pub project: Option<String>,
    /// Whose version has this text in it.
    pub q: Option<String>,
}

/// Releases, newest first.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &ReleaseFilter,
    (cursor, limit): (Option<&str>, i64),
) -> Result<Page<ReleaseRecord>, StoreError> {
    let limit = clamped(limit);
    let (at, id) = place(cursor)?.unwrap_or((i64::MAX, i64::MAX));
    let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM releases WHERE workspace_id = ");
        query.push_bind(workspace_id);
        query.push(" AND (created_at, id) < (").push_bind(at);
        query.push(", ").push_bind(id).push(")");
        if let Some(project) = &filter.project {
            query.push(" AND EXISTS (SELECT 1 FROM release_projects p WHERE p.workspace_id = ");
            query.push_bind(workspace_id).push(" AND p.project_slug = ");
            query.push_bind(comparable(project));
            query.push(" AND p.release_id = releases.id)");
        }
        if let Some(q) = &filter.q {
            query.push(" AND lower(version) LIKE lower(");
            query.push_bind(pattern(q)).push(") ESCAPE '!'");
        }
        query.push(" ORDER BY created_at DESC, id DESC LIMIT ");
        query.push_bind(limit + 1);
        query.build_query_as().fetch_all(conn).await?
    });
    let rows = rows.into_iter().map(ReleaseRecord::from).collect();
    Ok(Page::cut(rows, limit, |release: &ReleaseRecord| {
        (release.created_at.0, release.id)
    }))
}

/// The projects that a release is for.
pub async fn projects(tx: &mut Tx, id: i64) -> Result<Vec<String>, StoreError> {
    let slugs = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT project_slug FROM release_projects WHERE release_id = $1 ORDER BY project_slug",
        )
        .bind(id)
        .fetch_all(conn)
        .await?
    });
    Ok(slugs)
}

/// The newest release with listed commits that was made before `release` for one of the same
/// projects (any, when it has none).
pub async fn previous_with_commits(
    tx: &mut Tx,
    release: &ReleaseRecord,
) -> Result<Option<ReleaseRecord>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM releases r WHERE workspace_id = $1 \
             AND (created_at, id) < ($2, $3) AND has_commits AND (NOT EXISTS \
             (SELECT 1 FROM release_projects WHERE release_id = $3) OR EXISTS \
             (SELECT 1 FROM release_projects a JOIN release_projects b \
             ON b.project_slug = a.project_slug \
             WHERE a.release_id = $3 AND b.release_id = r.id)) \
             ORDER BY created_at DESC, id DESC LIMIT 1"
        ))
        .bind(release.workspace_id)
        .bind(release.created_at.0)
        .bind(release.id)
        .fetch_optional(conn)
        .await?
    });
    Ok(row.map(ReleaseRecord::from))
}

/// Forgets a release; its deploys and commits stay.
pub async fn delete(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        for statement in [
            "DELETE FROM release_commits WHERE release_id = $1",
            "DELETE FROM release_projects WHERE release_id = $1",
            "DELETE FROM releases WHERE id = $1",
        ] {
            sqlx::query(statement).bind(id).execute(&mut *conn).await?;
        }
    });
    Ok(())
}

impl From<Row> for ReleaseRecord {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            workspace_id: row.workspace_id,
            version: row.version,
            repository_id: row.repository_id,
            sha: row.sha,
            previous_sha: row.previous_sha,
            url: row.url,
            is_archived: row.is_archived,
            has_commits: row.has_commits,
            actor: row.actor,
            created_at: Time(row.created_at),
            released_at: row.released_at.map(Time),
        }
    }
}
