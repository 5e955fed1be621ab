//! What ceilings hold back: which incidents at which destination, and when it is told so.

use crate::slice::incidents::{COLUMNS, IncidentRow};
use crate::{StoreError, Tx};
use epicenter_domain::incident::Incident;
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// A destination that must be told that notices are held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Telling {
    /// Destination.
    pub destination_id: i64,
    /// Workspace.
    pub workspace_id: i64,
}

/// An incident waits at a destination. It is told so at `tell_at`, unless it was after `not_since`.
pub async fn hold(
    tx: &mut Tx,
    (place, incident_id): (Telling, i64),
    now: Time,
    (tell_at, not_since): (Time, Time),
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO held_notices (destination_id, incident_id, held_at) VALUES ($1, $2, $3) \
             ON CONFLICT (destination_id, incident_id) DO NOTHING",
        )
        .bind(place.destination_id)
        .bind(incident_id)
        .bind(now.0)
        .execute(&mut *conn)
        .await?;
        sqlx::query(
            "INSERT INTO held_tellings (destination_id, workspace_id, tell_at) \
             VALUES ($1, $2, $3) ON CONFLICT (destination_id) DO UPDATE \
             SET tell_at = excluded.tell_at WHERE held_tellings.tell_at IS NULL \
             AND coalesce(held_tellings.told_at, 0) <= $4",
        )
        .bind(place.destination_id)
        .bind(place.workspace_id)
        .bind(tell_at.0)
        .bind(not_since.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// An incident waits no more at a destination.
pub async fn release(tx: &mut Tx, destination_id: i64, incident_id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM held_notices WHERE destination_id = $1 AND incident_id = $2")
            .bind(destination_id)
            .bind(incident_id)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// A destination is gone, with all that waited there.
pub(super) async fn forget(tx: &mut Tx, destination_id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        for statement in [
            "DELETE FROM held_notices WHERE destination_id = $1",
            "DELETE FROM held_tellings WHERE destination_id = $1",
        ] {
            sqlx::query(statement)
                .bind(destination_id)
                .execute(&mut *conn)
                .await?;
        }
    });
    Ok(())
}

/// How many incidents wait at a destination.
pub async fn count(tx: &mut Tx, destination_id: i64) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT count(*) FROM held_notices WHERE destination_id = $1")
            .bind(destination_id)
            .fetch_one(conn)
            .await?
    }))
}

/// The incidents that wait at a destination, in the order in which they came.
pub async fn waiting(
    tx: &mut Tx,
    destination_id: i64,
    limit: i64,
) -> Result<Vec<Incident>, StoreError> {
    let rows: Vec<IncidentRow> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM incidents WHERE id IN (SELECT incident_id FROM held_notices \
             WHERE destination_id = $1 ORDER BY incident_id LIMIT $2) ORDER BY id"
        ))
        .bind(destination_id)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter().map(Incident::try_from).collect()
}

/// The destinations that must be told by now.
pub async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<Telling>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT destination_id, workspace_id FROM held_tellings \
             WHERE tell_at IS NOT NULL AND tell_at <= $1 ORDER BY tell_at LIMIT $2",
        )
        .bind(now.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    }))
}

/// A telling that was due is done: at this instant, or there was nothing to tell any more. False:
/// somebody was faster.
pub async fn tell(
    tx: &mut Tx,
    destination_id: i64,
    (now, told_at): (Time, Option<Time>),
) -> Result<bool, StoreError> {
    let done = on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE held_tellings SET tell_at = NULL, told_at = coalesce($3, told_at) \
             WHERE destination_id = $1 AND tell_at <= $2",
        )
        .bind(destination_id)
        .bind(now.0)
        .bind(told_at.map(|at| at.0))
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(done > 0)
}
