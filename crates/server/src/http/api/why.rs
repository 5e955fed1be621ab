//! `/api/v1/incidents/{id}/why`: who was told of it, who not, and for what reason.

use super::bodies::ServiceRef;
use super::incidents::find;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::operations::notice_settings::{Account, Answer, accounts};
use axum::extract::{Path, State};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Alert, Incident};
use epicenter_domain::time::Time;
use epicenter_store::alerts;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Who was told of an incident, who not, and for what reason.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WhyBody {
    /// Why each of its alerts is in it, when there are several.
    alerts: Vec<JoinedBody>,
    /// Every destination of the workspace.
    destinations: Vec<ReasonBody>,
}

/// One of several alerts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JoinedBody {
    /// `alr_…`
    id: String,
    /// Short id and title.
    name: String,
    /// Why it is in this incident, a sentence.
    reason: String,
}

fn joined(incident: &Incident, alert: &Alert) -> Option<JoinedBody> {
    let share = alert.share.as_deref()?;
    let reason = if incident.is_led_by(alert) {
        "It opened the incident".to_owned()
    } else {
        let by_hand = || "A person merged it into this incident".to_owned();
        share.why.clone().unwrap_or_else(by_hand)
    };
    Some(JoinedBody {
        id: IdKind::Alert.show(alert.id),
        name: share.name(),
        reason,
    })
}

/// What was decided about one destination.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReasonBody {
    /// The destination.
    destination: ServiceRef,
    /// notify, suppress, wait; `not_addressed` where it hears nothing of this incident; pending
    /// where nothing was decided yet.
    verdict: String,
    /// Which stage says so: transient, snooze, silence, maintenance, inhibition, storm, flapping,
    /// timing, `quiet_hours`, `destination_limit`, `person_limit`.
    stage: Option<String>,
    /// Why, a sentence.
    reason: String,
    /// When it was decided.
    planned_at: Option<String>,
    /// When that may change by itself.
    until: Option<String>,
    /// When it was last told anything of this incident.
    told_at: Option<String>,
    /// `ntf_…` of the newest notifications about it there, newest first.
    notifications: Vec<SentBody>,
}

/// A notification about the incident.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SentBody {
    /// `ntf_…`
    id: String,
    /// triggered, acknowledged, resolved…
    kind: String,
    /// waiting, delivered, failed, replaced or dropped.
    state: String,
    /// When it was decided.
    created_at: String,
}

impl From<Account> for ReasonBody {
    fn from(account: Account) -> Self {
        let Answer {
            verdict,
            stage,
            reason,
            until,
        } = account.answer;
        let sent = account.sent.into_iter().map(|record| SentBody {
            id: IdKind::Notification.show(record.id),
            kind: record.notice.kind.as_str().to_owned(),
            state: record.state,
            created_at: record.created_at.rfc3339(),
        });
        Self {
            destination: ServiceRef {
                id: IdKind::Destination.show(account.destination.id),
                name: account.destination.name,
            },
            verdict: verdict.to_owned(),
            stage: stage.map(str::to_owned),
            reason,
            planned_at: account.planned_at.map(Time::rfc3339),
            until: until.map(Time::rfc3339),
            told_at: account.told_at.map(Time::rfc3339),
            notifications: sent.collect(),
        }
    }
}

/// Who was told of it, who not, and why.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/why",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    responses((status = 200, body = WhyBody), (status = 404, body = Problem))
)]
pub(super) async fn why(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<WhyBody>, Problem> {
    let mut tx = app.database.read().await?;
    let incident = find(&mut tx, caller.workspace_id, &id).await?;
    let all = accounts(&mut tx, &incident).await?;
    let members = alerts::of_incident(&mut tx, incident.id).await?;
    tx.rollback().await?;
    let destinations = all.into_iter().map(ReasonBody::from).collect();
    let alerts = members.iter().filter_map(|alert| joined(&incident, alert));
    Ok(axum::Json(WhyBody {
        alerts: alerts.collect(),
        destinations,
    }))
}
