//! Rows of `alerts`.

use crate::batch::{padded, pieces};
use crate::rows::{from_json, json, ms};
use crate::{StoreError, Tx};
use epicenter_domain::engine::{Key, Slice, Tracked};
use epicenter_domain::incident::Alert;
use epicenter_domain::routing::suspend::Habit;
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};
use std::collections::BTreeSet;

/// The columns of [`AlertRow`].
pub(crate) const COLUMNS: &str = "id, workspace_id, integration_id, dedup_key, issue_id, incident_id, is_open, signal_count, \
    status_mark, trigger_mark, opened_at, closed_at, habit, share";

#[derive(Debug, FromRow)]
pub(crate) struct AlertRow {
    pub(crate) id: i64,
    pub(crate) workspace_id: i64,
    pub(crate) integration_id: i64,
    pub(crate) dedup_key: String,
    pub(crate) issue_id: Option<i64>,
    pub(crate) incident_id: Option<i64>,
    pub(crate) is_open: bool,
    pub(crate) signal_count: i64,
    pub(crate) status_mark: Option<String>,
    pub(crate) trigger_mark: Option<String>,
    pub(crate) opened_at: Option<i64>,
    pub(crate) closed_at: Option<i64>,
    pub(crate) habit: Option<String>,
    pub(crate) share: Option<String>,
}

pub(super) async fn load(tx: &mut Tx, keys: &[Key], slice: &mut Slice) -> Result<(), StoreError> {
    for piece in pieces(&padded(keys)) {
        let rows: Vec<AlertRow> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("WITH k (place, name) AS (");
            query.push_values(piece, |mut row, (integration_id, dedup_key)| {
                row.push_bind(*integration_id).push_bind(dedup_key.as_str());
            });
            // CROSS JOIN: SQLite then looks each key up instead of scanning the table.
            query.push(") SELECT ").push(COLUMNS);
            query.push(" FROM k CROSS JOIN alerts WHERE integration_id = k.place");
            query.push(" AND dedup_key = k.name");
            query.build_query_as().fetch_all(conn).await?
        });
        for row in rows {
            keep(row, slice)?;
        }
    }
    Ok(())
}

fn keep(row: AlertRow, slice: &mut Slice) -> Result<(), StoreError> {
    let alert = Alert::try_from(row)?;
    let key = (alert.integration_id, alert.dedup_key.clone());
    slice.alerts.entry(key).or_insert(Tracked::loaded(alert));
    Ok(())
}

/// The alerts of these incidents.
pub(super) async fn load_of_incidents(
    tx: &mut Tx,
    ids: &[i64],
    slice: &mut Slice,
) -> Result<(), StoreError> {
    for piece in pieces(&padded(ids)) {
        let rows: Vec<AlertRow> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("SELECT ");
            query
                .push(COLUMNS)
                .push(" FROM alerts WHERE incident_id IN (");
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await?
        });
        for row in rows {
            keep(row, slice)?;
        }
    }
    Ok(())
}

/// The other alerts of incidents with several, unless they are loaded already.
pub(super) async fn load_beside(
    tx: &mut Tx,
    known: &BTreeSet<i64>,
    slice: &mut Slice,
) -> Result<(), StoreError> {
    let wanted: Vec<i64> = slice
        .incidents
        .values()
        .map(|incident| &incident.row)
        .filter(|incident| incident.alert_count > 1 && !known.contains(&incident.id))
        .map(|incident| incident.id)
        .collect();
    load_of_incidents(tx, &wanted, slice).await
}

pub(super) async fn save(tx: &mut Tx, alerts: &[&Tracked<Alert>]) -> Result<(), StoreError> {
    for piece in pieces(alerts) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("INSERT INTO alerts (");
            query.push(COLUMNS).push(") ");
            query.push_values(piece, |mut row, tracked| {
                let alert = &tracked.row;
                row.push_bind(alert.id)
                    .push_bind(alert.workspace_id)
                    .push_bind(alert.integration_id)
                    .push_bind(alert.dedup_key.as_str())
                    .push_bind(alert.issue_id)
                    .push_bind(alert.incident_id)
                    .push_bind(alert.is_open)
                    .push_bind(alert.signal_count)
                    .push_bind(json(alert.status_mark.as_ref()))
                    .push_bind(json(alert.trigger_mark.as_ref()))
                    .push_bind(ms(alert.opened_at))
                    .push_bind(ms(alert.closed_at))
                    .push_bind(json(
                        Some(&alert.habit).filter(|habit| **habit != Habit::default()),
                    ))
                    .push_bind(json(alert.share.as_ref()));
            });
            query.push(UPDATE);
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// What an existing row takes over.
const UPDATE: &str = " ON CONFLICT (id) DO UPDATE SET issue_id = excluded.issue_id, incident_id = \
    excluded.incident_id, is_open = excluded.is_open, signal_count = excluded.signal_count, \
    status_mark = excluded.status_mark, trigger_mark = excluded.trigger_mark, opened_at = \
    excluded.opened_at, closed_at = excluded.closed_at, habit = excluded.habit, \
    share = excluded.share";

impl TryFrom<AlertRow> for Alert {
    type Error = StoreError;

    fn try_from(row: AlertRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            workspace_id: row.workspace_id,
            integration_id: row.integration_id,
            dedup_key: row.dedup_key,
            issue_id: row.issue_id,
            incident_id: row.incident_id,
            is_open: row.is_open,
            signal_count: row.signal_count,
            status_mark: from_json("alerts", row.id, row.status_mark.as_deref())?,
            trigger_mark: from_json("alerts", row.id, row.trigger_mark.as_deref())?,
            opened_at: row.opened_at.map(Time),
            closed_at: row.closed_at.map(Time),
            habit: from_json("alerts", row.id, row.habit.as_deref())?.unwrap_or_default(),
            share: from_json("alerts", row.id, row.share.as_deref())?,
        })
    }
}
