//! Storms: what projects send, and the storms that they were in.

use super::{read, write};
use crate::batch::{padded, pieces};
use crate::people::Kept;
use crate::{StoreError, Tx};
use epicenter_domain::engine::Sky;
use epicenter_domain::routing::storm::{Meter, Storm};
use epicenter_domain::time::Time;
use sqlx::QueryBuilder;
use std::collections::BTreeMap;

/// Where a storm is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Workspace.
    pub workspace_id: i64,
    /// Project; empty: what names none.
    pub project: String,
    /// The service that its incidents belong to.
    pub service_id: Option<i64>,
}

/// Workspace, project, service and meter; incident and storm.
type SkyRow = (i64, String, i64, String, Option<i64>, Option<String>);

/// As the tables write a service.
fn column(service_id: Option<i64>) -> i64 {
    service_id.unwrap_or(0)
}

/// The weather of these projects: what is not kept yet is calm.
pub async fn skies(tx: &mut Tx, places: &[Place]) -> Result<BTreeMap<Place, Sky>, StoreError> {
    let mut skies: BTreeMap<Place, Sky> = places
        .iter()
        .map(|place| (place.clone(), Sky::default()))
        .collect();
    for piece in pieces(&padded(places)) {
        let rows: Vec<SkyRow> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("WITH k (place, name, owner) AS (");
            query.push_values(piece, |mut row, place| {
                row.push_bind(place.workspace_id)
                    .push_bind(place.project.as_str())
                    .push_bind(column(place.service_id));
            });
            query.push(
                ") SELECT m.workspace_id, m.project, m.service_id, m.meter, s.incident_id, s.storm FROM k \
                     CROSS JOIN storm_meters m LEFT JOIN storms s ON s.over_at IS NULL AND \
                     s.workspace_id = m.workspace_id AND s.project = m.project AND \
                     s.service_id = m.service_id WHERE m.workspace_id = k.place AND \
                     m.project = k.name AND m.service_id = k.owner",
            );
            query.build_query_as().fetch_all(conn).await?
        });
        for (workspace_id, project, service_id, meter, incident_id, storm) in rows {
            let meter: Kept<Meter> = read("storm_meters", workspace_id, &meter)?;
            let storm = incident_id.zip(storm).map(one).transpose()?;
            let sky = Sky {
                meter: meter.content(),
                storm,
            };
            let place = Place {
                workspace_id,
                project,
                service_id: Some(service_id).filter(|id| *id != 0),
            };
            skies.insert(place, sky);
        }
    }
    Ok(skies)
}

/// Keeps what projects send.
pub async fn save_meters(tx: &mut Tx, skies: &BTreeMap<Place, Sky>) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (place, sky) in skies {
        let meter = Kept::V1(sky.meter.clone());
        let text = write("storm_meters", place.workspace_id, &meter)?;
        rows.push((place, text));
    }
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO storm_meters (workspace_id, project, service_id, meter) ",
            );
            query.push_values(piece, |mut row, (place, meter)| {
                row.push_bind(place.workspace_id)
                    .push_bind(place.project.as_str())
                    .push_bind(column(place.service_id))
                    .push_bind(meter.as_str());
            });
            query.push(
                " ON CONFLICT (workspace_id, project, service_id) DO UPDATE SET \
                 meter = excluded.meter",
            );
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// Keeps storms of a workspace, in order: one that is over comes before the next of its project.
pub async fn save(tx: &mut Tx, workspace_id: i64, storms: &[Storm]) -> Result<(), StoreError> {
    for storm in storms {
        let text = write("storms", storm.incident_id, &Kept::V1(storm.clone()))?;
        on_engine!(tx, |conn| {
            sqlx::query(
                "INSERT INTO storms (incident_id, workspace_id, project, over_at, storm, service_id) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (incident_id) DO UPDATE SET \
                 over_at = excluded.over_at, storm = excluded.storm",
            )
            .bind(storm.incident_id)
            .bind(workspace_id)
            .bind(storm.project.as_str())
            .bind(storm.over_at.map(|at| at.0))
            .bind(text.as_str())
            .bind(column(storm.service_id))
            .execute(conn)
            .await?;
        });
    }
    Ok(())
}

/// The storms that are not over, by workspace, oldest first.
pub async fn open(tx: &mut Tx, limit: i64) -> Result<Vec<(i64, Storm)>, StoreError> {
    let rows: Vec<(i64, i64, String)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT workspace_id, incident_id, storm FROM storms WHERE over_at IS NULL \
             ORDER BY incident_id LIMIT $1",
        )
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter()
        .map(|(workspace_id, id, text)| Ok((workspace_id, one((id, text))?)))
        .collect()
}

/// The latest storms of a workspace, newest first, over or not.
pub async fn latest(tx: &mut Tx, workspace_id: i64, limit: i64) -> Result<Vec<Storm>, StoreError> {
    let rows: Vec<(i64, String)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT incident_id, storm FROM storms WHERE workspace_id = $1 \
             ORDER BY incident_id DESC LIMIT $2",
        )
        .bind(workspace_id)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter().map(one).collect()
}

/// The escalations of what triggered in a storm before it was one, and the pages that they still
/// owe, are over: the storm's own tells everybody. Answers how many runs ended.
pub async fn take_over(tx: &mut Tx, workspace_id: i64, storm: &Storm) -> Result<u64, StoreError> {
    const MEMBERS: &str = "incident_id <> $3 AND incident_id IN (SELECT r.incident_id \
         FROM escalation_runs r JOIN incidents i ON i.id = r.incident_id \
         WHERE r.workspace_id = $1 AND r.started_at >= $2 AND i.status = 'triggered' \
         AND coalesce(i.project, '') = $4 AND coalesce(i.service_id, 0) = $5 \
         AND i.triggered_at >= $2)";
    Ok(on_engine!(tx, |conn| {
        let mut ended = 0;
        for table in ["pages_owed", "escalation_runs"] {
            ended = sqlx::query(sql!("DELETE FROM {table} WHERE {MEMBERS}"))
                .bind(workspace_id)
                .bind(storm.began_at.0)
                .bind(storm.incident_id)
                .bind(storm.project.as_str())
                .bind(column(storm.service_id))
                .execute(&mut *conn)
                .await?
                .rows_affected();
        }
        ended
    }))
}

/// The members of a storm with the most events: number, title and events.
pub async fn loudest(
    tx: &mut Tx,
    workspace_id: i64,
    storm: &Storm,
    limit: i64,
) -> Result<Vec<(i64, String, i64)>, StoreError> {
    let from = epicenter_domain::id::first_id_at(storm.began_at);
    let until = storm.over_at.unwrap_or(Time(i64::MAX));
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT number, title, event_count FROM incidents \
             WHERE workspace_id = $1 AND id >= $2 AND coalesce(project, '') = $3 AND id <> $4 \
             AND triggered_at < $5 AND coalesce(service_id, 0) = $6 \
             ORDER BY event_count DESC, number LIMIT $7",
        )
        .bind(workspace_id)
        .bind(from)
        .bind(storm.project.as_str())
        .bind(storm.incident_id)
        .bind(until.0)
        .bind(column(storm.service_id))
        .bind(limit)
        .fetch_all(conn)
        .await?
    }))
}

fn one((id, text): (i64, String)) -> Result<Storm, StoreError> {
    let kept: Kept<Storm> = read("storms", id, &text)?;
    Ok(kept.content())
}
