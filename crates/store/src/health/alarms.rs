//! What Epicenter warns of at the moment.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// One warning.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct SelfAlarm {
    /// Workspace.
    pub workspace_id: i64,
    /// The dedup key of its incident.
    pub dedup_key: String,
    /// Since when, milliseconds.
    pub raised_at: i64,
    /// What is wrong, a sentence.
    pub says: String,
}

/// All warnings, of all workspaces, by key.
pub async fn all(tx: &mut Tx) -> Result<Vec<SelfAlarm>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT workspace_id, dedup_key, raised_at, says FROM self_alarms \
             ORDER BY workspace_id, dedup_key",
        )
        .fetch_all(conn)
        .await?
    }))
}

/// Notes a warning. False: it was there already, and stays as it is.
pub async fn raise(tx: &mut Tx, alarm: &SelfAlarm) -> Result<bool, StoreError> {
    let made = on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO self_alarms (workspace_id, dedup_key, raised_at, says) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, dedup_key) DO NOTHING",
        )
        .bind(alarm.workspace_id)
        .bind(alarm.dedup_key.as_str())
        .bind(alarm.raised_at)
        .bind(alarm.says.as_str())
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(made > 0)
}

/// Takes a warning back. False: there was none.
pub async fn lower(tx: &mut Tx, workspace_id: i64, dedup_key: &str) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM self_alarms WHERE workspace_id = $1 AND dedup_key = $2")
            .bind(workspace_id)
            .bind(dedup_key)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(gone > 0)
}

/// When a warning began; `None`: there is none.
pub async fn raised_at(
    tx: &mut Tx,
    workspace_id: i64,
    dedup_key: &str,
) -> Result<Option<Time>, StoreError> {
    let at: Option<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT raised_at FROM self_alarms WHERE workspace_id = $1 AND dedup_key = $2",
        )
        .bind(workspace_id)
        .bind(dedup_key)
        .fetch_optional(conn)
        .await?
    });
    Ok(at.map(Time))
}
