//! Where code lives, and which services it makes.

use crate::{StoreError, Tx};
use epicenter_domain::change::RepositoryFact;
use epicenter_domain::time::Time;
use sqlx::FromRow;
use std::collections::BTreeSet;

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// `owner/name`, lower case.
    pub name: String,
    /// `github`, `gitlab`, `git`, `vercel`, `other`.
    pub provider: String,
    /// Its page.
    pub url: Option<String>,
    /// The branch that is deployed from.
    pub default_branch: Option<String>,
    /// A bare clone or mirror on this machine.
    pub clone_path: Option<String>,
    /// When it became known.
    pub created_at: Time,
    /// Services that it makes, as a person said.
    pub service_ids: Vec<i64>,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    workspace_id: i64,
    name: String,
    provider: String,
    url: Option<String>,
    default_branch: Option<String>,
    clone_path: Option<String>,
    created_at: i64,
}

const COLUMNS: &str =
    "id, workspace_id, name, provider, url, default_branch, clone_path, created_at";

/// Finds the repository by its name, or makes it; answers its id.
pub async fn ensure(
    tx: &mut Tx,
    workspace_id: i64,
    fact: &RepositoryFact,
    new_id: i64,
    now: Time,
) -> Result<i64, StoreError> {
    let id = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "INSERT INTO repositories \
             (id, workspace_id, name, provider, url, default_branch, clone_path, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, NULL, $7) \
             ON CONFLICT (workspace_id, name) DO UPDATE SET \
             url = COALESCE(excluded.url, repositories.url), \
             default_branch = COALESCE(excluded.default_branch, repositories.default_branch), \
             provider = CASE WHEN repositories.provider IN ('other', 'git') \
             THEN excluded.provider ELSE repositories.provider END \
             RETURNING id",
        )
        .bind(new_id)
        .bind(workspace_id)
        .bind(fact.name.as_str())
        .bind(fact.provider)
        .bind(fact.url.as_deref())
        .bind(fact.default_branch.as_deref())
        .bind(now.0)
        .fetch_one(conn)
        .await?
    });
    Ok(id)
}

/// All repositories of a workspace, by name.
pub async fn list(tx: &mut Tx, workspace_id: i64) -> Result<Vec<RepositoryRecord>, StoreError> {
    let (rows, links): (Vec<Row>, Vec<(i64, i64)>) = on_engine!(tx, |conn| {
        let rows = sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM repositories WHERE workspace_id = $1 ORDER BY name"
        ))
        .bind(workspace_id)
        .fetch_all(&mut *conn)
        .await?;
        let links = sqlx::query_as(
            "SELECT l.repository_id, l.service_id FROM repositories r \
             JOIN service_repositories l ON l.repository_id = r.id \
             WHERE r.workspace_id = $1 ORDER BY l.service_id",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?;
        (rows, links)
    });
    let record = |row: Row| RepositoryRecord {
        service_ids: links
            .iter()
            .filter(|(repository_id, _)| *repository_id == row.id)
            .map(|(_, service_id)| *service_id)
            .collect(),
        id: row.id,
        workspace_id: row.workspace_id,
        name: row.name,
        provider: row.provider,
        url: row.url,
        default_branch: row.default_branch,
        clone_path: row.clone_path,
        created_at: Time(row.created_at),
    };
    Ok(rows.into_iter().map(record).collect())
}

/// Those of a workspace of which commits are known, however these were told.
pub async fn with_commits(tx: &mut Tx, workspace_id: i64) -> Result<BTreeSet<i64>, StoreError> {
    let ids: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT r.id FROM repositories r WHERE r.workspace_id = $1 \
             AND EXISTS (SELECT 1 FROM commits c WHERE c.repository_id = r.id)",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    Ok(ids.into_iter().collect())
}

/// One repository.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<RepositoryRecord>, StoreError> {
    let all = list(tx, workspace_id).await?;
    Ok(all.into_iter().find(|repository| repository.id == id))
}

/// Says where its clone is; `None` forgets it.
pub async fn set_clone_path(tx: &mut Tx, id: i64, path: Option<&str>) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE repositories SET clone_path = $2 WHERE id = $1")
            .bind(id)
            .bind(path)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Says which services it makes.
pub async fn set_services(tx: &mut Tx, id: i64, service_ids: &[i64]) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM service_repositories WHERE repository_id = $1")
            .bind(id)
            .execute(&mut *conn)
            .await?;
        for service_id in BTreeSet::from_iter(service_ids) {
            sqlx::query(
                "INSERT INTO service_repositories (repository_id, service_id) VALUES ($1, $2)",
            )
            .bind(id)
            .bind(*service_id)
            .execute(&mut *conn)
            .await?;
        }
    });
    Ok(())
}
