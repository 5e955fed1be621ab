//! `/api/v1/routes/test` and `/preview`: where would this go?

use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::Responder;
use crate::http::problem::Problem;
use crate::operations::routes::trial::{self, Answer, Comparison, End, Question};
use axum::extract::State;
use epicenter_domain::id::IdKind;
use epicenter_domain::routing::book::Book;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// What to ask about: a stored delivery, or a body with its integration.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TestRequest {
    /// `dlv_…`
    delivery_id: Option<String>,
    /// A body as the sender would send it.
    #[schema(value_type = Object)]
    payload: Option<Value>,
    /// `int_…`: the integration that the body would come to.
    integration_id: Option<String>,
    /// What the sender calls it in a header: `issue`, `event_alert`, `push`…
    #[serde(default)]
    resource: String,
    /// A draft of the rules; unless it is said, the rules that count.
    #[schema(value_type = Object)]
    routing: Option<Book>,
}

/// Where something ends.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EndBody {
    /// `service`, `dropped`, `nowhere` (no service takes it) or `nothing` (it opens nothing).
    kind: &'static str,
    /// `svc_…`
    service_id: Option<String>,
    /// The service's name, or the kind in words.
    name: String,
}

impl From<&End> for EndBody {
    fn from(end: &End) -> Self {
        let (kind, service_id) = match end {
            End::Nothing => ("nothing", None),
            End::Dropped => ("dropped", None),
            End::Nowhere => ("nowhere", None),
            End::Service(id, _) => ("service", Some(IdKind::Service.show(*id))),
        };
        Self {
            kind,
            service_id,
            name: end.words().to_owned(),
        }
    }
}

/// Where it would go, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TestBody {
    /// What it is about.
    title: String,
    /// Where it ends.
    end: EndBody,
    /// The way there: sentences.
    path: Vec<String>,
    /// What conditions see of it; empty fields are left out.
    fields: BTreeMap<String, String>,
}

impl From<Answer> for TestBody {
    fn from(answer: Answer) -> Self {
        Self {
            title: answer.title,
            end: EndBody::from(&answer.end),
            path: answer.path,
            fields: answer.fields.into_iter().collect(),
        }
    }
}

/// Where would this go?
#[utoipa::path(
    post,
    path = "/api/v1/routes/test",
    tag = "routes",
    request_body = TestRequest,
    responses((status = 200, body = TestBody), (status = 400, body = Problem))
)]
pub(super) async fn test(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Json(request): Json<TestRequest>,
) -> Result<axum::Json<TestBody>, Problem> {
    let question = match (request.delivery_id, request.payload) {
        (Some(id), None) => Question::Delivery(parameters::id(IdKind::Delivery, "delivery", &id)?),
        (None, Some(payload)) => {
            let id = request.integration_id.unwrap_or_default();
            Question::Body {
                integration_id: parameters::id(IdKind::Integration, "integration", &id)?,
                resource: request.resource,
                body: payload.to_string(),
            }
        }
        _ => {
            let message = "say either delivery_id, or payload with integration_id";
            return Err(Problem::invalid("delivery_id", message));
        }
    };
    let draft = request.routing.as_ref();
    let answer = trial::ask(&app, caller.workspace_id, question, draft).await?;
    Ok(axum::Json(TestBody::from(answer)))
}

/// A draft to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoutesPreviewRequest {
    /// The rules; services and destinations by id or name.
    #[schema(value_type = Object)]
    routing: Book,
}

/// How many incidents would open for a service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CountBody {
    /// The service, or `dropped`, `no service`.
    name: String,
    /// Deliveries that go there by the rules that count.
    now: usize,
    /// Deliveries that would go there by the draft.
    then: usize,
}

/// A delivery that would go elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MovedBody {
    /// `dlv_…`
    delivery_id: String,
    /// When it was received.
    received_at: String,
    /// What it is about.
    title: String,
    /// By the rules that count.
    now: EndBody,
    /// By the draft.
    then: EndBody,
    /// Why, by the draft: sentences.
    why: Vec<String>,
}

impl From<Comparison> for MovedBody {
    fn from(one: Comparison) -> Self {
        Self {
            delivery_id: IdKind::Delivery.show(one.delivery_id),
            received_at: one.received_at.rfc3339(),
            title: one.title,
            now: EndBody::from(&one.old),
            then: EndBody::from(&one.new),
            why: one.why,
        }
    }
}

/// What a draft would have done with the newest deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoutesPreviewBody {
    /// Deliveries that were looked at, at most 500.
    looked_at: usize,
    /// Those that could open an incident.
    opening: usize,
    /// Those that would go elsewhere.
    moved: usize,
    /// Those that would be dropped.
    dropped: usize,
    /// By service.
    counts: Vec<CountBody>,
    /// Those that would go elsewhere, newest first.
    changes: Vec<MovedBody>,
}

/// Tries a draft on the newest stored deliveries, beside the rules that count.
#[utoipa::path(
    post,
    path = "/api/v1/routes/preview",
    tag = "routes",
    request_body = RoutesPreviewRequest,
    responses((status = 200, body = RoutesPreviewBody), (status = 400, body = Problem))
)]
pub(super) async fn preview(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Json(request): Json<RoutesPreviewRequest>,
) -> Result<axum::Json<RoutesPreviewBody>, Problem> {
    let preview = trial::preview(&app, caller.workspace_id, &request.routing).await?;
    let count = |(name, (now, then)): (String, (usize, usize))| CountBody { name, now, then };
    Ok(axum::Json(RoutesPreviewBody {
        looked_at: preview.looked_at,
        opening: preview.opening,
        moved: preview.moved,
        dropped: preview.dropped,
        counts: preview.counts.into_iter().map(count).collect(),
        changes: preview.changes.into_iter().map(MovedBody::from).collect(),
    }))
}
