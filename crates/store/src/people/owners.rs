//! Which team owns a service, and which escalation policy its incidents follow.

use crate::{StoreError, Tx};
use std::collections::BTreeMap;

/// Who is responsible for a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceOwner {
    /// The team.
    pub team_id: Option<i64>,
    /// The escalation policy.
    pub escalation_id: Option<i64>,
}

/// Sets who is responsible for a service.
pub async fn set(
    tx: &mut Tx,
    workspace_id: i64,
    service_id: i64,
    owner: ServiceOwner,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO service_owners (service_id, workspace_id, team_id, escalation_id) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (service_id) DO UPDATE \
             SET team_id = excluded.team_id, escalation_id = excluded.escalation_id",
        )
        .bind(service_id)
        .bind(workspace_id)
        .bind(owner.team_id)
        .bind(owner.escalation_id)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Who is responsible for the services of a workspace; services without anybody are missing.
pub async fn of_workspace(
    tx: &mut Tx,
    workspace_id: i64,
) -> Result<BTreeMap<i64, ServiceOwner>, StoreError> {
    let rows: Vec<(i64, Option<i64>, Option<i64>)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT service_id, team_id, escalation_id FROM service_owners \
             WHERE workspace_id = $1",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    let owner = |(service_id, team_id, escalation_id)| {
        let owner = ServiceOwner {
            team_id,
            escalation_id,
        };
        (service_id, owner)
    };
    Ok(rows.into_iter().map(owner).collect())
}

/// Forgets who was responsible for a service.
pub async fn clear(tx: &mut Tx, service_id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM service_owners WHERE service_id = $1")
            .bind(service_id)
            .execute(conn)
            .await?;
    });
    Ok(())
}
