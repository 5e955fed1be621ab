//! Maintenance windows: times in which a service, or everything, is worked on.

use super::{read, write};
use crate::people::Kept;
use crate::{StoreError, Tx};
use epicenter_domain::routing::mute::Maintenance;
use epicenter_domain::time::Time;

/// The windows of a workspace that end after an instant, soonest end first.
pub async fn ending_after(
    tx: &mut Tx,
    workspace_id: i64,
    after: Time,
    limit: i64,
) -> Result<Vec<Maintenance>, StoreError> {
    let rows: Vec<(i64, String)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, maintenance FROM maintenance_windows \
             WHERE workspace_id = $1 AND ends_at > $2 ORDER BY ends_at, id LIMIT $3",
        )
        .bind(workspace_id)
        .bind(after.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter().map(window).collect()
}

/// One window, over or not.
pub async fn find(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<Maintenance>, StoreError> {
    let row: Option<(i64, String)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, maintenance FROM maintenance_windows WHERE workspace_id = $1 AND id = $2",
        )
        .bind(workspace_id)
        .bind(id)
        .fetch_optional(conn)
        .await?
    });
    row.map(window).transpose()
}

fn window((id, text): (i64, String)) -> Result<Maintenance, StoreError> {
    let kept: Kept<Maintenance> = read("maintenance_windows", id, &text)?;
    Ok(kept.content())
}

/// Makes a window, or changes it.
pub async fn save(
    tx: &mut Tx,
    workspace_id: i64,
    maintenance: &Maintenance,
) -> Result<(), StoreError> {
    let text = write(
        "maintenance_windows",
        maintenance.id,
        &Kept::V1(maintenance.clone()),
    )?;
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO maintenance_windows (id, workspace_id, maintenance, ends_at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET \
             maintenance = excluded.maintenance, ends_at = excluded.ends_at",
        )
        .bind(maintenance.id)
        .bind(workspace_id)
        .bind(text.as_str())
        .bind(maintenance.ends_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Removes a window. False: there was none.
pub async fn delete(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM maintenance_windows WHERE workspace_id = $1 AND id = $2")
            .bind(workspace_id)
            .bind(id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(gone > 0)
}
