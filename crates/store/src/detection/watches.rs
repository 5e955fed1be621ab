//! What is kept of each issue to notice what is unusual about it, and which are muted for ever but
//! still fire.

use crate::batch::{padded, pieces};
use crate::page::{Page, clamped, place};
use crate::people::Kept;
use crate::rows::{from_json, ms};
use crate::slice::issues::{COLUMNS, IssueRow};
use crate::{StoreError, Tx};
use epicenter_domain::issue::Issue;
use epicenter_domain::routing::detect::Watch;
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};
use std::collections::BTreeMap;

/// An issue that nobody will hear of again, although it still happens (ACCEPTANCE U5).
#[derive(Clone, Debug, PartialEq)]
pub struct MutedIssue {
    /// The issue.
    pub issue: Issue,
    /// Since when it is known to be muted.
    pub since: Time,
    /// Events since then.
    pub events: i64,
}

#[derive(FromRow)]
struct MutedRow {
    #[sqlx(flatten)]
    issue: IssueRow,
    muted_since: i64,
    muted_events: i64,
}

/// The watches of these issues; one that is not kept yet knows nothing.
pub async fn load_watches(
    tx: &mut Tx,
    issue_ids: &[i64],
) -> Result<BTreeMap<i64, Watch>, StoreError> {
    let mut watches: BTreeMap<i64, Watch> =
        issue_ids.iter().map(|id| (*id, Watch::default())).collect();
    for piece in pieces(&padded(issue_ids)) {
        let rows: Vec<(i64, String)> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT issue_id, watch FROM issue_watches WHERE issue_id IN (",
            );
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await?
        });
        for (id, text) in rows {
            let kept: Option<Kept<Watch>> = from_json("issue_watches", id, Some(&text))?;
            watches.extend(kept.map(|kept| (id, kept.content())));
        }
    }
    Ok(watches)
}

/// Keeps watches, by workspace and issue.
pub async fn save_watches(
    tx: &mut Tx,
    watches: &BTreeMap<(i64, i64), Watch>,
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(watches.len());
    for ((workspace_id, id), watch) in watches {
        let text = serde_json::to_string(&Kept::V1(watch)).map_err(|error| StoreError::Row {
            table: "issue_watches",
            id: *id,
            reason: error.to_string(),
        })?;
        rows.push((*id, *workspace_id, text, watch.state()));
    }
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO issue_watches (issue_id, workspace_id, watch, muted_since, \
                 muted_events) ",
            );
            query.push_values(piece, |mut row, (id, workspace_id, text, state)| {
                row.push_bind(*id)
                    .push_bind(*workspace_id)
                    .push_bind(text.as_str())
                    .push_bind(ms(state.muted_since))
                    .push_bind(state.muted_events);
            });
            query.push(
                " ON CONFLICT (issue_id) DO UPDATE SET watch = excluded.watch, \
                 muted_since = excluded.muted_since, muted_events = excluded.muted_events",
            );
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// The issues of a workspace that are muted for ever but still happen, the loudest first.
pub async fn muted(
    tx: &mut Tx,
    workspace_id: i64,
    (cursor, limit): (Option<&str>, i64),
) -> Result<Page<MutedIssue>, StoreError> {
    let limit = clamped(limit);
    let (events, id) = place(cursor)?.unwrap_or((i64::MAX, i64::MAX));
    let columns = COLUMNS.replace(", ", ", i.");
    let rows: Vec<MutedRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT i.");
        query.push(columns.as_str());
        query.push(
            ", w.muted_since, w.muted_events FROM issue_watches w JOIN issues i \
             ON i.id = w.issue_id WHERE w.muted_events > 0 AND w.workspace_id = ",
        );
        query.push_bind(workspace_id);
        query.push(" AND (w.muted_events, w.issue_id) < (");
        query.push_bind(events).push(", ").push_bind(id);
        query.push(") ORDER BY w.muted_events DESC, w.issue_id DESC LIMIT ");
        query.push_bind(limit + 1);
        query.build_query_as().fetch_all(conn).await?
    });
    let found: Result<Vec<MutedIssue>, StoreError> = rows
        .into_iter()
        .map(|row| {
            Ok(MutedIssue {
                issue: Issue::try_from(row.issue)?,
                since: Time(row.muted_since),
                events: row.muted_events,
            })
        })
        .collect();
    Ok(Page::cut(found?, limit, |one: &MutedIssue| {
        (one.events, one.issue.id)
    }))
}

/// How many issues of a workspace are muted for ever but still happen.
pub async fn muted_count(tx: &mut Tx, workspace_id: i64) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT count(*) FROM issue_watches WHERE muted_events > 0 AND workspace_id = $1",
        )
        .bind(workspace_id)
        .fetch_one(conn)
        .await?
    }))
}
