//! `/api/v1/inhibitions`: which incidents mute others.

use super::parameters::Json;
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::inhibitions::{WantedRule, rules, set_rules};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// An open incident that meets `source` mutes those that meet `target`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InhibitionBody {
    /// Name, at most 100 characters.
    name: String,
    /// What mutes (CEL).
    source: String,
    /// What is muted (CEL).
    target: String,
    /// Fields that both must know and that must agree, such as `project`.
    equal: Vec<String>,
    /// Fields that must agree where both know them.
    #[serde(default)]
    equal_if_known: Vec<String>,
    /// Only what opened at most so many seconds before or after it; null: whatever is open.
    #[serde(default)]
    within_seconds: Option<i64>,
}

/// Which incidents mute others.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InhibitionsBody {
    /// At most 20; none: nothing mutes anything.
    rules: Vec<InhibitionBody>,
}

async fn shown(app: &App, workspace_id: i64) -> Result<axum::Json<InhibitionsBody>, Problem> {
    let mut tx = app.database.read().await?;
    let rules = rules(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let body = |wanted: WantedRule| InhibitionBody {
        name: wanted.name,
        source: wanted.source,
        target: wanted.target,
        equal: wanted.equal,
        equal_if_known: wanted.equal_if_known,
        within_seconds: wanted.within_seconds,
    };
    let rules = rules.iter().map(WantedRule::from).map(body).collect();
    Ok(axum::Json(InhibitionsBody { rules }))
}

/// Which incidents mute others. By default a metric alert mutes the issues of its project that open
/// within ten minutes of it.
#[utoipa::path(
    get,
    path = "/api/v1/inhibitions",
    tag = "notifications",
    responses((status = 200, body = InhibitionsBody))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<InhibitionsBody>, Problem> {
    shown(&app, caller.workspace_id).await
}

/// Sets which incidents mute others.
#[utoipa::path(
    put,
    path = "/api/v1/inhibitions",
    tag = "notifications",
    request_body = InhibitionsBody,
    responses((status = 200, body = InhibitionsBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(body): Json<InhibitionsBody>,
) -> Result<axum::Json<InhibitionsBody>, Problem> {
    let wanted = body.rules.into_iter().map(|rule| WantedRule {
        name: rule.name,
        source: rule.source,
        target: rule.target,
        equal: rule.equal,
        equal_if_known: rule.equal_if_known,
        within_seconds: rule.within_seconds,
    });
    let wanted: Vec<WantedRule> = wanted.collect();
    set_rules(&app, caller.workspace_id, &wanted).await?;
    shown(&app, caller.workspace_id).await
}
