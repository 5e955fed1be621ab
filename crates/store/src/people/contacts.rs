//! Ways to reach a person.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// One way to reach a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRecord {
    /// Our id; a person is reached in the order of these.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Whom it reaches.
    pub user_id: i64,
    /// How.
    pub way: ContactWay,
    /// When it was added.
    pub created_at: Time,
}

/// How somebody is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactWay {
    /// At this e-mail address.
    Email(String),
    /// At a destination, by id.
    Destination(i64),
}

#[derive(FromRow)]
struct ContactRow {
    id: i64,
    workspace_id: i64,
    user_id: i64,
    address: Option<String>,
    destination_id: Option<i64>,
    created_at: i64,
}

impl TryFrom<ContactRow> for ContactRecord {
    type Error = StoreError;

    fn try_from(row: ContactRow) -> Result<Self, StoreError> {
        let way = match (row.address, row.destination_id) {
            (Some(address), None) => ContactWay::Email(address),
            (None, Some(id)) => ContactWay::Destination(id),
            (Some(_), Some(_)) | (None, None) => {
                return Err(StoreError::Row {
                    table: "contacts",
                    id: row.id,
                    reason: "it must have an address or a destination".to_owned(),
                });
            }
        };
        Ok(Self {
            id: row.id,
            workspace_id: row.workspace_id,
            user_id: row.user_id,
            way,
            created_at: Time(row.created_at),
        })
    }
}

/// Adds a way to reach a person.
pub async fn create(tx: &mut Tx, contact: &ContactRecord) -> Result<(), StoreError> {
    let (address, destination_id) = match &contact.way {
        ContactWay::Email(address) => (Some(address.as_str()), None),
        ContactWay::Destination(id) => (None, Some(*id)),
    };
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO contacts (id, workspace_id, user_id, address, destination_id, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(contact.id)
        .bind(contact.workspace_id)
        .bind(contact.user_id)
        .bind(address)
        .bind(destination_id)
        .bind(contact.created_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The ways to reach a person, in their order.
pub async fn of_user(tx: &mut Tx, user_id: i64) -> Result<Vec<ContactRecord>, StoreError> {
    let rows: Vec<ContactRow> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, workspace_id, user_id, address, destination_id, created_at \
             FROM contacts WHERE user_id = $1 ORDER BY id",
        )
        .bind(user_id)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter().map(ContactRecord::try_from).collect()
}

/// Removes a way to reach a person. False: the person has no such contact.
pub async fn delete(tx: &mut Tx, user_id: i64, id: i64) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM contacts WHERE user_id = $1 AND id = $2")
            .bind(user_id)
            .bind(id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(gone > 0)
}
