//! Trends: events and incidents over time, and what moved.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::parameters::{self, Query};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::limits::{COUNT_HOURS_DAYS, TREND_BUCKETS};
use crate::operations::trends::events::event_trend;
use crate::operations::trends::incidents::{IncidentTrend, incident_trend};
use crate::operations::trends::{Scope, Span};
use axum::extract::State;
use epicenter_domain::id::IdKind;
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_domain::trend::bucket::Bucket;
use epicenter_domain::trend::handling::{Durations, Handling};
use epicenter_store::trends::events::Split;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Which events or incidents, and which steps; all are optional.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TrendQuery {
    /// Default: 24 hours, 30 days or 12 weeks ago, by the bucket. Movers refuse it.
    from: Option<String>,
    /// Default: now. Movers refuse it.
    to: Option<String>,
    /// hour, day or week, in UTC; weeks begin on Monday. Hours are kept for 15 days. Movers
    /// refuse it.
    bucket: Option<String>,
    /// `svc_…`
    service: Option<String>,
    /// Slug of a project.
    project: Option<String>,
    /// Environment.
    environment: Option<String>,
    /// Release; events only. Movers refuse it.
    release: Option<String>,
    /// none (default), level, project or environment; events only. A release has no levels.
    /// Movers refuse it.
    by: Option<String>,
}

fn some(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

impl TrendQuery {
    pub(super) fn scope(&self, caller: &Caller) -> Result<Scope, Problem> {
        let service = some(self.service.as_ref());
        Ok(Scope {
            workspace_id: caller.workspace_id,
            service_id: service
                .map(|id| parameters::id(IdKind::Service, "service", &id))
                .transpose()?,
            project: some(self.project.as_ref()),
            environment: some(self.environment.as_ref()),
            release: some(self.release.as_ref()),
        })
    }

    /// Movers have weeks of their own, and are no counts of a release.
    pub(super) fn is_for_movers(&self) -> Result<(), Problem> {
        for (field, given) in [
            ("from", &self.from),
            ("to", &self.to),
            ("bucket", &self.bucket),
            ("by", &self.by),
            ("release", &self.release),
        ] {
            if some(given.as_ref()).is_some() {
                let text = "movers compare the last seven days with the seven before; give \
                            service, project or environment";
                return Err(Problem::invalid(field, text));
            }
        }
        Ok(())
    }

    fn span(&self, now: Time, default: Bucket) -> Result<Span, Problem> {
        let word = some(self.bucket.as_ref());
        let bucket = word.map_or(Some(default), |word| Bucket::parse(&word));
        let bucket =
            bucket.ok_or_else(|| Problem::invalid("bucket", "must be hour, day or week"))?;
        let time = |field, text: Option<&String>| {
            some(text)
                .map(|text| parameters::time(field, &text))
                .transpose()
        };
        let usual_ms = match bucket {
            Bucket::Hour => DAY_MS,
            Bucket::Day => 30 * DAY_MS,
            Bucket::Week => 12 * 7 * DAY_MS,
        };
        let to = time("to", self.to.as_ref())?.unwrap_or(now.plus_ms(1));
        let from = time("from", self.from.as_ref())?.unwrap_or_else(|| to.plus_ms(-usual_ms));
        if from >= to {
            return Err(Problem::invalid("from", "must be before to"));
        }
        if bucket.starts(from, to, TREND_BUCKETS + 1).len() > TREND_BUCKETS {
            return Err(Problem::invalid(
                "from",
                "the span is too long for these buckets",
            ));
        }
        Ok(Span { from, to, bucket })
    }
}

/// Events over time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventTrendBody {
    /// hour, day or week.
    bucket: &'static str,
    /// By what the counts are told apart.
    by: &'static str,
    /// Events in all buckets.
    total: i64,
    /// Names of the series, the largest first; an empty name was not told. Of many, the smaller
    /// ones are one series "others".
    series: Vec<String>,
    /// Oldest first, empty ones included.
    items: Vec<EventTrendItem>,
}

/// One bucket.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventTrendItem {
    /// Where it begins.
    at: String,
    /// Events in it.
    count: i64,
    /// Events of each series, in their order.
    counts: Vec<i64>,
}

/// Counts events over time: of the workspace, or of a service, project, environment or release.
#[utoipa::path(
    get,
    path = "/api/v1/trends/events",
    tag = "trends",
    params(TrendQuery),
    responses((status = 200, body = EventTrendBody), (status = 400, body = Problem))
)]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<TrendQuery>,
) -> Result<axum::Json<EventTrendBody>, Problem> {
    let now = app.clock.now();
    let scope = query.scope(&caller)?;
    let span = query.span(now, Bucket::Hour)?;
    if span.bucket == Bucket::Hour && span.from < now.plus_ms(-COUNT_HOURS_DAYS * DAY_MS) {
        let text = format!("hours are kept for {COUNT_HOURS_DAYS} days; ask for bucket=day");
        return Err(Problem::invalid("from", text));
    }
    let by = some(query.by.as_ref()).map_or(Some(Split::None), |word| Split::parse(&word));
    let by =
        by.ok_or_else(|| Problem::invalid("by", "must be none, level, project or environment"))?;
    let mut tx = app.database.read().await?;
    let trend = event_trend(&mut tx, &scope, span, by).await?;
    tx.rollback().await?;
    Ok(axum::Json(EventTrendBody {
        bucket: span.bucket.as_str(),
        by: by.as_str(),
        total: trend.total(),
        series: trend.names,
        items: trend
            .steps
            .into_iter()
            .map(|(at, counts)| EventTrendItem {
                at: at.rfc3339(),
                count: counts.iter().sum(),
                counts,
            })
            .collect(),
    }))
}

/// What many durations have in common.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DurationsBody {
    /// How many there are.
    count: i64,
    /// Their mean in seconds: the M of MTTA and MTTR.
    mean_s: f64,
    /// Half of them are not longer.
    median_s: f64,
    /// Nine of ten are not longer.
    p90_s: f64,
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "durations of incidents are far below 2^53 ms"
)]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}

impl From<Durations> for DurationsBody {
    fn from(of: Durations) -> Self {
        Self {
            count: of.count,
            mean_s: seconds(of.mean_ms),
            median_s: seconds(of.median_ms),
            p90_s: seconds(of.p90_ms),
        }
    }
}

/// How incidents were handled that opened in one time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HandlingBody {
    /// Incidents that opened; merged ones and those held back until they ended are not counted.
    opened: i64,
    /// Of them, those that are not resolved now.
    still_open: i64,
    /// From opening to the first acknowledgement, by a person here or in Sentry; null: none.
    time_to_acknowledge: Option<DurationsBody>,
    /// From opening to the last resolve, by a person or by Sentry; a reopened incident counts when
    /// it is resolved again. Null: none.
    time_to_resolve: Option<DurationsBody>,
}

impl From<Handling> for HandlingBody {
    fn from(of: Handling) -> Self {
        Self {
            opened: of.opened,
            still_open: of.still_open,
            time_to_acknowledge: of.to_acknowledge.map(DurationsBody::from),
            time_to_resolve: of.to_resolve.map(DurationsBody::from),
        }
    }
}

/// Incidents over time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentTrendBody {
    /// hour, day or week.
    bucket: &'static str,
    /// All that opened.
    total: HandlingBody,
    /// By service, the one with most incidents first.
    services: Vec<ServiceHandling>,
    /// Oldest first, empty ones included.
    items: Vec<IncidentTrendItem>,
    /// There were more than are read: only the newest are counted.
    is_cut: bool,
}

/// One service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceHandling {
    /// `svc_…`; null: of no service.
    service_id: Option<String>,
    /// How its incidents were handled.
    #[serde(flatten)]
    handling: HandlingBody,
}

/// One bucket.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentTrendItem {
    /// Where it begins.
    at: String,
    /// Incidents that were resolved in it, whenever they opened.
    resolved: i64,
    /// How those were handled that opened in it.
    #[serde(flatten)]
    handling: HandlingBody,
}

fn incident_body(trend: IncidentTrend, span: Span) -> IncidentTrendBody {
    let services = trend.services.into_iter();
    let steps = trend.steps.into_iter();
    IncidentTrendBody {
        bucket: span.bucket.as_str(),
        total: trend.total.into(),
        services: services
            .map(|(id, handling)| ServiceHandling {
                service_id: id.map(|id| IdKind::Service.show(id)),
                handling: handling.into(),
            })
            .collect(),
        items: steps
            .map(|step| IncidentTrendItem {
                at: step.at.rfc3339(),
                resolved: step.resolved,
                handling: step.handling.into(),
            })
            .collect(),
        is_cut: trend.is_cut,
    }
}

/// Counts incidents over time, with the time to acknowledge and to resolve (MTTA, MTTR).
#[utoipa::path(
    get,
    path = "/api/v1/trends/incidents",
    tag = "trends",
    params(TrendQuery),
    responses((status = 200, body = IncidentTrendBody), (status = 400, body = Problem))
)]
pub(super) async fn incidents(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<TrendQuery>,
) -> Result<axum::Json<IncidentTrendBody>, Problem> {
    let scope = query.scope(&caller)?;
    let span = query.span(app.clock.now(), Bucket::Week)?;
    let mut tx = app.database.read().await?;
    let trend = incident_trend(&mut tx, &scope, span).await?;
    tx.rollback().await?;
    Ok(axum::Json(incident_body(trend, span)))
}
