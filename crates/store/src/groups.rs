//! Incidents with several alerts: what was merged into them, and what may join them.

use crate::rows::{from_json, json};
use crate::slice::LONGEST_GROUP_MS;
use crate::slice::incidents::{COLUMNS, IncidentRow};
use crate::{StoreError, Tx};
use epicenter_domain::incident::Incident;
use epicenter_domain::routing::group::GroupPolicy;
use epicenter_domain::time::Time;
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;
use std::collections::BTreeMap;

/// A policy as its row has it.
#[derive(Serialize, Deserialize)]
struct Kept {
    v: u8,
    policy: GroupPolicy,
}

/// The incidents that were merged into this one, also by way of others, by their numbers; at most
/// 200.
pub async fn merged_into(
    tx: &mut Tx,
    workspace_id: i64,
    incident_id: i64,
) -> Result<Vec<Incident>, StoreError> {
    let rows: Vec<IncidentRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new(
            "WITH RECURSIVE inside (id) AS (SELECT id FROM incidents WHERE merged_into_id = ",
        );
        query.push_bind(incident_id);
        // UNION, not UNION ALL: it ends even if rows led round in a circle.
        query.push(
            " UNION SELECT incidents.id FROM inside JOIN incidents \
             ON incidents.merged_into_id = inside.id) SELECT ",
        );
        query
            .push(COLUMNS)
            .push(" FROM incidents WHERE id IN (SELECT inside.id FROM inside) AND workspace_id = ");
        query.push_bind(workspace_id);
        query.push(" ORDER BY number LIMIT 200");
        query.build_query_as().fetch_all(conn).await?
    });
    rows.into_iter().map(Incident::try_from).collect()
}

/// How the workspaces group that have said so; the others group by default.
pub async fn policies(tx: &mut Tx) -> Result<BTreeMap<i64, GroupPolicy>, StoreError> {
    let rows: Vec<(i64, String)> = on_engine!(tx, |conn| {
        sqlx::query_as("SELECT workspace_id, policy FROM group_policies")
            .fetch_all(conn)
            .await?
    });
    let mut policies = BTreeMap::new();
    for (workspace_id, text) in rows {
        let kept: Option<Kept> = from_json("group_policies", workspace_id, Some(&text))?;
        policies.extend(kept.map(|kept| (workspace_id, kept.policy)));
    }
    Ok(policies)
}

/// Sets how a workspace groups.
pub async fn set_policy(
    tx: &mut Tx,
    workspace_id: i64,
    policy: &GroupPolicy,
) -> Result<(), StoreError> {
    let kept = Kept {
        v: 1,
        policy: policy.clone(),
    };
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO group_policies (workspace_id, policy) VALUES ($1, $2) \
             ON CONFLICT (workspace_id) DO UPDATE SET policy = excluded.policy",
        )
        .bind(workspace_id)
        .bind(json(Some(&kept)))
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Forgets groups that nothing can join any more. Answers how many, at most `limit`.
pub async fn forget_old(tx: &mut Tx, now: Time, limit: i64) -> Result<u64, StoreError> {
    let before = now.plus_ms(-LONGEST_GROUP_MS).0;
    let old = "SELECT incident_id FROM incident_groups WHERE joined_at < $1 \
               ORDER BY joined_at, incident_id LIMIT $2";
    on_engine!(tx, |conn| {
        sqlx::query(sql!(
            "DELETE FROM incident_group_keys WHERE incident_id IN ({old})"
        ))
        .bind(before)
        .bind(limit)
        .execute(conn)
        .await?;
    });
    Ok(on_engine!(tx, |conn| {
        sqlx::query(sql!(
            "DELETE FROM incident_groups WHERE incident_id IN ({old})"
        ))
        .bind(before)
        .bind(limit)
        .execute(conn)
        .await?
        .rows_affected()
    }))
}
