//! Where a commit is in: the releases and deploys that list it, or that it is the head of.

use super::deploys::{COLUMNS, DeployRecord, Row};
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;

/// Releases, or deploys, of one commit that are looked at, the first ones: a commit is in few.
const SHIPPED: i64 = 200;

/// The first release that has a commit: its version, and when it was released.
pub async fn release_of(tx: &mut Tx, commit_id: i64) -> Result<Option<(String, Time)>, StoreError> {
    let row: Option<(String, i64)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT version, known_at FROM (SELECT id, version, \
             coalesce(released_at, created_at) AS known_at FROM releases \
             WHERE id IN (SELECT release_id FROM release_commits WHERE commit_id = $1 \
             UNION SELECT r.id FROM commits c JOIN releases r \
             ON r.repository_id = c.repository_id AND r.sha = c.sha WHERE c.id = $1) \
             ORDER BY id LIMIT $2) AS few ORDER BY known_at, id LIMIT 1",
        )
        .bind(commit_id)
        .bind(SHIPPED)
        .fetch_optional(conn)
        .await?
    });
    Ok(row.map(|(version, at)| (version, Time(at))))
}

/// The deploys of a workspace that have a commit, oldest first.
pub async fn deploys_of(
    tx: &mut Tx,
    (workspace_id, commit_id): (i64, i64),
    limit: i64,
) -> Result<Vec<DeployRecord>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM (SELECT {COLUMNS} FROM deploys WHERE id IN \
             (SELECT deploy_id FROM deploy_commits WHERE commit_id = $2 \
             UNION SELECT d.id FROM commits c JOIN deploys d \
             ON d.workspace_id = $1 AND d.sha = c.sha WHERE c.id = $2) \
             ORDER BY id LIMIT $4) AS few ORDER BY at, id LIMIT $3"
        ))
        .bind(workspace_id)
        .bind(commit_id)
        .bind(limit)
        .bind(SHIPPED)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter().map(DeployRecord::try_from).collect()
}
