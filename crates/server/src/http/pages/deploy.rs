//! `/changes/deploys/{id}`: what was shipped, and what came of it.

use super::changes::{Names, deploy_rows};
use super::suspects::{first_line, short};
use super::views::parts::{Clock, SafeLink, ShownSeverity, segment};
use super::views::{
    CommitRow, DeployIncident, DeployPage, DeployRow, NewIssue, Section, rate_sentence,
};
use super::visitor::{Failure, Shown, Visitor, state_of};
use crate::app::App;
use crate::limits::{DEPLOY_INCIDENTS, DEPLOY_ISSUES};
use crate::operations::rank_suspects::shipped;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use epicenter_domain::change::CommitFact;
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::Incident;
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::changes::commits;
use epicenter_store::changes::deploys::{self, DeployRecord};
use epicenter_store::changes::tallies;
use epicenter_store::{StoreError, Tx, incidents, integrations, issues, rates, suspects};
use std::sync::Arc;

/// A commit as lists have it.
pub(super) fn commit_row(commit: CommitFact) -> CommitRow {
    let count = commit.files.as_ref().map(Vec::len);
    CommitRow {
        sha: short(&commit.sha).to_owned(),
        title: first_line(&commit.message),
        author: commit.author,
        at: commit.committed_at.or(commit.authored_at),
        file_count: count.and_then(|count| i64::try_from(count).ok()),
        link: SafeLink::from_option(commit.url.as_deref()),
    }
}

/// The address of a release.
pub(super) fn release_address(version: &str) -> String {
    format!("/changes/releases/{}", segment(version))
}

/// The deploys around this one.
#[derive(Default)]
struct Around {
    previous: Option<DeployRecord>,
    next: Option<DeployRecord>,
    back_to: Option<DeployRecord>,
    undone_by: Option<DeployRecord>,
}

async fn around(tx: &mut Tx, deploy: &DeployRecord) -> Result<Around, StoreError> {
    let undone_by = tallies::rollbacks_of(tx, &[deploy.id]).await?;
    let undone_by = undone_by.get(&deploy.id).copied();
    let mut by_id = async |id: Option<i64>| match id {
        Some(id) => deploys::by_id(tx, deploy.workspace_id, id).await,
        None => Ok(None),
    };
    let mut found = Around {
        previous: by_id(deploy.previous_id).await?,
        back_to: by_id(deploy.rollback_to_id).await?,
        undone_by: by_id(undone_by).await?,
        next: None,
    };
    found.next = deploys::next_of_line(tx, deploy).await?;
    Ok(found)
}

async fn row_of(
    tx: &mut Tx,
    names: &Names,
    deploy: Option<DeployRecord>,
) -> Result<Option<DeployRow>, StoreError> {
    let mut rows = deploy_rows(tx, names, deploy.as_slice()).await?;
    Ok(rows.pop())
}

/// The Sentry projects that a deploy concerns; none: all.
fn projects_of(names: &Names, deploy: &DeployRecord) -> Vec<String> {
    if let Some(project) = &deploy.project {
        return vec![project.clone()];
    }
    let service = names.service(deploy.service_id);
    service.map(|one| one.projects.clone()).unwrap_or_default()
}

/// Events in windows of the same length before and after, at most a day each.
async fn rate(
    tx: &mut Tx,
    workspace_id: i64,
    projects: &[String],
    (at, until): (Time, Time),
) -> Result<String, StoreError> {
    let length = until.since_ms(at).min(DAY_MS);
    let length = length - length.rem_euclid(rates::RATE_MS);
    if length <= 0 {
        return Ok("It is too early to compare the events before and after it.".to_owned());
    }
    let mut total = async |from: Time| {
        let span = (from, from.plus_ms(length));
        rates::total(tx, workspace_id, projects, span).await
    };
    let before = total(at.plus_ms(-length)).await?;
    let after = total(at).await?;
    let span = Clock(until).between(&at, &at.plus_ms(length));
    Ok(rate_sentence(before, after, &span))
}

async fn new_issues(
    tx: &mut Tx,
    workspace_id: i64,
    projects: &[String],
    span: (Time, Time),
) -> Result<Vec<NewIssue>, StoreError> {
    let found = issues::first_seen(tx, workspace_id, projects, span, DEPLOY_ISSUES).await?;
    let issue = |issue: epicenter_domain::issue::Issue| NewIssue {
        id: IdKind::Issue.show(issue.id),
        event_count: issue.event_count(),
        title: issue.title,
        project: issue.project_slug,
        first_seen_at: issue.first_seen_at,
    };
    Ok(found.into_iter().map(issue).collect())
}

async fn incidents_under(
    tx: &mut Tx,
    clock: Clock,
    deploy: &DeployRecord,
) -> Result<Vec<DeployIncident>, StoreError> {
    let ids = suspects::under_deploy(tx, deploy.id, DEPLOY_INCIDENTS).await?;
    let mut found = Vec::new();
    for id in ids {
        let Some(incident) = incidents::by_id(tx, deploy.workspace_id, id).await? else {
            continue;
        };
        let suspect = first_suspect(tx, &incident).await?;
        found.push(DeployIncident {
            number: incident.number,
            severity: ShownSeverity(incident.severity),
            state: state_of(&incident),
            distance: clock.between(&deploy.at, &incident.opened_at),
            is_regression: incident.previous_incident_id.is_some(),
            title: incident.title,
            suspect,
        });
    }
    Ok(found)
}

async fn first_suspect(
    tx: &mut Tx,
    incident: &Incident,
) -> Result<Option<(String, String, bool)>, StoreError> {
    let Some((ranking, kept)) = suspects::of_incident(tx, incident.id).await? else {
        return Ok(None);
    };
    let Some(commit_id) = kept.first().and_then(|one| one.commit_id) else {
        return Ok(None);
    };
    let found = commits::by_ids(tx, &[commit_id]).await?.pop();
    Ok(found.map(|commit| {
        let name = short(&commit.fact.sha).to_owned();
        (
            name,
            first_line(&commit.fact.message),
            ranking.is_convincing,
        )
    }))
}

/// What told of a deploy, and the delivery.
async fn source(
    tx: &mut Tx,
    deploy: &DeployRecord,
) -> Result<(String, Option<String>), StoreError> {
    let all = integrations::list(tx, deploy.workspace_id).await?;
    let name = match deploy.integration_id {
        None => "the API".to_owned(),
        Some(id) => all
            .into_iter()
            .find(|one| one.id == id)
            .map_or_else(|| "a deleted integration".to_owned(), |one| one.name),
    };
    let delivery = deploy.delivery_id.map(|id| IdKind::Delivery.show(id));
    Ok((name, delivery))
}

/// The page.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let clock = Clock(app.clock.now());
    let id = IdKind::Deploy.parse(&id).ok_or(Failure::NotFound)?;
    let shell = visitor.shell(&app, Section::Changes).await?;
    let mut tx = app.database.read().await?;
    let deploy = deploys::by_id(&mut tx, workspace_id, id)
        .await?
        .ok_or(Failure::NotFound)?;
    tx.rollback().await?;
    let brought = shipped(&app, &deploy).await?;
    let mut tx = app.database.read().await?;
    let names = Names::load(&mut tx, workspace_id).await?;
    let around = around(&mut tx, &deploy).await?;
    let until = around.next.as_ref().map_or(clock.0, |next| next.at);
    let projects = projects_of(&names, &deploy);
    let row = row_of(&mut tx, &names, Some(deploy.clone())).await?;
    // Whoever is named with a reason is not named a second time.
    let back_to = deploy.rollback_to_id;
    let undone_by = around.undone_by.as_ref().map(|one| one.id);
    let is_new_before = |one: &DeployRecord| Some(one.id) != back_to;
    let is_new_after = |one: &DeployRecord| Some(one.id) != undone_by;
    let service = names.service(deploy.service_id);
    let page = DeployPage {
        shell,
        row: row.ok_or(Failure::NotFound)?,
        release: deploy
            .version
            .as_ref()
            .map(|version| (version.clone(), release_address(version))),
        sha: deploy.sha.clone(),
        service: service.map(|one| (IdKind::Service.show(one.id), one.name.clone())),
        project: deploy.project.clone(),
        repository: names
            .repository(deploy.repository_id)
            .map(|one| (IdKind::Repository.show(one.id), one.name.clone())),
        status: deploy.status.as_str(),
        started_at: deploy.started_at,
        finished_at: deploy.finished_at,
        source: source(&mut tx, &deploy).await?,
        link: SafeLink::from_option(deploy.url.as_deref()),
        previous: row_of(&mut tx, &names, around.previous.filter(is_new_before)).await?,
        next: row_of(&mut tx, &names, around.next.filter(is_new_after)).await?,
        back_to: row_of(&mut tx, &names, around.back_to).await?,
        undone_by: row_of(&mut tx, &names, around.undone_by).await?,
        commits: brought.commits.into_iter().map(commit_row).collect(),
        gaps: brought.gaps,
        rate: rate(&mut tx, workspace_id, &projects, (deploy.at, until)).await?,
        issues: new_issues(&mut tx, workspace_id, &projects, (deploy.at, until)).await?,
        incidents: incidents_under(&mut tx, clock, &deploy).await?,
    };
    tx.rollback().await?;
    Ok(Html(page.render()?))
}
