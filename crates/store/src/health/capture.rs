//! Which new issues webhooks told of, and which came by the sync only.

use crate::{StoreError, Tx};
use epicenter_domain::health::Capture;
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// Missed issues that are looked at: more say the same.
const MOST_MISSED: i64 = 2_000;

/// A new issue that only the sync found.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Missed {
    /// Workspace.
    pub workspace_id: i64,
    /// The project's slug.
    pub project: String,
    /// When Sentry first saw it, milliseconds.
    pub first_seen_at: i64,
}

/// Issues that were new since `from` and before `to`, and of which no webhook told; those of
/// workspaces that are connected to Sentry.
pub async fn missed(tx: &mut Tx, (from, to): (Time, Time)) -> Result<Vec<Missed>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT workspace_id, project_slug AS project, first_seen_at FROM issues \
             WHERE workspace_id IN (SELECT workspace_id FROM sentry_connections) \
             AND first_seen_at >= $1 AND first_seen_at < $2 AND heard_at IS NULL \
             AND project_slug IS NOT NULL ORDER BY first_seen_at DESC LIMIT $3",
        )
        .bind(from.0)
        .bind(to.0)
        .bind(MOST_MISSED)
        .fetch_all(conn)
        .await?
    }))
}

/// When a webhook last told of an issue of a project that was seen since `from`.
pub async fn heard_at(
    tx: &mut Tx,
    (workspace_id, project): (i64, &str),
    from: Time,
) -> Result<Option<Time>, StoreError> {
    let at: Option<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT max(heard_at) FROM issues WHERE workspace_id = $1 AND project_slug = $2 \
             AND last_seen_at >= $3",
        )
        .bind(workspace_id)
        .bind(project)
        .bind(from.0)
        .fetch_one(conn)
        .await?
    });
    Ok(at.map(Time))
}

/// How much of what was new since `from` and before `to` webhooks told of; in one project, or in all.
pub async fn capture(
    tx: &mut Tx,
    (workspace_id, project): (i64, Option<&str>),
    (from, to): (Time, Time),
) -> Result<Capture, StoreError> {
    // What was first seen since then was last seen since then: the project's index leads to it.
    let text = match project {
        None => {
            "SELECT count(*), count(heard_at) FROM issues WHERE workspace_id = $1 \
             AND first_seen_at >= $2 AND first_seen_at < $3 AND sentry_issue_id IS NOT NULL \
             AND $4 = ''"
        }
        Some(_) => {
            "SELECT count(*), count(heard_at) FROM issues WHERE workspace_id = $1 \
             AND project_slug = $4 AND last_seen_at >= $2 AND first_seen_at >= $2 \
             AND first_seen_at < $3 AND sentry_issue_id IS NOT NULL"
        }
    };
    let (all, heard): (i64, i64) = on_engine!(tx, |conn| {
        sqlx::query_as(text)
            .bind(workspace_id)
            .bind(from.0)
            .bind(to.0)
            .bind(project.unwrap_or_default())
            .fetch_one(conn)
            .await?
    });
    Ok(Capture {
        heard,
        synced: all - heard,
        missing: 0,
    })
}

/// Keeps what was captured of a day; the last one counts.
pub async fn keep_day(
    tx: &mut Tx,
    workspace_id: i64,
    day_at: Time,
    capture: &Capture,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO capture_days (workspace_id, day_at, heard_count, synced_count) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, day_at) DO UPDATE SET \
             heard_count = excluded.heard_count, synced_count = excluded.synced_count",
        )
        .bind(workspace_id)
        .bind(day_at.0)
        .bind(capture.heard)
        .bind(capture.synced)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// What was captured day by day since `from`, oldest first.
pub async fn days(
    tx: &mut Tx,
    workspace_id: i64,
    from: Time,
) -> Result<Vec<(Time, Capture)>, StoreError> {
    let rows: Vec<(i64, i64, i64)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT day_at, heard_count, synced_count FROM capture_days \
             WHERE workspace_id = $1 AND day_at >= $2 ORDER BY day_at",
        )
        .bind(workspace_id)
        .bind(from.0)
        .fetch_all(conn)
        .await?
    });
    let day = |(day_at, heard, synced): (i64, i64, i64)| {
        let capture = Capture {
            heard,
            synced,
            missing: 0,
        };
        (Time(day_at), capture)
    };
    Ok(rows.into_iter().map(day).collect())
}

/// Removes days before an instant.
pub async fn delete_before(tx: &mut Tx, before: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM capture_days WHERE day_at < $1")
            .bind(before.0)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Issues that the newest run of each connection got from Sentry and could not read.
pub async fn unread(tx: &mut Tx, workspace_id: i64) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT CAST(coalesce(sum(r.unreadable_count), 0) AS BIGINT) \
             FROM sentry_connections c JOIN sync_runs r ON r.id = (SELECT max(n.id) \
             FROM sync_runs n WHERE n.connection_id = c.id AND n.ended_at IS NOT NULL) \
             WHERE c.workspace_id = $1",
        )
        .bind(workspace_id)
        .fetch_one(conn)
        .await?
    }))
}
