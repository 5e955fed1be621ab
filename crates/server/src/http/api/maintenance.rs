//! `/api/v1/maintenance`: times in which a service, or everything, is worked on, and not told of.

use super::bodies::PageBody;
use super::parameters::{self, Json};
use super::weekly::{self, WeekWindow};
use crate::app::App;
use crate::http::auth::{Caller, Responder};
use crate::http::problem::Problem;
use crate::limits::PLAN_MAINTENANCE;
use crate::operations::notice_settings::maintenance::WantedMaintenance;
use crate::operations::notice_settings::maintenance::{self as operation, ENDLESS};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_domain::routing::mute::Maintenance;
use epicenter_domain::time::Time;
use epicenter_store::notices::maintenance;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A maintenance window.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MaintenanceBody {
    /// `mnt_…`
    id: String,
    /// Name.
    name: String,
    /// `svc_…` of what is worked on; empty: everything.
    services: Vec<String>,
    /// What of them, as a CEL text; null: all.
    condition: Option<String>,
    /// From when.
    starts_at: String,
    /// Until when; null: until it is removed.
    ends_at: Option<String>,
    /// Between the two only then; null: all the time.
    weekly: Option<HoursBody>,
    /// Does it hold now?
    is_active: bool,
}

/// Hours of the week.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HoursBody {
    /// IANA time zone; UTC unless it is said.
    #[serde(default)]
    zone: String,
    /// The windows; none: always.
    windows: Vec<WeekWindow>,
}

impl MaintenanceBody {
    fn of(window: Maintenance, now: Time) -> Self {
        let services = window.services.iter();
        Self {
            id: IdKind::Maintenance.show(window.id),
            is_active: window.holds(now),
            services: services.map(|id| IdKind::Service.show(*id)).collect(),
            condition: window
                .condition
                .map(|condition| condition.text().to_owned()),
            starts_at: window.starts_at.rfc3339(),
            ends_at: (window.ends_at < ENDLESS).then(|| window.ends_at.rfc3339()),
            weekly: window.schedule.as_ref().map(|schedule| {
                let (zone, windows) = weekly::shown(schedule);
                HoursBody { zone, windows }
            }),
            name: window.name,
        }
    }
}

/// A window as it should be; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MaintenanceRequest {
    /// Name; a new window needs it.
    name: Option<String>,
    /// `svc_…` of what is worked on; empty: everything.
    services: Option<Vec<String>>,
    /// What of them, as a CEL text; empty: all.
    condition: Option<String>,
    /// From when; now unless it is said.
    starts_at: Option<String>,
    /// Until when; a new window needs it, unless it comes weekly.
    ends_at: Option<String>,
    /// Between the two only then; without windows: all the time.
    weekly: Option<HoursBody>,
}

impl MaintenanceRequest {
    fn wanted(self) -> Result<WantedMaintenance, Problem> {
        let time = |field: &str, text: Option<String>| {
            text.map(|text| parameters::time(field, &text)).transpose()
        };
        let id = |text: String| IdKind::Service.parse(&text);
        Ok(WantedMaintenance {
            name: self.name,
            services: self
                .services
                .map(|services| services.into_iter().map(id).collect()),
            condition: self.condition,
            starts_at: time("starts_at", self.starts_at)?,
            ends_at: time("ends_at", self.ends_at)?,
            weekly: self
                .weekly
                .map(|weekly| weekly::wanted(weekly.zone, weekly.windows)),
        })
    }
}

/// Lists the windows that are not over, soonest end first.
#[utoipa::path(
    get,
    path = "/api/v1/maintenance",
    tag = "silences",
    responses((status = 200, body = PageBody<MaintenanceBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<PageBody<MaintenanceBody>>, Problem> {
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let workspace_id = caller.workspace_id;
    let all = maintenance::ending_after(&mut tx, workspace_id, now, PLAN_MAINTENANCE).await?;
    tx.rollback().await?;
    let items = all.into_iter().map(|one| MaintenanceBody::of(one, now));
    Ok(axum::Json(PageBody {
        items: items.collect(),
        next_cursor: None,
    }))
}

async fn shown(
    app: &App,
    workspace_id: i64,
    id: i64,
) -> Result<axum::Json<MaintenanceBody>, Problem> {
    let mut tx = app.database.read().await?;
    let found = maintenance::find(&mut tx, workspace_id, id).await?;
    tx.rollback().await?;
    let window = found.ok_or_else(|| Problem::not_found("maintenance"))?;
    Ok(axum::Json(MaintenanceBody::of(window, app.clock.now())))
}

/// One window.
#[utoipa::path(
    get,
    path = "/api/v1/maintenance/{id}",
    tag = "silences",
    params(("id" = String, Path, description = "`mnt_…`")),
    responses((status = 200, body = MaintenanceBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<MaintenanceBody>, Problem> {
    let id = parameters::id(IdKind::Maintenance, "maintenance", &id)?;
    shown(&app, caller.workspace_id, id).await
}

/// Makes a window, once or weekly.
#[utoipa::path(
    post,
    path = "/api/v1/maintenance",
    tag = "silences",
    request_body = MaintenanceRequest,
    responses((status = 201, body = MaintenanceBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Json(request): Json<MaintenanceRequest>,
) -> Result<(StatusCode, axum::Json<MaintenanceBody>), Problem> {
    let id = operation::create(&app, caller.workspace_id, request.wanted()?).await?;
    let made = shown(&app, caller.workspace_id, id).await?;
    Ok((StatusCode::CREATED, made))
}

/// Changes a window.
#[utoipa::path(
    patch,
    path = "/api/v1/maintenance/{id}",
    tag = "silences",
    params(("id" = String, Path, description = "`mnt_…`")),
    request_body = MaintenanceRequest,
    responses((status = 200, body = MaintenanceBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
    Json(request): Json<MaintenanceRequest>,
) -> Result<axum::Json<MaintenanceBody>, Problem> {
    let id = parameters::id(IdKind::Maintenance, "maintenance", &id)?;
    let wanted = request.wanted()?;
    operation::edit(&app, (caller.workspace_id, id), wanted).await?;
    shown(&app, caller.workspace_id, id).await
}

/// Removes a window: what it holds back is told from now on.
#[utoipa::path(
    delete,
    path = "/api/v1/maintenance/{id}",
    tag = "silences",
    params(("id" = String, Path, description = "`mnt_…`")),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Maintenance, "maintenance", &id)?;
    operation::remove(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
