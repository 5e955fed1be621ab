//! The durable inbox: every proven request, and its verdict.

use crate::batch::{longest_pieces, pieces};
use crate::packing::Packed;
use crate::{StoreError, Tx};
use epicenter_domain::engine::{Verdict, VerdictOutcome};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};
use std::collections::BTreeSet;

/// A request that is about to be stored.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Integration.
    pub integration_id: i64,
    /// When it was received.
    pub received_at: Time,
    /// What its header calls it; empty until it is read.
    pub resource: String,
    /// Set when the sender was not proven: why, as a sentence. Such a row is only a sample for
    /// the diagnosis and is never applied.
    pub refusal: Option<String>,
    /// How the sender was proven.
    pub scheme: &'static str,
    /// The secret that matched.
    pub secret_id: Option<i64>,
    /// Bytes of its body.
    pub size: i64,
    /// Headers and body.
    pub packed: Packed,
    /// The delivery that it repeats, under today's rules.
    pub replay_of: Option<i64>,
}

/// A stored request that waits for its verdict.
#[derive(Clone, Debug, FromRow)]
pub struct PendingDelivery {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Integration.
    pub integration_id: i64,
    /// When it was received, milliseconds.
    pub received_at: i64,
    /// Times it made the code fail.
    pub attempts: i64,
    /// The delivery that it repeats.
    pub replay_of: Option<i64>,
    /// Dictionary of the body.
    pub dictionary: i64,
    /// Packed headers and body.
    pub content: Vec<u8>,
}

/// A verdict to be written.
#[derive(Clone, Debug)]
pub struct NewVerdict {
    /// Delivery.
    pub delivery_id: i64,
    /// What was read.
    pub resource: String,
    /// What was read.
    pub action: String,
    /// The verdict.
    pub verdict: Verdict,
}

/// Stores requests; they wait for their verdict from now on.
pub async fn append(tx: &mut Tx, deliveries: &[NewDelivery]) -> Result<(), StoreError> {
    for piece in longest_pieces(deliveries) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO deliveries (id, workspace_id, integration_id, received_at, resource, \
                 action, outcome, reason, scheme, secret_id, size, attempts, replay_of) ",
            );
            query.push_values(piece, |mut row, delivery| {
                row.push_bind(delivery.id)
                    .push_bind(delivery.workspace_id)
                    .push_bind(delivery.integration_id)
                    .push_bind(delivery.received_at.0)
                    .push_bind(delivery.resource.as_str())
                    .push("''")
                    .push_bind(if delivery.refusal.is_some() {
                        "refused"
                    } else {
                        "pending"
                    })
                    .push_bind(delivery.refusal.as_deref().unwrap_or_default())
                    .push_bind(delivery.scheme)
                    .push_bind(delivery.secret_id)
                    .push_bind(delivery.size)
                    .push("0")
                    .push_bind(delivery.replay_of);
            });
            query.build().execute(&mut *conn).await?;
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO bodies (delivery_id, dictionary, content) ",
            );
            query.push_values(piece, |mut row, delivery| {
                row.push_bind(delivery.id)
                    .push_bind(delivery.packed.dictionary)
                    .push_bind(delivery.packed.content.as_slice());
            });
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// The oldest requests without a verdict, in order, besides these. The second condition says to the
/// planner that the partial index covers the first.
pub async fn pending(
    tx: &mut Tx,
    limit: usize,
    besides: &BTreeSet<i64>,
) -> Result<Vec<PendingDelivery>, StoreError> {
    let most = i64::try_from(limit + besides.len()).unwrap_or(i64::MAX);
    let waiting: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT id FROM deliveries \
             WHERE outcome = 'pending' AND outcome <> 'applied' ORDER BY id LIMIT $1",
        )
        .bind(most)
        .fetch_all(conn)
        .await?
    });
    let others = waiting.into_iter().filter(|id| !besides.contains(id));
    let wanted: Vec<i64> = others.take(limit).collect();
    let mut found = Vec::with_capacity(wanted.len());
    for piece in pieces(&wanted) {
        let rows: Vec<PendingDelivery> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT d.id, d.workspace_id, d.integration_id, d.received_at, d.attempts, \
                 d.replay_of, b.dictionary, b.content \
                 FROM deliveries d JOIN bodies b ON b.delivery_id = d.id WHERE d.id IN (",
            );
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(") ORDER BY d.id");
            query.build_query_as().fetch_all(conn).await?
        });
        found.extend(rows);
    }
    Ok(found)
}

/// How many requests wait for their verdict.
pub async fn pending_count(tx: &mut Tx) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT count(*) FROM deliveries WHERE outcome = 'pending' AND outcome <> 'applied'",
        )
        .fetch_one(conn)
        .await?
    }))
}

/// Does any request wait for its verdict?
pub async fn is_pending(tx: &mut Tx) -> Result<bool, StoreError> {
    let found: Option<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT id FROM deliveries WHERE outcome = 'pending' AND outcome <> 'applied' \
             ORDER BY id LIMIT 1",
        )
        .fetch_optional(conn)
        .await?
    });
    Ok(found.is_some())
}

/// Writes the verdicts. [`StoreError::Conflict`] if one of them was there already: then another
/// node was faster, and nothing of this transaction may be kept.
pub async fn decide(tx: &mut Tx, verdicts: &[NewVerdict], now: Time) -> Result<(), StoreError> {
    for piece in pieces(verdicts) {
        let changed = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "WITH v (id, resource, action, outcome, reason, incident_id, issue_id) AS (",
            );
            query.push_values(piece, |mut row, new| {
                row.push_bind(new.delivery_id)
                    .push_bind(new.resource.as_str())
                    .push_bind(new.action.as_str())
                    .push_bind(new.verdict.outcome.as_str())
                    .push_bind(new.verdict.reason.as_str())
                    .push_bind(new.verdict.incident_id)
                    .push_bind(new.verdict.issue_id);
            });
            query.push(
                ") UPDATE deliveries SET resource = v.resource, action = v.action, \
                 outcome = v.outcome, reason = v.reason, incident_id = v.incident_id, \
                 issue_id = v.issue_id, applied_at = ",
            );
            query.push_bind(now.0);
            query.push(" FROM v WHERE deliveries.id = v.id AND deliveries.outcome = 'pending'");
            query.build().execute(conn).await?.rows_affected()
        });
        if changed != u64::try_from(piece.len()).unwrap_or(u64::MAX) {
            return Err(StoreError::Conflict("a delivery"));
        }
    }
    Ok(())
}

/// Counts one more failure; at `most` the delivery is parked with the error.
pub async fn count_failure(
    tx: &mut Tx,
    delivery_id: i64,
    most: i64,
    error: &str,
    now: Time,
) -> Result<VerdictOutcome, StoreError> {
    let attempts: Option<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "UPDATE deliveries SET attempts = attempts + 1, reason = $2 \
             WHERE id = $1 AND outcome = 'pending' RETURNING attempts",
        )
        .bind(delivery_id)
        .bind(error)
        .fetch_optional(&mut *conn)
        .await?
    });
    if attempts.is_none_or(|attempts| attempts < most) {
        return Ok(VerdictOutcome::Pending);
    }
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE deliveries SET outcome = 'parked', applied_at = $2, \
             resource = CASE WHEN resource = '' THEN 'unknown' ELSE resource END WHERE id = $1",
        )
        .bind(delivery_id)
        .bind(now.0)
        .execute(conn)
        .await?;
    });
    Ok(VerdictOutcome::Parked)
}

/// The newest id in the store, so that new ones continue after it.
pub async fn newest_id(tx: &mut Tx) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT max(id) FROM (SELECT max(id) AS id FROM deliveries \
             UNION ALL SELECT max(id) FROM timeline UNION ALL SELECT max(id) FROM events \
             UNION ALL SELECT max(id) FROM issues UNION ALL SELECT max(id) FROM alerts \
             UNION ALL SELECT max(id) FROM incidents \
             UNION ALL SELECT max(id) FROM integration_secrets \
             UNION ALL SELECT max(id) FROM integrations UNION ALL SELECT max(id) FROM users \
             UNION ALL SELECT max(id) FROM services UNION ALL SELECT max(id) FROM tokens \
             UNION ALL SELECT max(id) FROM observations \
             UNION ALL SELECT max(id) FROM memory_queue \
             UNION ALL SELECT -min(id) FROM memory_queue) AS ids",
        )
        .fetch_one(conn)
        .await
        .map(|newest: Option<i64>| newest.unwrap_or(0))?
    }))
}
