//! `/api/v1/health`: how Epicenter itself is.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::operations::health::{self, Figures, Health};
use axum::extract::State;
use epicenter_domain::health::{Capture, Finding};
use epicenter_domain::time::Time;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// One line.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingBody {
    /// deliveries, integrations, sentry, notices, itself, workers or storage.
    part: &'static str,
    /// A stable word for programs, such as `backlog`.
    code: &'static str,
    /// The thing by name, such as an integration; empty: the whole part.
    name: String,
    /// ok, attention or broken.
    status: &'static str,
    /// One or two sentences.
    says: String,
    /// What to do; empty: nothing.
    todo: String,
}

/// The figures behind the lines.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FiguresBody {
    /// Requests of proven senders that were stored in 24 hours.
    stored: i64,
    /// Requests whose sender was not proven.
    refused: i64,
    /// Requests of proven senders that were answered 503.
    not_stored: i64,
    /// Deliveries that wait for their verdict; counted up to 10000.
    waiting: i64,
    /// Since when the oldest waits.
    waiting_since: Option<String>,
    /// Deliveries that were left aside.
    parked: i64,
    /// Bytes of the database.
    database_bytes: i64,
    /// Bytes a day; null until it is known.
    growth_bytes_per_day: Option<i64>,
    /// Bytes in 30 days, if it goes on like this.
    forecast_bytes: Option<i64>,
    /// Free bytes on the disk of a SQLite database.
    disk_free_bytes: Option<i64>,
    /// New issues of 24 hours; null where Sentry's API is not asked.
    capture: Option<CaptureBody>,
    /// The same day by day (UTC), oldest first; 14 days at most.
    capture_days: Vec<CaptureBody>,
}

/// How much of what was new in Sentry is known here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaptureBody {
    /// The day, such as 2026-01-06; null: the last 24 hours.
    day: Option<String>,
    /// Issues that webhooks told of.
    heard: i64,
    /// Issues that only the sync found.
    synced: i64,
    /// Percent that is known by webhooks alone.
    before_percent: i64,
    /// Percent that is known with the sync.
    after_percent: i64,
}

impl CaptureBody {
    fn new(day: Option<Time>, capture: Capture) -> Self {
        let day = day.map(|at| at.rfc3339().chars().take(10).collect());
        Self {
            day,
            heard: capture.heard,
            synced: capture.synced,
            before_percent: capture.before(),
            after_percent: capture.after(),
        }
    }
}

/// How Epicenter is. Counts are at most a minute old.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthBody {
    /// The worst of its lines: ok, attention or broken.
    status: &'static str,
    /// When it was asked.
    at: String,
    /// The lines.
    findings: Vec<FindingBody>,
    /// The figures.
    figures: FiguresBody,
}

impl From<Finding> for FindingBody {
    fn from(finding: Finding) -> Self {
        Self {
            part: finding.part.as_str(),
            code: finding.code,
            name: finding.name,
            status: finding.level.as_str(),
            says: finding.says,
            todo: finding.todo,
        }
    }
}

impl From<Figures> for FiguresBody {
    fn from(figures: Figures) -> Self {
        Self {
            stored: figures.traffic.stored,
            refused: figures.traffic.refused,
            not_stored: figures.traffic.not_stored,
            waiting: figures.traffic.waiting,
            waiting_since: figures.traffic.waiting_since.map(Time::rfc3339),
            parked: figures.traffic.parked,
            database_bytes: figures.database_bytes,
            growth_bytes_per_day: figures.growth.map(|growth| growth.per_day),
            forecast_bytes: figures.growth.map(|growth| growth.in_30_days),
            disk_free_bytes: figures.disk_free_bytes,
            capture: figures
                .capture
                .map(|capture| CaptureBody::new(None, capture)),
            capture_days: figures
                .capture_days
                .into_iter()
                .map(|(day, capture)| CaptureBody::new(Some(day), capture))
                .collect(),
        }
    }
}

impl From<Health> for HealthBody {
    fn from(health: Health) -> Self {
        let report = health.report;
        Self {
            status: report.level().as_str(),
            at: report.at.rfc3339(),
            findings: report.findings.into_iter().map(FindingBody::from).collect(),
            figures: health.figures.into(),
        }
    }
}

/// How Epicenter itself is: each line with what to do. Always 200; `/readyz` is for probes.
#[utoipa::path(
    get,
    path = "/api/v1/health",
    tag = "health",
    responses((status = 200, body = HealthBody))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<HealthBody>, Problem> {
    let found = health::of_app(&app, caller.workspace_id).await?;
    Ok(axum::Json(found.into()))
}
