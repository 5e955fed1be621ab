//! Events per hour: per project, environment and level, and per release. Summed up in memory, so a
//! batch writes as many rows as it touches places, however many events it brings.

use super::projects_of;
use crate::batch::pieces;
use crate::{StoreError, Tx};
use epicenter_domain::engine::{NewEvent, Slice};
use epicenter_domain::time::{HOUR_MS, Time};
use sqlx::QueryBuilder;
use std::collections::BTreeMap;

/// Workspace, hour, project, environment, and level or release.
type Place<'a> = (i64, Time, &'a str, &'a str, &'a str);

/// Adds the new events of a slice.
pub(super) async fn save(tx: &mut Tx, slice: &Slice) -> Result<(), StoreError> {
    if slice.new_events.is_empty() {
        return Ok(());
    }
    let projects = projects_of(slice);
    let mut levels: BTreeMap<Place<'_>, i64> = BTreeMap::new();
    let mut releases: BTreeMap<Place<'_>, i64> = BTreeMap::new();
    for event in &slice.new_events {
        let project = projects.get(&event.issue_id).copied().unwrap_or_default();
        let level = event.facts.level.as_str();
        *levels.entry(place(event, project, level)).or_insert(0) += 1;
        let release = event.facts.release.as_deref().unwrap_or_default();
        if !release.is_empty() {
            *releases.entry(place(event, project, release)).or_insert(0) += 1;
        }
    }
    add(tx, ("event_counts", "level"), levels).await?;
    add(tx, ("release_counts", "release"), releases).await
}

fn place<'a>(event: &'a NewEvent, project: &'a str, last: &'a str) -> Place<'a> {
    let environment = event.facts.environment.as_deref().unwrap_or_default();
    (
        event.workspace_id,
        event.at.hour(),
        project,
        environment,
        last,
    )
}

async fn add(
    tx: &mut Tx,
    (table, last): (&'static str, &'static str),
    counts: BTreeMap<Place<'_>, i64>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = counts.into_iter().collect();
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("INSERT INTO ");
            query
                .push(table)
                .push(" (workspace_id, width_ms, at, project_slug, environment, ");
            query.push(last).push(", event_count) ");
            query.push_values(
                piece,
                |mut row, ((workspace_id, at, project, place, last), count)| {
                    row.push_bind(*workspace_id)
                        .push_bind(HOUR_MS)
                        .push_bind(at.0)
                        .push_bind(*project)
                        .push_bind(*place)
                        .push_bind(*last)
                        .push_bind(*count);
                },
            );
            query
                .push(" ON CONFLICT (workspace_id, width_ms, at, project_slug, environment, ")
                .push(last)
                .push(") DO UPDATE SET event_count = ")
                .push(table)
                .push(".event_count + excluded.event_count");
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}
