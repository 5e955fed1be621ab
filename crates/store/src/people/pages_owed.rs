//! Pages that are owed: who is to be told of which incident, until a notifier has taken it on.

use crate::batch::pieces;
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

/// Somebody is to be told of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedPage {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Of which incident.
    pub incident_id: i64,
    /// Who.
    pub to: Recipient,
    /// Why, as a sentence.
    pub reason: String,
    /// When: later than it was owed if the person has quiet hours.
    pub due_at: Time,
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipient {
    /// A user.
    Person(i64),
    /// A destination.
    Destination(i64),
}

#[derive(FromRow)]
pub(super) struct OwedRow {
    pub(super) id: i64,
    workspace_id: i64,
    incident_id: i64,
    user_id: Option<i64>,
    destination_id: Option<i64>,
    reason: String,
    due_at: i64,
}

impl TryFrom<OwedRow> for OwedPage {
    type Error = StoreError;

    fn try_from(row: OwedRow) -> Result<Self, StoreError> {
        let person = row.user_id.map(Recipient::Person);
        let to = person.or(row.destination_id.map(Recipient::Destination));
        Ok(Self {
            id: row.id,
            workspace_id: row.workspace_id,
            incident_id: row.incident_id,
            to: to.ok_or_else(|| StoreError::Row {
                table: "pages_owed",
                id: row.id,
                reason: "it names nobody".to_owned(),
            })?,
            reason: row.reason,
            due_at: Time(row.due_at),
        })
    }
}

/// Notes who is to be told. The only way into this queue.
pub async fn owe_pages(tx: &mut Tx, pages: &[OwedPage]) -> Result<(), StoreError> {
    for piece in pieces(pages) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO pages_owed (id, workspace_id, incident_id, user_id, \
                 destination_id, reason, due_at) ",
            );
            query.push_values(piece, |mut row, page| {
                let (user_id, destination_id) = match page.to {
                    Recipient::Person(id) => (Some(id), None),
                    Recipient::Destination(id) => (None, Some(id)),
                };
                row.push_bind(page.id)
                    .push_bind(page.workspace_id)
                    .push_bind(page.incident_id)
                    .push_bind(user_id)
                    .push_bind(destination_id)
                    .push_bind(page.reason.as_str())
                    .push_bind(page.due_at.0);
            });
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// The pages that are due, longest due first.
pub async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<OwedPage>, StoreError> {
    let rows: Vec<OwedRow> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, workspace_id, incident_id, user_id, destination_id, reason, due_at \
             FROM pages_owed WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2",
        )
        .bind(now.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter().map(OwedPage::try_from).collect()
}

/// Takes a page off the queue. False: another node has taken it, or it is owed no more.
pub async fn take(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    let taken = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM pages_owed WHERE id = $1")
            .bind(id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(taken > 0)
}

/// The pages of an incident are owed no more: somebody has acknowledged, or it is over. Answers how
/// many there were.
pub async fn cancel(tx: &mut Tx, incident_id: i64) -> Result<u64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM pages_owed WHERE incident_id = $1")
            .bind(incident_id)
            .execute(conn)
            .await?
            .rows_affected()
    }))
}
