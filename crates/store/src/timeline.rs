//! Reading timelines.

use crate::page::{Page, clamped, place};
use crate::{StoreError, Tx};
use epicenter_domain::incident::TimelineEntry;
use epicenter_domain::signal::{Actor, ActorKind};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

const COLUMNS: &str = "id, workspace_id, incident_id, issue_id, at, occurred_at, kind, \
                       actor_kind, actor_id, actor_name, summary, body, delivery_id";

#[derive(FromRow)]
struct TimelineRow {
    id: i64,
    workspace_id: i64,
    incident_id: Option<i64>,
    issue_id: Option<i64>,
    at: i64,
    occurred_at: Option<i64>,
    kind: String,
    actor_kind: String,
    actor_id: String,
    actor_name: String,
    summary: String,
    body: String,
    delivery_id: Option<i64>,
}

impl From<TimelineRow> for TimelineEntry {
    fn from(row: TimelineRow) -> Self {
        let kind = match row.actor_kind.as_str() {
            "person" => ActorKind::Person,
            "user" => ActorKind::User,
            "epicenter" => ActorKind::Epicenter,
            _ => ActorKind::Application,
        };
        Self {
            id: row.id,
            workspace_id: row.workspace_id,
            incident_id: row.incident_id,
            issue_id: row.issue_id,
            at: Time(row.at),
            occurred_at: row.occurred_at.map(Time),
            kind: row.kind,
            actor: Actor {
                kind,
                id: row.actor_id,
                name: row.actor_name,
            },
            summary: row.summary,
            body: row.body,
            delivery_id: row.delivery_id,
        }
    }
}

async fn of(
    tx: &mut Tx,
    (column, id): (&'static str, i64),
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<TimelineEntry>, StoreError> {
    let limit = clamped(limit);
    let after = place(cursor)?.map_or(0, |(_, id)| id);
    let rows: Vec<TimelineRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM timeline WHERE ")
            .push(column)
            .push(" = ");
        query.push_bind(id).push(" AND id > ").push_bind(after);
        query.push(" ORDER BY id LIMIT ").push_bind(limit + 1);
        query.build_query_as().fetch_all(conn).await?
    });
    Ok(Page::cut(rows, limit, |row| (0, row.id)).map(TimelineEntry::from))
}

/// The timeline of an incident, oldest first.
pub async fn of_incident(
    tx: &mut Tx,
    incident_id: i64,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<TimelineEntry>, StoreError> {
    of(tx, ("incident_id", incident_id), cursor, limit).await
}

/// The timeline of an issue, oldest first.
pub async fn of_issue(
    tx: &mut Tx,
    issue_id: i64,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<TimelineEntry>, StoreError> {
    of(tx, ("issue_id", issue_id), cursor, limit).await
}

/// What was written after the line `last`, oldest first; the newest `limit` lines if more.
pub async fn after(
    tx: &mut Tx,
    workspace_id: i64,
    last: i64,
    limit: i64,
) -> Result<Vec<TimelineEntry>, StoreError> {
    let mut rows: Vec<TimelineRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM timeline WHERE id > ")
            .push_bind(last);
        query.push(" AND workspace_id = ").push_bind(workspace_id);
        query.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    });
    rows.reverse();
    Ok(rows.into_iter().map(TimelineEntry::from).collect())
}

async fn newest(
    tx: &mut Tx,
    (column, id): (&'static str, i64),
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<TimelineEntry>, StoreError> {
    let limit = clamped(limit);
    let before = place(cursor)?.map_or(i64::MAX, |(_, id)| id);
    let rows: Vec<TimelineRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM timeline WHERE ")
            .push(column)
            .push(" = ");
        query.push_bind(id).push(" AND id < ").push_bind(before);
        query.push(" ORDER BY id DESC LIMIT ").push_bind(limit + 1);
        query.build_query_as().fetch_all(conn).await?
    });
    Ok(Page::cut(rows, limit, |row| (0, row.id)).map(TimelineEntry::from))
}

/// The lines of an incident, newest first; the next page has older ones.
pub async fn newest_of_incident(
    tx: &mut Tx,
    incident_id: i64,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<TimelineEntry>, StoreError> {
    newest(tx, ("incident_id", incident_id), cursor, limit).await
}

/// The lines of an issue, newest first; the next page has older ones.
pub async fn newest_of_issue(
    tx: &mut Tx,
    issue_id: i64,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<TimelineEntry>, StoreError> {
    newest(tx, ("issue_id", issue_id), cursor, limit).await
}

/// Adds lines to the timelines.
pub async fn add(tx: &mut Tx, entries: &[TimelineEntry]) -> Result<(), StoreError> {
    crate::slice::timeline::save(tx, entries).await
}
