//! Pushes whose sender listed only some of their commits, and that wait for the rest.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// A push that waits for the rest of its commits.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct CutPush {
    /// The push.
    pub push_id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// When it is tried (again), in ms; `None`: when the settings change.
    pub due_at: Option<i64>,
    /// How often the host failed to answer.
    pub attempt_count: i64,
    /// How often it was taken; names this entry.
    pub claim_count: i64,
    /// Why it is not complete yet, a sentence.
    pub fault: Option<String>,
}

const COLUMNS: &str = "push_id, workspace_id, due_at, attempt_count, claim_count, fault";

/// Notes that a push is to be completed.
pub async fn enqueue(
    tx: &mut Tx,
    workspace_id: i64,
    push_id: i64,
    due_at: Time,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO cut_pushes (push_id, workspace_id, due_at, attempt_count, claim_count) \
             VALUES ($1, $2, $3, 0, 0) ON CONFLICT (push_id) DO NOTHING",
        )
        .bind(push_id)
        .bind(workspace_id)
        .bind(due_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Those that are due, longest first.
pub async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<CutPush>, StoreError> {
    let rows = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM cut_pushes WHERE due_at <= $1 ORDER BY due_at, push_id LIMIT $2"
        ))
        .bind(now.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(rows)
}

/// Takes one until `until`, and answers the entry as it is then; `None` when another node was
/// faster, or when it was woken meanwhile.
pub async fn claim(
    tx: &mut Tx,
    push: &CutPush,
    until: Time,
) -> Result<Option<CutPush>, StoreError> {
    let taken = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "UPDATE cut_pushes SET due_at = $3, claim_count = claim_count + 1 \
             WHERE push_id = $1 AND claim_count = $2 RETURNING {COLUMNS}"
        ))
        .bind(push.push_id)
        .bind(push.claim_count)
        .bind(until.0)
        .fetch_optional(conn)
        .await?
    });
    Ok(taken)
}

/// Puts one that was taken off until `due_at` (`None`: until the settings change) and says why.
/// False, and nothing is changed, when it was taken again or woken meanwhile: what was learnt is no
/// longer about the settings that hold.
pub async fn put_off(
    tx: &mut Tx,
    push: &CutPush,
    (due_at, attempt_count): (Option<Time>, i64),
    fault: &str,
) -> Result<bool, StoreError> {
    let changed = on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE cut_pushes SET due_at = $3, attempt_count = $4, fault = $5 \
             WHERE push_id = $1 AND claim_count = $2",
        )
        .bind(push.push_id)
        .bind(push.claim_count)
        .bind(due_at.map(|at| at.0))
        .bind(attempt_count)
        .bind(fault)
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(changed > 0)
}

/// Takes one off the list: it is complete, or nobody can complete it.
pub async fn remove(tx: &mut Tx, push_id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM cut_pushes WHERE push_id = $1")
            .bind(push_id)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Has all of a workspace tried again, as if for the first time: the settings changed.
pub async fn wake(tx: &mut Tx, workspace_id: i64, now: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE cut_pushes SET due_at = $2, attempt_count = 0, claim_count = claim_count + 1 \
             WHERE workspace_id = $1",
        )
        .bind(workspace_id)
        .bind(now.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Those of a workspace, newest first.
pub async fn list(tx: &mut Tx, workspace_id: i64, limit: i64) -> Result<Vec<CutPush>, StoreError> {
    let rows = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM cut_pushes WHERE workspace_id = $1 \
             ORDER BY push_id DESC LIMIT $2"
        ))
        .bind(workspace_id)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(rows)
}
