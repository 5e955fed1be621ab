//! Vectors of records, to find what means the same in other words.

use super::{ObservationFilter, Walk, rows};
use crate::batch::{padded, pieces};
use crate::{StoreError, Tx};
use epicenter_domain::observation::Observation;
use epicenter_domain::time::Time;
use rows::{COLUMNS, Row};
use sqlx::{FromRow, QueryBuilder};

/// Vectors of a workspace that are kept and compared, of the newest records. With 1,536 numbers they
/// are 30 MB, read in some 40 ms; a search by words finds the older records.
pub const COMPARED: i64 = 20_000;

/// How far a model has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The last record it was asked about.
    pub last_id: i64,
    /// The day that is counted.
    pub day_at: Time,
    /// Records it was asked about on that day.
    pub day_count: i64,
}

/// A record's vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector {
    /// Workspace.
    pub workspace_id: i64,
    /// Record.
    pub observation_id: i64,
    /// A byte per number.
    pub content: Vec<i8>,
}

#[derive(FromRow)]
struct VectorRow {
    observation_id: i64,
    content: Vec<u8>,
}

fn bytes(content: &[i8]) -> Vec<u8> {
    content.iter().map(|one| one.cast_unsigned()).collect()
}

/// The same bytes in the same room: nothing is copied.
fn numbers(content: Vec<u8>) -> Vec<i8> {
    content.into_iter().map(u8::cast_signed).collect()
}

/// How far this model has come; none before it began.
pub async fn progress(tx: &mut Tx, model: &str) -> Result<Option<Progress>, StoreError> {
    let row: Option<(i64, i64, i64)> = on_engine!(tx, |conn| {
        sqlx::query_as("SELECT last_id, day_at, day_count FROM vector_progress WHERE model = $1")
            .bind(model)
            .fetch_optional(conn)
            .await?
    });
    Ok(row.map(|(last_id, day_at, day_count)| Progress {
        last_id,
        day_at: Time(day_at),
        day_count,
    }))
}

/// Where a model begins: before the newest [`COMPARED`] records.
pub async fn beginning(tx: &mut Tx) -> Result<i64, StoreError> {
    let id: Option<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT id FROM observations ORDER BY id DESC LIMIT 1 OFFSET $1")
            .bind(COMPARED)
            .fetch_optional(conn)
            .await?
    });
    Ok(id.unwrap_or(0))
}

/// Records after `last_id`, of all workspaces, oldest first.
pub async fn waiting(
    tx: &mut Tx,
    last_id: i64,
    limit: i64,
) -> Result<Vec<Observation>, StoreError> {
    let found: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM observations o WHERE o.id > $1 ORDER BY o.id LIMIT $2"
        ))
        .bind(last_id)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows::read(found)
}

/// How many records wait; it counts no further than `most`.
pub async fn waiting_count(tx: &mut Tx, last_id: i64, most: i64) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT id FROM observations WHERE id > $1 \
             ORDER BY id LIMIT $2) AS few",
        )
        .bind(last_id)
        .bind(most)
        .fetch_one(conn)
        .await?
    }))
}

/// Keeps vectors and how far the model has come. [`StoreError::Conflict`] if another node was
/// faster: then nothing of this transaction may be kept.
pub async fn save(
    tx: &mut Tx,
    model: &str,
    (before, after): (Progress, Progress),
    vectors: &[Vector],
) -> Result<(), StoreError> {
    let moved = on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO vector_progress (model, last_id, day_at, day_count) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (model) DO UPDATE \
             SET last_id = excluded.last_id, day_at = excluded.day_at, \
             day_count = excluded.day_count WHERE vector_progress.last_id = $5",
        )
        .bind(model)
        .bind(after.last_id)
        .bind(after.day_at.0)
        .bind(after.day_count)
        .bind(before.last_id)
        .execute(conn)
        .await?
        .rows_affected()
    });
    if moved == 0 {
        return Err(StoreError::Conflict("the progress of the text model"));
    }
    for piece in pieces(vectors) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO observation_vectors (workspace_id, observation_id, model, content) ",
            );
            query.push_values(piece, |mut row, one| {
                row.push_bind(one.workspace_id)
                    .push_bind(one.observation_id)
                    .push_bind(model)
                    .push_bind(bytes(&one.content));
            });
            query.push(
                " ON CONFLICT (workspace_id, observation_id) DO UPDATE \
                 SET model = excluded.model, content = excluded.content",
            );
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// Removes the vectors of all but the newest `kept` records of a workspace.
pub async fn delete_old(tx: &mut Tx, workspace_id: i64, kept: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "DELETE FROM observation_vectors WHERE workspace_id = $1 AND observation_id <= \
             (SELECT observation_id FROM observation_vectors WHERE workspace_id = $1 \
             ORDER BY observation_id DESC LIMIT 1 OFFSET $2)",
        )
        .bind(workspace_id)
        .bind(kept)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The newest vectors of this model whose records the filter lets through, whatever their words.
pub async fn newest(
    tx: &mut Tx,
    workspace_id: i64,
    model: &str,
    filter: &ObservationFilter,
) -> Result<Vec<(i64, Vec<i8>)>, StoreError> {
    let is_plain = filter.is_plain();
    let walk = Walk::new(tx, workspace_id, filter, i64::MAX).await?;
    let found: Vec<VectorRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new(
            "SELECT v.observation_id, v.content FROM (SELECT observation_id, content \
             FROM observation_vectors WHERE workspace_id = ",
        );
        query.push_bind(workspace_id);
        query.push(" AND model = ").push_bind(model);
        query.push(" ORDER BY observation_id DESC LIMIT ");
        query.push_bind(COMPARED).push(") AS v");
        if !is_plain {
            query.push(" CROSS JOIN observations o WHERE o.id = v.observation_id");
            walk.push_filters(&mut query);
        }
        query.build_query_as().fetch_all(conn).await?
    });
    let read = |row: VectorRow| (row.observation_id, numbers(row.content));
    Ok(found.into_iter().map(read).collect())
}

/// The vectors of these records, as far as they have one of this model.
pub async fn of(
    tx: &mut Tx,
    model: &str,
    (workspace_id, ids): (i64, &[i64]),
) -> Result<Vec<(i64, Vec<i8>)>, StoreError> {
    let mut all = Vec::new();
    for piece in pieces(&padded(ids)) {
        let found: Vec<VectorRow> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT observation_id, content FROM observation_vectors WHERE workspace_id = ",
            );
            query.push_bind(workspace_id).push(" AND model = ");
            query.push_bind(model).push(" AND observation_id IN (");
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await?
        });
        all.extend(
            found
                .into_iter()
                .map(|row| (row.observation_id, numbers(row.content))),
        );
    }
    Ok(all)
}

/// Records by their ids, in any order; those that are gone are left out.
pub async fn records(
    tx: &mut Tx,
    workspace_id: i64,
    ids: &[i64],
) -> Result<Vec<Observation>, StoreError> {
    let mut all = Vec::new();
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    for piece in pieces(&ids) {
        let found: Vec<Row> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("SELECT ");
            query
                .push(COLUMNS)
                .push(" FROM observations o WHERE o.workspace_id = ");
            query.push_bind(workspace_id).push(" AND o.id IN (");
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await?
        });
        all.extend(rows::read(found)?);
    }
    Ok(all)
}
