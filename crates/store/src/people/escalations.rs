//! Escalation policies.

use super::Kept;
use crate::page::{Page, clamped, place};
use crate::rows::{from_json, json};
use crate::{StoreError, Tx};
use epicenter_domain::escalation::policy::Policy;
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// An escalation policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Itself, with its name.
    pub policy: Policy,
    /// When it was made.
    pub created_at: Time,
}

#[derive(FromRow)]
struct EscalationRow {
    id: i64,
    workspace_id: i64,
    policy: String,
    created_at: i64,
}

const COLUMNS: &str = "id, workspace_id, policy, created_at";

impl TryFrom<EscalationRow> for EscalationRecord {
    type Error = StoreError;

    fn try_from(row: EscalationRow) -> Result<Self, StoreError> {
        let kept: Option<Kept<Policy>> = from_json("escalations", row.id, Some(&row.policy))?;
        let policy = kept.map(Kept::content).ok_or_else(|| StoreError::Row {
            table: "escalations",
            id: row.id,
            reason: "it has no policy".to_owned(),
        })?;
        Ok(Self {
            id: row.id,
            workspace_id: row.workspace_id,
            policy,
            created_at: Time(row.created_at),
        })
    }
}

/// Makes an escalation policy.
pub async fn create(tx: &mut Tx, new: &EscalationRecord) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO escalations (id, workspace_id, name, policy, created_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(new.id)
        .bind(new.workspace_id)
        .bind(new.policy.name.as_str())
        .bind(json(Some(&Kept::V1(&new.policy))))
        .bind(new.created_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The policies of a workspace, in the order in which they were made.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<EscalationRecord>, StoreError> {
    let limit = clamped(limit);
    let after = place(cursor)?.map_or(0, |(_, id)| id);
    let rows: Vec<EscalationRow> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM escalations WHERE workspace_id = $1 AND id > $2 \
             ORDER BY id LIMIT $3"
        ))
        .bind(workspace_id)
        .bind(after)
        .bind(limit + 1)
        .fetch_all(conn)
        .await?
    });
    let page = Page::cut(rows, limit, |row| (0, row.id));
    let next_cursor = page.next_cursor;
    let items: Result<Vec<_>, _> = page.items.into_iter().map(TryFrom::try_from).collect();
    Ok(Page {
        items: items?,
        next_cursor,
    })
}

/// One policy.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<EscalationRecord>, StoreError> {
    let row: Option<EscalationRow> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM escalations WHERE workspace_id = $1 AND id = $2"
        ))
        .bind(workspace_id)
        .bind(id)
        .fetch_optional(conn)
        .await?
    });
    row.map(TryFrom::try_from).transpose()
}

/// Writes a policy anew. False: there is no such policy.
pub async fn update(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
    policy: &Policy,
) -> Result<bool, StoreError> {
    let changed = on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE escalations SET name = $3, policy = $4 WHERE workspace_id = $1 AND id = $2",
        )
        .bind(workspace_id)
        .bind(id)
        .bind(policy.name.as_str())
        .bind(json(Some(&Kept::V1(policy))))
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(changed > 0)
}

/// Deletes a policy; runs that go on have their own copy. False: there is no such policy.
pub async fn delete(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM escalations WHERE workspace_id = $1 AND id = $2")
            .bind(workspace_id)
            .bind(id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(gone > 0)
}
