//! How large the database was, day by day, and what retention took away.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;

/// Keeps the size of a day; the last one counts.
pub async fn keep_size(tx: &mut Tx, day_at: Time, total_bytes: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO size_samples (day_at, total_bytes) VALUES ($1, $2) \
             ON CONFLICT (day_at) DO UPDATE SET total_bytes = excluded.total_bytes",
        )
        .bind(day_at.0)
        .bind(total_bytes)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Sizes of the days since `from`, oldest first: the day and the bytes.
pub async fn sizes_since(tx: &mut Tx, from: Time) -> Result<Vec<(Time, i64)>, StoreError> {
    let rows: Vec<(i64, i64)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT day_at, total_bytes FROM size_samples WHERE day_at >= $1 ORDER BY day_at",
        )
        .bind(from.0)
        .fetch_all(conn)
        .await?
    });
    Ok(rows
        .into_iter()
        .map(|(day, bytes)| (Time(day), bytes))
        .collect())
}

/// Adds to what was taken away on a day.
pub async fn add_removed(
    tx: &mut Tx,
    day_at: Time,
    kind: &str,
    row_count: i64,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO removed_rows (day_at, kind, row_count) VALUES ($1, $2, $3) \
             ON CONFLICT (day_at, kind) DO UPDATE SET \
             row_count = removed_rows.row_count + excluded.row_count",
        )
        .bind(day_at.0)
        .bind(kind)
        .bind(row_count)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// What was taken away since a day: the kind and how many, by kind.
pub async fn removed_since(tx: &mut Tx, from: Time) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT kind, CAST(sum(row_count) AS BIGINT) FROM removed_rows \
             WHERE day_at >= $1 GROUP BY kind ORDER BY kind",
        )
        .bind(from.0)
        .fetch_all(conn)
        .await?
    }))
}

/// Removes both kinds of rows of days before an instant.
pub async fn delete_before(tx: &mut Tx, before: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        for statement in [
            "DELETE FROM size_samples WHERE day_at < $1",
            "DELETE FROM removed_rows WHERE day_at < $1",
        ] {
            sqlx::query(statement)
                .bind(before.0)
                .execute(&mut *conn)
                .await?;
        }
    });
    Ok(())
}
