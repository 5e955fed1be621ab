//! What the rules said about an incident, where that is more than its service.

use crate::batch::pieces;
use crate::rows::from_json;
use crate::{StoreError, Tx};
use epicenter_domain::routing::tree::Routed;
use sqlx::QueryBuilder;
use std::collections::BTreeMap;

/// What the rules said about an incident.
pub async fn of_incident(tx: &mut Tx, incident_id: i64) -> Result<Option<Routed>, StoreError> {
    let text: Option<String> = on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT routed FROM incident_routes WHERE incident_id = $1")
            .bind(incident_id)
            .fetch_optional(conn)
            .await?
    });
    from_json("incident_routes", incident_id, text.as_deref())
}

/// Keeps what the rules said about new incidents.
pub(crate) async fn save(tx: &mut Tx, routed: &BTreeMap<i64, Routed>) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(routed.len());
    for (incident_id, routed) in routed {
        let text = serde_json::to_string(routed).map_err(|error| StoreError::Row {
            table: "incident_routes",
            id: *incident_id,
            reason: error.to_string(),
        })?;
        rows.push((*incident_id, text));
    }
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query =
                QueryBuilder::<Engine>::new("INSERT INTO incident_routes (incident_id, routed) ");
            query.push_values(piece, |mut row, (incident_id, text)| {
                row.push_bind(*incident_id).push_bind(text.as_str());
            });
            query.push(" ON CONFLICT (incident_id) DO UPDATE SET routed = excluded.routed");
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}
