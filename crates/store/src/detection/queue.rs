//! Events that arrived, by minute, issue and place, until they were looked at.

use crate::batch::pieces;
use crate::{StoreError, Tx};
use epicenter_domain::engine::{Key, Slice};
use epicenter_domain::id::made_at;
use epicenter_domain::routing::detect::Seen;
use epicenter_domain::time::{MINUTE_MS, Time};
use sqlx::QueryBuilder;
use std::collections::{BTreeMap, BTreeSet};

/// Minute, issue, environment, release.
type Place<'a> = (i64, i64, &'a str, &'a str);

/// A row with what is found beside it: minute, issue, environment, release, events; workspace,
/// integration and dedup key of the issue.
type Row = (
    i64,
    i64,
    String,
    String,
    i64,
    Option<i64>,
    Option<i64>,
    Option<String>,
);

/// What waits to be looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waiting {
    /// By issue: its workspace and key, and what arrived, in order.
    pub issues: BTreeMap<i64, (i64, Key, Vec<Seen>)>,
    /// The last row that was read.
    last: Option<(i64, i64, String, String)>,
}

impl Waiting {
    /// Does anything wait?
    pub fn is_empty(&self) -> bool {
        self.last.is_none()
    }
}

/// Notes what a slice brings: its new events, and the issues that changed otherwise. One row for
/// each issue and place of a batch.
pub(crate) async fn save(tx: &mut Tx, slice: &Slice) -> Result<(), StoreError> {
    let mut counts: BTreeMap<Place<'_>, i64> = BTreeMap::new();
    for event in &slice.new_events {
        let environment = event.facts.environment.as_deref().unwrap_or_default();
        let release = event.facts.release.as_deref().unwrap_or_default();
        let place = (
            minute_of(made_at(event.id)),
            event.issue_id,
            environment,
            release,
        );
        *counts.entry(place).or_insert(0) += 1;
    }
    let with_events: BTreeSet<i64> = counts.keys().map(|place| place.1).collect();
    let changed = slice.issues.values().filter(|issue| issue.is_dirty);
    for issue in changed.filter(|issue| !with_events.contains(&issue.row.id)) {
        let place = (minute_of(issue.row.updated_at), issue.row.id, "", "");
        counts.insert(place, 0);
    }
    let rows: Vec<_> = counts.into_iter().collect();
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO detection_queue (minute_at, issue_id, environment, release, \
                 event_count) ",
            );
            query.push_values(
                piece,
                |mut row, ((minute, issue_id, environment, release), count)| {
                    row.push_bind(*minute)
                        .push_bind(*issue_id)
                        .push_bind(*environment)
                        .push_bind(*release)
                        .push_bind(*count);
                },
            );
            query.push(
                " ON CONFLICT (minute_at, issue_id, environment, release) DO UPDATE \
                 SET event_count = detection_queue.event_count + excluded.event_count",
            );
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

fn minute_of(at: Time) -> i64 {
    at.0 - at.0.rem_euclid(MINUTE_MS)
}

/// The oldest rows that wait, at most `limit`, by issue. An issue that is gone is left out.
pub async fn waiting(tx: &mut Tx, limit: i64) -> Result<Waiting, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT q.minute_at, q.issue_id, q.environment, q.release, q.event_count, \
             i.workspace_id, i.integration_id, i.dedup_key FROM detection_queue q \
             LEFT JOIN issues i ON i.id = q.issue_id \
             ORDER BY q.minute_at, q.issue_id, q.environment, q.release LIMIT $1",
        )
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    let mut waiting = Waiting::default();
    for (minute, issue_id, environment, release, count, workspace_id, integration_id, key) in rows {
        waiting.last = Some((minute, issue_id, environment.clone(), release.clone()));
        let (Some(workspace_id), Some(integration_id), Some(key)) =
            (workspace_id, integration_id, key)
        else {
            continue;
        };
        let one = waiting
            .issues
            .entry(issue_id)
            .or_insert_with(|| (workspace_id, (integration_id, key), Vec::new()));
        one.2.push(Seen {
            at: Time(minute),
            environment,
            release,
            events: u32::try_from(count).unwrap_or(u32::MAX),
        });
    }
    Ok(waiting)
}

/// Removes what was looked at. Nothing can have been added before it meanwhile: the state is
/// changed by one at a time.
pub async fn done(tx: &mut Tx, waiting: &Waiting) -> Result<(), StoreError> {
    let Some((minute, issue_id, environment, release)) = &waiting.last else {
        return Ok(());
    };
    on_engine!(tx, |conn| {
        sqlx::query(
            "DELETE FROM detection_queue \
             WHERE (minute_at, issue_id, environment, release) <= ($1, $2, $3, $4)",
        )
        .bind(*minute)
        .bind(*issue_id)
        .bind(environment.as_str())
        .bind(release.as_str())
        .execute(conn)
        .await?;
    });
    Ok(())
}
