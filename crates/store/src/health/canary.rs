//! Deliveries that Epicenter sends to itself, and how far they came.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// One canary.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct CanaryRun {
    /// Our id.
    pub id: i64,
    /// When it set out, milliseconds.
    pub started_at: i64,
    /// `waiting`, `passed` or `failed`.
    pub outcome: String,
    /// How far it came: `door`, `intake`, `notifier`, `done`.
    pub stage: String,
    /// A sentence.
    pub detail: String,
    /// How long it took, milliseconds.
    pub duration_ms: i64,
}

/// Keeps a canary; one with the same id is replaced.
pub async fn keep(tx: &mut Tx, run: &CanaryRun) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO canary_runs (id, started_at, outcome, stage, detail, duration_ms) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET \
             outcome = excluded.outcome, stage = excluded.stage, detail = excluded.detail, \
             duration_ms = excluded.duration_ms",
        )
        .bind(run.id)
        .bind(run.started_at)
        .bind(run.outcome.as_str())
        .bind(run.stage.as_str())
        .bind(run.detail.as_str())
        .bind(run.duration_ms)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The newest canaries, newest first.
pub async fn newest(tx: &mut Tx, limit: i64) -> Result<Vec<CanaryRun>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, started_at, outcome, stage, detail, duration_ms FROM canary_runs \
             ORDER BY id DESC LIMIT $1",
        )
        .bind(limit)
        .fetch_all(conn)
        .await?
    }))
}

/// One canary.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<CanaryRun>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, started_at, outcome, stage, detail, duration_ms FROM canary_runs \
             WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(conn)
        .await?
    }))
}

/// Removes canaries that set out before an instant.
pub async fn delete_before(tx: &mut Tx, before: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM canary_runs WHERE started_at < $1")
            .bind(before.0)
            .execute(conn)
            .await?;
    });
    Ok(())
}
