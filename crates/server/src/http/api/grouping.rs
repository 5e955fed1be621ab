//! `/api/v1/grouping`: which alerts join an open incident by themselves.

use super::parameters::Json;
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::grouping_policy::{WantedPolicy, WantedRule, policy, set_policy};
use axum::extract::State;
use epicenter_domain::routing::group::{GroupPolicy, Window};
use epicenter_domain::time::{MINUTE_MS, SECOND_MS};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A rule: alerts whose fields agree belong together.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupRuleBody {
    /// Name, at most 100 characters.
    name: String,
    /// Condition (CEL) that both alerts must meet; empty: any.
    #[serde(default)]
    condition: String,
    /// Fields that both must know and that must agree, such as `project` or `tags.customer`.
    equal: Vec<String>,
}

/// How alerts are grouped into incidents.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GroupingBody {
    /// Group at all?
    enabled: bool,
    /// Same deploy, same kind of exception and the same frames at the crash.
    by_deploy: bool,
    /// Same deploy and same kind of exception, wherever it crashed. Joins more, and more wrongly.
    by_family: bool,
    /// Stacks that are alike, from this percentage (50 to 100) on; null: not.
    alike_percent: Option<u64>,
    /// `rolling`: the window counts from the alert that joined last; `fixed`: from the opening.
    window: String,
    /// Length of the window in seconds, 60 to 86400. No incident is joined after 24 hours.
    window_seconds: i64,
    /// Rules on equal fields, at most 20.
    rules: Vec<GroupRuleBody>,
}

impl Default for GroupingBody {
    fn default() -> Self {
        Self::from(&GroupPolicy::default())
    }
}

impl From<&GroupPolicy> for GroupingBody {
    fn from(policy: &GroupPolicy) -> Self {
        let window = match policy.window {
            Window::Rolling => "rolling",
            Window::Fixed => "fixed",
        };
        let rules = policy.rules.iter().map(|rule| GroupRuleBody {
            name: rule.name.clone(),
            condition: rule.condition.text().to_owned(),
            equal: rule.equal.iter().map(ToString::to_string).collect(),
        });
        debug_assert!(policy.window_ms >= MINUTE_MS);
        Self {
            enabled: policy.is_on,
            by_deploy: policy.by_deploy,
            by_family: policy.by_family,
            alike_percent: policy.alike_percent,
            window: window.to_owned(),
            window_seconds: policy.window_ms / SECOND_MS,
            rules: rules.collect(),
        }
    }
}

/// How alerts are grouped.
#[utoipa::path(
    get,
    path = "/api/v1/grouping",
    tag = "incidents",
    responses((status = 200, body = GroupingBody))
)]
pub(super) async fn show(State(app): State<Arc<App>>, caller: Caller) -> axum::Json<GroupingBody> {
    axum::Json(GroupingBody::from(&*policy(&app, caller.workspace_id)))
}

/// Sets how alerts are grouped; what is left out is as by default. Open incidents stay as they are.
#[utoipa::path(
    put,
    path = "/api/v1/grouping",
    tag = "incidents",
    request_body = GroupingBody,
    responses((status = 200, body = GroupingBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(body): Json<GroupingBody>,
) -> Result<axum::Json<GroupingBody>, Problem> {
    let window = match body.window.as_str() {
        "rolling" => Window::Rolling,
        "fixed" => Window::Fixed,
        _ => return Err(Problem::invalid("window", "must be rolling or fixed")),
    };
    let rules = body.rules.into_iter().map(|rule| WantedRule {
        name: rule.name,
        condition: rule.condition,
        equal: rule.equal,
    });
    let wanted = WantedPolicy {
        is_on: body.enabled,
        by_deploy: body.by_deploy,
        by_family: body.by_family,
        alike_percent: body.alike_percent,
        window,
        window_seconds: body.window_seconds,
        rules: rules.collect(),
    };
    set_policy(&app, caller.workspace_id, &wanted).await?;
    let now = policy(&app, caller.workspace_id);
    Ok(axum::Json(GroupingBody::from(&*now)))
}
