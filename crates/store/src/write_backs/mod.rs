//! What people did here and Sentry is to be told.

mod rows;
pub mod settings;

use self::rows::{COLUMNS, WriteBackRow};
use crate::batch::{padded, pieces};
use crate::rows::{json, ms};
use crate::{StoreError, Tx};
use epicenter_domain::engine::{Key, Slice, Tracked};
use epicenter_domain::time::Time;
use epicenter_domain::writeback::{Matter, WriteBack};
use sqlx::QueryBuilder;

/// Adds to a slice what was done to its issues: statuses, assignees, and notes whose echo may come.
pub async fn load(tx: &mut Tx, slice: &mut Slice) -> Result<(), StoreError> {
    let mut keys: Vec<Key> = slice.issues.keys().cloned().collect();
    let others = slice.alerts.keys();
    keys.extend(
        others
            .filter(|key| !slice.issues.contains_key(*key))
            .cloned(),
    );
    for piece in pieces(&padded(&keys)) {
        let rows: Vec<WriteBackRow> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("WITH k (place, name) AS (");
            query.push_values(piece, |mut row, (integration_id, dedup_key)| {
                row.push_bind(*integration_id).push_bind(dedup_key.as_str());
            });
            // CROSS JOIN: SQLite then looks each key up instead of scanning the table.
            query.push(") SELECT ").push(COLUMNS);
            query.push(" FROM k CROSS JOIN write_backs WHERE integration_id = k.place");
            query.push(" AND dedup_key = k.name AND (which = 0 OR sent IS NOT NULL)");
            query.build_query_as().fetch_all(conn).await?
        });
        for row in rows {
            keep(row, slice)?;
        }
    }
    Ok(())
}

fn keep(row: WriteBackRow, slice: &mut Slice) -> Result<(), StoreError> {
    let which = row.which;
    let done = WriteBack::try_from(row)?;
    let key = (done.integration_id, done.dedup_key.clone());
    let place = (key, done.said.matter(), which);
    let known = slice.writebacks.entry(place);
    known.or_insert(Tracked::loaded(done));
    Ok(())
}

/// Adds one to a slice, whatever it is about.
pub async fn load_one(tx: &mut Tx, id: i64, slice: &mut Slice) -> Result<(), StoreError> {
    match row_of(tx, id).await? {
        Some(row) => keep(row, slice),
        None => Ok(()),
    }
}

/// Writes back what changed.
pub async fn save(tx: &mut Tx, slice: &Slice) -> Result<(), StoreError> {
    let changed: Vec<&WriteBack> = slice
        .writebacks
        .values()
        .filter(|tracked| tracked.is_dirty)
        .map(|tracked| &tracked.row)
        .collect();
    for piece in pieces(&changed) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("INSERT INTO write_backs (");
            query.push(COLUMNS).push(") ");
            query.push_values(piece, |mut row, done| {
                let matter = done.said.matter();
                let which = if matter == Matter::Note { done.id } else { 0 };
                row.push_bind(done.id)
                    .push_bind(done.workspace_id)
                    .push_bind(done.integration_id)
                    .push_bind(done.dedup_key.as_str())
                    .push_bind(matter.as_str())
                    .push_bind(which)
                    .push_bind(done.sentry_issue_id.as_str())
                    .push_bind(done.issue_id)
                    .push_bind(done.incident_id)
                    .push_bind(json(Some(&done.said)))
                    .push_bind(
                        done.before
                            .map(epicenter_domain::signal::IssueStatus::as_str),
                    )
                    .push_bind(json(Some(&done.actor)))
                    .push_bind(done.asked_at.0)
                    .push_bind(done.state.as_str())
                    .push_bind(done.due_at.0)
                    .push_bind(done.attempt_count)
                    .push_bind(json(done.sent.as_ref()))
                    .push_bind(ms(done.told_at))
                    .push_bind(done.comment_id.as_deref())
                    .push_bind(done.reason.as_str());
            });
            query.push(UPDATE);
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// What an existing row takes over.
const UPDATE: &str = " ON CONFLICT (integration_id, dedup_key, matter, which) DO UPDATE SET \
    issue_id = excluded.issue_id, incident_id = excluded.incident_id, said = excluded.said, \
    before_status = excluded.before_status, actor = excluded.actor, \
    asked_at = excluded.asked_at, state = excluded.state, due_at = excluded.due_at, \
    attempt_count = excluded.attempt_count, sent = excluded.sent, told_at = excluded.told_at, \
    comment_id = excluded.comment_id, reason = excluded.reason";

/// Those that are to be sent now, longest due first.
pub async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<WriteBack>, StoreError> {
    let rows: Vec<WriteBackRow> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM write_backs WHERE state = 'waiting' AND due_at <= $1 \
             ORDER BY due_at, id LIMIT $2"
        ))
        .bind(now.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    records(rows)
}

/// Takes one for sending until `until`, and notes what is sent; false when it changed meanwhile or
/// another node was faster.
pub async fn claim(tx: &mut Tx, done: &WriteBack, until: Time) -> Result<bool, StoreError> {
    let taken = on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE write_backs SET due_at = $5, sent = $6, attempt_count = attempt_count + 1 \
             WHERE id = $1 AND state = 'waiting' AND asked_at = $2 AND due_at = $3 \
             AND attempt_count = $4",
        )
        .bind(done.id)
        .bind(done.asked_at.0)
        .bind(done.due_at.0)
        .bind(done.attempt_count)
        .bind(until.0)
        .bind(json(done.sent.as_ref()))
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(taken > 0)
}

/// Puts those of an integration off that are due earlier: its Sentry wants a pause.
pub async fn put_off(tx: &mut Tx, integration_id: i64, until: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE write_backs SET due_at = $2 \
             WHERE state = 'waiting' AND due_at < $2 AND integration_id = $1",
        )
        .bind(integration_id)
        .bind(until.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// What was done to an issue, newest first.
pub async fn of_issue(
    tx: &mut Tx,
    issue_id: i64,
    limit: i64,
) -> Result<Vec<WriteBack>, StoreError> {
    listed(tx, "issue_id", issue_id, limit).await
}

/// What was done in an incident to its issues, newest first.
pub async fn of_incident(
    tx: &mut Tx,
    incident_id: i64,
    limit: i64,
) -> Result<Vec<WriteBack>, StoreError> {
    listed(tx, "incident_id", incident_id, limit).await
}

async fn listed(
    tx: &mut Tx,
    column: &'static str,
    id: i64,
    limit: i64,
) -> Result<Vec<WriteBack>, StoreError> {
    let rows: Vec<WriteBackRow> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM write_backs WHERE {column} = $1 \
             ORDER BY asked_at DESC, id DESC LIMIT $2"
        ))
        .bind(id)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    records(rows)
}

/// How many of a workspace wait to be sent; all workspaces: `None`.
pub async fn count_waiting(tx: &mut Tx, workspace_id: Option<i64>) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT count(*) FROM write_backs WHERE state = 'waiting' \
             AND ($1 IS NULL OR workspace_id = $1)",
        )
        .bind(workspace_id)
        .fetch_one(conn)
        .await?
    }))
}

/// Removes what was done before `before` and waits for nothing; at most `limit`. Answers how many.
pub async fn delete_old(tx: &mut Tx, before: Time, limit: i64) -> Result<u64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query(
            "DELETE FROM write_backs WHERE id IN (SELECT id FROM write_backs \
             WHERE id < $1 AND asked_at < $2 AND state <> 'waiting' ORDER BY id LIMIT $3)",
        )
        .bind(epicenter_domain::id::first_id_at(before))
        .bind(before.0)
        .bind(limit)
        .execute(conn)
        .await?
        .rows_affected()
    }))
}

async fn row_of(tx: &mut Tx, id: i64) -> Result<Option<WriteBackRow>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(sql!("SELECT {COLUMNS} FROM write_backs WHERE id = $1"))
            .bind(id)
            .fetch_optional(conn)
            .await?
    }))
}

fn records(rows: Vec<WriteBackRow>) -> Result<Vec<WriteBack>, StoreError> {
    rows.into_iter().map(WriteBack::try_from).collect()
}
