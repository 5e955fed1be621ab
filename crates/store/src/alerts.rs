//! Reading alerts.

use crate::slice::alerts::{AlertRow, COLUMNS};
use crate::{StoreError, Tx};
use epicenter_domain::incident::Alert;
use sqlx::QueryBuilder;

/// The alerts of an incident, oldest first, at most 200: no incident takes more.
pub async fn of_incident(tx: &mut Tx, incident_id: i64) -> Result<Vec<Alert>, StoreError> {
    let rows: Vec<AlertRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM alerts WHERE incident_id = ")
            .push_bind(incident_id);
        query.push(" ORDER BY id LIMIT 200");
        query.build_query_as().fetch_all(conn).await?
    });
    rows.into_iter().map(Alert::try_from).collect()
}
