//! `/api/v1/incidents/{id}/alerts`, `merge` and `split`.

use super::bodies::{IncidentBody, PageBody};
use super::incidents::{find, shown};
use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::{Caller, Responder};
use crate::http::problem::Problem;
use crate::operations::group_incidents::{Wanted, merge_incidents, split_incident};
use axum::extract::{Path, State};
use epicenter_domain::engine::Part;
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Alert, Incident};
use epicenter_domain::time::Time;
use epicenter_store::alerts;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// One alert of an incident.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AlertBody {
    /// `alr_…`
    id: String,
    /// Unique within its integration.
    dedup_key: String,
    /// `int_…`
    integration_id: String,
    /// `iss_…`, its entry in the error log.
    issue_id: Option<String>,
    /// Title.
    title: String,
    /// Does it still fire?
    is_open: bool,
    /// Does the incident look like this one?
    leads: bool,
    /// Signals that triggered it, all episodes together.
    signal_count: i64,
    /// Its events among those of the incident.
    event_count: i64,
    /// When it last opened.
    opened_at: Option<String>,
    /// When it last closed.
    closed_at: Option<String>,
}

fn alert_body(incident: &Incident, alert: Alert) -> AlertBody {
    let share = alert.share.as_deref();
    let (title, event_count) = share.map_or((&incident.title, incident.event_count), |share| {
        (&share.title, share.event_count)
    });
    AlertBody {
        id: IdKind::Alert.show(alert.id),
        integration_id: IdKind::Integration.show(alert.integration_id),
        issue_id: alert.issue_id.map(|id| IdKind::Issue.show(id)),
        title: title.clone(),
        is_open: alert.is_open,
        leads: incident.is_led_by(&alert),
        signal_count: alert.signal_count,
        event_count,
        opened_at: alert.opened_at.map(Time::rfc3339),
        closed_at: alert.closed_at.map(Time::rfc3339),
        dedup_key: alert.dedup_key,
    }
}

/// The alerts that it has now, oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/alerts",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    responses((status = 200, body = PageBody<AlertBody>), (status = 404, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<PageBody<AlertBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let incident = find(&mut tx, caller.workspace_id, &id).await?;
    let all = alerts::of_incident(&mut tx, incident.id).await?;
    tx.rollback().await?;
    let items = all
        .into_iter()
        .map(|alert| alert_body(&incident, alert))
        .collect();
    Ok(axum::Json(PageBody {
        items,
        next_cursor: None,
    }))
}

/// Into which incident.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MergeRequest {
    /// `inc_…` or the number.
    #[schema(value_type = String)]
    into: Name,
}

/// An incident's id, or its number, as text or as a number.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Name {
    Number(i64),
    Text(String),
}

impl Name {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.trim_start_matches('#').to_owned(),
        }
    }
}

/// Moves its alerts into another open incident; it ends as merged, and its number leads there.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/{id}/merge",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    request_body = MergeRequest,
    responses((status = 200, body = IncidentBody), (status = 409, body = Problem))
)]
pub(super) async fn merge(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
    Json(request): Json<MergeRequest>,
) -> Result<axum::Json<IncidentBody>, Problem> {
    let mut tx = app.database.read().await?;
    let source = find(&mut tx, caller.workspace_id, &id).await?;
    let target = find(&mut tx, caller.workspace_id, &request.into.text()).await?;
    tx.rollback().await?;
    let pair = (source.id, target.id);
    merge_incidents(&app, caller.workspace_id, pair, &caller.actor).await?;
    shown(&app, caller.workspace_id, &id).await
}

/// What is taken out. Nothing: the incident itself, of the one that it was merged into.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SplitRequest {
    /// One alert: `alr_…`
    alert: Option<String>,
    /// All that was merged from this incident: `inc_…` or the number.
    #[schema(value_type = Option<String>)]
    incident: Option<Name>,
}

/// Takes an alert, or what was merged, out again. Answers the incident that it is now.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/{id}/split",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    request_body = SplitRequest,
    responses((status = 200, body = IncidentBody), (status = 409, body = Problem))
)]
pub(super) async fn split(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
    Json(request): Json<SplitRequest>,
) -> Result<axum::Json<IncidentBody>, Problem> {
    let mut tx = app.database.read().await?;
    let incident = find(&mut tx, caller.workspace_id, &id).await?;
    let wanted = match (&request.alert, &request.incident) {
        (Some(_), Some(_)) => {
            let message = "give either an alert or an incident, not both";
            return Err(Problem::invalid("alert", message));
        }
        (Some(alert), None) => {
            let id = parameters::id(IdKind::Alert, "alert", alert)?;
            Wanted::Part(Part::Alert(id))
        }
        (None, Some(name)) => {
            let home = find(&mut tx, caller.workspace_id, &name.text()).await?;
            Wanted::Part(Part::Merged(home.id))
        }
        (None, None) => Wanted::Itself,
    };
    tx.rollback().await?;
    let what = (incident.id, wanted);
    let now_in = split_incident(&app, caller.workspace_id, what, &caller.actor).await?;
    let id = IdKind::Incident.show(now_in);
    shown(&app, caller.workspace_id, &id).await
}
