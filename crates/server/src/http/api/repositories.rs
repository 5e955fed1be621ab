//! `/api/v1/repositories` and `/api/v1/code-mappings`: where code lives.

use super::bodies::PageBody;
use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::Problem;
use crate::operations::change_doctor;
use crate::operations::clones::{self, CloneReport, Wanted};
use crate::operations::code_hosts::{Cut, newest_cuts};
use crate::operations::repositories::{self as operation, WantedMapping};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_store::changes::mappings::{self, MappingRecord};
use epicenter_store::changes::repositories::{self, RepositoryRecord};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// A repository.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RepositoryBody {
    /// `rep_…`
    id: String,
    /// `owner/name`
    name: String,
    /// `github`, `gitlab`, `git`, `vercel` or `other`.
    provider: String,
    /// Its page.
    url: Option<String>,
    /// The branch that is deployed from.
    default_branch: Option<String>,
    /// A bare clone or mirror on the server.
    clone_path: Option<String>,
    /// Why that clone is of no use, in a sentence.
    clone_fault: Option<String>,
    /// Why its newest cut push is not complete, in a sentence.
    cut_push_fault: Option<String>,
    /// `svc_…` of the services it makes.
    services: Vec<String>,
    /// When it became known.
    created_at: String,
}

impl RepositoryBody {
    fn new(
        record: RepositoryRecord,
        clones: &BTreeMap<i64, CloneReport>,
        cut: &BTreeMap<i64, Cut>,
    ) -> Self {
        let services = record.service_ids.into_iter();
        Self {
            id: IdKind::Repository.show(record.id),
            name: record.name,
            provider: record.provider,
            url: record.url,
            default_branch: record.default_branch,
            clone_path: record.clone_path,
            clone_fault: clones.get(&record.id).and_then(|one| one.fault.clone()),
            cut_push_fault: cut.get(&record.id).and_then(|one| one.fault.clone()),
            services: services.map(|id| IdKind::Service.show(id)).collect(),
            created_at: record.created_at.rfc3339(),
        }
    }
}

/// All repositories.
#[utoipa::path(
    get,
    path = "/api/v1/repositories",
    tag = "repositories",
    responses((status = 200, body = PageBody<RepositoryBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<PageBody<RepositoryBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let all = repositories::list(&mut tx, caller.workspace_id).await?;
    let cut = newest_cuts(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    let clones = clones::look(&app, &all, |_| Wanted::default()).await;
    let items = all.into_iter();
    Ok(axum::Json(PageBody {
        items: items
            .map(|one| RepositoryBody::new(one, &clones, &cut))
            .collect(),
        next_cursor: None,
    }))
}

async fn shown(app: &App, workspace_id: i64, id: i64) -> Result<RepositoryBody, Problem> {
    let mut tx = app.database.read().await?;
    let record = repositories::by_id(&mut tx, workspace_id, id)
        .await?
        .ok_or_else(|| Problem::not_found("repository"))?;
    let cut = newest_cuts(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let one = std::slice::from_ref(&record);
    let clones = clones::look(app, one, |_| Wanted::default()).await;
    Ok(RepositoryBody::new(record, &clones, &cut))
}

/// A repository to be known.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRepositoryRequest {
    /// `owner/name` or a URL.
    name: String,
}

/// Makes a repository known before anything was pushed to it.
#[utoipa::path(
    post,
    path = "/api/v1/repositories",
    tag = "repositories",
    request_body = NewRepositoryRequest,
    responses((status = 201, body = RepositoryBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<NewRepositoryRequest>,
) -> Result<(StatusCode, axum::Json<RepositoryBody>), Problem> {
    let id = operation::create(&app, caller.workspace_id, &request.name).await?;
    let body = shown(&app, caller.workspace_id, id).await?;
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// What to change of a repository; absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RepositoryRequest {
    /// Path of a bare clone or mirror on the server; empty: none.
    #[serde(default)]
    clone_path: Option<String>,
    /// `svc_…` of the services it makes.
    #[serde(default)]
    services: Option<Vec<String>>,
}

/// Says where its clone is and which services it makes.
#[utoipa::path(
    patch,
    path = "/api/v1/repositories/{id}",
    tag = "repositories",
    params(("id" = String, Path, description = "`rep_…`")),
    request_body = RepositoryRequest,
    responses((status = 200, body = RepositoryBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<RepositoryRequest>,
) -> Result<axum::Json<RepositoryBody>, Problem> {
    let id = parameters::id(IdKind::Repository, "repository", &id)?;
    if let Some(path) = request.clone_path {
        operation::set_clone_path(&app, caller.workspace_id, id, &path).await?;
    }
    if let Some(services) = request.services {
        let ids = services
            .iter()
            .map(|text| parameters::id(IdKind::Service, "service", text))
            .collect::<Result<Vec<_>, _>>()?;
        operation::set_services(&app, caller.workspace_id, id, &ids).await?;
    }
    let body = shown(&app, caller.workspace_id, id).await?;
    Ok(axum::Json(body))
}

/// A code mapping: stack paths of a project to paths of a repository.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CodeMappingBody {
    /// `map_…`
    id: String,
    /// Sentry project.
    project: String,
    /// `rep_…`
    repository_id: String,
    /// Beginning of the path in the stack.
    stack_prefix: String,
    /// Beginning of the path in the repository.
    source_prefix: String,
    /// Did a person agree, or is it a proposal? Both are used.
    confirmed: bool,
    /// Frames that it fitted when it was proposed.
    match_count: i64,
}

impl From<MappingRecord> for CodeMappingBody {
    fn from(record: MappingRecord) -> Self {
        Self {
            id: IdKind::Mapping.show(record.id),
            project: record.project,
            repository_id: IdKind::Repository.show(record.repository_id),
            stack_prefix: record.stack_prefix,
            source_prefix: record.source_prefix,
            confirmed: record.is_confirmed,
            match_count: record.match_count,
        }
    }
}

/// All code mappings.
#[utoipa::path(
    get,
    path = "/api/v1/code-mappings",
    tag = "repositories",
    responses((status = 200, body = PageBody<CodeMappingBody>))
)]
pub(super) async fn list_mappings(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<PageBody<CodeMappingBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let all = mappings::list(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    Ok(axum::Json(PageBody {
        items: all.into_iter().map(CodeMappingBody::from).collect(),
        next_cursor: None,
    }))
}

/// A code mapping that the newest stack of a project suggests.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MappingProposalBody {
    /// Sentry project.
    project: String,
    /// `rep_…`
    repository_id: String,
    /// Beginning of the path in the stack.
    stack_prefix: String,
    /// Beginning of the path in the repository.
    source_prefix: String,
    /// Frames that it explains.
    match_count: usize,
}

/// Code mappings that stacks suggest, compared with the files of clones and of the newest commits.
/// None is used before somebody makes it a code mapping.
#[utoipa::path(
    get,
    path = "/api/v1/code-mapping-proposals",
    tag = "repositories",
    responses((status = 200, body = PageBody<MappingProposalBody>))
)]
pub(super) async fn list_proposals(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<PageBody<MappingProposalBody>>, Problem> {
    let (findings, _) = change_doctor::examine(&app, caller.workspace_id).await?;
    let mut items = Vec::new();
    for finding in findings {
        let project = finding.project;
        items.extend(
            finding
                .proposals
                .into_iter()
                .map(|one| MappingProposalBody {
                    project: project.clone(),
                    repository_id: IdKind::Repository.show(one.repository_id),
                    stack_prefix: one.stack_prefix,
                    source_prefix: one.source_prefix,
                    match_count: one.match_count,
                }),
        );
    }
    Ok(axum::Json(PageBody {
        items,
        next_cursor: None,
    }))
}

/// A code mapping as it should be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeMappingRequest {
    /// Sentry project.
    project: String,
    /// `rep_…`
    repository_id: String,
    /// Beginning of the path in the stack; may be empty.
    #[serde(default)]
    stack_prefix: String,
    /// Beginning of the path in the repository; may be empty.
    #[serde(default)]
    source_prefix: String,
}

/// Makes a code mapping, or changes the one for the same beginning.
#[utoipa::path(
    post,
    path = "/api/v1/code-mappings",
    tag = "repositories",
    request_body = CodeMappingRequest,
    responses((status = 201, body = CodeMappingBody), (status = 400, body = Problem))
)]
pub(super) async fn create_mapping(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<CodeMappingRequest>,
) -> Result<(StatusCode, axum::Json<CodeMappingBody>), Problem> {
    let wanted = WantedMapping {
        project: request.project,
        repository_id: parameters::id(IdKind::Repository, "repository", &request.repository_id)?,
        stack_prefix: request.stack_prefix,
        source_prefix: request.source_prefix,
    };
    let id = operation::save_mapping(&app, caller.workspace_id, wanted).await?;
    let mut tx = app.database.read().await?;
    let all = mappings::list(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    let record = all
        .into_iter()
        .find(|mapping| mapping.id == id)
        .ok_or_else(|| Problem::not_found("mapping"))?;
    Ok((
        StatusCode::CREATED,
        axum::Json(CodeMappingBody::from(record)),
    ))
}

/// Removes a code mapping.
#[utoipa::path(
    delete,
    path = "/api/v1/code-mappings/{id}",
    tag = "repositories",
    params(("id" = String, Path, description = "`map_…`")),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn delete_mapping(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Mapping, "mapping", &id)?;
    operation::delete_mapping(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
