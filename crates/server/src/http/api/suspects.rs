//! `/api/v1/incidents/{id}/suspects`: what may have caused it, and what people say of that.

use super::incidents::find;
use super::parameters::Json;
use crate::app::App;
use crate::http::auth::{Caller, Responder};
use crate::http::problem::Problem;
use crate::operations::suspect_feedback::{Opinion, say};
use axum::extract::{Path, State};
use epicenter_domain::id::IdKind;
use epicenter_store::changes::commits;
use epicenter_store::changes::commits::CommitRecord;
use epicenter_store::suspects::{self, RankingRecord, SuspectRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Why something is suspected.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SuspectReasonBody {
    /// Stable code: `frame_path`, `line_blame`…
    code: String,
    /// Points of the score; negative ones take away.
    points: i64,
    /// A sentence.
    text: String,
}

/// A suspect.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SuspectBody {
    /// 1 is the most likely.
    rank: i64,
    /// 0 to 100.
    score: i64,
    /// `commit` or `deploy`.
    kind: &'static str,
    /// Full SHA of the commit.
    sha: Option<String>,
    /// Its message.
    message: Option<String>,
    /// Its author's name.
    author: Option<String>,
    /// The commit's page.
    url: Option<String>,
    /// `dep_…`: the deploy that brought it.
    deploy_id: Option<String>,
    /// Files that it changed, the first 20.
    files: Vec<String>,
    /// Why.
    reasons: Vec<SuspectReasonBody>,
}

/// The suspects of an incident, the most likely first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SuspectsBody {
    /// The suspects.
    items: Vec<SuspectBody>,
    /// Always null: there is one page.
    next_cursor: Option<String>,
    /// Is the first one convincing?
    convincing: bool,
    /// What kept the ranking from being (more) certain: sentences.
    why: Vec<String>,
    /// When it was made; null while it waits to be made.
    ranked_at: Option<String>,
    /// `dep_…`: the deploy that the incident began after.
    deploy_id: Option<String>,
    /// How many commits were compared.
    candidate_count: i64,
}

/// What may have caused it.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/suspects",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    responses((status = 200, body = SuspectsBody), (status = 404, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<SuspectsBody>, Problem> {
    let mut tx = app.database.read().await?;
    let incident = find(&mut tx, caller.workspace_id, &id).await?;
    let Some((ranking, kept)) = suspects::of_incident(&mut tx, incident.id).await? else {
        return Ok(axum::Json(not_ranked()));
    };
    let ids: Vec<i64> = kept
        .iter()
        .filter_map(|suspect| suspect.commit_id)
        .collect();
    let known = commits::by_ids(&mut tx, &ids).await?;
    tx.rollback().await?;
    Ok(axum::Json(shown(&ranking, kept, &known)))
}

fn not_ranked() -> SuspectsBody {
    SuspectsBody {
        items: Vec::new(),
        next_cursor: None,
        convincing: false,
        why: vec!["The incident was not ranked yet.".to_owned()],
        ranked_at: None,
        deploy_id: None,
        candidate_count: 0,
    }
}

fn shown(
    ranking: &RankingRecord,
    kept: Vec<SuspectRecord>,
    known: &[CommitRecord],
) -> SuspectsBody {
    let item = |suspect: SuspectRecord| {
        let commit = known
            .iter()
            .find(|commit| Some(commit.id) == suspect.commit_id)
            .map(|commit| &commit.fact);
        SuspectBody {
            rank: suspect.rank,
            score: suspect.score,
            kind: suspect.kind(),
            sha: commit.map(|commit| commit.sha.clone()),
            message: commit.map(|commit| commit.message.clone()),
            author: commit.map(|commit| commit.author.clone()),
            url: commit.and_then(|commit| commit.url.clone()),
            deploy_id: suspect.deploy_id.map(|id| IdKind::Deploy.show(id)),
            files: suspect.files,
            reasons: suspect
                .reasons
                .into_iter()
                .map(|reason| SuspectReasonBody {
                    code: reason.code,
                    points: reason.points,
                    text: reason.text,
                })
                .collect(),
        }
    };
    SuspectsBody {
        items: kept.into_iter().map(item).collect(),
        next_cursor: None,
        convincing: ranking.is_convincing,
        why: ranking.why.clone(),
        ranked_at: Some(ranking.ranked_at.rfc3339()),
        deploy_id: ranking.deploy_id.map(|id| IdKind::Deploy.show(id)),
        candidate_count: ranking.candidate_count,
    }
}

/// What somebody says of a suspect.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedbackRequest {
    /// `guilty` (this was it) or `innocent` (not this one).
    verdict: String,
}

/// Says that a suspect was it, or was not; the incident is ranked anew.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/{id}/suspects/{rank}/feedback",
    tag = "incidents",
    params(
        ("id" = String, Path, description = "`inc_…` or the number"),
        ("rank" = i64, Path, description = "Where the suspect stands now")
    ),
    request_body = FeedbackRequest,
    responses((status = 200, body = SuspectsBody), (status = 400, body = Problem))
)]
pub(super) async fn feedback(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path((id, rank)): Path<(String, String)>,
    Json(request): Json<FeedbackRequest>,
) -> Result<axum::Json<SuspectsBody>, Problem> {
    let opinion = Opinion::parse(&request.verdict)
        .ok_or_else(|| Problem::invalid("verdict", "must be guilty or innocent"))?;
    let rank: i64 = rank.parse().map_err(|_| Problem::not_found("suspect"))?;
    let mut tx = app.database.read().await?;
    let incident = find(&mut tx, caller.workspace_id, &id).await?;
    tx.rollback().await?;
    let place = (caller.workspace_id, incident.id);
    let actor = caller.actor.clone();
    say(&app, place, rank, opinion, &actor).await?;
    list(State(Arc::clone(&app)), caller, Path(id)).await
}
