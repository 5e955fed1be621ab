//! `/api/v1/deploys`: what was put where. `POST` is the generic deploy API for every CI.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::bodies::PageBody;
use super::parameters::{self, Json, Paging, Query};
use crate::app::App;
use crate::http::auth::{Caller, Deployer};
use crate::http::problem::Problem;
use crate::limits::DEPLOY_COMMITS;
use crate::operations::tell_change::tell_changes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::change::{
    self, ChangeFact, CommitFact, DeployFact, DeployStatus, FileChange, RepositoryFact,
    RepositoryName,
};
use epicenter_domain::id::IdKind;
use epicenter_domain::limits::{MESSAGE_BYTES, NAME_CHARS, cut_chars};
use epicenter_store::changes::deploys::{self, DeployFilter, DeployRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A deploy.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeployBody {
    /// `dep_…`
    id: String,
    /// What its sender calls it.
    key: String,
    /// Version.
    version: Option<String>,
    /// Commit.
    sha: Option<String>,
    /// Environment.
    environment: String,
    /// `started`, `succeeded`, `failed` or `inactive`.
    status: &'static str,
    /// `rep_…`
    repository_id: Option<String>,
    /// `svc_…`
    service_id: Option<String>,
    /// Sentry project.
    project: Option<String>,
    /// Name to show.
    name: Option<String>,
    /// When it began.
    started_at: Option<String>,
    /// When it ended.
    finished_at: Option<String>,
    /// Its instant: the end if known, else the beginning.
    at: String,
    /// Its page.
    url: Option<String>,
    /// Who deployed.
    actor: String,
    /// `dep_…`: what was live before.
    previous_id: Option<String>,
    /// `dep_…`: the earlier deploy it goes back to; set for rollbacks only.
    rollback_to_id: Option<String>,
}

impl From<DeployRecord> for DeployBody {
    fn from(deploy: DeployRecord) -> Self {
        let shown = |id: i64| IdKind::Deploy.show(id);
        Self {
            id: shown(deploy.id),
            key: deploy.dedup_key,
            version: deploy.version,
            sha: deploy.sha,
            environment: deploy.environment,
            status: deploy.status.as_str(),
            repository_id: deploy.repository_id.map(|id| IdKind::Repository.show(id)),
            service_id: deploy.service_id.map(|id| IdKind::Service.show(id)),
            project: deploy.project,
            name: deploy.name,
            started_at: deploy.started_at.map(epicenter_domain::time::Time::rfc3339),
            finished_at: deploy
                .finished_at
                .map(epicenter_domain::time::Time::rfc3339),
            at: deploy.at.rfc3339(),
            url: deploy.url,
            actor: deploy.actor,
            previous_id: deploy.previous_id.map(shown),
            rollback_to_id: deploy.rollback_to_id.map(shown),
        }
    }
}

/// Which deploys.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeployQuery {
    /// To this environment.
    environment: Option<String>,
    /// Of this service: `svc_…`.
    service: Option<String>,
    /// Of this repository: `rep_…`.
    repository: Option<String>,
    /// `started`, `succeeded`, `failed` or `inactive`.
    status: Option<String>,
    /// Text in version, commit or name.
    q: Option<String>,
}

impl DeployQuery {
    fn filter(self) -> Result<DeployFilter, Problem> {
        let id = |kind, what, text: Option<String>| {
            text.map(|text| parameters::id(kind, what, &text))
                .transpose()
        };
        let status = self
            .status
            .map(|word| DeployStatus::parse(&word).ok_or_else(bad_status))
            .transpose()?;
        Ok(DeployFilter {
            environment: self.environment.map(|name| name.to_lowercase()),
            service_id: id(IdKind::Service, "service", self.service)?,
            repository_id: id(IdKind::Repository, "repository", self.repository)?,
            status,
            q: self.q,
            ..DeployFilter::default()
        })
    }
}

fn bad_status() -> Problem {
    Problem::invalid("status", "must be started, succeeded, failed or inactive")
}

/// Deploys, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/deploys",
    tag = "changes",
    params(DeployQuery, Paging),
    responses((status = 200, body = PageBody<DeployBody>), (status = 400, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<DeployQuery>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<PageBody<DeployBody>>, Problem> {
    let filter = query.filter()?;
    let page = (paging.cursor.as_deref(), paging.limit()?);
    let mut tx = app.database.read().await?;
    let page = deploys::list(&mut tx, caller.workspace_id, &filter, page).await?;
    tx.rollback().await?;
    let page = page.map(DeployBody::from);
    Ok(axum::Json(PageBody {
        items: page.items,
        next_cursor: page.next_cursor,
    }))
}

/// One deploy.
#[utoipa::path(
    get,
    path = "/api/v1/deploys/{id}",
    tag = "changes",
    params(("id" = String, Path, description = "`dep_…`")),
    responses((status = 200, body = DeployBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<DeployBody>, Problem> {
    let id = parameters::id(IdKind::Deploy, "deploy", &id)?;
    let mut tx = app.database.read().await?;
    let deploy = deploys::by_id(&mut tx, caller.workspace_id, id)
        .await?
        .ok_or_else(|| Problem::not_found("deploy"))?;
    tx.rollback().await?;
    Ok(axum::Json(DeployBody::from(deploy)))
}

/// A commit of a deploy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeployCommitRequest {
    /// SHA, 7 to 64 hex digits.
    id: String,
    /// Message.
    #[serde(default)]
    message: String,
    /// Author's name.
    #[serde(default)]
    author: String,
    /// When it was made.
    #[serde(default)]
    timestamp: Option<String>,
    /// Paths it changed.
    #[serde(default)]
    files: Option<Vec<String>>,
}

/// A deploy as a program tells it. One of `version` and `sha` is needed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DeployRequest {
    /// What you call it; the same key again changes the same deploy. Default: made from version,
    /// commit, environment and time.
    key: Option<String>,
    /// Version, as your SDK sends it in `release`.
    version: Option<String>,
    /// Commit.
    sha: Option<String>,
    /// Environment; default `production`.
    environment: Option<String>,
    /// `owner/name` or a URL.
    repository: Option<String>,
    /// Sentry project.
    project: Option<String>,
    /// Name or slug of the service.
    service: Option<String>,
    /// Name to show.
    name: Option<String>,
    /// `started`, `succeeded` (default), `failed` or `inactive`.
    status: Option<String>,
    /// When it began.
    started_at: Option<String>,
    /// When it ended; default for what ended: now.
    finished_at: Option<String>,
    /// Its page or log; `http` or `https`.
    url: Option<String>,
    /// Commits it brought, newest first.
    #[schema(default = json!([]))]
    commits: Vec<DeployCommitRequest>,
}

/// Tells of a deploy, or of its new state.
#[utoipa::path(
    post,
    path = "/api/v1/deploys",
    tag = "changes",
    request_body = DeployRequest,
    responses((status = 201, body = DeployBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Deployer(caller): Deployer,
    Json(request): Json<DeployRequest>,
) -> Result<(StatusCode, axum::Json<DeployBody>), Problem> {
    let fact = fact(&app, &caller, request)?;
    let key = fact.key.clone();
    let facts = vec![ChangeFact::Deploy(fact)];
    tell_changes(&app, caller.workspace_id, facts).await?;
    let mut tx = app.database.read().await?;
    let deploy = deploys::by_key(&mut tx, caller.workspace_id, &key)
        .await?
        .ok_or_else(|| Problem::not_found("deploy"))?;
    tx.rollback().await?;
    Ok((StatusCode::CREATED, axum::Json(DeployBody::from(deploy))))
}

fn fact(app: &App, caller: &Caller, request: DeployRequest) -> Result<DeployFact, Problem> {
    let cut = |text: String| cut_chars(text.trim(), NAME_CHARS);
    let word = |text: Option<String>| text.map(cut).filter(|text| !text.is_empty());
    let time = |field: &str, text: Option<String>| {
        text.map(|text| parameters::time(field, &text)).transpose()
    };
    let (version, sha) = (word(request.version), named_sha("sha", request.sha)?);
    if version.is_none() && sha.is_none() {
        return Err(Problem::invalid(
            "version",
            "or sha must say what was deployed",
        ));
    }
    let status = request.status.map_or(Ok(DeployStatus::Succeeded), |word| {
        DeployStatus::parse(&word).ok_or_else(bad_status)
    })?;
    if request.commits.len() > DEPLOY_COMMITS {
        return Err(Problem::invalid("commits", "has more than 2,048 commits"));
    }
    let started_at = time("started_at", request.started_at)?;
    let told = time("finished_at", request.finished_at)?;
    let finished_at = told.or((status != DeployStatus::Started).then(|| app.clock.now()));
    let environment = word(request.environment).unwrap_or_else(|| "production".to_owned());
    let environment = environment.to_lowercase();
    let key = word(request.key).unwrap_or_else(|| {
        let what = version.as_deref().or(sha.as_deref()).unwrap_or_default();
        let at = told
            .or(started_at)
            .map_or_else(String::new, epicenter_domain::time::Time::rfc3339);
        format!("api-{what}-{environment}-{at}")
    });
    let url = request.url.filter(|url| !url.is_empty());
    if url.as_ref().is_some_and(|url| !is_web(url)) {
        return Err(Problem::invalid(
            "url",
            "must begin with http:// or https://",
        ));
    }
    let commits = request.commits.into_iter().map(commit);
    Ok(DeployFact {
        key,
        version,
        sha,
        environment,
        repository: repository(request.repository)?,
        project: word(request.project),
        service: word(request.service),
        name: word(request.name),
        status,
        started_at,
        finished_at,
        url,
        commits: commits.collect::<Result<_, _>>()?,
        actor: caller.actor.clone(),
    })
}

fn is_web(url: &str) -> bool {
    url.len() <= 2_048 && (url.starts_with("https://") || url.starts_with("http://"))
}

fn named_sha(field: &str, text: Option<String>) -> Result<Option<String>, Problem> {
    let bad = || Problem::invalid(field, "must be 7 to 64 hexadecimal digits");
    text.map(|text| change::sha(&text).ok_or_else(bad))
        .transpose()
}

fn repository(text: Option<String>) -> Result<Option<RepositoryFact>, Problem> {
    let Some(text) = text else {
        return Ok(None);
    };
    let name = RepositoryName::parse(&text)
        .ok_or_else(|| Problem::invalid("repository", "must be owner/name or a URL"))?;
    Ok(Some(RepositoryFact {
        name,
        provider: "other",
        url: Some(text).filter(|text| is_web(text)),
        default_branch: None,
    }))
}

fn commit(request: DeployCommitRequest) -> Result<CommitFact, Problem> {
    let sha = change::sha(&request.id)
        .ok_or_else(|| Problem::invalid("commits.id", "must be 7 to 64 hexadecimal digits"))?;
    let at = request
        .timestamp
        .map(|text| parameters::time("commits.timestamp", &text))
        .transpose()?;
    let file = |path: String| FileChange {
        path: path.trim_start_matches('/').to_owned(),
        ..FileChange::default()
    };
    let author = cut_chars(&request.author, NAME_CHARS);
    Ok(CommitFact {
        sha,
        message: epicenter_domain::limits::cut_bytes(&request.message, MESSAGE_BYTES),
        author_key: author.to_lowercase(),
        author,
        authored_at: at,
        committed_at: at,
        url: None,
        is_merge: None,
        files: request
            .files
            .map(|files| files.into_iter().map(file).collect()),
    })
}
