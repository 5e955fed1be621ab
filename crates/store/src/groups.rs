//! Incidents with several alerts: what was merged into them, and what may join them.

use crate::slice::incidents::{COLUMNS, IncidentRow};
use crate::{StoreError, Tx};
use epicenter_domain::incident::Incident;
use sqlx::QueryBuilder;

/// The incidents that were merged into this one, also by way of others, by their numbers; at most
/// 200.
pub async fn merged_into(
    tx: &mut Tx,
    workspace_id: i64,
    incident_id: i64,
) -> Result<Vec<Incident>, StoreError> {
    let rows: Vec<IncidentRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new(
            "WITH RECURSIVE inside (id) AS (SELECT id FROM incidents WHERE merged_into_id = ",
        );
        query.push_bind(incident_id);
        // UNION, not UNION ALL: it ends even if rows led round in a circle.
        query.push(
            " UNION SELECT incidents.id FROM inside JOIN incidents \
             ON incidents.merged_into_id = inside.id) SELECT ",
        );
        query
            .push(COLUMNS)
            .push(" FROM incidents WHERE id IN (SELECT inside.id FROM inside) AND workspace_id = ");
        query.push_bind(workspace_id);
        query.push(" ORDER BY number LIMIT 200");
        query.build_query_as().fetch_all(conn).await?
    });
    rows.into_iter().map(Incident::try_from).collect()
}
