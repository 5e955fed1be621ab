//! How many events came, per project and ten minutes: what is drawn under deploys.

use crate::page::comparable;
use crate::{StoreError, Tx};
use epicenter_domain::time::{HOUR_MS, Time};
use sqlx::QueryBuilder;

/// Length of one count, in ms: fine enough to tell before a deploy from after it.
pub const RATE_MS: i64 = 600_000;

/// Events of these projects (of all, when none is named) per hour, from an instant until before
/// another; hours without any are left out.
pub async fn hourly(
    tx: &mut Tx,
    workspace_id: i64,
    projects: &[String],
    (from, to): (Time, Time),
) -> Result<Vec<(Time, i64)>, StoreError> {
    let rows: Vec<(i64, i64)> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT at, event_count FROM event_rates");
        query
            .push(" WHERE workspace_id = ")
            .push_bind(workspace_id)
            .push(" AND at >= ")
            .push_bind(from.0)
            .push(" AND at < ")
            .push_bind(to.0);
        if !projects.is_empty() {
            query.push(" AND project_slug IN (");
            let mut list = query.separated(", ");
            for project in projects {
                list.push_bind(comparable(project));
            }
            query.push(")");
        }
        query.push(" ORDER BY at");
        query.build_query_as().fetch_all(conn).await?
    });
    let mut hours: Vec<(Time, i64)> = Vec::new();
    for (at, count) in rows {
        let hour = Time(at - at.rem_euclid(HOUR_MS));
        match hours.last_mut() {
            Some((last, sum)) if *last == hour => *sum += count,
            _ => hours.push((hour, count)),
        }
    }
    Ok(hours)
}

/// Events of these projects (of all, when none is named) from an instant until before another.
/// Both are cut down to ten minutes.
pub async fn total(
    tx: &mut Tx,
    workspace_id: i64,
    projects: &[String],
    (from, to): (Time, Time),
) -> Result<i64, StoreError> {
    let cut = |at: Time| Time(at.0 - at.0.rem_euclid(RATE_MS));
    let hours = hourly(tx, workspace_id, projects, (cut(from), cut(to))).await?;
    Ok(hours.iter().map(|(_, count)| count).sum())
}

/// Removes counts of before an instant.
pub async fn delete_before(tx: &mut Tx, before: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "DELETE FROM event_rates WHERE workspace_id IN (SELECT id FROM workspaces) \
             AND at < $1",
        )
        .bind(before.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}
