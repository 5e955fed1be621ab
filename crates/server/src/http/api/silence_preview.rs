//! `/api/v1/silences/preview`: what a silence would mute.

use super::parameters::Json;
use super::silences::PreviewRequest;
use crate::app::App;
use crate::http::auth::Responder;
use crate::http::problem::Problem;
use crate::limits::PREVIEW_SHOWN;
use crate::operations::notice_settings::silences::{self as operation, Impact};
use axum::extract::State;
use epicenter_domain::id::IdKind;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What a silence would mute now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImpactBody {
    /// The condition that was tried.
    condition: String,
    /// What to confirm before it is saved; null: nothing.
    warning: Option<String>,
    /// Open incidents that it matches.
    matched: usize,
    /// Open incidents that were looked at.
    open: usize,
    /// Are there more open incidents than were looked at?
    has_more: bool,
    /// Incidents of the last seven days that it would have muted.
    matched_in_week: usize,
    /// Incidents of the last seven days that were looked at, the newest.
    in_week: usize,
    /// The newest of those that it matches.
    incidents: Vec<MatchedBody>,
}

/// An incident that a silence would mute.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MatchedBody {
    /// `inc_…`
    id: String,
    /// Number.
    number: i64,
    /// Title.
    title: String,
}

/// Says which of the open incidents a silence would mute, without making it.
#[utoipa::path(
    post,
    path = "/api/v1/silences/preview",
    tag = "silences",
    request_body = PreviewRequest,
    responses((status = 200, body = ImpactBody), (status = 400, body = Problem))
)]
pub(super) async fn preview(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Json(request): Json<PreviewRequest>,
) -> Result<axum::Json<ImpactBody>, Problem> {
    let wanted = request.wanted(&app, caller.workspace_id).await?;
    let wanted = wanted.ok_or_else(|| {
        Problem::invalid(
            "condition",
            "is needed, or a form, or an incident: what to mute",
        )
    })?;
    let (condition, impact) = operation::preview(&app, caller.workspace_id, wanted).await?;
    let Impact {
        open_count,
        matched,
        has_more,
        week: (matched_in_week, in_week),
    } = impact;
    let warning = operation::warning(&condition);
    let shown = matched.iter().take(PREVIEW_SHOWN);
    let shown = shown.map(|incident| MatchedBody {
        id: IdKind::Incident.show(incident.id),
        number: incident.number,
        title: incident.title.clone(),
    });
    Ok(axum::Json(ImpactBody {
        condition: condition.text().to_owned(),
        warning: warning.map(str::to_owned),
        matched: matched.len(),
        open: open_count,
        has_more,
        matched_in_week,
        in_week,
        incidents: shown.collect(),
    }))
}
