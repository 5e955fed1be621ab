//! Which deploy an incident began after, and the commits that may have caused it.

use crate::limits::{CANDIDATES, DEPLOY_WINDOW_MS, PUSHES_BACK};
use epicenter_domain::change::DeployStatus;
use epicenter_domain::change::link::{same_sha, sha_of_version};
use epicenter_domain::incident::Incident;
use epicenter_store::changes::commits::{CommitRecord, Owner};
use epicenter_store::changes::deploys::{DeployFilter, DeployRecord};
use epicenter_store::changes::releases::ReleaseRecord;
use epicenter_store::changes::repositories::RepositoryRecord;
use epicenter_store::changes::{commits, deploys, pushes, releases, repositories};
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeSet;

/// What may explain an incident.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// The deploy after which it began.
    pub(crate) deploy: Option<DeployRecord>,
    /// The deploy before that one.
    pub(crate) previous: Option<DeployRecord>,
    /// The release that the event names.
    pub(crate) release: Option<ReleaseRecord>,
    /// Repositories of its service.
    pub(crate) repositories: Vec<RepositoryRecord>,
    /// The commits, newest first.
    pub(crate) commits: Vec<CommitRecord>,
    /// What the event's release names when nobody told of that release.
    pub(crate) event_sha: Option<String>,
    /// Are these the commits up to the one that the event's release names, as a clone has them?
    pub(crate) is_of_release: bool,
    /// Did somebody list exactly these commits?
    pub(crate) is_listed: bool,
    /// What is missing: sentences for people.
    pub(crate) gaps: Vec<String>,
    /// Commits that are missing, unless a clone has them.
    pub(crate) lost: Vec<String>,
}

impl Gathered {
    /// Is it known which commits the event's release has?
    pub(crate) fn has_release(&self) -> bool {
        self.release.is_some() || self.is_of_release
    }

    /// The commit that was live: the deploy's, else the release's.
    pub(crate) fn live_sha(&self) -> Option<String> {
        let deployed = self.deploy.as_ref().and_then(|deploy| deploy.sha.clone());
        deployed
            .or_else(|| self.release.as_ref()?.sha.clone())
            .or_else(|| sha_of_version(&self.release.as_ref()?.version))
            .or_else(|| self.event_sha.clone())
    }
}

/// Gathers them.
pub(crate) async fn gather(tx: &mut Tx, incident: &Incident) -> Result<Gathered, StoreError> {
    let mut found = Gathered::default();
    let all = repositories::list(tx, incident.workspace_id).await?;
    if let Some(version) = &incident.release {
        found.release = releases::by_version(tx, incident.workspace_id, version).await?;
        found.event_sha = sha_of_version(version);
    }
    let linked: Vec<RepositoryRecord> = all
        .iter()
        .filter(|one| {
            incident
                .service_id
                .is_some_and(|id| one.service_ids.contains(&id))
        })
        .cloned()
        .collect();
    found.deploy = deploy_of(tx, incident, &all).await?;
    if let Some(previous_id) = found.deploy.as_ref().and_then(|deploy| deploy.previous_id) {
        found.previous = deploys::by_id(tx, incident.workspace_id, previous_id).await?;
    }
    let named: BTreeSet<i64> = [
        found
            .deploy
            .as_ref()
            .and_then(|deploy| deploy.repository_id),
        found
            .release
            .as_ref()
            .and_then(|release| release.repository_id),
    ]
    .into_iter()
    .flatten()
    .collect();
    found.repositories = linked;
    for repository in all {
        let known = found.repositories.iter().any(|one| one.id == repository.id);
        if named.contains(&repository.id) && !known {
            found.repositories.push(repository);
        }
    }
    found.commits = commits_of(tx, &mut found, incident).await?;
    Ok(found)
}

/// The deploy after which the incident began: of its release if it names one, else the last one to
/// its environment that may concern its service.
async fn deploy_of(
    tx: &mut Tx,
    incident: &Incident,
    repositories: &[RepositoryRecord],
) -> Result<Option<DeployRecord>, StoreError> {
    let began = incident
        .first_seen_at
        .max(incident.opened_at.plus_ms(-DEPLOY_WINDOW_MS));
    let live = |deploy: &DeployRecord| {
        matches!(
            deploy.status,
            DeployStatus::Succeeded | DeployStatus::Inactive
        )
    };
    let here = |deploy: &DeployRecord| {
        incident
            .environment
            .as_ref()
            .is_none_or(|environment| environment.eq_ignore_ascii_case(&deploy.environment))
    };
    if let Some(version) = &incident.release {
        let mut named = deploys::of_version(tx, incident.workspace_id, version, 50).await?;
        if named.is_empty()
            && let Some(sha) = sha_of_version(version)
        {
            named = deploys::of_sha(tx, incident.workspace_id, &sha, 50).await?;
        }
        named.retain(|deploy| live(deploy) && here(deploy));
        let before = named
            .iter()
            .position(|deploy| deploy.at <= incident.opened_at);
        // An event of a release whose deploy is told late: its first deploy, whatever the clocks say.
        let index = before.unwrap_or(named.len().saturating_sub(1));
        if let Some(deploy) = named.into_iter().nth(index) {
            return Ok(Some(deploy));
        }
    }
    let window = (began.plus_ms(-DEPLOY_WINDOW_MS), incident.opened_at);
    let recent = deploys::between(
        tx,
        incident.workspace_id,
        &DeployFilter::default(),
        window,
        200,
    )
    .await?;
    let concerns = |deploy: &DeployRecord| {
        let same_project = match (&deploy.project, &incident.project) {
            (Some(mine), Some(theirs)) => Some(mine == theirs),
            _ => None,
        };
        let same_service = match (deploy.service_id, incident.service_id) {
            (Some(mine), Some(theirs)) => Some(mine == theirs),
            _ => None,
        };
        let mine = same_project.or(same_service);
        mine.unwrap_or_else(|| may_make(repositories, deploy.repository_id, incident.service_id))
    };
    let fits = |deploy: &&DeployRecord| live(deploy) && here(deploy) && concerns(deploy);
    let mut fitting = recent.iter().filter(fits);
    let first = fitting.clone().find(|deploy| deploy.at <= began);
    Ok(first.or_else(|| fitting.next_back()).cloned())
}

/// May this repository make the service? Yes, if somebody linked them; no, if somebody linked either
/// to another; else nobody knows, and it may.
fn may_make(
    repositories: &[RepositoryRecord],
    repository_id: Option<i64>,
    service_id: Option<i64>,
) -> bool {
    let Some(service_id) = service_id else {
        return true;
    };
    let makes = |one: &RepositoryRecord| one.service_ids.contains(&service_id);
    match repositories
        .iter()
        .find(|one| Some(one.id) == repository_id)
    {
        Some(named) if makes(named) => true,
        Some(named) => named.service_ids.is_empty() && !repositories.iter().any(makes),
        None => true,
    }
}

async fn commits_of(
    tx: &mut Tx,
    found: &mut Gathered,
    incident: &Incident,
) -> Result<Vec<CommitRecord>, StoreError> {
    if let Some(release) = found.release.clone().filter(|release| release.has_commits) {
        let ids = commits::ids_of(tx, Owner::Release(release.id), CANDIDATES).await?;
        found.is_listed = true;
        return commits::by_ids(tx, &ids).await;
    }
    if incident.release.is_none() {
        found.gaps.push(
            "The event names no release; set one in the SDK so that it can be tied to a deploy."
                .to_owned(),
        );
    }
    if let Some(deploy) = found.deploy.clone() {
        let ids = commits::ids_of(tx, Owner::Deploy(deploy.id), CANDIDATES).await?;
        if !ids.is_empty() {
            found.is_listed = true;
            return commits::by_ids(tx, &ids).await;
        }
        let between = between_deploys(tx, found, &deploy).await?;
        if !between.is_empty() {
            return Ok(between);
        }
    } else {
        found
            .gaps
            .push("No deploy is known that this began after.".to_owned());
    }
    recent(tx, found, incident).await
}

/// The commits that a deploy brought, newest first, and sentences about those that are unknown.
pub(super) async fn shipped_with(
    tx: &mut Tx,
    deploy: &DeployRecord,
) -> Result<(Vec<CommitRecord>, Vec<String>), StoreError> {
    let mut found = Gathered::default();
    if let Some(version) = &deploy.version {
        let release = releases::by_version(tx, deploy.workspace_id, version).await?;
        if let Some(release) = release.filter(|release| release.has_commits) {
            let ids = commits::ids_of(tx, Owner::Release(release.id), CANDIDATES).await?;
            return Ok((commits::by_ids(tx, &ids).await?, found.gaps));
        }
    }
    let ids = commits::ids_of(tx, Owner::Deploy(deploy.id), CANDIDATES).await?;
    if !ids.is_empty() {
        return Ok((commits::by_ids(tx, &ids).await?, found.gaps));
    }
    if let Some(previous_id) = deploy.previous_id {
        found.previous = deploys::by_id(tx, deploy.workspace_id, previous_id).await?;
    }
    let commits = between_deploys(tx, &mut found, deploy).await?;
    found.gaps.append(&mut found.lost);
    Ok((commits, found.gaps))
}

/// Commits that came to the branch between the commit that was live before and this deploy's.
async fn between_deploys(
    tx: &mut Tx,
    found: &mut Gathered,
    deploy: &DeployRecord,
) -> Result<Vec<CommitRecord>, StoreError> {
    let (Some(repository_id), Some(sha)) = (deploy.repository_id, &deploy.sha) else {
        found.lost.push(
            "The deploy names no commit of a known repository, so its commits are unknown."
                .to_owned(),
        );
        return Ok(Vec::new());
    };
    let Some(head) = commits::by_sha(tx, repository_id, sha).await? else {
        found.lost.push(format!(
            "The deployed commit {} was never pushed here; connect the repository's webhook.",
            short(sha)
        ));
        return Ok(Vec::new());
    };
    let until = found
        .previous
        .as_ref()
        .and_then(|deploy| deploy.sha.clone());
    let way = pushes::back_from(tx, repository_id, head.id, PUSHES_BACK).await?;
    let mut commits: Vec<CommitRecord> = Vec::new();
    let mut has_begun = false;
    for push in way {
        let ids = commits::ids_of(tx, Owner::Push(push.id), CANDIDATES).await?;
        if push.is_truncated {
            found.lost.push(format!(
                "The push of {} listed only {} of its commits; the rest is unknown.",
                push.branch, push.commit_count
            ));
        }
        for commit in commits::by_ids(tx, &ids).await? {
            has_begun |= commit.id == head.id;
            let is_end = until
                .as_ref()
                .is_some_and(|until| same_sha(until, &commit.fact.sha));
            let is_full = i64::try_from(commits.len()).is_ok_and(|count| count >= CANDIDATES);
            if is_end || is_full {
                return Ok(commits);
            }
            if has_begun && commits.iter().all(|known| known.id != commit.id) {
                commits.push(commit);
            }
        }
        if until.is_none() && has_begun {
            // Nothing says where the deploy begins: its own push is the best guess.
            return Ok(commits);
        }
    }
    Ok(commits)
}

/// Without any deploy: what was pushed lately to the service's repositories.
async fn recent(
    tx: &mut Tx,
    found: &mut Gathered,
    incident: &Incident,
) -> Result<Vec<CommitRecord>, StoreError> {
    if found.repositories.is_empty() {
        found.gaps.push(
            "No repository is linked to this service; link one under Repositories.".to_owned(),
        );
        return Ok(Vec::new());
    }
    let mut commits = Vec::new();
    for repository in &found.repositories {
        commits.extend(commits::newest(tx, repository.id, 200).await?);
    }
    let from = incident.opened_at.plus_ms(-DEPLOY_WINDOW_MS);
    commits.retain(|commit| commit.received_at >= from && commit.received_at <= incident.opened_at);
    commits.sort_by_key(|commit| std::cmp::Reverse(commit.id));
    Ok(commits)
}

/// A commit's name as people read it.
pub(crate) fn short(sha: &str) -> &str {
    sha.get(..8).unwrap_or(sha)
}
