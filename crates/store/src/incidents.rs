//! Reading incidents.

use crate::page::{Page, pattern, place};
use crate::slice::incidents::{COLUMNS, IncidentRow};
use crate::{StoreError, Tx};
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::level::Severity;
use epicenter_domain::time::Time;
use sqlx::QueryBuilder;

/// Filters of a list; empty ones let everything through.
#[derive(Clone, Debug, Default)]
pub struct IncidentFilter {
    /// These statuses.
    pub statuses: Vec<IncidentStatus>,
    /// Only snoozed, or only not snoozed.
    pub snoozed: Option<bool>,
    /// This severity.
    pub severity: Option<Severity>,
    /// This service.
    pub service_id: Option<i64>,
    /// A part of title, short id or dedup key, or a number.
    pub q: Option<String>,
}

/// Lists incidents, newest first. Each status is read by its own index range and the ranges are
/// merged, so that open incidents are found quickly among a million resolved ones.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &IncidentFilter,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<Incident>, StoreError> {
    let before = place(cursor)?.map(|(_, id)| id);
    let statuses = if filter.statuses.is_empty() {
        IncidentStatus::ALL.to_vec()
    } else {
        filter.statuses.clone()
    };
    let mut rows = Vec::new();
    for status in statuses {
        let range = (workspace_id, status, before, limit + 1);
        rows.append(&mut list_range(tx, filter, range).await?);
    }
    rows.sort_by_key(|incident| std::cmp::Reverse(incident.id));
    Ok(Page::cut(rows, limit, |incident| (0, incident.id)))
}

async fn list_range(
    tx: &mut Tx,
    filter: &IncidentFilter,
    (workspace_id, status, before, limit): (i64, IncidentStatus, Option<i64>, i64),
) -> Result<Vec<Incident>, StoreError> {
    let rows: Vec<IncidentRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM incidents WHERE workspace_id = ");
        query.push_bind(workspace_id);
        query.push(" AND status = ").push_bind(status.as_str());
        if let Some(before) = before {
            query.push(" AND id < ").push_bind(before);
        }
        if let Some(severity) = filter.severity {
            query.push(" AND severity = ").push_bind(severity.as_str());
        }
        if let Some(service_id) = filter.service_id {
            query.push(" AND service_id = ").push_bind(service_id);
        }
        match filter.snoozed {
            Some(true) => drop(query.push(" AND snoozed_until IS NOT NULL")),
            Some(false) => drop(query.push(" AND snoozed_until IS NULL")),
            None => {}
        }
        if let Some(q) = &filter.q {
            let number = q
                .trim()
                .trim_start_matches('#')
                .parse::<i64>()
                .unwrap_or(-1);
            query.push(" AND (number = ").push_bind(number);
            for column in ["title", "short_id", "dedup_key"] {
                query.push(" OR lower(").push(column).push(") LIKE lower(");
                query.push_bind(pattern(q)).push(") ESCAPE '!'");
            }
            query.push(")");
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    });
    rows.into_iter().map(Incident::try_from).collect()
}

fn one(row: Option<IncidentRow>) -> Result<Option<Incident>, StoreError> {
    row.map(Incident::try_from).transpose()
}

/// One incident by id.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<Incident>, StoreError> {
    let row = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM incidents WHERE id = ")
            .push_bind(id);
        query.push(" AND workspace_id = ").push_bind(workspace_id);
        query.build_query_as().fetch_optional(conn).await?
    });
    one(row)
}

/// One incident by its number.
pub async fn by_number(
    tx: &mut Tx,
    workspace_id: i64,
    number: i64,
) -> Result<Option<Incident>, StoreError> {
    let row = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM incidents WHERE workspace_id = ");
        query
            .push_bind(workspace_id)
            .push(" AND number = ")
            .push_bind(number);
        query.build_query_as().fetch_optional(conn).await?
    });
    one(row)
}

/// The newest incident about an issue.
pub async fn latest_of_issue(tx: &mut Tx, issue_id: i64) -> Result<Option<Incident>, StoreError> {
    let row = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM incidents WHERE issue_id = ")
            .push_bind(issue_id);
        query.push(" ORDER BY id DESC LIMIT 1");
        query.build_query_as().fetch_optional(conn).await?
    });
    one(row)
}

/// Incidents whose snooze is over: workspace and id.
pub async fn due_snoozes(
    tx: &mut Tx,
    now: Time,
    limit: i64,
) -> Result<Vec<(i64, i64)>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT workspace_id, id FROM incidents \
             WHERE snoozed_until IS NOT NULL AND snoozed_until <= $1 \
             ORDER BY snoozed_until LIMIT $2",
        )
        .bind(now.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    }))
}

/// How many incidents are in each state; each count stops at [`COUNT_CAP`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nobody has taken them.
    pub triggered: i64,
    /// Somebody has, and they are not snoozed.
    pub acknowledged: i64,
    /// Quiet until some time.
    pub snoozed: i64,
    /// Over.
    pub resolved: i64,
}

/// Counting stops here, so that it never grows with what is stored.
pub const COUNT_CAP: i64 = 1_000;

/// Counts the states for the tabs of the list.
pub async fn counts(tx: &mut Tx, workspace_id: i64) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    for (status, extra, slot) in [
        ("triggered", "", &mut counts.triggered),
        (
            "acknowledged",
            " AND snoozed_until IS NULL",
            &mut counts.acknowledged,
        ),
        (
            "acknowledged",
            " AND snoozed_until IS NOT NULL",
            &mut counts.snoozed,
        ),
        ("resolved", "", &mut counts.resolved),
    ] {
        *slot = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT count(*) FROM (SELECT 1 AS one FROM incidents WHERE workspace_id = ",
            );
            query
                .push_bind(workspace_id)
                .push(" AND status = ")
                .push_bind(status)
                .push(extra);
            query.push(" LIMIT ").push_bind(COUNT_CAP).push(") AS few");
            query.build_query_scalar().fetch_one(conn).await?
        });
    }
    Ok(counts)
}

/// Triggered incidents that opened or reopened after `since`: their number (at most 100) and the
/// newest 20.
pub async fn unread(
    tx: &mut Tx,
    workspace_id: i64,
    since: Time,
) -> Result<(i64, Vec<Incident>), StoreError> {
    let rows: Vec<IncidentRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM incidents WHERE workspace_id = ");
        query
            .push_bind(workspace_id)
            .push(" AND status = 'triggered' AND opened_at > ");
        query.push_bind(since.0).push(" ORDER BY id DESC LIMIT 100");
        query.build_query_as().fetch_all(conn).await?
    });
    let count = i64::try_from(rows.len()).unwrap_or(100);
    let newest = rows
        .into_iter()
        .take(20)
        .map(Incident::try_from)
        .collect::<Result<_, _>>()?;
    Ok((count, newest))
}
