//! Silences: what is not told for a while.

use super::{read, write};
use crate::people::Kept;
use crate::{StoreError, Tx};
use epicenter_domain::routing::mute::Silence;
use epicenter_domain::time::Time;

/// The silences of a workspace that end after an instant, soonest end first.
pub async fn ending_after(
    tx: &mut Tx,
    workspace_id: i64,
    after: Time,
    limit: i64,
) -> Result<Vec<Silence>, StoreError> {
    let rows: Vec<(i64, String)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, silence FROM silences WHERE workspace_id = $1 AND ends_at > $2 \
             ORDER BY ends_at LIMIT $3",
        )
        .bind(workspace_id)
        .bind(after.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter().map(silence).collect()
}

/// The silences of a workspace that have ended at an instant, latest end first.
pub async fn ended_by(
    tx: &mut Tx,
    workspace_id: i64,
    now: Time,
    limit: i64,
) -> Result<Vec<Silence>, StoreError> {
    let rows: Vec<(i64, String)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, silence FROM silences WHERE workspace_id = $1 AND ends_at <= $2 \
             ORDER BY ends_at DESC LIMIT $3",
        )
        .bind(workspace_id)
        .bind(now.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter().map(silence).collect()
}

/// One silence, ended or not.
pub async fn find(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<Option<Silence>, StoreError> {
    let row: Option<(i64, String)> = on_engine!(tx, |conn| {
        sqlx::query_as("SELECT id, silence FROM silences WHERE workspace_id = $1 AND id = $2")
            .bind(workspace_id)
            .bind(id)
            .fetch_optional(conn)
            .await?
    });
    row.map(silence).transpose()
}

fn silence((id, text): (i64, String)) -> Result<Silence, StoreError> {
    let kept: Kept<Silence> = read("silences", id, &text)?;
    Ok(kept.content())
}

/// Makes a silence, or changes it.
pub async fn save(tx: &mut Tx, workspace_id: i64, silence: &Silence) -> Result<(), StoreError> {
    let text = write("silences", silence.id, &Kept::V1(silence.clone()))?;
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO silences (id, workspace_id, silence, ends_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (id) DO UPDATE SET silence = excluded.silence, ends_at = excluded.ends_at",
        )
        .bind(silence.id)
        .bind(workspace_id)
        .bind(text.as_str())
        .bind(silence.ends_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}
