//! Escalations under way: one run per incident at most.

use super::Kept;
use crate::batch::{padded, pieces};
use crate::rows::{from_json, json, ms, unreadable};
use crate::{StoreError, Tx};
use epicenter_domain::escalation::run::Run;
use epicenter_domain::incident::IncidentStatus;
use epicenter_domain::level::Severity;
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

/// An incident that has a run, or whose service has an escalation policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Incident.
    pub incident_id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Its status.
    pub status: IncidentStatus,
    /// Is it acknowledged with an end of its own: snoozed, or archived in Sentry?
    pub is_parked: bool,
    /// Is it in a storm that another incident tells of?
    pub is_in_storm: bool,
    /// Its severity.
    pub severity: Severity,
    /// The policy of its service.
    pub escalation_id: Option<i64>,
    /// The policy that the run follows, and how far it got.
    pub run: Option<(i64, Run)>,
    /// When the run began.
    pub started_at: Option<Time>,
}

#[derive(FromRow)]
struct FollowedRow {
    id: i64,
    workspace_id: i64,
    status: String,
    is_parked: bool,
    is_in_storm: bool,
    severity: String,
    escalation_id: Option<i64>,
    run_escalation_id: Option<i64>,
    run: Option<String>,
    started_at: Option<i64>,
}

impl TryFrom<FollowedRow> for Followed {
    type Error = StoreError;

    fn try_from(row: FollowedRow) -> Result<Self, StoreError> {
        let kept: Option<Kept<Run>> = from_json("escalation_runs", row.id, row.run.as_deref())?;
        Ok(Self {
            incident_id: row.id,
            workspace_id: row.workspace_id,
            status: IncidentStatus::parse(&row.status)
                .ok_or_else(|| unreadable("incidents", row.id, "status"))?,
            is_parked: row.is_parked,
            is_in_storm: row.is_in_storm,
            severity: Severity::parse(&row.severity)
                .ok_or_else(|| unreadable("incidents", row.id, "severity"))?,
            escalation_id: row.escalation_id,
            run: row.run_escalation_id.zip(kept.map(Kept::content)),
            started_at: row.started_at.map(Time),
        })
    }
}

/// Those of these incidents that have a run, or whose service has an escalation policy.
pub async fn followed(tx: &mut Tx, incident_ids: &[i64]) -> Result<Vec<Followed>, StoreError> {
    let mut all = Vec::new();
    for piece in pieces(&padded(incident_ids)) {
        let rows: Vec<FollowedRow> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT i.id, i.workspace_id, i.status, i.severity, o.escalation_id, \
                 i.snoozed_until IS NOT NULL OR i.archived_until IS NOT NULL AS is_parked, \
                 EXISTS (SELECT 1 FROM storms s WHERE s.workspace_id = i.workspace_id \
                 AND s.project = coalesce(i.project, '') \
                 AND s.service_id = coalesce(i.service_id, 0) AND s.over_at IS NULL \
                 AND s.incident_id <> i.id) AS is_in_storm, \
                 r.escalation_id AS run_escalation_id, r.run, r.started_at FROM incidents i \
                 LEFT JOIN service_owners o ON o.service_id = i.service_id \
                 LEFT JOIN escalation_runs r ON r.incident_id = i.id \
                 WHERE (o.escalation_id IS NOT NULL OR r.incident_id IS NOT NULL) AND i.id IN (",
            );
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(") ORDER BY i.id");
            query.build_query_as().fetch_all(conn).await?
        });
        for row in rows {
            all.push(Followed::try_from(row)?);
        }
    }
    all.dedup_by_key(|one| one.incident_id);
    Ok(all)
}

/// Keeps how far the run of an incident got.
pub async fn save(
    tx: &mut Tx,
    (workspace_id, incident_id): (i64, i64),
    (escalation_id, run): (i64, &Run),
    started_at: Time,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO escalation_runs (incident_id, workspace_id, escalation_id, run, \
             started_at, next_at, since_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (incident_id) DO UPDATE SET escalation_id = excluded.escalation_id, \
             run = excluded.run, started_at = excluded.started_at, next_at = excluded.next_at, \
             since_at = excluded.since_at",
        )
        .bind(incident_id)
        .bind(workspace_id)
        .bind(escalation_id)
        .bind(json(Some(&Kept::V1(run))))
        .bind(started_at.0)
        .bind(ms(run.next_at()))
        .bind(ms(run.since()))
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Forgets the run of an incident.
pub async fn delete(tx: &mut Tx, incident_id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM escalation_runs WHERE incident_id = $1")
            .bind(incident_id)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Incidents whose run is due, longest due first; also those that wait since after `ahead`, for
/// whom the clock has gone back.
pub async fn due(tx: &mut Tx, now: Time, ahead: Time, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT incident_id FROM escalation_runs \
             WHERE next_at <= $1 OR (since_at > $2 AND next_at IS NOT NULL) \
             ORDER BY next_at, incident_id LIMIT $3",
        )
        .bind(now.0)
        .bind(ahead.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    }))
}
