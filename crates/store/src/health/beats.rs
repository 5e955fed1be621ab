//! When each worker of each node last did its work, written about once a minute.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// One worker on one node.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Beat {
    /// The node's number.
    pub node: i64,
    /// What the worker is called.
    pub name: String,
    /// When it last did its work, milliseconds.
    pub done_at: Option<i64>,
    /// When it last failed, milliseconds.
    pub failed_at: Option<i64>,
    /// Why it last failed.
    pub failure: Option<String>,
}

/// Keeps beats; what a beat does not know stays.
pub async fn keep(tx: &mut Tx, beats: &[Beat]) -> Result<(), StoreError> {
    for beat in beats {
        on_engine!(tx, |conn| {
            sqlx::query(
                "INSERT INTO worker_beats (node, name, done_at, failed_at, failure) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (node, name) DO UPDATE SET \
                 done_at = coalesce(excluded.done_at, worker_beats.done_at), \
                 failed_at = coalesce(excluded.failed_at, worker_beats.failed_at), \
                 failure = coalesce(excluded.failure, worker_beats.failure)",
            )
            .bind(beat.node)
            .bind(beat.name.as_str())
            .bind(beat.done_at)
            .bind(beat.failed_at)
            .bind(beat.failure.as_deref())
            .execute(conn)
            .await?;
        });
    }
    Ok(())
}

/// All beats, by node and name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Beat>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT node, name, done_at, failed_at, failure FROM worker_beats ORDER BY node, name",
        )
        .fetch_all(conn)
        .await?
    }))
}

/// Forgets workers that neither did nor failed anything since `before`: of nodes that are gone.
pub async fn forget(tx: &mut Tx, before: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "DELETE FROM worker_beats WHERE coalesce(done_at, 0) < $1 \
             AND coalesce(failed_at, 0) < $1",
        )
        .bind(before.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}
