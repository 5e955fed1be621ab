//! Versions of a workspace's routing; the newest counts.

use crate::page::{Page, clamped, place};
use crate::{StoreError, Tx};
use epicenter_domain::routing::book::Book;
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// One version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRecord {
    /// Workspace.
    pub workspace_id: i64,
    /// Counts from 1 within the workspace.
    pub number: i64,
    /// When it was made.
    pub made_at: Time,
    /// Who made it.
    pub actor: String,
    /// Why.
    pub comment: String,
    /// The rules; services and destinations by their ids.
    pub book: Book,
}

#[derive(FromRow)]
struct Row {
    workspace_id: i64,
    number: i64,
    made_at: i64,
    actor: String,
    comment: String,
    text: String,
}

const COLUMNS: &str = "workspace_id, number, made_at, actor, comment, text";

impl TryFrom<Row> for VersionRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let book = serde_json::from_str(&row.text).map_err(|error| StoreError::Row {
            table: "routing_versions",
            id: row.number,
            reason: error.to_string(),
        })?;
        Ok(Self {
            workspace_id: row.workspace_id,
            number: row.number,
            made_at: Time(row.made_at),
            actor: row.actor,
            comment: row.comment,
            book,
        })
    }
}

/// The newest version; none: nobody wrote rules yet.
pub async fn newest(tx: &mut Tx, workspace_id: i64) -> Result<Option<VersionRecord>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM routing_versions WHERE workspace_id = $1 \
             ORDER BY number DESC LIMIT 1"
        ))
        .bind(workspace_id)
        .fetch_optional(conn)
        .await?
    });
    row.map(VersionRecord::try_from).transpose()
}

/// One version.
pub async fn by_number(
    tx: &mut Tx,
    workspace_id: i64,
    number: i64,
) -> Result<Option<VersionRecord>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM routing_versions WHERE workspace_id = $1 AND number = $2"
        ))
        .bind(workspace_id)
        .bind(number)
        .fetch_optional(conn)
        .await?
    });
    row.map(VersionRecord::try_from).transpose()
}

/// The versions of a workspace, newest first.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<VersionRecord>, StoreError> {
    let limit = clamped(limit);
    let before = place(cursor)?.map_or(i64::MAX, |(_, number)| number);
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM routing_versions WHERE workspace_id = $1 AND number < $2 \
             ORDER BY number DESC LIMIT $3"
        ))
        .bind(workspace_id)
        .bind(before)
        .bind(limit + 1)
        .fetch_all(conn)
        .await?
    });
    let records: Vec<VersionRecord> = rows
        .into_iter()
        .map(VersionRecord::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page::cut(records, limit, |record| (0, record.number)))
}

/// Adds a version. False: somebody else made one with this number meanwhile.
pub async fn add(tx: &mut Tx, record: &VersionRecord) -> Result<bool, StoreError> {
    let text = serde_json::to_string(&record.book).map_err(|error| StoreError::Row {
        table: "routing_versions",
        id: record.number,
        reason: error.to_string(),
    })?;
    let added = on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO routing_versions (workspace_id, number, made_at, actor, comment, text) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, number) DO NOTHING",
        )
        .bind(record.workspace_id)
        .bind(record.number)
        .bind(record.made_at.0)
        .bind(record.actor.as_str())
        .bind(record.comment.as_str())
        .bind(text)
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(added > 0)
}

/// Removes the oldest versions but for the newest `kept`. Answers how many went.
pub async fn prune(tx: &mut Tx, workspace_id: i64, kept: i64) -> Result<u64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query(
            "DELETE FROM routing_versions WHERE workspace_id = $1 AND number <= \
             (SELECT max(number) FROM routing_versions WHERE workspace_id = $1) - $2",
        )
        .bind(workspace_id)
        .bind(kept)
        .execute(conn)
        .await?
        .rows_affected()
    }))
}
