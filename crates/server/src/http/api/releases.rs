//! `/api/v1/releases` and `/api/v1/changes`: versions, and everything that was done.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::bodies::PageBody;
use super::parameters::{Paging, Query};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use axum::extract::{Path, State};
use epicenter_domain::id::IdKind;
use epicenter_store::Tx;
use epicenter_store::changes::commits;
use epicenter_store::changes::commits::{CommitRecord, Owner};
use epicenter_store::changes::deploys::{self, DeployFilter, DeployRecord};
use epicenter_store::changes::pushes::{self, PushFilter, PushRecord};
use epicenter_store::changes::releases::{self, ReleaseFilter, ReleaseRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Commits shown of one release.
const COMMITS: i64 = 500;

/// A release.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReleaseBody {
    /// `rel_…`
    id: String,
    /// Its name.
    version: String,
    /// Head commit.
    sha: Option<String>,
    /// Sentry projects.
    projects: Vec<String>,
    /// Archived?
    archived: bool,
    /// Who made it.
    actor: String,
    /// When it was made.
    created_at: String,
    /// When it was finalised.
    released_at: Option<String>,
    /// Its page.
    url: Option<String>,
}

async fn body(tx: &mut Tx, release: ReleaseRecord) -> Result<ReleaseBody, Problem> {
    let projects = releases::projects(tx, release.id).await?;
    Ok(ReleaseBody {
        id: IdKind::Release.show(release.id),
        version: release.version,
        sha: release.sha,
        projects,
        archived: release.is_archived,
        actor: release.actor,
        created_at: release.created_at.rfc3339(),
        released_at: release
            .released_at
            .map(epicenter_domain::time::Time::rfc3339),
        url: release.url,
    })
}

/// Which releases.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ReleaseQuery {
    /// Of this Sentry project.
    project: Option<String>,
    /// Text in the version.
    q: Option<String>,
}

/// Releases, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/releases",
    tag = "changes",
    params(ReleaseQuery, Paging),
    responses((status = 200, body = PageBody<ReleaseBody>), (status = 400, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ReleaseQuery>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<PageBody<ReleaseBody>>, Problem> {
    let filter = ReleaseFilter {
        project: query.project,
        q: query.q,
    };
    let page = (paging.cursor.as_deref(), paging.limit()?);
    let mut tx = app.database.read().await?;
    let page = releases::list(&mut tx, caller.workspace_id, &filter, page).await?;
    let mut items = Vec::new();
    for release in page.items {
        items.push(body(&mut tx, release).await?);
    }
    tx.rollback().await?;
    Ok(axum::Json(PageBody {
        items,
        next_cursor: page.next_cursor,
    }))
}

/// A commit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommitBody {
    /// `cmt_…`
    id: String,
    /// Full SHA.
    sha: String,
    /// Message.
    message: String,
    /// Author's name.
    author: String,
    /// When it was written.
    authored_at: Option<String>,
    /// Paths it changed; null when nobody sent them.
    files: Option<Vec<String>>,
    /// Its page.
    url: Option<String>,
}

impl From<CommitRecord> for CommitBody {
    fn from(record: CommitRecord) -> Self {
        let commit = record.fact;
        let paths = |files: Vec<_>| {
            let path = |file: epicenter_domain::change::FileChange| file.path;
            files.into_iter().map(path).collect()
        };
        Self {
            id: IdKind::Commit.show(record.id),
            sha: commit.sha,
            message: commit.message,
            author: commit.author,
            authored_at: commit
                .authored_at
                .map(epicenter_domain::time::Time::rfc3339),
            files: commit.files.map(paths),
            url: commit.url,
        }
    }
}

/// A release with its commits.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReleaseDetailBody {
    /// The release.
    #[serde(flatten)]
    release: ReleaseBody,
    /// Its commits, newest first, the first 500.
    commits: Vec<CommitBody>,
}

/// One release.
#[utoipa::path(
    get,
    path = "/api/v1/releases/{version}",
    tag = "changes",
    params(("version" = String, Path, description = "Its name, percent-encoded")),
    responses((status = 200, body = ReleaseDetailBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(version): Path<String>,
) -> Result<axum::Json<ReleaseDetailBody>, Problem> {
    let mut tx = app.database.read().await?;
    let release = releases::by_version(&mut tx, caller.workspace_id, &version)
        .await?
        .ok_or_else(|| Problem::not_found("release"))?;
    let ids = commits::ids_of(&mut tx, Owner::Release(release.id), COMMITS).await?;
    let listed = commits::by_ids(&mut tx, &ids).await?;
    let release = body(&mut tx, release).await?;
    tx.rollback().await?;
    Ok(axum::Json(ReleaseDetailBody {
        release,
        commits: listed.into_iter().map(CommitBody::from).collect(),
    }))
}

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangeBody {
    /// `dep_…` or `psh_…`
    id: String,
    /// `deploy` or `push`.
    kind: &'static str,
    /// When.
    at: String,
    /// One sentence.
    summary: String,
    /// Who.
    actor: String,
    /// Its page.
    url: Option<String>,
}

/// A change with its place in the list.
fn of_deploy(deploy: DeployRecord) -> ((i64, i64), ChangeBody) {
    let what = deploy.version.or(deploy.sha).or(deploy.name);
    let what = what.unwrap_or_else(|| "something".to_owned());
    let body = ChangeBody {
        id: IdKind::Deploy.show(deploy.id),
        kind: "deploy",
        at: deploy.at.rfc3339(),
        summary: format!(
            "{what} to {}: {}",
            deploy.environment,
            deploy.status.as_str()
        ),
        actor: deploy.actor,
        url: deploy.url,
    };
    ((deploy.at.0, deploy.id), body)
}

fn of_push(push: PushRecord) -> ((i64, i64), ChangeBody) {
    let mut summary = match (&push.after_sha, push.commit_count) {
        (None, _) => format!("{} was deleted", push.branch),
        (Some(_), 1) => format!("1 commit to {}", push.branch),
        (Some(_), count) => format!("{count} commits to {}", push.branch),
    };
    if push.is_truncated {
        summary.push_str("; the sender listed only these");
    }
    let body = ChangeBody {
        id: IdKind::Push.show(push.id),
        kind: "push",
        at: push.at.rfc3339(),
        summary,
        actor: push.actor,
        url: push.url,
    };
    ((push.at.0, push.id), body)
}

/// Deploys and pushes, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/changes",
    tag = "changes",
    params(Paging),
    responses((status = 200, body = PageBody<ChangeBody>), (status = 400, body = Problem))
)]
pub(super) async fn changes(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<PageBody<ChangeBody>>, Problem> {
    let limit = paging.limit()?;
    let page = (paging.cursor.as_deref(), limit);
    let (workspace_id, all) = (caller.workspace_id, DeployFilter::default());
    let mut tx = app.database.read().await?;
    let deployed = deploys::list(&mut tx, workspace_id, &all, page).await?;
    let pushed = pushes::list(&mut tx, workspace_id, &PushFilter::default(), page).await?;
    tx.rollback().await?;
    let mut has_more = deployed.next_cursor.is_some() || pushed.next_cursor.is_some();
    let deployed = deployed.items.into_iter().map(of_deploy);
    let mut items: Vec<_> = deployed
        .chain(pushed.items.into_iter().map(of_push))
        .collect();
    items.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    has_more |= items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| has_more).map(|(place, _)| *place);
    Ok(axum::Json(PageBody {
        next_cursor: next.map(|(at, id)| format!("{at:x}-{id:x}")),
        items: items.into_iter().map(|(_, body)| body).collect(),
    }))
}
