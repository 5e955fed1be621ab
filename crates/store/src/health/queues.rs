//! What waits, and since when: partial indexes lead straight to it.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;

/// What waits in one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many; counted no further than asked.
    pub count: i64,
    /// Since when the oldest waits.
    pub since: Option<Time>,
}

impl From<(i64, Option<i64>)> for Waiting {
    fn from((count, since): (i64, Option<i64>)) -> Self {
        Self {
            count,
            since: since.map(Time),
        }
    }
}

/// Deliveries without a verdict, counted up to `most`.
pub async fn intake(tx: &mut Tx, most: i64) -> Result<Waiting, StoreError> {
    let row: (i64, Option<i64>) = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT count(*), min(few.received_at) FROM (SELECT received_at FROM deliveries \
             WHERE outcome = 'pending' AND outcome <> 'applied' ORDER BY id LIMIT $1) AS few",
        )
        .bind(most)
        .fetch_one(conn)
        .await?
    });
    Ok(row.into())
}

/// Deliveries that made the code fail and were left aside, counted up to `most`.
pub async fn parked(tx: &mut Tx, most: i64) -> Result<Waiting, StoreError> {
    let row: (i64, Option<i64>) = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT count(*), min(few.received_at) FROM (SELECT received_at FROM deliveries \
             WHERE outcome = 'parked' AND outcome <> 'applied' ORDER BY id LIMIT $1) AS few",
        )
        .bind(most)
        .fetch_one(conn)
        .await?
    });
    Ok(row.into())
}

/// Notices that are due and not sent yet, counted up to `most`.
pub async fn outbox(tx: &mut Tx, now: Time, most: i64) -> Result<Waiting, StoreError> {
    let row: (i64, Option<i64>) = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT count(*), min(few.due_at) FROM (SELECT due_at FROM outbox \
             WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id LIMIT $2) AS few",
        )
        .bind(now.0)
        .bind(most)
        .fetch_one(conn)
        .await?
    });
    Ok(row.into())
}
