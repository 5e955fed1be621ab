//! Reading incidents.

use crate::page::{Page, clamped, pattern, place};
use crate::slice::incidents::{COLUMNS, IncidentRow};
use crate::{StoreError, Tx};
use epicenter_domain::id::first_id_at;
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

/// Rows of one status that one page looks through for filters without an index.
const WINDOW: i64 = 10_000;

impl IncidentFilter {
    /// The statuses to read. A resolved incident is never snoozed.
    fn wanted(&self) -> Vec<IncidentStatus> {
        let all = IncidentStatus::ALL.into_iter();
        all.filter(|status| self.statuses.is_empty() || self.statuses.contains(status))
            .filter(|status| self.snoozed != Some(true) || *status != IncidentStatus::Resolved)
            .collect()
    }

    /// Does an index lead straight to what it lets through?
    fn is_indexed(&self) -> bool {
        let has_both = self.severity.is_some() && self.service_id.is_some();
        self.q.is_none() && self.snoozed != Some(true) && !has_both
    }

    /// The number that `q` names: `#128` or `128`.
    fn number(&self) -> Option<i64> {
        let q = self.q.as_deref()?.trim();
        q.strip_prefix('#').unwrap_or(q).parse().ok()
    }

    /// Does everything but `q` let this incident through?
    fn lets_through(&self, incident: &Incident) -> bool {
        self.wanted().contains(&incident.status)
            && self
                .snoozed
                .is_none_or(|snoozed| snoozed == incident.snoozed_until.is_some())
            && self
                .severity
                .is_none_or(|severity| severity == incident.severity)
            && (self.service_id.is_none() || self.service_id == incident.service_id)
    }
}

/// Which rows of one status a page reads.
#[derive(Clone, Copy)]
struct Range {
    workspace_id: i64,
    status: IncidentStatus,
    before: Option<i64>,
    edge: Option<i64>,
    limit: i64,
}

/// Lists incidents, newest first. Each status is read by its own index range and the ranges are
/// merged, so that open incidents are found quickly among a million resolved ones. A search looks
/// through the newest rows of each status, and the next page goes on from there; the incident
/// whose number is searched for stands on the first page, wherever it is.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &IncidentFilter,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<Incident>, StoreError> {
    let limit = clamped(limit);
    let before = place(cursor)?.map(|(_, id)| id);
    let numbered = match filter.number() {
        Some(number) => by_number(tx, workspace_id, number).await?,
        None => None,
    };
    let numbered = numbered.filter(|incident| filter.lets_through(incident));
    let mut range = Range {
        workspace_id,
        status: IncidentStatus::Triggered,
        before,
        edge: None,
        limit: limit + 1,
    };
    if !filter.is_indexed() {
        for status in filter.wanted() {
            let edge = edge(tx, &Range { status, ..range }).await?;
            range.edge = range.edge.max(edge);
        }
    }
    let mut rows = Vec::new();
    for status in filter.wanted() {
        rows.append(&mut list_range(tx, filter, Range { status, ..range }).await?);
    }
    rows.sort_by_key(|incident| std::cmp::Reverse(incident.id));
    let Some(numbered) = numbered else {
        return Ok(Page::cut_window(
            rows,
            limit,
            |incident| (0, incident.id),
            range.edge.map(|id| (0, id)),
        ));
    };
    rows.retain(|incident| incident.id != numbered.id);
    Ok(with_first(rows, (before, range.edge), limit, numbered))
}

/// A page on which `numbered` comes first, if it is the first one.
fn with_first(
    rows: Vec<Incident>,
    (before, edge): (Option<i64>, Option<i64>),
    limit: i64,
    numbered: Incident,
) -> Page<Incident> {
    let edge = edge.map(|id| (0, id));
    let place = |incident: &Incident| (0, incident.id);
    if before.is_some() {
        return Page::cut_window(rows, limit, place, edge);
    }
    // A page of one row has no room for others: they begin on the next page.
    let start = if limit == 1 && !rows.is_empty() {
        Some((0, i64::MAX))
    } else {
        edge
    };
    let mut page = if limit == 1 {
        Page::cut_window(Vec::new(), 0, place, start)
    } else {
        Page::cut_window(rows, limit - 1, place, edge)
    };
    page.items.insert(0, numbered);
    page
}

/// The last id of the window of rows of a status; `None` when fewer are left.
async fn edge(tx: &mut Tx, range: &Range) -> Result<Option<i64>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT id FROM incidents WHERE workspace_id = $1 AND status = $2 AND id < $3 \
             ORDER BY id DESC LIMIT 1 OFFSET $4",
        )
        .bind(range.workspace_id)
        .bind(range.status.as_str())
        .bind(range.before.unwrap_or(i64::MAX))
        .bind(WINDOW - 1)
        .fetch_optional(conn)
        .await?
    }))
}

async fn list_range(
    tx: &mut Tx,
    filter: &IncidentFilter,
    range: Range,
) -> Result<Vec<Incident>, StoreError> {
    let rows: Vec<IncidentRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM incidents WHERE workspace_id = ");
        query.push_bind(range.workspace_id);
        query
            .push(" AND status = ")
            .push_bind(range.status.as_str());
        if let Some(before) = range.before {
            query.push(" AND id < ").push_bind(before);
        }
        if let Some(edge) = range.edge {
            query.push(" AND id >= ").push_bind(edge);
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
            let mut or = " AND (";
            for column in ["title", "short_id", "dedup_key"] {
                query.push(or).push("lower(").push(column);
                query.push(") LIKE lower(");
                query.push_bind(pattern(q)).push(") ESCAPE '!'");
                or = " OR ";
            }
            query.push(")");
        }
        query
            .push(" ORDER BY id DESC LIMIT ")
            .push_bind(range.limit);
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

/// The newest open incidents that are about no issue: what may mute those that are.
pub async fn open_without_issue(
    tx: &mut Tx,
    workspace_id: i64,
    limit: i64,
) -> Result<Vec<Incident>, StoreError> {
    let rows: Vec<IncidentRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM incidents WHERE workspace_id = ")
            .push_bind(workspace_id);
        query.push(" AND issue_id IS NULL AND status <> 'resolved' ORDER BY id DESC LIMIT ");
        query.push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    });
    rows.into_iter().map(Incident::try_from).collect()
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

/// Triggered incidents that opened or came back after `since`: their number (at most 100) and the
/// newest 20, the last to ring first.
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
            .push(" AND status = 'triggered' AND triggered_at > ");
        query
            .push_bind(since.0)
            .push(" ORDER BY triggered_at DESC, id DESC LIMIT 100");
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

/// Suspended incidents whose time is over: workspace and id.
pub async fn due_suspensions(
    tx: &mut Tx,
    now: Time,
    limit: i64,
) -> Result<Vec<(i64, i64)>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT workspace_id, id FROM incidents \
             WHERE status = 'suspended' AND suspended_until <= $1 \
             ORDER BY suspended_until, id LIMIT $2",
        )
        .bind(now.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    }))
}

/// Incidents that opened since an instant, newest first.
pub async fn opened_since(
    tx: &mut Tx,
    workspace_id: i64,
    since: Time,
    limit: i64,
) -> Result<Vec<Incident>, StoreError> {
    let rows: Vec<IncidentRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM incidents WHERE workspace_id = ");
        query.push_bind(workspace_id);
        query.push(" AND id >= ").push_bind(first_id_at(since));
        query.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    });
    rows.into_iter().map(Incident::try_from).collect()
}
