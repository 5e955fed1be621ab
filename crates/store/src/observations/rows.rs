//! Records as rows.

use crate::batch::pieces;
use crate::rows::from_json;
use crate::{StoreError, Tx};
use epicenter_domain::observation::{Author, Observation, Reference};
use epicenter_domain::time::Time;
use serde_json::{Map, Value};
use sqlx::{FromRow, QueryBuilder};

pub(super) const COLUMNS: &str = "o.id, o.workspace_id, o.source, o.source_type, o.source_id, \
     o.title, o.body, o.actor_id, o.actor_name, o.occurred_at, o.recorded_at, o.service_id, \
     o.incident_id, o.issue_id, o.delivery_id, o.named, o.metadata";

#[derive(FromRow)]
pub(super) struct Row {
    pub(super) id: i64,
    workspace_id: i64,
    source: String,
    source_type: String,
    source_id: String,
    title: String,
    body: String,
    actor_id: String,
    actor_name: String,
    occurred_at: i64,
    recorded_at: i64,
    service_id: Option<i64>,
    incident_id: Option<i64>,
    issue_id: Option<i64>,
    delivery_id: Option<i64>,
    named: String,
    metadata: String,
}

impl TryFrom<Row> for Observation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let table = "observations";
        let references: Option<Vec<Reference>> = from_json(table, row.id, Some(&row.named))?;
        let metadata: Option<Map<String, Value>> = from_json(table, row.id, Some(&row.metadata))?;
        Ok(Self {
            id: row.id,
            workspace_id: row.workspace_id,
            source: row.source,
            source_type: row.source_type,
            source_id: row.source_id,
            title: row.title,
            body: row.body,
            actor: Author {
                id: row.actor_id,
                name: row.actor_name,
            },
            occurred_at: Time(row.occurred_at),
            recorded_at: Time(row.recorded_at),
            service_id: row.service_id,
            incident_id: row.incident_id,
            issue_id: row.issue_id,
            delivery_id: row.delivery_id,
            references: references.unwrap_or_default(),
            metadata: metadata.unwrap_or_default(),
        })
    }
}

pub(super) fn read(rows: Vec<Row>) -> Result<Vec<Observation>, StoreError> {
    rows.into_iter().map(Observation::try_from).collect()
}

pub(super) async fn save(tx: &mut Tx, observations: &[Observation]) -> Result<(), StoreError> {
    let texts = observations.iter().map(|one| {
        // Our own types always serialise.
        let named = serde_json::to_string(&one.references).unwrap_or_default();
        (one, named, Value::Object(one.metadata.clone()).to_string())
    });
    let rows: Vec<(&Observation, String, String)> = texts.collect();
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO observations (id, workspace_id, source, source_type, source_id, \
                 title, body, actor_id, actor_name, occurred_at, recorded_at, service_id, \
                 incident_id, issue_id, delivery_id, named, metadata) ",
            );
            query.push_values(piece, |mut row, (one, named, metadata)| {
                row.push_bind(one.id)
                    .push_bind(one.workspace_id)
                    .push_bind(one.source.as_str())
                    .push_bind(one.source_type.as_str())
                    .push_bind(one.source_id.as_str())
                    .push_bind(one.title.as_str())
                    .push_bind(one.body.as_str())
                    .push_bind(one.actor.id.as_str())
                    .push_bind(one.actor.name.as_str())
                    .push_bind(one.occurred_at.0)
                    .push_bind(one.recorded_at.0)
                    .push_bind(one.service_id)
                    .push_bind(one.incident_id)
                    .push_bind(one.issue_id)
                    .push_bind(one.delivery_id)
                    .push_bind(named.as_str())
                    .push_bind(metadata.as_str());
            });
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

pub(super) async fn save_references(
    tx: &mut Tx,
    observations: &[Observation],
) -> Result<(), StoreError> {
    let rows: Vec<(&Observation, &Reference)> = observations
        .iter()
        .flat_map(|one| one.references.iter().map(move |reference| (one, reference)))
        .collect();
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO observation_references (workspace_id, kind, name, observation_id) ",
            );
            query.push_values(piece, |mut row, (one, reference)| {
                row.push_bind(one.workspace_id)
                    .push_bind(reference.kind.as_str())
                    .push_bind(reference.id.as_str())
                    .push_bind(one.id);
            });
            query.push(" ON CONFLICT (workspace_id, kind, name, observation_id) DO NOTHING");
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}
