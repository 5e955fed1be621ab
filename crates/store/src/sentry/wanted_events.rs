//! Issues whose latest event is to be fetched, because their webhooks do not tell where it
//! happened.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// One issue that waits, or waited.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct WantedEvent {
    /// Our id of the issue.
    pub issue_id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Integration that it came through.
    pub integration_id: i64,
    /// Sentry's id of the issue.
    pub sentry_issue_id: String,
    /// Questions that failed.
    pub attempt_count: i64,
}

/// Is anything due, or to be noted? Asked often, and beside the writers.
pub async fn is_any(tx: &mut Tx, now: Time) -> Result<bool, StoreError> {
    let found: Option<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT issue_id FROM wanted_events WHERE due_at <= $1 UNION ALL \
             SELECT i.id FROM alerts a JOIN issues i ON i.id = a.issue_id \
             WHERE a.is_open AND i.stored_event_count = 0 AND i.sentry_issue_id IS NOT NULL \
             AND i.integration_id IN (SELECT integration_id FROM sentry_connections) \
             AND NOT EXISTS (SELECT 1 FROM wanted_events w WHERE w.issue_id = i.id) LIMIT 1",
        )
        .bind(now.0)
        .fetch_optional(conn)
        .await?
    });
    Ok(found.is_some())
}

/// Notes the issues of open incidents, newest first, of which no event is stored and none was
/// asked for. Only those of integrations with a connection. Answers how many.
pub async fn find(tx: &mut Tx, now: Time, limit: i64) -> Result<u64, StoreError> {
    let found = on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO wanted_events (issue_id, workspace_id, integration_id, due_at, \
             attempt_count) SELECT DISTINCT i.id, i.workspace_id, i.integration_id, $1, 0 \
             FROM alerts a JOIN issues i ON i.id = a.issue_id \
             WHERE a.is_open AND i.stored_event_count = 0 AND i.sentry_issue_id IS NOT NULL \
             AND i.integration_id IN (SELECT integration_id FROM sentry_connections) \
             AND NOT EXISTS (SELECT 1 FROM wanted_events w WHERE w.issue_id = i.id) \
             ORDER BY i.id DESC LIMIT $2",
        )
        .bind(now.0)
        .bind(limit)
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(found)
}

/// Those that are due, the newest issues first.
pub async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<WantedEvent>, StoreError> {
    let rows = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT w.issue_id, w.workspace_id, w.integration_id, i.sentry_issue_id, \
             w.attempt_count FROM wanted_events w JOIN issues i ON i.id = w.issue_id \
             WHERE w.due_at <= $1 AND i.sentry_issue_id IS NOT NULL \
             ORDER BY w.issue_id DESC LIMIT $2",
        )
        .bind(now.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(rows)
}

/// It is not asked for before `due_at`; `None`: not again. And why it is not there yet, if it is
/// not.
pub async fn put_off(
    tx: &mut Tx,
    issue_id: i64,
    (due_at, attempt_count): (Option<Time>, i64),
    fault: Option<&str>,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE wanted_events SET due_at = $2, attempt_count = $3, fault = $4 \
             WHERE issue_id = $1",
        )
        .bind(issue_id)
        .bind(due_at.map(|at| at.0))
        .bind(attempt_count)
        .bind(fault)
        .execute(conn)
        .await?;
    });
    Ok(())
}
