//! Reading single events.

use crate::packing::unpack_detail;
use crate::page::{Page, clamped, place};
use crate::{StoreError, Tx};
use epicenter_domain::level::Level;
use epicenter_domain::signal::EventDetail;
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

const COLUMNS: &str =
    "id, issue_id, event_id, at, level, title, environment, release, delivery_id, detail";

/// One occurrence of an issue.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord {
    /// Our id.
    pub id: i64,
    /// Issue.
    pub issue_id: i64,
    /// Sentry's 32 hex.
    pub event_id: String,
    /// When it happened.
    pub at: Time,
    /// Level.
    pub level: Level,
    /// Title.
    pub title: String,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
    /// The delivery that brought it; its body holds the detail until retention moves it here.
    pub delivery_id: Option<i64>,
    /// The detail, once it was moved here.
    pub detail: Option<EventDetail>,
}

#[derive(FromRow)]
struct EventRow {
    id: i64,
    issue_id: i64,
    event_id: String,
    at: i64,
    level: String,
    title: String,
    environment: Option<String>,
    release: Option<String>,
    delivery_id: Option<i64>,
    detail: Option<Vec<u8>>,
}

impl TryFrom<EventRow> for EventRecord {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        let detail = row
            .detail
            .as_deref()
            .map(unpack_detail)
            .transpose()
            .map_err(|error| StoreError::Row {
                table: "events",
                id: row.id,
                reason: error.to_string(),
            })?;
        Ok(Self {
            id: row.id,
            issue_id: row.issue_id,
            event_id: row.event_id,
            at: Time(row.at),
            level: Level::from_sentry(&row.level),
            title: row.title,
            environment: row.environment,
            release: row.release,
            delivery_id: row.delivery_id,
            detail,
        })
    }
}

/// The events of an issue, newest first.
pub async fn of_issue(
    tx: &mut Tx,
    issue_id: i64,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<EventRecord>, StoreError> {
    let limit = clamped(limit);
    let before = place(cursor)?;
    let rows: Vec<EventRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM events WHERE issue_id = ")
            .push_bind(issue_id);
        if let Some((at, id)) = before {
            query.push(" AND at <= ").push_bind(at);
            query
                .push(" AND (at < ")
                .push_bind(at)
                .push(" OR id < ")
                .push_bind(id)
                .push(")");
        }
        query
            .push(" ORDER BY at DESC, id DESC LIMIT ")
            .push_bind(limit + 1);
        query.build_query_as().fetch_all(conn).await?
    });
    let records = rows
        .into_iter()
        .map(EventRecord::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(records, limit, |event| (event.at.0, event.id)))
}

/// One event.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<EventRecord>, StoreError> {
    let row: Option<EventRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM events WHERE id = ")
            .push_bind(id);
        query.push(" AND workspace_id = ").push_bind(workspace_id);
        query.build_query_as().fetch_optional(conn).await?
    });
    row.map(EventRecord::try_from).transpose()
}

/// One event of an issue.
pub async fn by_id_in_issue(
    tx: &mut Tx,
    issue_id: i64,
    id: i64,
) -> Result<Option<EventRecord>, StoreError> {
    let row: Option<EventRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM events WHERE id = ")
            .push_bind(id);
        query.push(" AND issue_id = ").push_bind(issue_id);
        query.build_query_as().fetch_optional(conn).await?
    });
    row.map(EventRecord::try_from).transpose()
}

/// In the order of [`of_issue`].
async fn neighbour(
    tx: &mut Tx,
    event: &EventRecord,
    (sign, order): (&'static str, &'static str),
) -> Result<Option<EventRecord>, StoreError> {
    let row: Option<EventRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM events WHERE issue_id = ")
            .push_bind(event.issue_id);
        // The first condition is for the index.
        query.push(" AND at ").push(sign).push("= ");
        query.push_bind(event.at.0).push(" AND (at, id) ");
        query.push(sign).push(" (").push_bind(event.at.0);
        query.push(", ").push_bind(event.id).push(")");
        query.push(" ORDER BY at ").push(order);
        query.push(", id ").push(order).push(" LIMIT 1");
        query.build_query_as().fetch_optional(conn).await?
    });
    row.map(EventRecord::try_from).transpose()
}

/// The event of the same issue before this one.
pub async fn next_older(
    tx: &mut Tx,
    event: &EventRecord,
) -> Result<Option<EventRecord>, StoreError> {
    neighbour(tx, event, ("<", "DESC")).await
}

/// The event of the same issue after this one.
pub async fn next_newer(
    tx: &mut Tx,
    event: &EventRecord,
) -> Result<Option<EventRecord>, StoreError> {
    neighbour(tx, event, (">", "ASC")).await
}

/// Stored events of an issue; stops at 10,000.
pub async fn count_of_issue(tx: &mut Tx, issue_id: i64) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT 1 AS one FROM events WHERE issue_id = $1 \
             LIMIT 10000) AS few",
        )
        .bind(issue_id)
        .fetch_one(conn)
        .await?
    }))
}
