//! Old notices go, in small pieces.

use crate::batch::{padded, pieces};
use crate::{StoreError, Tx};
use epicenter_domain::id::first_id_at;
use epicenter_domain::time::Time;
use sqlx::QueryBuilder;

/// Removes notices that were decided before `before`, with their attempts; at most `limit`. What
/// still waits stays. Answers how many went.
pub async fn delete_notices(tx: &mut Tx, before: Time, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT id FROM outbox WHERE id < $1 AND state <> 'waiting' ORDER BY id LIMIT $2",
        )
        .bind(first_id_at(before))
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    for piece in pieces(&padded(&old)) {
        for table in ["attempts WHERE notice_id", "outbox WHERE id"] {
            on_engine!(tx, |conn, Engine| {
                let mut query = QueryBuilder::<Engine>::new("DELETE FROM ");
                query.push(table).push(" IN (");
                let mut list = query.separated(", ");
                for id in piece {
                    list.push_bind(*id);
                }
                query.push(")");
                query.build().execute(conn).await?;
            });
        }
    }
    Ok(old.len())
}

/// Removes what destinations were told of incidents that are over, where nothing was decided since
/// `before`; at most `limit`. Answers how many rows went.
pub async fn delete_told(tx: &mut Tx, before: Time, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<(i64, i64)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT t.incident_id, t.destination_id FROM told t WHERE t.planned_at < $1 \
             AND NOT EXISTS (SELECT 1 FROM incidents n WHERE n.id = t.incident_id \
             AND n.status <> 'resolved') ORDER BY t.planned_at LIMIT $2",
        )
        .bind(before.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    for (incident_id, destination_id) in &old {
        on_engine!(tx, |conn| {
            sqlx::query("DELETE FROM told WHERE incident_id = $1 AND destination_id = $2")
                .bind(*incident_id)
                .bind(*destination_id)
                .execute(conn)
                .await?;
        });
    }
    Ok(old.len())
}
