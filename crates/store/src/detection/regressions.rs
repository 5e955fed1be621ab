//! Whether regressions that opened incidents are real ones.

use crate::batch::pieces;
use crate::{StoreError, Tx};
use epicenter_domain::routing::detect::{Judged, ReleaseVerdict};
use sqlx::QueryBuilder;
use std::collections::BTreeMap;

/// What was said of the regression that opened an incident, if it was one.
pub async fn regression_of(tx: &mut Tx, incident_id: i64) -> Result<Option<Judged>, StoreError> {
    let row: Option<(String, String)> = on_engine!(tx, |conn| {
        sqlx::query_as("SELECT verdict, reason FROM incident_regressions WHERE incident_id = $1")
            .bind(incident_id)
            .fetch_optional(conn)
            .await?
    });
    row.map(|(word, reason)| {
        let verdict = ReleaseVerdict::parse(&word).ok_or_else(|| StoreError::Row {
            table: "incident_regressions",
            id: incident_id,
            reason: format!("there is no verdict {word}"),
        })?;
        Ok(Judged { verdict, reason })
    })
    .transpose()
}

pub(crate) async fn save(tx: &mut Tx, judged: &BTreeMap<i64, Judged>) -> Result<(), StoreError> {
    let rows: Vec<_> = judged.iter().collect();
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO incident_regressions (incident_id, verdict, reason) ",
            );
            query.push_values(piece, |mut row, (incident_id, judged)| {
                row.push_bind(**incident_id)
                    .push_bind(judged.verdict.as_str())
                    .push_bind(judged.reason.as_str());
            });
            query.push(
                " ON CONFLICT (incident_id) DO UPDATE SET verdict = excluded.verdict, \
                 reason = excluded.reason",
            );
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}
