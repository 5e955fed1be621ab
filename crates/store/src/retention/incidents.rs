//! Incidents that ended long ago, where the settings say that they go.

use crate::{StoreError, Tx};
use epicenter_domain::id::first_id_at;
use epicenter_domain::time::Time;

/// What is an incident's own, and goes with it.
const THEIRS: [&str; 19] = [
    "DELETE FROM incident_regressions WHERE incident_id = $1",
    "DELETE FROM timeline WHERE incident_id = $1 AND NOT EXISTS \
     (SELECT 1 FROM issues i WHERE i.id = timeline.issue_id)",
    "UPDATE timeline SET incident_id = NULL WHERE incident_id = $1",
    "DELETE FROM attempts WHERE notice_id IN (SELECT id FROM outbox WHERE incident_id = $1)",
    "DELETE FROM outbox WHERE incident_id = $1",
    "DELETE FROM told WHERE incident_id = $1",
    "DELETE FROM held_notices WHERE incident_id = $1",
    "DELETE FROM plan_queue WHERE incident_id = $1",
    "DELETE FROM pages_owed WHERE incident_id = $1",
    "DELETE FROM escalation_runs WHERE incident_id = $1",
    "DELETE FROM ranking_queue WHERE incident_id = $1",
    "DELETE FROM rankings WHERE incident_id = $1",
    "DELETE FROM suspects WHERE incident_id = $1",
    "DELETE FROM suspect_feedback WHERE incident_id = $1",
    "DELETE FROM storms WHERE incident_id = $1",
    "DELETE FROM incident_routes WHERE incident_id = $1",
    "DELETE FROM incident_groups WHERE incident_id = $1",
    "DELETE FROM incident_group_keys WHERE incident_id = $1",
    "UPDATE deliveries SET incident_id = NULL WHERE incident_id = $1",
];

/// Removes incidents that are over and did not change since `before`, with their timelines, notices
/// and suspects; looks at `limit` of them after the id `after`. One that an open incident continues
/// stays. Answers how many went, and where to go on; `None` at the end.
pub async fn delete_incidents(
    tx: &mut Tx,
    before: Time,
    after: i64,
    limit: i64,
) -> Result<(usize, Option<i64>), StoreError> {
    let old: Vec<(i64, bool)> = on_engine!(tx, |conn| {
        // What the open ones continue is asked once, not once for each.
        sqlx::query_as(
            "SELECT few.id, few.updated_at < $1 AND few.id NOT IN (SELECT previous_incident_id \
             FROM incidents WHERE workspace_id IN (SELECT id FROM workspaces) \
             AND status IN ('suspended', 'triggered', 'acknowledged') \
             AND previous_incident_id IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM incidents n \
             WHERE n.id = few.merged_into_id AND n.status <> 'resolved') \
             FROM (SELECT id, updated_at, merged_into_id FROM incidents \
             WHERE id > $2 AND id < $3 AND status = 'resolved' ORDER BY id LIMIT $4) AS few \
             ORDER BY few.id",
        )
        .bind(before.0)
        .bind(after)
        .bind(first_id_at(before))
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    let Some((last, _)) = old.last().copied() else {
        return Ok((0, None));
    };
    let mut gone = 0;
    for (id, _) in old.into_iter().filter(|(_, is_over)| *is_over) {
        forget(tx, id).await?;
        gone += 1;
    }
    Ok((gone, Some(last)))
}

/// Its alerts stay as long as their issues do; the next signal opens a new incident.
async fn forget(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        for statement in THEIRS {
            sqlx::query(statement).bind(id).execute(&mut *conn).await?;
        }
        for statement in [
            "DELETE FROM alerts WHERE incident_id = $1 AND issue_id IS NULL",
            "UPDATE alerts SET incident_id = NULL, share = NULL WHERE incident_id = $1",
            "DELETE FROM incidents WHERE id = $1",
        ] {
            sqlx::query(statement).bind(id).execute(&mut *conn).await?;
        }
    });
    Ok(())
}
