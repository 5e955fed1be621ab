//! `/api/v1/escalations`: who is told first, and who if nobody answers.

use super::bodies::PageBody;
use super::parameters::{self, Json, Paging, Query};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::{FieldProblem, Problem};
use crate::http::targets;
use crate::operations::people::escalations as operation;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::escalation::policy::{
    ACKNOWLEDGE_TIMEOUT_DEFAULT_S, Policy, STEP_DELAY_DEFAULT_S, Step,
};
use epicenter_domain::id::IdKind;
use epicenter_store::people::escalations::{self, EscalationRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// An escalation policy.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EscalationBody {
    /// `esc_…`
    id: String,
    /// Name, unique in the workspace.
    name: String,
    /// In order.
    steps: Vec<StepBody>,
    /// How often the steps are gone through again.
    repeat: u8,
    /// Seconds after the last step before they are gone through again.
    repeat_after_s: u32,
    /// Seconds after which an incident that is acknowledged but not resolved is triggered again; 0:
    /// never.
    acknowledge_timeout_s: u32,
    /// `esc_…` of the policy that takes over after the last step.
    then: Option<String>,
    /// When it was made.
    created_at: String,
}

/// Who is told, step by step, until somebody acknowledges.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EscalationRequest {
    /// Name, unique in the workspace.
    name: String,
    /// In order, 1 to 10.
    steps: Vec<StepBody>,
    /// How often the steps are gone through again, 0 to 5.
    #[serde(default)]
    repeat: u8,
    /// Seconds after the last step before they are gone through again.
    #[serde(default = "default_delay")]
    repeat_after_s: u32,
    /// Seconds after which an incident that is acknowledged but not resolved is triggered again; 0:
    /// never.
    #[serde(default = "default_timeout")]
    acknowledge_timeout_s: u32,
    /// `esc_…` of the policy that takes over after the last step.
    #[serde(default)]
    then: Option<String>,
}

fn default_delay() -> u32 {
    STEP_DELAY_DEFAULT_S
}

fn default_timeout() -> u32 {
    ACKNOWLEDGE_TIMEOUT_DEFAULT_S
}

/// One step.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepBody {
    /// Seconds since the step before, or since the incident was triggered.
    delay_s: u32,
    /// Who is told: `usr_…`, `tem_…` (all members), `sch_…` (who is on call) or `dst_…`.
    targets: Vec<String>,
}

impl From<EscalationRecord> for EscalationBody {
    fn from(record: EscalationRecord) -> Self {
        let policy = record.policy;
        let step = |step: Step| StepBody {
            delay_s: step.delay_s,
            targets: step.targets.into_iter().map(targets::show).collect(),
        };
        Self {
            id: IdKind::Escalation.show(record.id),
            name: policy.name,
            steps: policy.steps.into_iter().map(step).collect(),
            repeat: policy.repeat,
            repeat_after_s: policy.repeat_after_s,
            acknowledge_timeout_s: policy.acknowledge_timeout_s,
            then: policy.then.map(|id| IdKind::Escalation.show(id)),
            created_at: record.created_at.rfc3339(),
        }
    }
}

impl EscalationRequest {
    fn policy(self) -> Result<Policy, Problem> {
        let mut faults = Vec::new();
        let mut wrong = |field: String, message: &str| {
            faults.push(FieldProblem {
                field,
                message: message.to_owned(),
            });
        };
        let mut steps = Vec::new();
        for (place, step) in self.steps.into_iter().enumerate() {
            let mut found = Vec::new();
            for (target_place, text) in step.targets.iter().enumerate() {
                match targets::read(text) {
                    Some(target) => found.push(target),
                    None => wrong(
                        format!("steps[{place}].targets[{target_place}]"),
                        "must be the id of a user, team, schedule or destination",
                    ),
                }
            }
            steps.push(Step {
                delay_s: step.delay_s,
                targets: found,
            });
        }
        let then = self.then.map(|text| IdKind::Escalation.parse(&text));
        if then == Some(None) {
            let text = "must be the id of an escalation policy";
            wrong("then".to_owned(), text);
        }
        if !faults.is_empty() {
            return Err(Problem::invalid_fields(faults));
        }
        Ok(Policy {
            name: self.name,
            steps,
            repeat: self.repeat,
            repeat_after_s: self.repeat_after_s,
            acknowledge_timeout_s: self.acknowledge_timeout_s,
            then: then.flatten(),
        })
    }
}

/// Lists escalation policies.
#[utoipa::path(
    get,
    path = "/api/v1/escalations",
    tag = "escalations",
    params(Paging),
    responses((status = 200, body = PageBody<EscalationBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<PageBody<EscalationBody>>, Problem> {
    let limit = paging.limit()?;
    let mut tx = app.database.read().await?;
    let cursor = paging.cursor.as_deref();
    let page = escalations::list(&mut tx, caller.workspace_id, cursor, limit).await?;
    tx.rollback().await?;
    Ok(axum::Json(PageBody {
        items: page.items.into_iter().map(EscalationBody::from).collect(),
        next_cursor: page.next_cursor,
    }))
}

async fn shown(
    app: &App,
    workspace_id: i64,
    id: i64,
) -> Result<axum::Json<EscalationBody>, Problem> {
    let mut tx = app.database.read().await?;
    let found = escalations::by_id(&mut tx, workspace_id, id).await?;
    tx.rollback().await?;
    let record = found.ok_or_else(|| Problem::not_found("escalation policy"))?;
    Ok(axum::Json(EscalationBody::from(record)))
}

/// One escalation policy.
#[utoipa::path(
    get,
    path = "/api/v1/escalations/{id}",
    tag = "escalations",
    params(("id" = String, Path, description = "`esc_…`")),
    responses((status = 200, body = EscalationBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<EscalationBody>, Problem> {
    let id = parameters::id(IdKind::Escalation, "escalation policy", &id)?;
    shown(&app, caller.workspace_id, id).await
}

/// Makes an escalation policy.
#[utoipa::path(
    post,
    path = "/api/v1/escalations",
    tag = "escalations",
    request_body = EscalationRequest,
    responses((status = 201, body = EscalationBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<EscalationRequest>,
) -> Result<(StatusCode, axum::Json<EscalationBody>), Problem> {
    let id = operation::create(&app, caller.workspace_id, request.policy()?).await?;
    let made = shown(&app, caller.workspace_id, id).await?;
    Ok((StatusCode::CREATED, made))
}

/// Changes an escalation policy. Escalations that are under way go on as they began.
#[utoipa::path(
    put,
    path = "/api/v1/escalations/{id}",
    tag = "escalations",
    params(("id" = String, Path, description = "`esc_…`")),
    request_body = EscalationRequest,
    responses((status = 200, body = EscalationBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<EscalationRequest>,
) -> Result<axum::Json<EscalationBody>, Problem> {
    let id = parameters::id(IdKind::Escalation, "escalation policy", &id)?;
    operation::change(&app, caller.workspace_id, id, request.policy()?).await?;
    shown(&app, caller.workspace_id, id).await
}

/// Deletes an escalation policy that nothing follows.
#[utoipa::path(
    delete,
    path = "/api/v1/escalations/{id}",
    tag = "escalations",
    params(("id" = String, Path, description = "`esc_…`")),
    responses((status = 204), (status = 409, body = Problem))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Escalation, "escalation policy", &id)?;
    operation::delete(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
