//! What workspaces, and services of theirs, want noticed.

use crate::people::Kept;
use crate::rows::from_json;
use crate::{StoreError, Tx};
use epicenter_domain::routing::detect::Detection;
use std::collections::BTreeMap;

/// What stands for the workspace itself among its services.
const WORKSPACE: i64 = 0;

/// What is wanted, by workspace and service (none: the whole workspace), of those who have said so.
pub async fn settings(tx: &mut Tx) -> Result<BTreeMap<(i64, Option<i64>), Detection>, StoreError> {
    let rows: Vec<(i64, i64, String)> = on_engine!(tx, |conn| {
        sqlx::query_as("SELECT workspace_id, service_id, settings FROM detection_settings")
            .fetch_all(conn)
            .await?
    });
    let mut all = BTreeMap::new();
    for (workspace_id, service_id, text) in rows {
        let kept: Option<Kept<Detection>> =
            from_json("detection_settings", workspace_id, Some(&text))?;
        let place = (workspace_id, Some(service_id).filter(|id| *id != WORKSPACE));
        all.extend(kept.map(|kept| (place, kept.content())));
    }
    Ok(all)
}

/// Sets what a workspace, or one service of it, wants.
pub async fn set_settings(
    tx: &mut Tx,
    (workspace_id, service_id): (i64, Option<i64>),
    detection: &Detection,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(&Kept::V1(detection)).map_err(|error| StoreError::Row {
        table: "detection_settings",
        id: workspace_id,
        reason: error.to_string(),
    })?;
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO detection_settings (workspace_id, service_id, settings) \
             VALUES ($1, $2, $3) ON CONFLICT (workspace_id, service_id) \
             DO UPDATE SET settings = excluded.settings",
        )
        .bind(workspace_id)
        .bind(service_id.unwrap_or(WORKSPACE))
        .bind(text.as_str())
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Forgets what a workspace, or one service of it, wanted: what is above it counts again.
pub async fn forget_settings(
    tx: &mut Tx,
    (workspace_id, service_id): (i64, Option<i64>),
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM detection_settings WHERE workspace_id = $1 AND service_id = $2")
            .bind(workspace_id)
            .bind(service_id.unwrap_or(WORKSPACE))
            .execute(conn)
            .await?;
    });
    Ok(())
}
