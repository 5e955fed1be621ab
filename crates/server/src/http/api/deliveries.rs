//! `/api/v1/deliveries`: the delivery log.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::bodies::PageBody;
use super::parameters::{self, Paging, Query};
use crate::app::App;
use crate::http::auth::{Caller, Responder};
use crate::http::problem::Problem;
use crate::operations::replay_delivery::replay_delivery;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::engine::VerdictOutcome;
use epicenter_domain::id::IdKind;
use epicenter_store::deliveries::{self, DeliveryFilter, DeliveryRecord};
use epicenter_store::packing::Unpacked;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Why a delivery went where it did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VerdictBody {
    /// pending, applied, duplicate, ignored, `not_understood`, parked or refused.
    outcome: String,
    /// A sentence.
    reason: String,
}

/// The integration it came through.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IntegrationRef {
    /// `int_…`
    id: String,
    /// Name.
    name: String,
}

/// One inbound request.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliveryBody {
    /// `dlv_…`
    id: String,
    /// The integration.
    integration: IntegrationRef,
    /// When it was received.
    received_at: String,
    /// `issue`, `event_alert`…
    resource: String,
    /// `created`, `triggered`…
    action: String,
    /// The verdict.
    verdict: VerdictBody,
    /// How the sender was proven: signature, bearer, unsigned, replay…
    proof: String,
    /// From receipt to verdict; null while it waits.
    duration_ms: Option<i64>,
    /// Bytes of the body.
    size: i64,
    /// Times it made the code fail.
    attempts: i64,
    /// `inc_…` it touched.
    incident_id: Option<String>,
    /// `iss_…` it touched.
    issue_id: Option<String>,
    /// `dlv_…` it repeats.
    replay_of: Option<String>,
    /// Headers, secrets and addresses removed; only on a single delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<String, String>>,
    /// The stored body as JSON, else as text; only on a single delivery; null when it is no
    /// longer kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    body: Option<serde_json::Value>,
}

impl DeliveryBody {
    fn new(app: &App, record: DeliveryRecord) -> Self {
        let registry = app.registry.snapshot();
        let name = registry
            .by_id(record.integration_id)
            .map_or_else(|| "deleted".to_owned(), |entry| entry.origin.name.clone());
        Self {
            id: IdKind::Delivery.show(record.id),
            integration: IntegrationRef {
                id: IdKind::Integration.show(record.integration_id),
                name,
            },
            received_at: record.received_at.rfc3339(),
            duration_ms: record.applied_at.map(|at| at.since_ms(record.received_at)),
            resource: record.resource,
            action: record.action,
            verdict: VerdictBody {
                outcome: record.outcome.as_str().to_owned(),
                reason: record.reason,
            },
            proof: record.scheme,
            size: record.size,
            attempts: record.attempts,
            incident_id: record.incident_id.map(|id| IdKind::Incident.show(id)),
            issue_id: record.issue_id.map(|id| IdKind::Issue.show(id)),
            replay_of: record.replay_of.map(|id| IdKind::Delivery.show(id)),
            headers: None,
            body: None,
        }
    }

    fn with_content(mut self, content: Option<Unpacked>) -> Self {
        let Some(content) = content else {
            return self;
        };
        let pairs = content.headers.iter();
        self.headers = Some(
            pairs
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        );
        self.body = Some(serde_json::from_slice(&content.body).unwrap_or_else(|_| {
            serde_json::Value::String(String::from_utf8_lossy(&content.body).into_owned())
        }));
        self
    }
}

/// Filters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// `int_…`
    integration: Option<String>,
    /// pending, applied, duplicate, ignored, `not_understood`, parked, refused.
    outcome: Option<String>,
    /// `issue`, `event_alert`…
    resource: Option<String>,
    /// `inc_…`
    incident: Option<String>,
    /// Items on a page, 1 to 100.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists deliveries, newest first, without bodies.
#[utoipa::path(
    get,
    path = "/api/v1/deliveries",
    tag = "deliveries",
    params(ListQuery),
    responses((status = 200, body = PageBody<DeliveryBody>), (status = 400, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<PageBody<DeliveryBody>>, Problem> {
    let known = VerdictOutcome::ALL.map(VerdictOutcome::as_str);
    let outcome = query.outcome.as_deref();
    let id = |kind, what, text: Option<&str>| {
        text.map(|text| parameters::id(kind, what, text))
            .transpose()
    };
    let filter = DeliveryFilter {
        integration_id: id(
            IdKind::Integration,
            "integration",
            query.integration.as_deref(),
        )?,
        outcome: parameters::words("outcome", outcome, &known, VerdictOutcome::parse)?.pop(),
        resource: query
            .resource
            .clone()
            .filter(|resource| !resource.is_empty()),
        incident_id: id(IdKind::Incident, "incident", query.incident.as_deref())?,
        id: None,
    };
    let paging = Paging {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = paging.limit()?;
    let cursor = paging.cursor.as_deref();
    let mut tx = app.database.read().await?;
    let page = deliveries::list(&mut tx, caller.workspace_id, &filter, cursor, limit).await?;
    tx.rollback().await?;
    let items = page
        .items
        .into_iter()
        .map(|record| DeliveryBody::new(&app, record))
        .collect();
    Ok(axum::Json(PageBody {
        items,
        next_cursor: page.next_cursor,
    }))
}

/// One delivery with headers and body.
#[utoipa::path(
    get,
    path = "/api/v1/deliveries/{id}",
    tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`")),
    responses((status = 200, body = DeliveryBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<DeliveryBody>, Problem> {
    let id = parameters::id(IdKind::Delivery, "delivery", &id)?;
    let mut tx = app.database.read().await?;
    let record = deliveries::by_id(&mut tx, caller.workspace_id, id)
        .await?
        .ok_or_else(|| Problem::not_found("delivery"))?;
    let content = deliveries::body(&mut tx, id).await?;
    tx.rollback().await?;
    Ok(axum::Json(
        DeliveryBody::new(&app, record).with_content(content),
    ))
}

/// What came of a replay.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReplayBody {
    /// True.
    received: bool,
    /// `dlv_…`, the new delivery; its verdict follows in a moment.
    delivery_id: String,
}

/// Applies the stored body once more, under today's rules.
#[utoipa::path(
    post,
    path = "/api/v1/deliveries/{id}/replay",
    tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`")),
    responses((status = 202, body = ReplayBody), (status = 409, body = Problem))
)]
pub(super) async fn replay(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
) -> Result<(StatusCode, axum::Json<ReplayBody>), Problem> {
    let id = parameters::id(IdKind::Delivery, "delivery", &id)?;
    let new = replay_delivery(&app, caller.workspace_id, id).await?;
    let body = ReplayBody {
        received: true,
        delivery_id: IdKind::Delivery.show(new),
    };
    Ok((StatusCode::ACCEPTED, axum::Json(body)))
}
