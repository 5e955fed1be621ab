//! What a list of deploys tells of each, for a whole page in one statement.

use crate::batch::pieces;
use crate::{StoreError, Tx};
use sqlx::QueryBuilder;
use std::collections::BTreeMap;

/// How many of something each deploy has; those with none are left out.
pub type Tally = BTreeMap<i64, i64>;

async fn tally(tx: &mut Tx, select: &str, end: &str, ids: &[i64]) -> Result<Tally, StoreError> {
    let mut found = Tally::new();
    for piece in pieces(ids) {
        let rows: Vec<(i64, i64)> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(select);
            query.push(" IN (");
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(")").push(end);
            query.build_query_as().fetch_all(conn).await?
        });
        found.extend(rows);
    }
    Ok(found)
}

/// Commits that were listed with these deploys.
pub async fn commits_of(tx: &mut Tx, deploy_ids: &[i64]) -> Result<Tally, StoreError> {
    let select = "SELECT deploy_id, count(*) FROM deploy_commits WHERE deploy_id";
    tally(tx, select, " GROUP BY deploy_id", deploy_ids).await
}

/// Incidents that began after these deploys.
pub async fn incidents_of(tx: &mut Tx, deploy_ids: &[i64]) -> Result<Tally, StoreError> {
    let select = "SELECT deploy_id, count(*) FROM rankings WHERE deploy_id";
    tally(tx, select, " GROUP BY deploy_id", deploy_ids).await
}

/// The rollbacks that took these deploys away: deploy to rollback.
pub async fn rollbacks_of(tx: &mut Tx, deploy_ids: &[i64]) -> Result<Tally, StoreError> {
    let select = "SELECT previous_id, max(id) FROM deploys WHERE rollback_to_id IS NOT NULL \
                  AND previous_id";
    tally(tx, select, " GROUP BY previous_id", deploy_ids).await
}
