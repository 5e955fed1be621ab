//! Rows of `incidents`.

use crate::batch::{padded, pieces};
use crate::rows::{from_json, json, ms, unreadable};
use crate::{StoreError, Tx};
use epicenter_domain::engine::{Slice, Tracked};
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::level::Severity;
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

/// The columns of [`IncidentRow`].
pub(crate) const COLUMNS: &str = "id, workspace_id, number, service_id, integration_id, issue_id, title, status, severity, \
    source, dedup_key, project, environment, release, culprit, alert_count, event_count, \
    user_count, assignee, archived_until, snoozed_until, opened_at, first_seen_at, \
    last_seen_at, acknowledged_at, resolved_at, previous_incident_id, sentry_issue_id, \
    short_id, permalink, updated_at, triggered_at, suspended_until, merged_into_id, merged, \
    is_apart";

#[derive(Debug, FromRow)]
pub(crate) struct IncidentRow {
    pub(crate) id: i64,
    pub(crate) workspace_id: i64,
    pub(crate) number: i64,
    pub(crate) service_id: Option<i64>,
    pub(crate) integration_id: i64,
    pub(crate) issue_id: Option<i64>,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) severity: String,
    pub(crate) source: String,
    pub(crate) dedup_key: String,
    pub(crate) project: Option<String>,
    pub(crate) environment: Option<String>,
    pub(crate) release: Option<String>,
    pub(crate) culprit: Option<String>,
    pub(crate) alert_count: i64,
    pub(crate) event_count: i64,
    pub(crate) user_count: i64,
    pub(crate) assignee: Option<String>,
    pub(crate) archived_until: Option<String>,
    pub(crate) snoozed_until: Option<i64>,
    pub(crate) opened_at: i64,
    pub(crate) first_seen_at: i64,
    pub(crate) last_seen_at: i64,
    pub(crate) acknowledged_at: Option<i64>,
    pub(crate) resolved_at: Option<i64>,
    pub(crate) previous_incident_id: Option<i64>,
    pub(crate) sentry_issue_id: Option<String>,
    pub(crate) short_id: Option<String>,
    pub(crate) permalink: Option<String>,
    pub(crate) updated_at: i64,
    pub(crate) triggered_at: i64,
    pub(crate) suspended_until: Option<i64>,
    pub(crate) merged: Option<String>,
    pub(crate) is_apart: bool,
}

pub(super) async fn load(tx: &mut Tx, ids: &[i64], slice: &mut Slice) -> Result<(), StoreError> {
    for piece in pieces(&padded(ids)) {
        let rows: Vec<IncidentRow> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("SELECT ");
            query.push(COLUMNS).push(" FROM incidents WHERE id IN (");
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await?
        });
        for row in rows {
            let incident = Incident::try_from(row)?;
            slice
                .incidents
                .entry(incident.id)
                .or_insert(Tracked::loaded(incident));
        }
    }
    Ok(())
}

/// The highest incident number of a workspace; 0 when there is none.
pub(super) async fn last_number(tx: &mut Tx, workspace_id: i64) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT max(number) FROM incidents WHERE workspace_id = $1")
            .bind(workspace_id)
            .fetch_one(conn)
            .await
            .map(|number: Option<i64>| number.unwrap_or(0))?
    }))
}

pub(super) async fn save(tx: &mut Tx, incidents: &[&Tracked<Incident>]) -> Result<(), StoreError> {
    for piece in pieces(incidents) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("INSERT INTO incidents (");
            query.push(COLUMNS).push(") ");
            query.push_values(piece, |mut row, tracked| {
                let incident = &tracked.row;
                row.push_bind(incident.id)
                    .push_bind(incident.workspace_id)
                    .push_bind(incident.number)
                    .push_bind(incident.service_id)
                    .push_bind(incident.integration_id)
                    .push_bind(incident.issue_id)
                    .push_bind(incident.title.as_str())
                    .push_bind(incident.status.as_str())
                    .push_bind(incident.severity.as_str())
                    .push_bind(incident.source.as_str())
                    .push_bind(incident.dedup_key.as_str())
                    .push_bind(incident.project.as_deref())
                    .push_bind(incident.environment.as_deref())
                    .push_bind(incident.release.as_deref())
                    .push_bind(incident.culprit.as_deref())
                    .push_bind(incident.alert_count)
                    .push_bind(incident.event_count)
                    .push_bind(incident.user_count)
                    .push_bind(json(incident.assignee.as_ref()))
                    .push_bind(incident.archived_until.as_deref())
                    .push_bind(ms(incident.snoozed_until))
                    .push_bind(incident.opened_at.0)
                    .push_bind(incident.first_seen_at.0)
                    .push_bind(incident.last_seen_at.0)
                    .push_bind(ms(incident.acknowledged_at))
                    .push_bind(ms(incident.resolved_at))
                    .push_bind(incident.previous_incident_id)
                    .push_bind(incident.sentry_issue_id.as_deref())
                    .push_bind(incident.short_id.as_deref())
                    .push_bind(incident.permalink.as_deref())
                    .push_bind(incident.updated_at.0)
                    .push_bind(incident.triggered_at.0)
                    .push_bind(ms(incident.suspended_until))
                    .push_bind(incident.merged.as_ref().map(|merged| merged.into_id))
                    .push_bind(json(incident.merged.as_ref()))
                    .push_bind(incident.is_apart);
            });
            query.push(UPDATE);
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// What an existing row takes over.
const UPDATE: &str = " ON CONFLICT (id) DO UPDATE SET service_id = excluded.service_id, issue_id = \
    excluded.issue_id, title = excluded.title, status = excluded.status, severity = \
    excluded.severity, source = excluded.source, project = excluded.project, environment = \
    excluded.environment, release = excluded.release, culprit = excluded.culprit, alert_count \
    = excluded.alert_count, event_count = excluded.event_count, user_count = \
    excluded.user_count, assignee = excluded.assignee, archived_until = \
    excluded.archived_until, snoozed_until = excluded.snoozed_until, first_seen_at = \
    excluded.first_seen_at, last_seen_at = excluded.last_seen_at, acknowledged_at = \
    excluded.acknowledged_at, resolved_at = excluded.resolved_at, previous_incident_id = \
    excluded.previous_incident_id, sentry_issue_id = excluded.sentry_issue_id, short_id = \
    excluded.short_id, permalink = excluded.permalink, updated_at = excluded.updated_at, \
    triggered_at = excluded.triggered_at, suspended_until = excluded.suspended_until, \
    merged_into_id = excluded.merged_into_id, merged = excluded.merged, \
    is_apart = excluded.is_apart";

impl TryFrom<IncidentRow> for Incident {
    type Error = StoreError;

    fn try_from(row: IncidentRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            workspace_id: row.workspace_id,
            number: row.number,
            service_id: row.service_id,
            integration_id: row.integration_id,
            issue_id: row.issue_id,
            title: row.title,
            status: IncidentStatus::parse(&row.status)
                .ok_or_else(|| unreadable("incidents", row.id, "status"))?,
            severity: Severity::parse(&row.severity)
                .ok_or_else(|| unreadable("incidents", row.id, "severity"))?,
            source: row.source,
            dedup_key: row.dedup_key,
            project: row.project,
            environment: row.environment,
            release: row.release,
            culprit: row.culprit,
            alert_count: row.alert_count,
            event_count: row.event_count,
            user_count: row.user_count,
            assignee: from_json("incidents", row.id, row.assignee.as_deref())?,
            archived_until: row.archived_until,
            snoozed_until: row.snoozed_until.map(Time),
            opened_at: Time(row.opened_at),
            first_seen_at: Time(row.first_seen_at),
            last_seen_at: Time(row.last_seen_at),
            acknowledged_at: row.acknowledged_at.map(Time),
            resolved_at: row.resolved_at.map(Time),
            previous_incident_id: row.previous_incident_id,
            sentry_issue_id: row.sentry_issue_id,
            short_id: row.short_id,
            permalink: row.permalink,
            updated_at: Time(row.updated_at),
            triggered_at: Time(row.triggered_at),
            suspended_until: row.suspended_until.map(Time),
            merged: from_json("incidents", row.id, row.merged.as_deref())?,
            is_apart: row.is_apart,
        })
    }
}
