//! Events per project and ten minutes: one row per project of a batch, whatever is stored.

use super::projects_of;
use crate::batch::pieces;
use crate::rates::RATE_MS;
use crate::{StoreError, Tx};
use epicenter_domain::engine::Slice;
use sqlx::QueryBuilder;
use std::collections::BTreeMap;

/// Adds the new events of a slice.
pub(super) async fn save(tx: &mut Tx, slice: &Slice) -> Result<(), StoreError> {
    if slice.new_events.is_empty() {
        return Ok(());
    }
    let projects = projects_of(slice);
    let mut counts: BTreeMap<(i64, i64, &str), i64> = BTreeMap::new();
    for event in &slice.new_events {
        let at = event.at.0 - event.at.0.rem_euclid(RATE_MS);
        let project = projects.get(&event.issue_id).copied().unwrap_or_default();
        *counts.entry((event.workspace_id, at, project)).or_insert(0) += 1;
    }
    let rows: Vec<_> = counts.into_iter().collect();
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO event_rates (workspace_id, at, project_slug, event_count) ",
            );
            query.push_values(piece, |mut row, ((workspace_id, at, project), count)| {
                row.push_bind(*workspace_id)
                    .push_bind(*at)
                    .push_bind(*project)
                    .push_bind(*count);
            });
            query.push(
                " ON CONFLICT (workspace_id, at, project_slug) DO UPDATE \
                 SET event_count = event_rates.event_count + excluded.event_count",
            );
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}
