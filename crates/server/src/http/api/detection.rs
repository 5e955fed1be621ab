//! `/api/v1/detection`: what Epicenter notices by itself about issues, and what it does about it;
//! `/api/v1/issues/muted`: issues that are muted for ever but still happen.

use super::bodies::PageBody;
use super::parameters::{self, Json, Paging, Query};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::detect::{Wanted, forget_detection, set_detection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::AutoResolve;
use epicenter_domain::routing::detect::{Detection, Reaction, mute_of};
use epicenter_store::detection::MutedIssue;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What is looked for, and what is done about it: `off`, `line` (in the timeline and the memory),
/// `tell` (that, and whoever was told of the open incident is told of it) or `open` (that, and where
/// no incident is open, one opens).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DetectionBody {
    /// Many more events in a minute than usual.
    spike: String,
    /// Events again after a quiet time.
    returned: String,
    /// The tenth, hundredth, thousandth… event of an open issue.
    grown: String,
    /// Muted for ever, but ten times as loud as then.
    loud_though_muted: String,
    /// The first event of an issue of which no alert has told.
    new_issue: String,
    /// The first event of an issue in an environment.
    new_in_environment: String,
    /// The first event of an issue in a release.
    new_in_release: String,
    /// An event of what is fixed already, from an old client or where the fix is not deployed yet.
    /// `off` and `line`: it opens nothing.
    false_regression: String,
    /// Times the usual that are a spike.
    spike_times: u32,
    /// Events in a minute below which nothing is a spike.
    spike_floor: u32,
    /// Minutes without events after which one is a return.
    quiet_minutes: u32,
    /// Whether an incident that has gone quiet is resolved by itself: `off`, `quiet` (after
    /// `auto_resolve_minutes`) or `gaps` (after `auto_resolve_gaps` times the usual gap between its
    /// signals, half an hour at least and seven days at most). Sentry is not told.
    auto_resolve: String,
    /// Minutes without signals; also for `gaps` while too few signals came to know a usual gap.
    auto_resolve_minutes: u32,
    /// Times the usual gap.
    auto_resolve_gaps: u32,
    /// Does the service say this itself? Only told, never read.
    #[serde(skip_deserializing)]
    is_own: bool,
}

impl Default for DetectionBody {
    fn default() -> Self {
        Self::of(&Detection::default(), false)
    }
}

impl DetectionBody {
    fn of(detection: &Detection, is_own: bool) -> Self {
        let word = |reaction: Reaction| reaction.as_str().to_owned();
        Self {
            spike: word(detection.spike),
            returned: word(detection.returned),
            grown: word(detection.grown),
            loud_though_muted: word(detection.loud_though_muted),
            new_issue: word(detection.new_issue),
            new_in_environment: word(detection.new_in_environment),
            new_in_release: word(detection.new_in_release),
            false_regression: word(detection.false_regression),
            spike_times: detection.spike_times,
            spike_floor: detection.spike_floor,
            quiet_minutes: detection.quiet_minutes,
            auto_resolve: detection.auto_resolve.as_str().to_owned(),
            auto_resolve_minutes: detection.auto_resolve_minutes,
            auto_resolve_gaps: detection.auto_resolve_gaps,
            is_own,
        }
    }

    fn read(&self) -> Result<Detection, Problem> {
        let read = |field: &str, word: &str| {
            Reaction::parse(word)
                .ok_or_else(|| Problem::invalid(field, "must be off, line, tell or open"))
        };
        Ok(Detection {
            spike: read("spike", &self.spike)?,
            returned: read("returned", &self.returned)?,
            grown: read("grown", &self.grown)?,
            loud_though_muted: read("loud_though_muted", &self.loud_though_muted)?,
            new_issue: read("new_issue", &self.new_issue)?,
            new_in_environment: read("new_in_environment", &self.new_in_environment)?,
            new_in_release: read("new_in_release", &self.new_in_release)?,
            false_regression: read("false_regression", &self.false_regression)?,
            spike_times: self.spike_times,
            spike_floor: self.spike_floor,
            quiet_minutes: self.quiet_minutes,
            auto_resolve: AutoResolve::parse(&self.auto_resolve)
                .ok_or_else(|| Problem::invalid("auto_resolve", "must be off, quiet or gaps"))?,
            auto_resolve_minutes: self.auto_resolve_minutes,
            auto_resolve_gaps: self.auto_resolve_gaps,
        })
    }
}

fn shown(app: &App, wanted: Wanted) -> axum::Json<DetectionBody> {
    let registry = app.registry.snapshot();
    let (workspace_id, service_id) = (wanted.workspace_id, wanted.service_id);
    let detection = registry.detection(workspace_id, service_id);
    let is_own = registry.has_own_detection(workspace_id, service_id);
    axum::Json(DetectionBody::of(&detection, is_own))
}

fn workspace(caller: &Caller) -> Wanted {
    Wanted {
        workspace_id: caller.workspace_id,
        service_id: None,
    }
}

async fn service(app: &App, caller: &Caller, id: &str) -> Result<Wanted, Problem> {
    let id = parameters::id(IdKind::Service, "service", id)?;
    let mut tx = app.database.read().await?;
    let known = epicenter_store::services::by_id(&mut tx, caller.workspace_id, id).await?;
    tx.rollback().await?;
    known.ok_or_else(|| Problem::not_found("service"))?;
    Ok(Wanted {
        workspace_id: caller.workspace_id,
        service_id: Some(id),
    })
}

/// What is noticed, for services that say nothing themselves.
#[utoipa::path(
    get,
    path = "/api/v1/detection",
    tag = "issues",
    responses((status = 200, body = DetectionBody))
)]
pub(super) async fn show(State(app): State<Arc<App>>, caller: Caller) -> axum::Json<DetectionBody> {
    shown(&app, workspace(&caller))
}

/// Sets what is noticed; what is left out is as by default.
#[utoipa::path(
    put,
    path = "/api/v1/detection",
    tag = "issues",
    request_body = DetectionBody,
    responses((status = 200, body = DetectionBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(body): Json<DetectionBody>,
) -> Result<axum::Json<DetectionBody>, Problem> {
    let wanted = workspace(&caller);
    set_detection(&app, wanted, &body.read()?).await?;
    Ok(shown(&app, wanted))
}

/// What is noticed about the issues of a service.
#[utoipa::path(
    get,
    path = "/api/v1/services/{id}/detection",
    tag = "issues",
    params(("id" = String, Path, description = "`svc_…`")),
    responses((status = 200, body = DetectionBody), (status = 404, body = Problem))
)]
pub(super) async fn show_service(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<DetectionBody>, Problem> {
    Ok(shown(&app, service(&app, &caller, &id).await?))
}

/// Sets what is noticed about the issues of a service; what is left out is as by default.
#[utoipa::path(
    put,
    path = "/api/v1/services/{id}/detection",
    tag = "issues",
    params(("id" = String, Path, description = "`svc_…`")),
    request_body = DetectionBody,
    responses((status = 200, body = DetectionBody), (status = 400, body = Problem))
)]
pub(super) async fn change_service(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(body): Json<DetectionBody>,
) -> Result<axum::Json<DetectionBody>, Problem> {
    let wanted = service(&app, &caller, &id).await?;
    set_detection(&app, wanted, &body.read()?).await?;
    Ok(shown(&app, wanted))
}

/// Forgets what a service said itself: the settings of the workspace count again.
#[utoipa::path(
    delete,
    path = "/api/v1/services/{id}/detection",
    tag = "issues",
    params(("id" = String, Path, description = "`svc_…`")),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn forget_service(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let wanted = service(&app, &caller, &id).await?;
    forget_detection(&app, wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An issue that nobody will hear of again, although it still happens.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MutedBody {
    /// `iss_…`
    id: String,
    /// As Sentry shows it.
    short_id: Option<String>,
    /// Title.
    title: String,
    /// Sentry project.
    project: Option<String>,
    /// `archived for ever` or `resolved in the next release`.
    why: String,
    /// Since when it is known to be muted.
    muted_since: String,
    /// Events since then.
    events_since: i64,
    /// Its last event.
    last_seen_at: String,
    /// Its page in Sentry.
    permalink: Option<String>,
}

impl From<MutedIssue> for MutedBody {
    fn from(muted: MutedIssue) -> Self {
        let issue = muted.issue;
        Self {
            id: IdKind::Issue.show(issue.id),
            why: mute_of(&issue).unwrap_or("muted").to_owned(),
            short_id: issue.short_id,
            title: issue.title,
            project: issue.project_slug,
            muted_since: muted.since.rfc3339(),
            events_since: muted.events,
            last_seen_at: issue.last_seen_at.rfc3339(),
            permalink: issue.permalink,
        }
    }
}

/// Issues that are muted for ever (archived without an end, or resolved in the next release) but
/// still happen, the loudest first. `PATCH /api/v1/issues/{id}` with `unresolved` repairs one.
#[utoipa::path(
    get,
    path = "/api/v1/issues/muted",
    tag = "issues",
    params(Paging),
    responses((status = 200, body = PageBody<MutedBody>))
)]
pub(super) async fn muted(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<PageBody<MutedBody>>, Problem> {
    let place = (paging.cursor.as_deref(), paging.limit()?);
    let mut tx = app.database.read().await?;
    let page = epicenter_store::detection::muted(&mut tx, caller.workspace_id, place).await?;
    tx.rollback().await?;
    Ok(axum::Json(PageBody {
        items: page.items.into_iter().map(MutedBody::from).collect(),
        next_cursor: page.next_cursor,
    }))
}
