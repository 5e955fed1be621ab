//! Requests per integration, hour and outcome: counted when they are decided, so that nobody has to
//! look through the delivery log.

use crate::batch::pieces;
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

/// The outcome of a request whose sender was not proven.
pub const REFUSED: &str = "refused";
/// The outcome of a proven request that could not be stored.
pub const NOT_STORED: &str = "not_stored";

/// Requests to be added to a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCount {
    /// Workspace.
    pub workspace_id: i64,
    /// Integration.
    pub integration_id: i64,
    /// The hour in which they came.
    pub hour_at: Time,
    /// A verdict's word, [`REFUSED`] or [`NOT_STORED`].
    pub outcome: &'static str,
    /// How many.
    pub request_count: i64,
    /// When the last of them came.
    pub last_at: Time,
}

/// Requests of one integration with one outcome.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Tally {
    /// Integration.
    pub integration_id: i64,
    /// A verdict's word, [`REFUSED`] or [`NOT_STORED`].
    pub outcome: String,
    /// How many.
    pub request_count: i64,
    /// When the last of them came, milliseconds.
    pub last_at: i64,
}

/// Proven requests of one integration in one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct ActiveHour {
    /// Workspace.
    pub workspace_id: i64,
    /// Integration.
    pub integration_id: i64,
    /// The hour, milliseconds.
    pub hour_at: i64,
    /// How many.
    pub request_count: i64,
    /// When the last of them came, milliseconds.
    pub last_at: i64,
}

/// Adds to the counts. Rows with the same key must have been added up before.
pub async fn add(tx: &mut Tx, counts: &[NewCount]) -> Result<(), StoreError> {
    for piece in pieces(counts) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO delivery_counts (integration_id, hour_at, outcome, workspace_id, \
                 request_count, last_at) ",
            );
            query.push_values(piece, |mut row, count| {
                row.push_bind(count.integration_id)
                    .push_bind(count.hour_at.0)
                    .push_bind(count.outcome)
                    .push_bind(count.workspace_id)
                    .push_bind(count.request_count)
                    .push_bind(count.last_at.0);
            });
            query.push(
                " ON CONFLICT (integration_id, hour_at, outcome) DO UPDATE SET \
                 request_count = delivery_counts.request_count + excluded.request_count, \
                 last_at = CASE WHEN excluded.last_at > delivery_counts.last_at \
                 THEN excluded.last_at ELSE delivery_counts.last_at END",
            );
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// What came since an hour, by integration and outcome.
pub async fn since(tx: &mut Tx, workspace_id: i64, from: Time) -> Result<Vec<Tally>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT integration_id, outcome, CAST(sum(request_count) AS BIGINT) AS request_count, \
             max(last_at) AS last_at FROM delivery_counts \
             WHERE workspace_id = $1 AND hour_at >= $2 \
             GROUP BY integration_id, outcome ORDER BY integration_id, outcome",
        )
        .bind(workspace_id)
        .bind(from.hour().0)
        .fetch_all(conn)
        .await?
    }))
}

/// When a proven request of each integration came last, as far as counts are kept.
pub async fn last_heard(tx: &mut Tx, workspace_id: i64) -> Result<Vec<(i64, Time)>, StoreError> {
    let rows: Vec<(i64, i64)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT integration_id, max(last_at) FROM delivery_counts \
             WHERE workspace_id = $1 AND outcome NOT IN ('refused', 'not_stored') \
             GROUP BY integration_id ORDER BY integration_id",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    Ok(rows.into_iter().map(|(id, at)| (id, Time(at))).collect())
}

/// The hours since `from` in which something proven came, of all workspaces, oldest first.
pub async fn active_hours(tx: &mut Tx, from: Time) -> Result<Vec<ActiveHour>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT workspace_id, integration_id, hour_at, \
             CAST(sum(request_count) AS BIGINT) AS request_count, max(last_at) AS last_at \
             FROM delivery_counts \
             WHERE hour_at >= $1 AND outcome NOT IN ('refused', 'not_stored') \
             GROUP BY workspace_id, integration_id, hour_at ORDER BY integration_id, hour_at",
        )
        .bind(from.hour().0)
        .fetch_all(conn)
        .await?
    }))
}

/// Removes counts of hours before an instant.
pub async fn delete_before(tx: &mut Tx, before: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM delivery_counts WHERE hour_at < $1")
            .bind(before.0)
            .execute(conn)
            .await?;
    });
    Ok(())
}
