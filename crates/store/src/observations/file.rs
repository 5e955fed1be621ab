//! What is written to a file as well: the records of all workspaces in order, and how far each node
//! is.

use super::rows::{self, COLUMNS, Row};
use crate::{StoreError, Tx};
use epicenter_domain::observation::Observation;

/// The last record in a node's file; none before the first.
pub async fn position(tx: &mut Tx, node: i64) -> Result<Option<i64>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT last_id FROM memory_files WHERE node = $1")
            .bind(node)
            .fetch_optional(conn)
            .await?
    }))
}

/// Keeps the last record in a node's file.
pub async fn keep_position(tx: &mut Tx, node: i64, last_id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO memory_files (node, last_id) VALUES ($1, $2) \
             ON CONFLICT (node) DO UPDATE SET last_id = excluded.last_id",
        )
        .bind(node)
        .bind(last_id)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// What was recorded after `after` in any workspace, oldest first.
pub async fn after(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Observation>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM observations o WHERE o.id > $1 ORDER BY o.id LIMIT $2"
        ))
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows::read(rows)
}
