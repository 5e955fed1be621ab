//! Passes over Sentry's issues: how far each came, and what it found.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// One pass over a window of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub struct RunRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// The connection that was asked.
    pub connection_id: i64,
    /// When it began, in ms.
    pub started_at: i64,
    /// When it ended, in ms; `None`: it is under way, or waits.
    pub ended_at: Option<i64>,
    /// `running`, `waiting`, `done` or `failed`.
    pub outcome: String,
    /// Why it waits or failed, a sentence.
    pub reason: Option<String>,
    /// Is it the connection's first, which opens no incidents?
    pub is_first: bool,
    /// Issues that were seen at or after this instant, in ms.
    pub window_from: i64,
    /// And before this one, in ms.
    pub window_until: i64,
    /// Unknown issues that were first seen since then are news, in ms.
    pub news_from: i64,
    /// Where its next page begins.
    pub cursor: Option<String>,
    /// Pages that were read.
    pub page_count: i64,
    /// Issues of the window, as Sentry counts.
    pub expected_count: Option<i64>,
    /// Issues that are resolved in Sentry.
    pub resolved_count: i64,
    /// Issues that are unresolved.
    pub unresolved_count: i64,
    /// Issues that are ignored.
    pub ignored_count: i64,
    /// Issues that were unknown.
    pub created_count: i64,
    /// Issues that said something else.
    pub updated_count: i64,
    /// Issues that said the same.
    pub unchanged_count: i64,
    /// Entries that could not be read.
    pub unreadable_count: i64,
    /// Issues with news that a webhook had told of.
    pub heard_count: i64,
    /// Issues with news that no webhook told of.
    pub found_count: i64,
    /// Questions that failed and were asked again.
    pub fault_count: i64,
}

/// What a pass saw of one project.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub struct ProjectTally {
    /// Slug; empty: Sentry named none.
    pub project: String,
    /// Issues.
    pub seen_count: i64,
    /// Issues with news that a webhook had told of.
    pub heard_count: i64,
    /// Issues with news that no webhook told of.
    pub found_count: i64,
}

const COLUMNS: &str = "id, workspace_id, connection_id, started_at, ended_at, outcome, reason, \
    is_first, window_from, window_until, news_from, cursor, page_count, expected_count, \
    resolved_count, unresolved_count, ignored_count, created_count, updated_count, \
    unchanged_count, unreadable_count, heard_count, found_count, fault_count";

/// Begins a pass, or says how far it came.
pub async fn save(tx: &mut Tx, run: &RunRecord) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(sql!(
            "INSERT INTO sync_runs ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
             $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) \
             ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, \
             outcome = excluded.outcome, reason = excluded.reason, cursor = excluded.cursor, \
             page_count = excluded.page_count, expected_count = excluded.expected_count, \
             resolved_count = excluded.resolved_count, \
             unresolved_count = excluded.unresolved_count, \
             ignored_count = excluded.ignored_count, created_count = excluded.created_count, \
             updated_count = excluded.updated_count, \
             unchanged_count = excluded.unchanged_count, \
             unreadable_count = excluded.unreadable_count, \
             heard_count = excluded.heard_count, found_count = excluded.found_count, \
             fault_count = excluded.fault_count"
        ))
        .bind(run.id)
        .bind(run.workspace_id)
        .bind(run.connection_id)
        .bind(run.started_at)
        .bind(run.ended_at)
        .bind(run.outcome.as_str())
        .bind(run.reason.as_deref())
        .bind(run.is_first)
        .bind(run.window_from)
        .bind(run.window_until)
        .bind(run.news_from)
        .bind(run.cursor.as_deref())
        .bind(run.page_count)
        .bind(run.expected_count)
        .bind(run.resolved_count)
        .bind(run.unresolved_count)
        .bind(run.ignored_count)
        .bind(run.created_count)
        .bind(run.updated_count)
        .bind(run.unchanged_count)
        .bind(run.unreadable_count)
        .bind(run.heard_count)
        .bind(run.found_count)
        .bind(run.fault_count)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The pass of a connection that has not ended.
pub async fn open(tx: &mut Tx, connection_id: i64) -> Result<Option<RunRecord>, StoreError> {
    let row = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM sync_runs WHERE connection_id = $1 AND ended_at IS NULL \
             ORDER BY id DESC LIMIT 1"
        ))
        .bind(connection_id)
        .fetch_optional(conn)
        .await?
    });
    Ok(row)
}

/// The newest passes of a workspace, or of one of its connections; newest first, below `before`.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    connection_id: Option<i64>,
    (before, limit): (Option<i64>, i64),
) -> Result<Vec<RunRecord>, StoreError> {
    let before = before.unwrap_or(i64::MAX);
    let rows = match connection_id {
        Some(connection_id) => on_engine!(tx, |conn| {
            sqlx::query_as(sql!(
                "SELECT {COLUMNS} FROM sync_runs WHERE connection_id = $1 AND workspace_id = $2 \
                 AND id < $3 ORDER BY id DESC LIMIT $4"
            ))
            .bind(connection_id)
            .bind(workspace_id)
            .bind(before)
            .bind(limit)
            .fetch_all(conn)
            .await?
        }),
        None => on_engine!(tx, |conn| {
            sqlx::query_as(sql!(
                "SELECT {COLUMNS} FROM sync_runs WHERE workspace_id = $1 AND id < $2 \
                 ORDER BY id DESC LIMIT $3"
            ))
            .bind(workspace_id)
            .bind(before)
            .bind(limit)
            .fetch_all(conn)
            .await?
        }),
    };
    Ok(rows)
}

/// Adds to what a pass saw of a project.
pub async fn count(tx: &mut Tx, run_id: i64, tally: &ProjectTally) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO sync_run_projects (run_id, project, seen_count, heard_count, \
             found_count) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (run_id, project) DO UPDATE SET \
             seen_count = sync_run_projects.seen_count + excluded.seen_count, \
             heard_count = sync_run_projects.heard_count + excluded.heard_count, \
             found_count = sync_run_projects.found_count + excluded.found_count",
        )
        .bind(run_id)
        .bind(tally.project.as_str())
        .bind(tally.seen_count)
        .bind(tally.heard_count)
        .bind(tally.found_count)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// What a pass saw, by project.
pub async fn projects(tx: &mut Tx, run_id: i64) -> Result<Vec<ProjectTally>, StoreError> {
    let rows = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT project, seen_count, heard_count, found_count FROM sync_run_projects \
             WHERE run_id = $1 ORDER BY project",
        )
        .bind(run_id)
        .fetch_all(conn)
        .await?
    });
    Ok(rows)
}

/// Forgets passes that ended before an instant. Answers how many.
pub async fn forget(tx: &mut Tx, before: Time, limit: i64) -> Result<u64, StoreError> {
    let ids: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT id FROM sync_runs WHERE ended_at < $1 ORDER BY id LIMIT $2")
            .bind(before.0)
            .bind(limit)
            .fetch_all(conn)
            .await?
    });
    let mut gone = 0;
    for id in ids {
        on_engine!(tx, |conn| {
            sqlx::query("DELETE FROM sync_run_projects WHERE run_id = $1")
                .bind(id)
                .execute(&mut *conn)
                .await?;
            gone += sqlx::query("DELETE FROM sync_runs WHERE id = $1")
                .bind(id)
                .execute(&mut *conn)
                .await?
                .rows_affected();
        });
    }
    Ok(gone)
}

/// An issue with an open incident that was not looked at lately: our id, Sentry's id.
pub type Doubtful = (i64, String);

/// Issues of an integration with an open incident, last seen before `seen_before`: a pass over
/// what was seen lately does not meet them. Those that were looked at longest ago come first.
pub async fn doubtful(
    tx: &mut Tx,
    integration_id: i64,
    seen_before: Time,
    limit: i64,
) -> Result<Vec<Doubtful>, StoreError> {
    let rows = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT i.id, i.sentry_issue_id FROM alerts a JOIN issues i ON i.id = a.issue_id \
             WHERE a.integration_id = $1 AND a.is_open AND i.sentry_issue_id IS NOT NULL \
             AND i.last_seen_at < $2 ORDER BY COALESCE(i.looked_at, 0), i.id LIMIT $3",
        )
        .bind(integration_id)
        .bind(seen_before.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(rows)
}

/// Notes when an issue was looked at.
pub async fn looked_at(tx: &mut Tx, issue_id: i64, at: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE issues SET looked_at = $2 WHERE id = $1")
            .bind(issue_id)
            .bind(at.0)
            .execute(conn)
            .await?;
    });
    Ok(())
}
