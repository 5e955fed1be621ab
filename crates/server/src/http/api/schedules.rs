//! `/api/v1/schedules`: who takes turns. `shifts` says who is on call.

use super::bodies::PageBody;
use super::parameters::{self, Json, Paging, Query};
use super::people::{WindowBody, user_id};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::people::schedules::{self as operation, WantedLayer, WantedSchedule};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::escalation::schedule::Layer;
use epicenter_domain::id::IdKind;
use epicenter_store::people::schedules::{self, ScheduleRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A schedule.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScheduleBody {
    /// `sch_…`
    id: String,
    /// Name.
    name: String,
    /// IANA time zone of its wall clock.
    zone: String,
    /// Who takes turns; later layers win over earlier ones.
    layers: Vec<LayerBody>,
    /// Address of its calendar (RFC 5545), to be subscribed to; null for those who may only look.
    calendar_url: Option<String>,
    /// When it was made.
    created_at: String,
}

/// People who take turns.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LayerBody {
    /// Name.
    #[serde(default)]
    name: String,
    /// `usr_…` in the order of their turns.
    participants: Vec<String>,
    /// What a turn is counted in: hours, days or weeks.
    unit: String,
    /// Units of one turn.
    #[serde(default = "one")]
    every: u16,
    /// Date of the first turn; its day of the week is that of weekly hand-overs.
    starts_on: String,
    /// Time of day of the first hand-over, on the schedule's wall clock: `09:00`.
    hand_over: String,
    /// When the layer is on; empty: always.
    #[serde(default)]
    windows: Vec<WindowBody>,
}

fn one() -> u16 {
    1
}

impl LayerBody {
    fn of(layer: &Layer) -> Self {
        let participants = layer.participants.iter();
        Self {
            name: layer.name.clone(),
            participants: participants.map(|id| IdKind::User.show(*id)).collect(),
            unit: layer.unit.as_str().to_owned(),
            every: layer.every,
            starts_on: layer.starts_on.show(),
            hand_over: layer.hand_over.show(),
            windows: layer.windows.iter().map(WindowBody::of).collect(),
        }
    }

    fn wanted(self) -> WantedLayer {
        let participants = self.participants.iter();
        WantedLayer {
            participants: participants.map(|text| user_id(text)).collect(),
            name: self.name,
            unit: self.unit,
            every: self.every,
            starts_on: self.starts_on,
            hand_over: self.hand_over,
            windows: self.windows.into_iter().map(WindowBody::wanted).collect(),
        }
    }
}

/// A schedule as it should be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleRequest {
    /// Name, unique in the workspace.
    name: String,
    /// IANA time zone of its wall clock: `Europe/Paris`.
    zone: String,
    /// Who takes turns; later layers win over earlier ones.
    layers: Vec<LayerBody>,
}

impl ScheduleRequest {
    fn wanted(self) -> WantedSchedule {
        WantedSchedule {
            name: self.name,
            zone: self.zone,
            layers: self.layers.into_iter().map(LayerBody::wanted).collect(),
        }
    }
}

fn body(app: &App, caller: &Caller, record: &ScheduleRecord) -> ScheduleBody {
    let id = IdKind::Schedule.show(record.id);
    let may_subscribe = caller.must_respond().is_ok();
    let calendar_url = may_subscribe.then(|| {
        let base = app.config.base_url();
        let key = &record.feed_key;
        format!("{base}/api/v1/schedules/{id}/calendar.ics?token={key}")
    });
    ScheduleBody {
        id,
        name: record.name.clone(),
        zone: record.zone.name().to_owned(),
        layers: record.layers.iter().map(LayerBody::of).collect(),
        calendar_url,
        created_at: record.created_at.rfc3339(),
    }
}

/// Lists schedules.
#[utoipa::path(
    get,
    path = "/api/v1/schedules",
    tag = "schedules",
    params(Paging),
    responses((status = 200, body = PageBody<ScheduleBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<PageBody<ScheduleBody>>, Problem> {
    let limit = paging.limit()?;
    let mut tx = app.database.read().await?;
    let cursor = paging.cursor.as_deref();
    let page = schedules::list(&mut tx, caller.workspace_id, cursor, limit).await?;
    tx.rollback().await?;
    let items = page.items.iter().map(|record| body(&app, &caller, record));
    Ok(axum::Json(PageBody {
        items: items.collect(),
        next_cursor: page.next_cursor,
    }))
}

pub(super) async fn find(app: &App, caller: &Caller, id: &str) -> Result<ScheduleRecord, Problem> {
    let id = parameters::id(IdKind::Schedule, "schedule", id)?;
    let mut tx = app.database.read().await?;
    let found = schedules::by_id(&mut tx, caller.workspace_id, id).await?;
    tx.rollback().await?;
    found.ok_or_else(|| Problem::not_found("schedule"))
}

/// One schedule.
#[utoipa::path(
    get,
    path = "/api/v1/schedules/{id}",
    tag = "schedules",
    params(("id" = String, Path, description = "`sch_…`")),
    responses((status = 200, body = ScheduleBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<ScheduleBody>, Problem> {
    let record = find(&app, &caller, &id).await?;
    Ok(axum::Json(body(&app, &caller, &record)))
}

/// Makes a schedule.
#[utoipa::path(
    post,
    path = "/api/v1/schedules",
    tag = "schedules",
    request_body = ScheduleRequest,
    responses((status = 201, body = ScheduleBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<ScheduleRequest>,
) -> Result<(StatusCode, axum::Json<ScheduleBody>), Problem> {
    let id = operation::create(&app, caller.workspace_id, &request.wanted()).await?;
    let record = find(&app, &caller, &IdKind::Schedule.show(id)).await?;
    let made = body(&app, &caller, &record);
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// Changes a schedule; its overrides and the address of its calendar stay.
#[utoipa::path(
    put,
    path = "/api/v1/schedules/{id}",
    tag = "schedules",
    params(("id" = String, Path, description = "`sch_…`")),
    request_body = ScheduleRequest,
    responses((status = 200, body = ScheduleBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<ScheduleRequest>,
) -> Result<axum::Json<ScheduleBody>, Problem> {
    let schedule_id = parameters::id(IdKind::Schedule, "schedule", &id)?;
    let wanted = request.wanted();
    operation::change(&app, caller.workspace_id, schedule_id, &wanted).await?;
    let record = find(&app, &caller, &id).await?;
    Ok(axum::Json(body(&app, &caller, &record)))
}

/// Deletes a schedule that no escalation policy names.
#[utoipa::path(
    delete,
    path = "/api/v1/schedules/{id}",
    tag = "schedules",
    params(("id" = String, Path, description = "`sch_…`")),
    responses((status = 204), (status = 409, body = Problem))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Schedule, "schedule", &id)?;
    operation::delete(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives the calendar another address; the old one stops to work at once.
#[utoipa::path(
    post,
    path = "/api/v1/schedules/{id}/calendar/rotate",
    tag = "schedules",
    params(("id" = String, Path, description = "`sch_…`")),
    responses((status = 200, body = ScheduleBody), (status = 404, body = Problem))
)]
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<axum::Json<ScheduleBody>, Problem> {
    let schedule_id = parameters::id(IdKind::Schedule, "schedule", &id)?;
    operation::rotate_feed(&app, caller.workspace_id, schedule_id).await?;
    let record = find(&app, &caller, &id).await?;
    Ok(axum::Json(body(&app, &caller, &record)))
}
