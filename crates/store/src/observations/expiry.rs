//! Records that are old, where the settings say that they go.

use super::rows::{COLUMNS, Row};
use super::words;
use crate::{StoreError, Tx};
use epicenter_domain::id::first_id_at;
use epicenter_domain::observation::Observation;
use epicenter_domain::time::Time;

/// Removes records made before `before`, with their words and references; looks at `limit` of them
/// after the id `after`. Those of open incidents stay. Answers how many went, and where to go on;
/// `None` at the end.
pub async fn delete_old(
    tx: &mut Tx,
    before: Time,
    after: i64,
    limit: i64,
) -> Result<(usize, Option<i64>), StoreError> {
    let last: Option<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT max(few.id) FROM (SELECT id FROM observations WHERE id > $1 AND id < $2 \
             ORDER BY id LIMIT $3) AS few",
        )
        .bind(after)
        .bind(first_id_at(before))
        .bind(limit)
        .fetch_one(conn)
        .await?
    });
    let Some(last) = last else {
        return Ok((0, None));
    };
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM observations o WHERE o.id > $1 AND o.id <= $2 \
             AND NOT EXISTS (SELECT 1 FROM incidents n WHERE n.id = o.incident_id \
             AND n.status <> 'resolved') ORDER BY o.id"
        ))
        .bind(after)
        .bind(last)
        .fetch_all(conn)
        .await?
    });
    let gone = rows.len();
    for row in rows {
        forget(tx, &Observation::try_from(row)?).await?;
    }
    Ok((gone, Some(last)))
}

async fn forget(tx: &mut Tx, observation: &Observation) -> Result<(), StoreError> {
    words::forget(tx, observation).await?;
    for reference in &observation.references {
        on_engine!(tx, |conn| {
            sqlx::query(
                "DELETE FROM observation_references WHERE workspace_id = $1 AND kind = $2 \
                 AND name = $3 AND observation_id = $4",
            )
            .bind(observation.workspace_id)
            .bind(reference.kind.as_str())
            .bind(reference.id.as_str())
            .bind(observation.id)
            .execute(conn)
            .await?;
        });
    }
    on_engine!(tx, |conn| {
        sqlx::query(
            "DELETE FROM observation_vectors WHERE workspace_id = $1 AND observation_id = $2",
        )
        .bind(observation.workspace_id)
        .bind(observation.id)
        .execute(&mut *conn)
        .await?;
        sqlx::query("DELETE FROM observations WHERE id = $1")
            .bind(observation.id)
            .execute(conn)
            .await?;
    });
    Ok(())
}
