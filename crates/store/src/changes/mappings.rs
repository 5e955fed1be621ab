//! Stack paths to repository paths.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// A code mapping: in this project, stack paths that begin with `stack_prefix` are files of this
/// repository below `source_prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Sentry project.
    pub project: String,
    /// Repository.
    pub repository_id: i64,
    /// Beginning of the path in the stack; may be empty.
    pub stack_prefix: String,
    /// Beginning of the path in the repository; may be empty.
    pub source_prefix: String,
    /// Did a person say so? Else it is a proposal.
    pub is_confirmed: bool,
    /// Frames that it fitted when it was proposed.
    pub match_count: i64,
    /// When it was made.
    pub created_at: Time,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    workspace_id: i64,
    project_slug: String,
    repository_id: i64,
    stack_prefix: String,
    source_prefix: String,
    is_confirmed: bool,
    match_count: i64,
    created_at: i64,
}

/// All mappings of a workspace, longest stack prefix first.
pub async fn list(tx: &mut Tx, workspace_id: i64) -> Result<Vec<MappingRecord>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, workspace_id, project_slug, repository_id, stack_prefix, source_prefix, \
             is_confirmed, match_count, created_at FROM code_mappings WHERE workspace_id = $1 \
             ORDER BY project_slug, length(stack_prefix) DESC, id",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    let record = |row: Row| MappingRecord {
        id: row.id,
        workspace_id: row.workspace_id,
        project: row.project_slug,
        repository_id: row.repository_id,
        stack_prefix: row.stack_prefix,
        source_prefix: row.source_prefix,
        is_confirmed: row.is_confirmed,
        match_count: row.match_count,
        created_at: Time(row.created_at),
    };
    Ok(rows.into_iter().map(record).collect())
}

/// Stores a mapping. A proposal never changes what a person confirmed.
pub async fn save(tx: &mut Tx, mapping: &MappingRecord) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO code_mappings (id, workspace_id, project_slug, repository_id, \
             stack_prefix, source_prefix, is_confirmed, match_count, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (workspace_id, project_slug, repository_id, stack_prefix) DO UPDATE SET \
             source_prefix = CASE WHEN code_mappings.is_confirmed AND NOT excluded.is_confirmed \
             THEN code_mappings.source_prefix ELSE excluded.source_prefix END, \
             match_count = excluded.match_count, \
             is_confirmed = (code_mappings.is_confirmed OR excluded.is_confirmed)",
        )
        .bind(mapping.id)
        .bind(mapping.workspace_id)
        .bind(mapping.project.as_str())
        .bind(mapping.repository_id)
        .bind(mapping.stack_prefix.as_str())
        .bind(mapping.source_prefix.as_str())
        .bind(mapping.is_confirmed)
        .bind(mapping.match_count)
        .bind(mapping.created_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// A person agrees with a proposal. Answers whether there was one.
pub async fn confirm(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<bool, StoreError> {
    let count = on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE code_mappings SET is_confirmed = $3 WHERE workspace_id = $1 AND id = $2",
        )
        .bind(workspace_id)
        .bind(id)
        .bind(true)
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(count > 0)
}

/// Removes a mapping. Answers whether there was one.
pub async fn delete(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<bool, StoreError> {
    let count = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM code_mappings WHERE workspace_id = $1 AND id = $2")
            .bind(workspace_id)
            .bind(id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(count > 0)
}
