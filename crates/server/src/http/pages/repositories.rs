//! `/settings/repositories`: where code lives, how stacks lead to it, and what is missing.

use super::changes::Names;
use super::forms::Form;
use super::views::parts::SafeLink;
use super::views::{
    CodeHostForm, CodeHostRow, FindingRow, MappingForm, MappingProposalRow, MappingRow, OwnersRow,
    RepositoriesPage, RepositoryRow, Section,
};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::problem::{Problem, sentence};
use crate::operations::change_doctor::{self, Finding, Gap, MappingProposal};
use crate::operations::code_hosts::{self as host_operation, Cut, WantedHost, newest_cuts};
use crate::operations::owner_files as owners;
use crate::operations::repositories::{self as operation, WantedMapping};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::change::RepositoryName;
use epicenter_domain::id::IdKind;
use epicenter_domain::time::Time;
use epicenter_store::changes::code_hosts::{self, CodeHostRecord};
use epicenter_store::changes::mappings::{self, MappingRecord};
use epicenter_store::changes::pushes::{self, PushRecord};
use epicenter_store::changes::repositories::RepositoryRecord;
use epicenter_store::routing::owner_files::{self, OwnerFile};
use epicenter_store::services::ServiceRecord;
use epicenter_store::users::Role;
use std::sync::Arc;

const HERE: &str = "/settings/repositories";

/// What a form left behind.
#[derive(Default)]
struct Left {
    fault: Option<(String, String)>,
    form: MappingForm,
    host_form: CodeHostForm,
}

fn provider(word: &str) -> &str {
    match word {
        "github" => "GitHub",
        "gitlab" => "GitLab",
        "vercel" => "Vercel",
        "git" => "Git",
        other => other,
    }
}

/// The service that is called like the repository, or has a project that is.
fn proposed<'a>(
    repository: &RepositoryRecord,
    services: &'a [ServiceRecord],
) -> Option<&'a ServiceRecord> {
    if !repository.service_ids.is_empty() {
        return None;
    }
    let name = RepositoryName::parse(&repository.name)?;
    let last = name.last_part();
    let is_called = |slug: &str| slug.eq_ignore_ascii_case(last);
    services.iter().find(|service| {
        is_called(&service.slug) || service.projects.iter().any(|slug| is_called(slug))
    })
}

fn row(
    repository: RepositoryRecord,
    (clone_fault, cut): (Option<String>, Option<&Cut>),
    services: &[ServiceRecord],
    (last_pushes, files): (&[PushRecord], &[OwnerFile]),
) -> RepositoryRow {
    let proposed = proposed(&repository, services);
    let last_push = last_pushes
        .iter()
        .find(|push| push.repository_id == repository.id);
    let owners = files
        .iter()
        .find(|file| file.repository_id == repository.id);
    RepositoryRow {
        owners: owners.map(owners_row),
        id: IdKind::Repository.show(repository.id),
        provider: provider(&repository.provider).to_owned(),
        link: SafeLink::from_option(repository.url.as_deref()),
        default_branch: repository.default_branch,
        last_push: last_push.map(|push| (push.at, push.branch.clone())),
        clone_fault,
        cut: cut.map(|cut| (cut_sentence(cut), cut.fault.clone())),
        clone_path: repository.clone_path.unwrap_or_default(),
        services: repository
            .service_ids
            .iter()
            .map(|id| IdKind::Service.show(*id))
            .collect(),
        proposed: proposed.map(|one| (IdKind::Service.show(one.id), one.name.clone())),
        name: repository.name,
    }
}

fn owners_row(file: &OwnerFile) -> OwnersRow {
    let skipped = owners::skipped(file);
    let numbers: Vec<String> = skipped.iter().map(ToString::to_string).collect();
    OwnersRow {
        source: if file.is_from_clone {
            file.path.clone()
        } else {
            "uploaded".to_owned()
        },
        read_at: file.read_at,
        text: file.text.clone(),
        skipped: numbers.join(", "),
    }
}

fn cut_sentence(cut: &Cut) -> String {
    let (known, branch) = (cut.commit_count, &cut.branch);
    match cut.total_count {
        Some(total) => {
            format!("{total} commits were pushed to {branch}, and {known} of them are known.")
        }
        None => format!("More than the {known} known commits were pushed to {branch}."),
    }
}

fn host_row(record: CodeHostRecord, now: Time) -> CodeHostRow {
    CodeHostRow {
        id: IdKind::CodeHost.show(record.id),
        provider: provider(&record.provider).to_owned(),
        place: record.place,
        api_url: record.api_url,
        held_until: record.held_until.map(Time).filter(|until| *until > now),
    }
}

fn mapping_row(names: &Names, record: MappingRecord) -> MappingRow {
    let repository = names.repository(Some(record.repository_id));
    MappingRow {
        id: IdKind::Mapping.show(record.id),
        project: record.project,
        repository: repository.map_or_else(|| "(gone)".to_owned(), |one| one.name.clone()),
        stack_prefix: record.stack_prefix,
        source_prefix: record.source_prefix,
        is_confirmed: record.is_confirmed,
    }
}

fn proposal_row(project: &str, proposal: MappingProposal) -> MappingProposalRow {
    MappingProposalRow {
        project: project.to_owned(),
        repository_id: IdKind::Repository.show(proposal.repository_id),
        repository: proposal.repository,
        stack_prefix: proposal.stack_prefix,
        source_prefix: proposal.source_prefix,
        match_count: i64::try_from(proposal.match_count).unwrap_or(i64::MAX),
    }
}

fn finding_row(finding: Finding) -> FindingRow {
    FindingRow {
        project: finding.project,
        service: finding
            .service
            .map(|(id, name)| (IdKind::Service.show(id), name)),
        gaps: finding.gaps.into_iter().map(Gap::sentences).collect(),
    }
}

async fn page(app: &App, visitor: &Visitor, left: Left) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let shell = visitor.shell(app, Section::Settings).await?;
    let mut tx = app.database.read().await?;
    let names = Names::load(&mut tx, workspace_id).await?;
    let last_pushes = pushes::last_of_each(&mut tx, workspace_id).await?;
    let stored = mappings::list(&mut tx, workspace_id).await?;
    let files = owner_files::list(&mut tx, workspace_id).await?;
    let hosts = code_hosts::list(&mut tx, workspace_id).await?;
    let cuts = newest_cuts(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let now = app.clock.now();
    let (mut findings, clones) = change_doctor::examine(app, workspace_id).await?;
    let mut proposals = Vec::new();
    for finding in &mut findings {
        let found = std::mem::take(&mut finding.proposals);
        let project = finding.project.clone();
        proposals.extend(found.into_iter().map(|one| proposal_row(&project, one)));
    }
    let page = RepositoriesPage {
        shell,
        is_admin: visitor.caller.role == Role::Admin,
        hosts: hosts.into_iter().map(|one| host_row(one, now)).collect(),
        mappings: stored
            .into_iter()
            .map(|record| mapping_row(&names, record))
            .collect(),
        proposals,
        findings: findings.into_iter().map(finding_row).collect(),
        services: names
            .services
            .iter()
            .map(|one| (IdKind::Service.show(one.id), one.name.clone()))
            .collect(),
        rows: names
            .repositories
            .into_iter()
            .map(|one| {
                let fault = clones.get(&one.id).and_then(|clone| clone.fault.clone());
                let cut = cuts.get(&one.id);
                row(one, (fault, cut), &names.services, (&last_pushes, &files))
            })
            .collect(),
        fault: left.fault,
        form: left.form,
        host_form: left.host_form,
    };
    Ok(Html(page.render()?))
}

/// The page.
pub(super) async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    page(&app, &visitor, Left::default()).await
}

async fn refused(app: &App, form: &Form, which: &str, problem: Problem) -> Response {
    let text = sentence(&problem.detail);
    if form.visitor.wants_json {
        return form.failed(app, HERE, text);
    }
    let fields = &form.fields;
    let left = Left {
        fault: Some((which.to_owned(), text)),
        form: MappingForm {
            project: fields.get("project").to_owned(),
            repository: fields.get("repository").to_owned(),
            stack_prefix: fields.get("stack_prefix").to_owned(),
            source_prefix: fields.get("source_prefix").to_owned(),
        },
        host_form: CodeHostForm {
            place: fields.get("place").to_owned(),
            provider: fields.get("provider").to_owned(),
            api_url: fields.get("api_url").to_owned(),
        },
    };
    page(app, &form.visitor, left).await.into_response()
}

/// `POST /settings/repositories`.
pub(super) async fn create(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, HERE, problem.detail);
    }
    let workspace_id = form.visitor.caller.workspace_id;
    match operation::create(&app, workspace_id, form.fields.get("name")).await {
        Ok(_) => form.done(&app, HERE, "Added."),
        Err(error) => refused(&app, &form, "new", error.into()).await,
    }
}

/// `POST /settings/repositories/{id}/{part}`: its services, its clone, or its CODEOWNERS.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Path((id, part)): Path<(String, String)>,
    form: Form,
) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, HERE, problem.detail);
    }
    let Some(repository_id) = IdKind::Repository.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let workspace_id = form.visitor.caller.workspace_id;
    let changed = match part.as_str() {
        "services" => {
            let ids: Vec<i64> = form
                .fields
                .all("services")
                .filter_map(|id| IdKind::Service.parse(id))
                .collect();
            operation::set_services(&app, workspace_id, repository_id, &ids).await
        }
        "clone" => {
            let path = form.fields.get("clone_path");
            operation::set_clone_path(&app, workspace_id, repository_id, path).await
        }
        "owners" => match form.fields.get("do") {
            "clone" => owners::read_from_clone(&app, workspace_id, repository_id).await,
            "forget" => owners::forget(&app, workspace_id, repository_id).await,
            _ => {
                let text = form.fields.get("text");
                owners::upload(&app, workspace_id, repository_id, text).await
            }
        },
        _ => return Failure::NotFound.into_response(),
    };
    match changed {
        Ok(()) => form.done(&app, &format!("{HERE}#{id}"), "Saved."),
        Err(error) => refused(&app, &form, &id, error.into()).await,
    }
}

/// `POST /settings/repositories/mappings`.
pub(super) async fn add_mapping(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, HERE, problem.detail);
    }
    let fields = &form.fields;
    let Some(repository_id) = IdKind::Repository.parse(fields.get("repository")) else {
        let problem = Problem::invalid("repository", "must be one of the list");
        return refused(&app, &form, "mapping", problem).await;
    };
    let wanted = WantedMapping {
        project: fields.get("project").to_owned(),
        repository_id,
        stack_prefix: fields.get("stack_prefix").trim().to_owned(),
        source_prefix: fields.get("source_prefix").trim().to_owned(),
    };
    match operation::save_mapping(&app, form.visitor.caller.workspace_id, wanted).await {
        Ok(_) => form.done(&app, &format!("{HERE}#mappings"), "The mapping holds now."),
        Err(error) => refused(&app, &form, "mapping", error.into()).await,
    }
}

/// `POST /settings/repositories/mappings/{id}/{verb}`: confirm or delete.
pub(super) async fn change_mapping(
    State(app): State<Arc<App>>,
    Path((id, verb)): Path<(String, String)>,
    form: Form,
) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, HERE, problem.detail);
    }
    let Some(mapping_id) = IdKind::Mapping.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let workspace_id = form.visitor.caller.workspace_id;
    let (changed, text) = match verb.as_str() {
        "confirm" => (
            operation::confirm_mapping(&app, workspace_id, mapping_id).await,
            "Confirmed.",
        ),
        "delete" => (
            operation::delete_mapping(&app, workspace_id, mapping_id).await,
            "Deleted.",
        ),
        _ => return Failure::NotFound.into_response(),
    };
    let back = format!("{HERE}#mappings");
    form.followed(&app, &back, changed.map(|()| text.to_owned()))
}

/// `POST /settings/repositories/hosts`.
pub(super) async fn save_host(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, HERE, problem.detail);
    }
    let fields = &form.fields;
    let wanted = WantedHost {
        place: fields.get("place").to_owned(),
        provider: Some(fields.get("provider").to_owned()),
        api_url: fields.get("api_url").to_owned(),
        token: fields.get("token").to_owned(),
    };
    match host_operation::save(&app, form.visitor.caller.workspace_id, wanted).await {
        Ok(_) => form.done(&app, &format!("{HERE}#hosts"), "Saved."),
        Err(error) => refused(&app, &form, "host", error.into()).await,
    }
}

/// `POST /settings/repositories/hosts/retry`: asks again for all cut pushes.
pub(super) async fn retry(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, HERE, problem.detail);
    }
    let done = host_operation::try_again(&app, form.visitor.caller.workspace_id).await;
    let told = done.map(|()| "The hosts are asked again.".to_owned());
    form.followed(&app, &format!("{HERE}#hosts"), told)
}

/// `POST /settings/repositories/hosts/{id}/delete`.
pub(super) async fn delete_host(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, HERE, problem.detail);
    }
    let Some(host_id) = IdKind::CodeHost.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let done = host_operation::delete(&app, form.visitor.caller.workspace_id, host_id).await;
    let told = done.map(|()| "Deleted.".to_owned());
    form.followed(&app, &format!("{HERE}#hosts"), told)
}
