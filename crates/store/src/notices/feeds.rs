//! Destinations that read along in the memory, and how far they are.

use super::destinations::{DestinationRecord, TakesObservations};
use crate::{StoreError, Tx};
use sqlx::FromRow;

/// A destination that reads along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Feed {
    /// Destination.
    pub destination_id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// The last record that it is owed, or was when it began.
    pub last_id: i64,
}

/// All of them; they are few.
pub async fn list(tx: &mut Tx) -> Result<Vec<Feed>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT destination_id, workspace_id, last_id FROM feeds ORDER BY destination_id",
        )
        .fetch_all(conn)
        .await?
    }))
}

/// A destination is owed the records up to `last_id` now. False: somebody was faster.
pub async fn advance(tx: &mut Tx, feed: Feed, last_id: i64) -> Result<bool, StoreError> {
    let moved = on_engine!(tx, |conn| {
        sqlx::query("UPDATE feeds SET last_id = $3 WHERE destination_id = $1 AND last_id = $2")
            .bind(feed.destination_id)
            .bind(feed.last_id)
            .bind(last_id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(moved > 0)
}

/// A destination reads along from the next record on, or no more, as its settings say.
pub(super) async fn follow(tx: &mut Tx, record: &DestinationRecord) -> Result<(), StoreError> {
    if record.settings.observations == TakesObservations::No {
        return forget(tx, record.id).await;
    }
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO feeds (destination_id, workspace_id, last_id) \
             SELECT $1, $2, coalesce(max(id), 0) FROM observations WHERE true \
             ON CONFLICT (destination_id) DO NOTHING",
        )
        .bind(record.id)
        .bind(record.workspace_id)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// A destination reads along no more.
pub(super) async fn forget(tx: &mut Tx, destination_id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM feeds WHERE destination_id = $1")
            .bind(destination_id)
            .execute(conn)
            .await?;
    });
    Ok(())
}
