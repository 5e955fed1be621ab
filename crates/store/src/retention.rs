//! What is old goes, in small pieces, so that the write lock is soon free again.

mod incidents;

pub use incidents::delete_incidents;

use crate::batch::{padded, pieces};
use crate::dictionaries::Dictionaries;
use crate::packing::{Dictionary, pack_detail, unpack};
use crate::{StoreError, Tx};
use epicenter_domain::id::first_id_at;
use epicenter_domain::signal::EventDetail;
use epicenter_domain::sources::{self, Envelope};
use epicenter_domain::time::Time;
use sqlx::QueryBuilder;

/// Removes deliveries received before `before`, with their bodies and identities; at most
/// `limit`. The newest event of each issue keeps its detail: it is moved into the event's row.
/// Answers how many went. Deliveries that still wait for their verdict stay.
pub async fn delete_deliveries(tx: &mut Tx, before: Time, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT id FROM deliveries WHERE id < $1 AND outcome <> 'pending' \
             ORDER BY id LIMIT $2",
        )
        .bind(first_id_at(before))
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    let (Some(first), Some(last)) = (old.first().copied(), old.last().copied()) else {
        return Ok(0);
    };
    let details = newest_details(tx, first, last).await?;
    on_engine!(tx, |conn| {
        for statement in [
            "DELETE FROM bodies WHERE delivery_id BETWEEN $1 AND $2 AND NOT EXISTS \
             (SELECT 1 FROM deliveries d WHERE d.id = delivery_id AND d.outcome = 'pending')",
            "DELETE FROM delivery_identities WHERE delivery_id BETWEEN $1 AND $2",
            "DELETE FROM deliveries WHERE id BETWEEN $1 AND $2 AND outcome <> 'pending'",
        ] {
            sqlx::query(statement)
                .bind(first)
                .bind(last)
                .execute(&mut *conn)
                .await?;
        }
    });
    // Only now: what was removed makes the room for it, also when the disk is full.
    keep_details(tx, details).await?;
    Ok(old.len())
}

/// Removes samples of refused requests, with their bodies, but for the newest `kept`; at most
/// `limit`. Answers how many went.
pub async fn delete_refused(tx: &mut Tx, kept: i64, limit: i64) -> Result<usize, StoreError> {
    let ids: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            // The second condition leads to the index, which most deliveries are not in.
            "SELECT id FROM deliveries WHERE outcome = 'refused' AND outcome <> 'applied' \
             ORDER BY id DESC LIMIT $1 OFFSET $2",
        )
        .bind(limit)
        .bind(kept)
        .fetch_all(conn)
        .await?
    });
    for piece in pieces(&padded(&ids)) {
        for table in ["bodies WHERE delivery_id", "deliveries WHERE id"] {
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
    Ok(ids.len())
}

/// The packed detail of the newest event of each issue, if its body is in this range.
async fn newest_details(
    tx: &mut Tx,
    first: i64,
    last: i64,
) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let rows: Vec<(i64, i64, String, i64, Vec<u8>)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT e.id, e.at, d.resource, b.dictionary, b.content \
             FROM deliveries d JOIN bodies b ON b.delivery_id = d.id \
             JOIN events e ON e.issue_id = d.issue_id AND e.delivery_id = d.id AND e.at = \
             (SELECT max(n.at) FROM events n WHERE n.issue_id = d.issue_id) \
             WHERE d.id BETWEEN $1 AND $2 AND d.outcome <> 'pending' AND e.detail IS NULL",
        )
        .bind(first)
        .bind(last)
        .fetch_all(&mut *conn)
        .await?
    });
    let known = Dictionaries::default();
    let mut details = Vec::new();
    for (id, at, resource, dictionary, content) in rows {
        // What cannot be read has no detail to keep, and goes as the others.
        let Some(dictionary) = known.find(tx, dictionary).await? else {
            continue;
        };
        let Some(detail) = detail((&resource, Time(at)), &dictionary, &content) else {
            continue;
        };
        let packed = pack_detail(&detail).map_err(|error| StoreError::Row {
            table: "events",
            id,
            reason: error.to_string(),
        })?;
        details.push((id, packed));
    }
    Ok(details)
}

/// Moves details into the rows of their events.
async fn keep_details(tx: &mut Tx, details: Vec<(i64, Vec<u8>)>) -> Result<(), StoreError> {
    for (id, packed) in details {
        on_engine!(tx, |conn| {
            sqlx::query("UPDATE events SET detail = $2 WHERE id = $1")
                .bind(id)
                .bind(packed)
                .execute(conn)
                .await?;
        });
    }
    Ok(())
}

/// The detail in a stored body; `None` when the body holds no event.
fn detail(
    (resource, received_at): (&str, Time),
    dictionary: &Dictionary,
    content: &[u8],
) -> Option<EventDetail> {
    let body = unpack(dictionary, content).ok()?;
    let envelope = Envelope {
        headers: &body.headers,
        body: &body.body,
        received_at,
    };
    sources::event_detail(resource, envelope)
}

/// Events that go with their issues in one transaction.
const MOST_EVENTS: i64 = 5_000;

/// Removes issues of these statuses that were last seen before `before`, with events, counts and
/// timelines; at most `limit`. Issues of an open incident stay, those too that only joined it. An issue with very many events
/// loses them first and goes in a later call. Answers how many issues went.
pub async fn delete_issues(
    tx: &mut Tx,
    statuses: &[&'static str],
    before: Time,
    limit: i64,
) -> Result<usize, StoreError> {
    let mut gone = 0;
    let mut events_left = MOST_EVENTS;
    for status in statuses {
        let old: Vec<i64> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT id FROM issues i WHERE workspace_id IN (SELECT id FROM workspaces) \
                 AND status = ",
            );
            query
                .push_bind(*status)
                .push(" AND last_seen_at < ")
                .push_bind(before.0);
            query.push(" AND updated_at < ").push_bind(before.0);
            query.push(
                " AND NOT EXISTS (SELECT 1 FROM incidents n WHERE n.issue_id = i.id \
                 AND n.status <> 'resolved') AND NOT EXISTS (SELECT 1 FROM alerts a \
                 JOIN incidents n ON n.id = a.incident_id WHERE a.issue_id = i.id \
                 AND n.status <> 'resolved') LIMIT ",
            );
            query.push_bind(limit);
            query.build_query_scalar().fetch_all(conn).await?
        });
        for id in &old {
            events_left -= delete_some_events(tx, *id, events_left).await?;
            if events_left <= 0 {
                return Ok(gone);
            }
            on_engine!(tx, |conn| {
                for statement in [
                    "DELETE FROM event_buckets WHERE issue_id = $1",
                    "DELETE FROM issue_watches WHERE issue_id = $1",
                    "DELETE FROM timeline WHERE issue_id = $1 AND incident_id IS NULL",
                    "DELETE FROM alerts WHERE issue_id = $1",
                    "DELETE FROM wanted_events WHERE issue_id = $1",
                    "DELETE FROM issues WHERE id = $1",
                ] {
                    sqlx::query(statement).bind(*id).execute(&mut *conn).await?;
                }
            });
            gone += 1;
        }
    }
    Ok(gone)
}

/// Removes the oldest events of an issue, at most `limit`. Answers how many went.
async fn delete_some_events(tx: &mut Tx, issue_id: i64, limit: i64) -> Result<i64, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query(
            "DELETE FROM events WHERE id IN \
             (SELECT id FROM events WHERE issue_id = $1 ORDER BY at LIMIT $2)",
        )
        .bind(issue_id)
        .bind(limit)
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(i64::try_from(gone).unwrap_or(i64::MAX))
}

/// Removes single events that were stored before `before`, with their counts per hour, so that an
/// issue that never ends does not grow for ever; its newest event stays. Looks at `limit` events
/// after the id `after`. Answers where to go on, `None` at the end.
pub async fn delete_events(
    tx: &mut Tx,
    before: Time,
    after: i64,
    limit: i64,
) -> Result<Option<i64>, StoreError> {
    let last: Option<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT max(id) FROM (SELECT id FROM events WHERE id > $1 AND id < $2 \
             ORDER BY id LIMIT $3) AS few",
        )
        .bind(after)
        .bind(first_id_at(before))
        .bind(limit)
        .fetch_one(&mut *conn)
        .await?
    });
    let Some(last) = last else {
        return Ok(None);
    };
    on_engine!(tx, |conn| {
        sqlx::query(
            "DELETE FROM event_buckets WHERE hour_at < $3 AND issue_id IN \
             (SELECT issue_id FROM events WHERE id > $1 AND id <= $2)",
        )
        .bind(after)
        .bind(last)
        .bind(before.hour().0)
        .execute(&mut *conn)
        .await?;
        sqlx::query(
            "DELETE FROM events WHERE id > $1 AND id <= $2 AND EXISTS \
             (SELECT 1 FROM events n WHERE n.issue_id = events.issue_id \
             AND (n.at, n.event_id) > (events.at, events.event_id))",
        )
        .bind(after)
        .bind(last)
        .execute(&mut *conn)
        .await?;
    });
    Ok(Some(last))
}

/// How much is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes of the database.
    pub total_bytes: i64,
    /// When the oldest delivery was received.
    pub oldest_delivery_at: Option<Time>,
}

/// How much is stored.
pub async fn sizes(tx: &mut Tx) -> Result<Sizes, StoreError> {
    let total_bytes = match tx {
        Tx::Sqlite(conn) => {
            sqlx::query_scalar(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            )
            .fetch_one(&mut **conn)
            .await?
        }
        Tx::Postgres(conn) => {
            sqlx::query_scalar("SELECT pg_database_size(current_database())")
                .fetch_one(&mut **conn)
                .await?
        }
    };
    let oldest: Option<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT received_at FROM deliveries ORDER BY id LIMIT 1")
            .fetch_optional(conn)
            .await?
    });
    Ok(Sizes {
        total_bytes,
        oldest_delivery_at: oldest.map(Time),
    })
}
