//! Transitions that wait to be put into words. A note goes in the transaction that writes its
//! record: neither is lost, and neither is there twice.
//!
//! The id of a note that was left aside is negative: what waits is found by the primary key, and
//! nobody walks over the others.

use crate::batch::pieces;
use crate::packing::{Dictionary, PackingError, Unpacked, unpack};
use crate::{StoreError, Tx};
use epicenter_domain::observation::{Note, What};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

/// A note that waits.
#[derive(Clone, Debug, FromRow)]
pub struct Waiting {
    /// The note's id.
    pub id: i64,
    workspace_id: i64,
    /// The delivery that brought it.
    pub delivery_id: Option<i64>,
    what: String,
    received_at: Option<i64>,
    /// The dictionary of the delivery's body; none when there is no body.
    pub dictionary: Option<i64>,
    content: Option<Vec<u8>>,
}

impl Waiting {
    /// The note.
    pub fn note(&self) -> Result<Note, StoreError> {
        let what: What = serde_json::from_str(&self.what).map_err(|error| StoreError::Row {
            table: "memory_queue",
            id: self.id,
            reason: error.to_string(),
        })?;
        Ok(Note {
            id: self.id,
            workspace_id: self.workspace_id,
            delivery_id: self.delivery_id,
            what,
        })
    }

    /// When its delivery was received, and what that brought; none without a delivery, or when the
    /// body is gone.
    pub fn content(
        &self,
        dictionary: &Dictionary,
    ) -> Option<(Time, Result<Unpacked, PackingError>)> {
        let unpacked = unpack(dictionary, self.content.as_deref()?);
        Some((Time(self.received_at?), unpacked))
    }
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Notes that wait, but no more than were asked for.
    pub count: i64,
    /// When the oldest one was queued.
    pub since: Option<Time>,
}

/// Queues notes, in few statements.
pub async fn enqueue(tx: &mut Tx, notes: &[Note], now: Time) -> Result<(), StoreError> {
    let texts = notes.iter().map(|note| {
        // Our own types always serialise.
        (note, serde_json::to_string(&note.what).unwrap_or_default())
    });
    let rows: Vec<(&Note, String)> = texts.collect();
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO memory_queue \
                 (id, workspace_id, delivery_id, what, queued_at, failure_count) ",
            );
            query.push_values(piece, |mut row, (note, what)| {
                row.push_bind(note.id)
                    .push_bind(note.workspace_id)
                    .push_bind(note.delivery_id)
                    .push_bind(what.as_str())
                    .push_bind(now.0)
                    .push("0");
            });
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// The oldest notes that wait, in order, with the bodies of their deliveries.
pub async fn waiting(tx: &mut Tx, limit: i64) -> Result<Vec<Waiting>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT few.id, few.workspace_id, few.delivery_id, few.what, d.received_at, \
             b.dictionary, b.content FROM (SELECT id, workspace_id, delivery_id, what \
             FROM memory_queue WHERE id > 0 ORDER BY id LIMIT $1) AS few \
             LEFT JOIN deliveries d ON d.id = few.delivery_id \
             LEFT JOIN bodies b ON b.delivery_id = few.delivery_id ORDER BY few.id",
        )
        .bind(limit)
        .fetch_all(conn)
        .await?
    }))
}

/// How much waits; it counts no further than `most`.
pub async fn backlog(tx: &mut Tx, most: i64) -> Result<Backlog, StoreError> {
    let (count, since): (i64, Option<i64>) = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT count(*), min(few.queued_at) FROM (SELECT queued_at FROM memory_queue \
             WHERE id > 0 ORDER BY id LIMIT $1) AS few",
        )
        .bind(most)
        .fetch_one(conn)
        .await?
    });
    Ok(Backlog {
        count,
        since: since.map(Time),
    })
}

/// Takes notes off the queue. [`StoreError::Conflict`] if one of them was gone already: then
/// another node remembers it, and nothing of this transaction may be kept.
pub async fn take(tx: &mut Tx, ids: &[i64]) -> Result<(), StoreError> {
    for piece in pieces(ids) {
        let gone = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("DELETE FROM memory_queue WHERE id IN (");
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(")");
            query.build().execute(conn).await?.rows_affected()
        });
        if gone != u64::try_from(piece.len()).unwrap_or(u64::MAX) {
            return Err(StoreError::Conflict("the queue of the memory"));
        }
    }
    Ok(())
}

/// Counts a failure of a note: it keeps why, and is left aside when it has failed `most` times.
/// Answers how often it has failed; `None` when another node has taken it off or left it aside.
pub async fn count_failure(
    tx: &mut Tx,
    id: i64,
    most: i64,
    why: &str,
) -> Result<Option<i64>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "UPDATE memory_queue SET failure_count = failure_count + 1, failure = $3, \
             id = CASE WHEN failure_count + 1 >= $2 THEN -id ELSE id END \
             WHERE id = $1 RETURNING failure_count",
        )
        .bind(id)
        .bind(most)
        .bind(why)
        .fetch_optional(conn)
        .await?
    }))
}

/// How many notes were left aside; it counts no further than `most`.
pub async fn left_aside(tx: &mut Tx, most: i64) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT id FROM memory_queue WHERE id < 0 LIMIT $1) AS few",
        )
        .bind(most)
        .fetch_one(conn)
        .await?
    }))
}

/// Has notes that were left aside wait again, at most `limit`, those that failed least often first.
/// One more failure leaves them aside anew. Answers how many.
pub async fn try_again(tx: &mut Tx, limit: i64) -> Result<u64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE memory_queue SET id = -id WHERE id IN (SELECT id FROM memory_queue \
             WHERE id < 0 ORDER BY failure_count, id DESC LIMIT $1)",
        )
        .bind(limit)
        .execute(conn)
        .await?
        .rows_affected()
    }))
}

/// One node at a time from here to the end of the transaction; answers the newest record's id,
/// which those that are written now must follow.
pub async fn lock(tx: &mut Tx) -> Result<i64, StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE locks SET epoch = epoch + 1 WHERE name = 'memory'")
            .execute(conn)
            .await?;
    });
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT coalesce(max(id), 0) FROM observations")
            .fetch_one(conn)
            .await?
    }))
}
