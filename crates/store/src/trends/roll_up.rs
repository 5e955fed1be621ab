//! Hours become days, so that counts stay few for ever. Sums stay as they are.

use crate::{StoreError, Tx};
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};

/// Places (environment and level, or release and environment) of one project that a day keeps
/// apart, the largest; what the others had is counted without them. Real projects have a handful;
/// a release per commit and an environment per branch must not fill the disk.
pub const PLACES_PER_DAY: i64 = 60;

/// Both tables: name, the columns beside the project, and what leads to its index of instants.
const TABLES: [(&str, &str, &str, &str); 2] = [
    (
        "event_counts",
        "environment",
        "level",
        "workspace_id IN (SELECT id FROM workspaces) AND",
    ),
    ("release_counts", "release", "environment", ""),
];

/// Turns the hours of the oldest day that ended before `before` into that day. Answers whether
/// there was one. The caller holds the state, so that no batch adds to these hours meanwhile.
pub async fn roll_up_day(tx: &mut Tx, before: Time) -> Result<bool, StoreError> {
    let edge = before.day().0;
    let mut found = false;
    for (table, first, second, way) in TABLES {
        let Some(oldest) = oldest_hour(tx, (table, way), edge).await? else {
            continue;
        };
        let day = Time(oldest).day().0;
        found = true;
        let sums = sql!(
            "WITH sums AS (SELECT workspace_id, project_slug, {first} AS one, {second} AS two, \
             SUM(event_count) AS n FROM {table} WHERE {way} width_ms = $1 AND at >= $2 AND at < $3 \
             GROUP BY workspace_id, project_slug, {first}, {second}), \
             ranked AS (SELECT workspace_id, project_slug, one, two, n, row_number() OVER \
             (PARTITION BY workspace_id, project_slug ORDER BY n DESC, one, two) AS place \
             FROM sums), \
             cut AS (SELECT workspace_id, project_slug, n, \
             CASE WHEN place <= $4 THEN one ELSE '' END AS one, \
             CASE WHEN place <= $4 THEN two ELSE '' END AS two FROM ranked) \
             INSERT INTO {table} \
             (workspace_id, width_ms, at, project_slug, {first}, {second}, event_count) \
             SELECT workspace_id, $5, $6, project_slug, one, two, CAST(SUM(n) AS BIGINT) FROM cut \
             WHERE true GROUP BY workspace_id, project_slug, one, two \
             ON CONFLICT (workspace_id, width_ms, at, project_slug, {first}, {second}) \
             DO UPDATE SET event_count = {table}.event_count + excluded.event_count"
        );
        let gone = sql!("DELETE FROM {table} WHERE {way} width_ms = $1 AND at >= $2 AND at < $3");
        on_engine!(tx, |conn| {
            sqlx::query(sums)
                .bind(HOUR_MS)
                .bind(day)
                .bind(day + DAY_MS)
                .bind(PLACES_PER_DAY)
                .bind(DAY_MS)
                .bind(day)
                .execute(&mut *conn)
                .await?;
            sqlx::query(gone)
                .bind(HOUR_MS)
                .bind(day)
                .bind(day + DAY_MS)
                .execute(&mut *conn)
                .await?;
        });
    }
    Ok(found)
}

async fn oldest_hour(
    tx: &mut Tx,
    (table, way): (&str, &str),
    edge: i64,
) -> Result<Option<i64>, StoreError> {
    let text = sql!("SELECT min(at) FROM {table} WHERE {way} width_ms = $1 AND at < $2");
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(text)
            .bind(HOUR_MS)
            .bind(edge)
            .fetch_one(conn)
            .await?
    }))
}

/// Removes counts of before an instant.
pub async fn delete_counts(tx: &mut Tx, before: Time) -> Result<(), StoreError> {
    for (table, _, _, way) in TABLES {
        let text = sql!("DELETE FROM {table} WHERE {way} width_ms IN ($1, $2) AND at < $3");
        on_engine!(tx, |conn| {
            sqlx::query(text)
                .bind(HOUR_MS)
                .bind(DAY_MS)
                .bind(before.0)
                .execute(conn)
                .await?;
        });
    }
    Ok(())
}
