//! Open incidents that may have gone quiet: which are to be looked at, and what their alerts say.

use crate::batch::{padded, pieces};
use crate::rows::from_json;
use crate::slice::incidents::{COLUMNS, IncidentRow};
use crate::{StoreError, Tx};
use epicenter_domain::incident::{Incident, Mark, QuietAlert};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};
use std::collections::BTreeMap;

/// The open incidents of a workspace that are to be looked at by now, the longest waiting first.
pub async fn due_looks(
    tx: &mut Tx,
    workspace_id: i64,
    now: Time,
    limit: i64,
) -> Result<Vec<Incident>, StoreError> {
    let rows: Vec<IncidentRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM incidents WHERE status <> 'resolved' AND workspace_id = ");
        query.push_bind(workspace_id);
        query.push(" AND quiet_look_at <= ").push_bind(now.0);
        query
            .push(" ORDER BY quiet_look_at LIMIT ")
            .push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    });
    rows.into_iter().map(Incident::try_from).collect()
}

#[derive(FromRow)]
struct AlertRow {
    incident_id: i64,
    dedup_key: String,
    is_open: bool,
    issue_seen_at: Option<i64>,
    trigger_mark: Option<String>,
    status_mark: Option<String>,
}

/// The alerts of these incidents, with when their issues were last seen.
pub async fn alerts_of(
    tx: &mut Tx,
    incident_ids: &[i64],
) -> Result<BTreeMap<i64, Vec<QuietAlert>>, StoreError> {
    let mut all: BTreeMap<i64, Vec<QuietAlert>> = BTreeMap::new();
    for piece in pieces(&padded(incident_ids)) {
        let rows: Vec<AlertRow> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT a.incident_id, a.dedup_key, a.is_open, a.trigger_mark, a.status_mark, \
                 i.last_seen_at AS issue_seen_at \
                 FROM alerts a LEFT JOIN issues i ON i.id = a.issue_id WHERE a.incident_id IN (",
            );
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await?
        });
        for row in rows {
            let id = row.incident_id;
            let mark = |text: Option<&str>| from_json::<Mark>("alerts", id, text);
            let marks = [
                mark(row.trigger_mark.as_deref())?,
                mark(row.status_mark.as_deref())?,
            ];
            all.entry(id).or_default().push(QuietAlert {
                dedup_key: row.dedup_key,
                is_open: row.is_open,
                issue_seen_at: row.issue_seen_at.map(Time),
                marks,
            });
        }
    }
    Ok(all)
}

/// When incidents are to be looked at again, by instant. A statement for each, and few instants.
pub async fn look_again(tx: &mut Tx, looks: &BTreeMap<Time, Vec<i64>>) -> Result<(), StoreError> {
    for (at, ids) in looks {
        for piece in pieces(&padded(ids)) {
            on_engine!(tx, |conn, Engine| {
                let mut query =
                    QueryBuilder::<Engine>::new("UPDATE incidents SET quiet_look_at = ");
                query.push_bind(at.0).push(" WHERE id IN (");
                let mut list = query.separated(", ");
                for id in piece {
                    list.push_bind(*id);
                }
                query.push(")");
                query.build().execute(conn).await?;
            });
        }
    }
    Ok(())
}
