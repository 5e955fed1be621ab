//! `/api/v1/trends/movers`: what grew or fell most.

use super::parameters::Query;
use super::trends::TrendQuery;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::operations::trends::movers::{Movers, all_movers};
use axum::extract::State;
use epicenter_domain::id::IdKind;
use epicenter_domain::trend::movers::Move;
use epicenter_store::trends::movers::MovingIssue;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Something that moved.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MoverBody {
    /// `iss_…`; null: it is a project.
    issue_id: Option<String>,
    /// Title of the issue, or slug of the project; an empty slug: events that name no project.
    name: String,
    /// Project of an issue.
    project: Option<String>,
    /// Events in the seven days before the last seven.
    before: i64,
    /// Events in the last seven days.
    after: i64,
    /// The change in words: "20 times as many", "75 % fewer", "new", "gone".
    change: String,
}

/// What grew or fell, most first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MoverLists {
    /// What grew.
    grew: Vec<MoverBody>,
    /// What fell.
    fell: Vec<MoverBody>,
}

/// Top movers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MoversBody {
    /// Issues, among those seen last and those silent for a week.
    issues: MoverLists,
    /// Projects.
    projects: MoverLists,
}

fn lists<T>(movers: &Movers<T>, body: impl Fn(&Move<T>) -> MoverBody) -> MoverLists {
    MoverLists {
        grew: movers.grew.iter().map(&body).collect(),
        fell: movers.fell.iter().map(&body).collect(),
    }
}

/// Names the issues and projects whose events changed most against the seven days before, by more
/// than chance would. It takes `service`, `project` and `environment`; `from`, `to`, `bucket`, `by`
/// and `release` are refused.
#[utoipa::path(
    get,
    path = "/api/v1/trends/movers",
    tag = "trends",
    params(TrendQuery),
    responses((status = 200, body = MoversBody), (status = 400, body = Problem))
)]
pub(super) async fn movers(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<TrendQuery>,
) -> Result<axum::Json<MoversBody>, Problem> {
    query.is_for_movers()?;
    let scope = query.scope(&caller)?;
    let mut tx = app.database.read().await?;
    let all = all_movers(&mut tx, &scope, app.clock.now()).await?;
    tx.rollback().await?;
    let issue = |one: &Move<MovingIssue>| MoverBody {
        issue_id: Some(IdKind::Issue.show(one.what.id)),
        name: one.what.title.clone(),
        project: one.what.project_slug.clone(),
        before: one.before,
        after: one.after,
        change: one.told(),
    };
    let project = |one: &Move<String>| MoverBody {
        issue_id: None,
        name: one.what.clone(),
        project: None,
        before: one.before,
        after: one.after,
        change: one.told(),
    };
    Ok(axum::Json(MoversBody {
        issues: lists(&all.issues, issue),
        projects: lists(&all.projects, project),
    }))
}
