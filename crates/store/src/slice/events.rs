//! Single events and their counts per hour.

use crate::batch::{padded, pieces};
use crate::{StoreError, Tx};
use epicenter_domain::engine::{EventKey, NewEvent, Slice};
use epicenter_domain::time::Time;
use sqlx::QueryBuilder;
use std::collections::BTreeMap;

/// Which of these events are stored already.
pub(super) async fn load_known(
    tx: &mut Tx,
    events: &[EventKey],
    slice: &mut Slice,
) -> Result<(), StoreError> {
    for piece in pieces(&padded(events)) {
        let rows: Vec<(i64, i64, String)> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("WITH k (issue, instant, name) AS (");
            query.push_values(piece, |mut row, (issue_id, at, event_id)| {
                row.push_bind(*issue_id)
                    .push_bind(at.0)
                    .push_bind(event_id.as_str());
            });
            // CROSS JOIN: SQLite then looks each key up instead of scanning the table.
            query.push(
                ") SELECT issue_id, at, event_id FROM k CROSS JOIN events \
                 WHERE issue_id = k.issue AND at = k.instant AND event_id = k.name",
            );
            query.build_query_as().fetch_all(conn).await?
        });
        let rows = rows
            .into_iter()
            .map(|(issue, at, event_id)| (issue, Time(at), event_id));
        slice.known_events.extend(rows);
    }
    Ok(())
}

pub(super) async fn save(tx: &mut Tx, events: &[NewEvent]) -> Result<(), StoreError> {
    for piece in pieces(events) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO events (id, workspace_id, issue_id, event_id, at, level, title, \
                 environment, release, delivery_id) ",
            );
            query.push_values(piece, |mut row, event| {
                row.push_bind(event.id)
                    .push_bind(event.workspace_id)
                    .push_bind(event.issue_id)
                    .push_bind(event.facts.event_id.as_str())
                    .push_bind(event.at.0)
                    .push_bind(event.facts.level.as_str())
                    .push_bind(event.facts.title.as_str())
                    .push_bind(event.facts.environment.as_deref())
                    .push_bind(event.facts.release.as_deref())
                    .push_bind(event.delivery_id);
            });
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

pub(super) async fn save_buckets(
    tx: &mut Tx,
    buckets: &BTreeMap<(i64, Time), i64>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = buckets.iter().collect();
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO event_buckets (issue_id, hour_at, event_count) ",
            );
            query.push_values(piece, |mut row, ((issue_id, hour), count)| {
                row.push_bind(*issue_id)
                    .push_bind(hour.0)
                    .push_bind(**count);
            });
            query.push(
                " ON CONFLICT (issue_id, hour_at) DO UPDATE \
                 SET event_count = event_buckets.event_count + excluded.event_count",
            );
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}
