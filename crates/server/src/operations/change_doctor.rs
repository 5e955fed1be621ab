//! Which half of the way from a Sentry project to its suspects is missing: one finding per project.

use super::clones::{self, CloneReport, Wanted};
use super::code_hosts::{Cut, newest_cuts};
use super::event_detail::event_detail;
use crate::app::App;
use crate::limits::{DOCTOR_COMMITS, DOCTOR_DEPLOYS, DOCTOR_PROJECTS, DOCTOR_WINDOW_MS};
use epicenter_domain::change::link::sha_of_version;
use epicenter_domain::change::mapping::{Mapping, map, propose, tidy};
use epicenter_domain::issue::Issue;
use epicenter_store::changes::deploys::{self, DeployFilter, DeployRecord};
use epicenter_store::changes::mappings::{self, MappingRecord};
use epicenter_store::changes::repositories::{self, RepositoryRecord};
use epicenter_store::changes::{commits, releases};
use epicenter_store::issues::{IssueFilter, IssueSort};
use epicenter_store::services::{self, ServiceRecord};
use epicenter_store::{StoreError, Tx, events, issues};
use std::collections::{BTreeMap, BTreeSet};

/// What was found about one Sentry project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// Sentry project (slug).
    pub project: String,
    /// Its service: id and name.
    pub service: Option<(i64, String)>,
    /// What is missing, most urgent first; empty when all is there.
    pub gaps: Vec<Gap>,
    /// Code mappings that would help.
    pub proposals: Vec<MappingProposal>,
}

/// Something that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The project belongs to no service.
    NoService,
    /// No repository is linked to its service.
    NoRepository,
    /// No commit of its repositories is known.
    NoPush,
    /// A push to its repositories was cut, and the rest could not be fetched.
    CutPush,
    /// No deploy is known of the last month.
    NoDeploy,
    /// Its events carry no release.
    NoRelease,
    /// The release of its newest event was never deployed.
    NotDeployed,
    /// Its stacks name no file that its repositories have.
    NoFile,
    /// A clone is of no use.
    BrokenClone,
    /// The last deploy's commit is not in the clone.
    StaleClone,
}

/// A code mapping that a stack suggests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingProposal {
    /// Repository.
    pub repository_id: i64,
    /// Its name.
    pub repository: String,
    /// Beginning in the stack.
    pub stack_prefix: String,
    /// Beginning in the repository.
    pub source_prefix: String,
    /// Frames that it explains.
    pub match_count: usize,
}

impl Gap {
    /// What is missing, and what to do.
    pub fn sentences(self) -> (&'static str, &'static str) {
        match self {
            Self::NoService => (
                "The project belongs to no service.",
                "Name it at a service, so that repositories can be linked to it.",
            ),
            Self::NoRepository => (
                "No repository is linked to its service.",
                "Link one in the list above.",
            ),
            Self::NoPush => (
                "No commit of its repository is known.",
                "Connect GitHub or GitLab, or list commits with sentry-cli or in the deploy.",
            ),
            Self::CutPush => (
                "A push to its repository was cut by its sender, and the rest is not known.",
                "The repository above says why; a token for its code host is set up below it.",
            ),
            Self::NoDeploy => (
                "No deploy of it is known of the last 30 days.",
                "Connect deployments, run sentry-cli, or send POST /api/v1/deploys.",
            ),
            Self::NoRelease => (
                "Its events carry no release.",
                "Set `release` in the SDK, to the version or the commit that is deployed.",
            ),
            Self::NotDeployed => (
                "The release of its newest event was never deployed, as far as is known.",
                "Name the same version in the deploy as in the SDK.",
            ),
            Self::NoFile => (
                "The paths in its stacks match no file of its repository.",
                "Add a code mapping.",
            ),
            Self::BrokenClone => (
                "The clone of its repository cannot be used.",
                "The repository above says why.",
            ),
            Self::StaleClone => (
                "The commit that was deployed last is not in its clone.",
                "Fetch it there: clones are only read. A shallow clone and a forced push do the same.",
            ),
        }
    }
}

/// All that is looked at once for all projects.
struct Ward {
    services: Vec<ServiceRecord>,
    repositories: Vec<RepositoryRecord>,
    with_commits: BTreeSet<i64>,
    deploys: Vec<DeployRecord>,
    mappings: Vec<MappingRecord>,
    clones: BTreeMap<i64, CloneReport>,
    cut: BTreeMap<i64, Cut>,
}

/// Examines every project that the error log or a service names. Answers what was found, and what
/// the clones of the repositories say, by the repositories' ids.
pub async fn examine(
    app: &App,
    workspace_id: i64,
) -> Result<(Vec<Finding>, BTreeMap<i64, CloneReport>), StoreError> {
    let now = app.clock.now();
    let span = (now.plus_ms(-DOCTOR_WINDOW_MS), now);
    let mut tx = app.database.read().await?;
    let mut ward = Ward {
        services: services::list(&mut tx, workspace_id).await?,
        repositories: repositories::list(&mut tx, workspace_id).await?,
        with_commits: repositories::with_commits(&mut tx, workspace_id).await?,
        deploys: deploys::between(
            &mut tx,
            workspace_id,
            &DeployFilter::default(),
            span,
            DOCTOR_DEPLOYS,
        )
        .await?,
        mappings: mappings::list(&mut tx, workspace_id).await?,
        clones: BTreeMap::new(),
        cut: newest_cuts(&mut tx, workspace_id).await?,
    };
    tx.rollback().await?;
    // Between two transactions: clones are read for as long as it takes.
    ward.clones = clones::look(app, &ward.repositories, |repository| Wanted {
        sha: ward.deployed_last(repository.id),
        paths: true,
    })
    .await;
    let mut tx = app.database.read().await?;
    let mut projects: BTreeSet<String> = issues::projects(&mut tx, workspace_id)
        .await?
        .into_iter()
        .collect();
    for service in &ward.services {
        projects.extend(service.projects.iter().cloned());
    }
    let mut findings = Vec::new();
    for project in projects.into_iter().take(DOCTOR_PROJECTS) {
        findings.push(examine_one(&mut tx, workspace_id, &ward, project).await?);
    }
    tx.rollback().await?;
    Ok((findings, ward.clones))
}

async fn examine_one(
    tx: &mut Tx,
    workspace_id: i64,
    ward: &Ward,
    project: String,
) -> Result<Finding, StoreError> {
    let service = ward
        .services
        .iter()
        .find(|service| service.projects.contains(&project))
        .or_else(|| ward.services.iter().find(|service| service.is_default));
    let linked: Vec<&RepositoryRecord> = ward
        .repositories
        .iter()
        .filter(|one| {
            let by_hand = service.is_some_and(|service| one.service_ids.contains(&service.id));
            by_hand || ward.is_deployed(&project, service, one.id)
        })
        .collect();
    let mut gaps = Vec::new();
    if service.is_none() {
        gaps.push(Gap::NoService);
    } else if linked.is_empty() {
        gaps.push(Gap::NoRepository);
    }
    let has_commits = |one: &&RepositoryRecord| ward.with_commits.contains(&one.id);
    if !linked.is_empty() && !linked.iter().any(has_commits) {
        gaps.push(Gap::NoPush);
    }
    let mut cuts = linked.iter().filter_map(|one| ward.cut.get(&one.id));
    if cuts.any(|cut| cut.fault.is_some()) {
        gaps.push(Gap::CutPush);
    }
    let clones = linked.iter().filter_map(|one| ward.clones.get(&one.id));
    if clones.clone().any(|clone| clone.fault.is_some()) {
        gaps.push(Gap::BrokenClone);
    } else if clones.clone().any(|clone| clone.lacks_commit) {
        gaps.push(Gap::StaleClone);
    }
    if !ward.has_deploy(&project, service, &linked) {
        gaps.push(Gap::NoDeploy);
    }
    let mut finding = Finding {
        service: service.map(|one| (one.id, one.name.clone())),
        gaps,
        proposals: Vec::new(),
        project,
    };
    if let Some(issue) = newest_issue(tx, workspace_id, &finding.project).await? {
        look_at_release(tx, &issue, &mut finding).await?;
        look_at_stack(tx, &issue, (ward, &linked), &mut finding).await?;
    }
    Ok(finding)
}

impl Ward {
    /// The commit of a repository that was deployed last.
    fn deployed_last(&self, repository_id: i64) -> Option<String> {
        let own = |deploy: &&DeployRecord| deploy.repository_id == Some(repository_id);
        let own = self.deploys.iter().filter(own);
        own.max_by_key(|deploy| deploy.at)?.sha.clone()
    }

    /// Does a deploy of this project or service name the repository?
    fn is_deployed(&self, project: &str, service: Option<&ServiceRecord>, id: i64) -> bool {
        self.deploys.iter().any(|deploy| {
            let same_service = service.is_some_and(|one| deploy.service_id == Some(one.id));
            let is_ours = deploy.project.as_deref() == Some(project) || same_service;
            is_ours && deploy.repository_id == Some(id)
        })
    }

    fn has_deploy(
        &self,
        project: &str,
        service: Option<&ServiceRecord>,
        linked: &[&RepositoryRecord],
    ) -> bool {
        self.deploys.iter().any(|deploy| {
            let same_service = service.is_some_and(|one| deploy.service_id == Some(one.id));
            let repository = linked
                .iter()
                .any(|one| deploy.repository_id == Some(one.id));
            deploy.project.as_deref() == Some(project) || same_service || repository
        })
    }
}

async fn newest_issue(
    tx: &mut Tx,
    workspace_id: i64,
    project: &str,
) -> Result<Option<Issue>, StoreError> {
    let filter = IssueFilter {
        project: Some(project.to_owned()),
        ..IssueFilter::default()
    };
    let sort = IssueSort::LastSeen;
    let page = issues::list(tx, workspace_id, &filter, sort, (None, 1)).await?;
    Ok(page.items.into_iter().next())
}

/// Does the newest event say which release it is of, and was that deployed?
async fn look_at_release(
    tx: &mut Tx,
    issue: &Issue,
    finding: &mut Finding,
) -> Result<(), StoreError> {
    let page = events::of_issue(tx, issue.id, None, 1).await?;
    let newest = page.items.first();
    let release = newest.and_then(|event| event.release.clone());
    let Some(version) = release.or_else(|| issue.release.clone()) else {
        // An issue without a stored event says nothing about releases.
        if newest.is_some() {
            finding.gaps.push(Gap::NoRelease);
        }
        return Ok(());
    };
    let mut deployed = deploys::of_version(tx, issue.workspace_id, &version, 1).await?;
    if deployed.is_empty() {
        let known = releases::by_version(tx, issue.workspace_id, &version).await?;
        let sha = known.and_then(|one| one.sha).or(sha_of_version(&version));
        if let Some(sha) = sha {
            deployed = deploys::of_sha(tx, issue.workspace_id, &sha, 1).await?;
        }
    }
    if deployed.is_empty() {
        finding.gaps.push(Gap::NotDeployed);
    }
    Ok(())
}

/// Do the paths of the newest stack lead to files that were pushed lately?
async fn look_at_stack(
    tx: &mut Tx,
    issue: &Issue,
    (ward, linked): (&Ward, &[&RepositoryRecord]),
    finding: &mut Finding,
) -> Result<(), StoreError> {
    let stack = stack_paths(tx, issue).await?;
    let rules: Vec<Mapping> = ward
        .mappings
        .iter()
        .filter(|one| one.project == finding.project)
        .map(|one| Mapping {
            repository_id: one.repository_id,
            stack_prefix: one.stack_prefix.clone(),
            source_prefix: one.source_prefix.clone(),
        })
        .collect();
    let mut has_files = false;
    let mut is_found = false;
    for repository in linked {
        let files = match ward.clones.get(&repository.id) {
            Some(clone) if !clone.paths.is_empty() => clone.paths.clone(),
            _ => files_of(tx, repository.id).await?,
        };
        has_files |= !files.is_empty();
        is_found |= stack.iter().any(|path| {
            let mapped = map(&rules, path).map_or_else(|| tidy(path), |(_, path)| path);
            files.binary_search(&mapped).is_ok()
        });
        let proposed = propose(stack.iter().map(String::as_str), &files);
        let is_new = |stack_prefix: &str| {
            rules.iter().all(|rule| {
                rule.repository_id != repository.id || rule.stack_prefix != stack_prefix
            })
        };
        finding.proposals.extend(
            proposed
                .into_iter()
                .filter(|one| one.stack_prefix != one.source_prefix && is_new(&one.stack_prefix))
                .map(|one| MappingProposal {
                    repository_id: repository.id,
                    repository: repository.name.clone(),
                    stack_prefix: one.stack_prefix,
                    source_prefix: one.source_prefix,
                    match_count: one.match_count,
                }),
        );
    }
    if has_files && !stack.is_empty() && !is_found {
        finding.gaps.push(Gap::NoFile);
    }
    Ok(())
}

/// Paths of the application's frames in the newest event, as it names them.
async fn stack_paths(tx: &mut Tx, issue: &Issue) -> Result<Vec<String>, StoreError> {
    let page = events::of_issue(tx, issue.id, None, 1).await?;
    let Some(record) = page.items.first() else {
        return Ok(Vec::new());
    };
    let Some(detail) = event_detail(tx, issue.workspace_id, record).await? else {
        return Ok(Vec::new());
    };
    let frames = detail.exceptions.iter().flat_map(|one| &one.frames);
    let frames = frames.chain(&detail.thread_frames);
    let paths = frames.filter(|frame| frame.in_app).map(|frame| {
        if frame.filename.is_empty() {
            frame.abs_path.clone()
        } else {
            frame.filename.clone()
        }
    });
    Ok(paths.filter(|path| !path.is_empty()).collect())
}

/// Files that the newest commits touched, in order.
async fn files_of(tx: &mut Tx, repository_id: i64) -> Result<Vec<String>, StoreError> {
    let newest = commits::newest(tx, repository_id, DOCTOR_COMMITS).await?;
    let files = newest.into_iter().filter_map(|commit| commit.fact.files);
    let paths: BTreeSet<String> = files.flatten().map(|file| file.path).collect();
    Ok(paths.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gap_says_what_is_missing_and_what_to_do() {
        for gap in [
            Gap::NoService,
            Gap::NoRepository,
            Gap::NoPush,
            Gap::CutPush,
            Gap::NoDeploy,
            Gap::NoRelease,
            Gap::NotDeployed,
            Gap::NoFile,
            Gap::BrokenClone,
            Gap::StaleClone,
        ] {
            let (missing, advice) = gap.sentences();
            assert!(missing.ends_with('.') && advice.ends_with('.'), "{gap:?}");
        }
    }
}
