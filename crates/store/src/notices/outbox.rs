//! The outbox: notices that are owed, and the log of those that were sent.

use super::{read, write};
use crate::batch::pieces;
use crate::page::{Page, clamped, place};
use crate::{StoreError, Tx};
use epicenter_domain::id::first_id_at;
use epicenter_domain::notification::{Notice, NoticePayload};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

/// A notice in the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Destination; none for an e-mail to a person.
    pub destination_id: Option<i64>,
    /// E-mail address where there is no destination.
    pub address: Option<String>,
    /// Incident it is about.
    pub incident_id: Option<i64>,
    /// What is said.
    pub notice: Notice,
    /// `waiting`, `delivered`, `failed`, `replaced` or `dropped`.
    pub state: String,
    /// When it is tried (again).
    pub due_at: Time,
    /// Attempts so far.
    pub attempt_count: i64,
    /// When it was decided.
    pub created_at: Time,
    /// When it was done with.
    pub done_at: Option<Time>,
    /// What the other side last answered, or why it was dropped.
    pub last_answer: Option<String>,
}

/// One attempt to deliver a notice.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct AttemptRecord {
    /// Notice.
    pub notice_id: i64,
    /// 1 is the first.
    pub number: i64,
    /// When, in ms.
    pub at: i64,
    /// How long it took.
    pub duration_ms: i64,
    /// `delivered`, `retry_after` or `refused`.
    pub outcome: String,
    /// What the other side said.
    pub answer: String,
}

#[derive(FromRow)]
pub(super) struct Row {
    id: i64,
    workspace_id: i64,
    destination_id: Option<i64>,
    address: Option<String>,
    incident_id: Option<i64>,
    payload: String,
    state: String,
    due_at: i64,
    attempt_count: i64,
    created_at: i64,
    done_at: Option<i64>,
    last_answer: Option<String>,
}

pub(super) const COLUMNS: &str = "id, workspace_id, destination_id, address, incident_id, payload, state, \
     due_at, attempt_count, created_at, done_at, last_answer";

impl TryFrom<Row> for OutboxRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let payload: NoticePayload = read("outbox", row.id, &row.payload)?;
        Ok(Self {
            id: row.id,
            workspace_id: row.workspace_id,
            destination_id: row.destination_id,
            address: row.address,
            incident_id: row.incident_id,
            notice: payload.into_notice(),
            state: row.state,
            due_at: Time(row.due_at),
            attempt_count: row.attempt_count,
            created_at: Time(row.created_at),
            done_at: row.done_at.map(Time),
            last_answer: row.last_answer,
        })
    }
}

/// Owes a notice. Written with the state that it tells of, so that neither is lost alone.
pub async fn owe(tx: &mut Tx, record: &OutboxRecord) -> Result<(), StoreError> {
    let payload = write(
        "outbox",
        record.id,
        &NoticePayload::V1(record.notice.clone()),
    )?;
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO outbox (id, workspace_id, destination_id, address, incident_id, kind, \
             reason, payload, state, due_at, attempt_count, created_at, done_at, last_answer) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(record.id)
        .bind(record.workspace_id)
        .bind(record.destination_id)
        .bind(record.address.as_deref())
        .bind(record.incident_id)
        .bind(record.notice.kind.as_str())
        .bind(record.notice.reason.as_str())
        .bind(payload.as_str())
        .bind(record.state.as_str())
        .bind(record.due_at.0)
        .bind(record.attempt_count)
        .bind(record.created_at.0)
        .bind(record.done_at.map(|at| at.0))
        .bind(record.last_answer.as_deref())
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Takes a due notice until `until`: who else looks finds it not due. False: somebody was faster.
pub async fn claim(tx: &mut Tx, record: &OutboxRecord, until: Time) -> Result<bool, StoreError> {
    let claimed = on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE outbox SET due_at = $3 WHERE id = $1 AND state = 'waiting' AND due_at = $2",
        )
        .bind(record.id)
        .bind(record.due_at.0)
        .bind(until.0)
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(claimed > 0)
}

/// Gives back what was claimed until `until` and not sent: it is due as it was before.
pub async fn give_back(tx: &mut Tx, record: &OutboxRecord, until: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE outbox SET due_at = $2 WHERE id = $1 AND state = 'waiting' AND due_at = $3",
        )
        .bind(record.id)
        .bind(record.due_at.0)
        .bind(until.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Keeps what came of an attempt: the new state, when it is tried again, and the attempt.
pub async fn record(
    tx: &mut Tx,
    (state, due_at, done_at): (&str, Time, Option<Time>),
    attempt: &AttemptRecord,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE outbox SET state = $2, due_at = $3, done_at = $4, attempt_count = $5, \
             last_answer = $6 WHERE id = $1 AND state = 'waiting'",
        )
        .bind(attempt.notice_id)
        .bind(state)
        .bind(due_at.0)
        .bind(done_at.map(|at| at.0))
        .bind(attempt.number)
        .bind(attempt.answer.as_str())
        .execute(&mut *conn)
        .await?;
        sqlx::query(
            "INSERT INTO attempts (notice_id, number, at, duration_ms, outcome, answer) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (notice_id, number) DO NOTHING",
        )
        .bind(attempt.notice_id)
        .bind(attempt.number)
        .bind(attempt.at)
        .bind(attempt.duration_ms)
        .bind(attempt.outcome.as_str())
        .bind(attempt.answer.as_str())
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// A waiting notice of these kinds about this incident is replaced by a newer one: the last state
/// is what arrives. Answers how many were replaced.
pub async fn replace_waiting(
    tx: &mut Tx,
    (incident_id, destination_id): (i64, i64),
    kinds: &[&'static str],
    now: Time,
) -> Result<u64, StoreError> {
    Ok(on_engine!(tx, |conn, Engine| {
        let mut query =
            QueryBuilder::<Engine>::new("UPDATE outbox SET state = 'replaced', done_at = ");
        query.push_bind(now.0);
        query.push(
            ", last_answer = 'a newer notice says it' WHERE state = 'waiting' AND incident_id = ",
        );
        query.push_bind(incident_id);
        query
            .push(" AND destination_id = ")
            .push_bind(destination_id);
        query.push(" AND kind IN (");
        let mut list = query.separated(", ");
        for kind in kinds {
            list.push_bind(*kind);
        }
        query.push(")");
        query.build().execute(conn).await?.rows_affected()
    }))
}

/// When the next waiting notice of these kinds is due, and when the last one arrived.
pub async fn edits(
    tx: &mut Tx,
    (incident_id, destination_id): (i64, i64),
    kinds: &[&'static str],
) -> Result<(Option<Time>, Option<Time>), StoreError> {
    let (due_at, done_at): (Option<i64>, Option<i64>) = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new(
            "SELECT min(CASE WHEN state = 'waiting' THEN due_at END), \
             max(CASE WHEN state = 'delivered' THEN done_at END) FROM outbox WHERE incident_id = ",
        );
        query.push_bind(incident_id);
        query
            .push(" AND destination_id = ")
            .push_bind(destination_id);
        query.push(" AND kind IN (");
        let mut list = query.separated(", ");
        for kind in kinds {
            list.push_bind(*kind);
        }
        query.push(")");
        query.build_query_as().fetch_one(conn).await?
    });
    Ok((due_at.map(Time), done_at.map(Time)))
}

/// When notices were decided for a destination since an instant, newest first: what its ceiling
/// counts. Observations are none: they are for programs.
pub async fn sent_since(
    tx: &mut Tx,
    destination_id: i64,
    since: Time,
    limit: i64,
) -> Result<Vec<Time>, StoreError> {
    let rows: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT created_at FROM outbox WHERE destination_id = $1 AND id >= $2 \
             AND state <> 'replaced' AND kind <> 'observation' ORDER BY id DESC LIMIT $3",
        )
        .bind(destination_id)
        .bind(first_id_at(since))
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(rows.into_iter().map(Time).collect())
}

/// Which notices a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxFilter {
    /// Of this incident only.
    pub incident_id: Option<i64>,
    /// To this destination only.
    pub destination_id: Option<i64>,
    /// In this state only.
    pub state: Option<String>,
}

/// Notices of a workspace, newest first.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &OutboxFilter,
    (cursor, limit): (Option<&str>, i64),
) -> Result<Page<OutboxRecord>, StoreError> {
    let limit = clamped(limit);
    let before = place(cursor)?.map_or(i64::MAX, |(_, id)| id);
    let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM outbox WHERE workspace_id = ");
        query.push_bind(workspace_id);
        query.push(" AND id < ").push_bind(before);
        if let Some(id) = filter.incident_id {
            query.push(" AND incident_id = ").push_bind(id);
        }
        if let Some(id) = filter.destination_id {
            query.push(" AND destination_id = ").push_bind(id);
        }
        if let Some(state) = &filter.state {
            query.push(" AND state = ").push_bind(state.as_str());
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(limit + 1);
        query.build_query_as().fetch_all(conn).await?
    });
    let page = Page::cut(rows, limit, |row| (0, row.id));
    let next_cursor = page.next_cursor;
    let items = page.items.into_iter().map(OutboxRecord::try_from);
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        next_cursor,
    })
}

/// One notice with its attempts, oldest first.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<(OutboxRecord, Vec<AttemptRecord>)>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM outbox WHERE workspace_id = $1 AND id = $2"
        ))
        .bind(workspace_id)
        .bind(id)
        .fetch_optional(&mut *conn)
        .await?
    });
    let Some(row) = row else { return Ok(None) };
    let attempts = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT notice_id, number, at, duration_ms, outcome, answer FROM attempts \
             WHERE notice_id = $1 ORDER BY number",
        )
        .bind(id)
        .fetch_all(conn)
        .await?
    });
    Ok(Some((row.try_into()?, attempts)))
}

/// How many notices of a kind wait for a destination; it counts no further than `most`.
pub async fn waiting_count(
    tx: &mut Tx,
    destination_id: i64,
    kind: &'static str,
    most: i64,
) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT id FROM outbox WHERE destination_id = $1 \
             AND kind = $2 AND state = 'waiting' LIMIT $3) AS few",
        )
        .bind(destination_id)
        .bind(kind)
        .bind(most)
        .fetch_one(conn)
        .await?
    }))
}

/// Removes observations that were owed before `before` and wait no more, with their attempts; at
/// most `limit`. Answers how many went.
pub async fn delete_observations(
    tx: &mut Tx,
    before: Time,
    limit: i64,
) -> Result<usize, StoreError> {
    let ids: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT id FROM outbox WHERE id < $1 AND kind = 'observation' \
             AND state <> 'waiting' ORDER BY id LIMIT $2",
        )
        .bind(first_id_at(before))
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    for piece in pieces(&ids) {
        for table in ["attempts WHERE notice_id", "outbox WHERE id"] {
            on_engine!(tx, |conn, Engine| {
                let mut query = QueryBuilder::<Engine>::new("DELETE FROM ");
                query.push(table).push(" IN (");
                let mut list = query.separated(", ");
                for id in piece {
                    list.push_bind(*id);
                }
                query.push(")");
                query.build().execute(conn).await?;
            });
        }
    }
    Ok(ids.len())
}
