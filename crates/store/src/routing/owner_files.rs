//! CODEOWNERS of repositories.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// The CODEOWNERS file of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerFile {
    /// Repository.
    pub repository_id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Was it read from the local clone? Else somebody uploaded it.
    pub is_from_clone: bool,
    /// Where it was found in the clone; empty for an upload.
    pub path: String,
    /// Its text.
    pub text: String,
    /// When it was read or uploaded.
    pub read_at: Time,
}

#[derive(FromRow)]
struct Row {
    repository_id: i64,
    workspace_id: i64,
    source: String,
    path: String,
    text: String,
    read_at: i64,
}

impl From<Row> for OwnerFile {
    fn from(row: Row) -> Self {
        Self {
            repository_id: row.repository_id,
            workspace_id: row.workspace_id,
            is_from_clone: row.source == "clone",
            path: row.path,
            text: row.text,
            read_at: Time(row.read_at),
        }
    }
}

/// The files of a workspace, by repository.
pub async fn list(tx: &mut Tx, workspace_id: i64) -> Result<Vec<OwnerFile>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT repository_id, workspace_id, source, path, text, read_at FROM owner_files \
             WHERE workspace_id = $1 ORDER BY repository_id",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    Ok(rows.into_iter().map(OwnerFile::from).collect())
}

/// When the file of each repository was read, without the texts.
pub async fn stamps(tx: &mut Tx, workspace_id: i64) -> Result<Vec<(i64, Time)>, StoreError> {
    let rows: Vec<(i64, i64)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT repository_id, read_at FROM owner_files WHERE workspace_id = $1 \
             ORDER BY repository_id",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    Ok(rows.into_iter().map(|(id, at)| (id, Time(at))).collect())
}

/// The file of one repository.
pub async fn of_repository(
    tx: &mut Tx,
    workspace_id: i64,
    repository_id: i64,
) -> Result<Option<OwnerFile>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT repository_id, workspace_id, source, path, text, read_at FROM owner_files \
             WHERE workspace_id = $1 AND repository_id = $2",
        )
        .bind(workspace_id)
        .bind(repository_id)
        .fetch_optional(conn)
        .await?
    });
    Ok(row.map(OwnerFile::from))
}

/// Keeps a file in place of the one before.
pub async fn save(tx: &mut Tx, file: &OwnerFile) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO owner_files (repository_id, workspace_id, source, path, text, read_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (repository_id) DO UPDATE SET \
             source = excluded.source, path = excluded.path, text = excluded.text, \
             read_at = excluded.read_at",
        )
        .bind(file.repository_id)
        .bind(file.workspace_id)
        .bind(if file.is_from_clone {
            "clone"
        } else {
            "upload"
        })
        .bind(file.path.as_str())
        .bind(file.text.as_str())
        .bind(file.read_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Forgets the file of a repository. False: there is none.
pub async fn forget(
    tx: &mut Tx,
    workspace_id: i64,
    repository_id: i64,
) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM owner_files WHERE workspace_id = $1 AND repository_id = $2")
            .bind(workspace_id)
            .bind(repository_id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(gone > 0)
}
