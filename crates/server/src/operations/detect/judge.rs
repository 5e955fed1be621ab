//! Whether an event of what was resolved is a real regression, by the releases and deploys that are
//! known (ACCEPTANCE U4).

use crate::limits::FIX_DEPLOYS;
use crate::operations::rank_suspects::short;
use epicenter_domain::change::DeployStatus;
use epicenter_domain::routing::detect::{Judged, Regression};
use epicenter_domain::signal::Resolution;
use epicenter_domain::time::Time;
use epicenter_store::changes::commits::{self, Owner};
use epicenter_store::changes::deploys::{self, DeployRecord};
use epicenter_store::changes::{releases, repositories, shipped};
use epicenter_store::{StoreError, Tx};

/// Where and when an event happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) release: Option<String>,
    /// May be empty.
    pub(super) environment: String,
    pub(super) at: Time,
}

/// The verdict; none where nobody said in which release, or by which commit, it is resolved.
pub(super) async fn judge(
    tx: &mut Tx,
    workspace_id: i64,
    resolution: &Resolution,
    place: &Place,
) -> Result<Option<Judged>, StoreError> {
    let fix = fix_of(tx, workspace_id, resolution).await?;
    if fix.release.is_none() && fix.commit.is_none() && resolution.after.is_none() {
        return Ok(None);
    }
    let mut known = Regression {
        fixed_in: fix.release.clone(),
        commit: fix.commit,
        fixed_after: resolution.after.clone(),
        release: place.release.clone(),
        environment: place.environment.clone(),
        at: place.at,
        ..Regression::default()
    };
    let mut all = fix.deploys;
    if let Some(fixed_in) = &fix.release {
        known.fixed_released_at = match fix.released_at {
            Some(at) => Some(at),
            None => released_at(tx, workspace_id, fixed_in).await?,
        };
        all.extend(deploys::of_version(tx, workspace_id, fixed_in, FIX_DEPLOYS).await?);
    }
    if let Some(release) = &place.release {
        known.released_at = released_at(tx, workspace_id, release).await?;
        known.lists_commits =
            known.commit.is_some() && lists_commits(tx, workspace_id, release).await?;
    }
    let here = |deploy: &&DeployRecord| {
        place.environment.is_empty() || deploy.environment == place.environment
    };
    let live = all.iter().filter(here).filter(|one| is_live(one.status));
    known.fixed_deployed_at = live.map(|deploy| deploy.at).min();
    Ok(Some(known.judge()))
}

/// What repaired an issue, and where that is in.
#[derive(Default)]
struct Fix {
    release: Option<String>,
    released_at: Option<Time>,
    /// Shortened; only where Sentry named a commit and no release.
    commit: Option<String>,
    /// Deploys that have the commit, oldest first.
    deploys: Vec<DeployRecord>,
}

/// The release that Sentry names, or the first that has the commit that it names. A commit that is
/// not known here is none.
async fn fix_of(
    tx: &mut Tx,
    workspace_id: i64,
    resolution: &Resolution,
) -> Result<Fix, StoreError> {
    let (None, Some(sha)) = (&resolution.release, &resolution.commit) else {
        return Ok(Fix {
            release: resolution.release.clone(),
            ..Fix::default()
        });
    };
    for repository in repositories::list(tx, workspace_id).await? {
        let Some(commit) = commits::by_sha(tx, repository.id, sha).await? else {
            continue;
        };
        let all = shipped::deploys_of(tx, (workspace_id, commit.id), FIX_DEPLOYS).await?;
        let deployed = all
            .iter()
            .find_map(|deploy| Some((deploy.version.clone()?, deploy.at)));
        let listed = shipped::release_of(tx, commit.id).await?;
        let first = [listed, deployed]
            .into_iter()
            .flatten()
            .min_by_key(|(_, at)| *at);
        let (release, released_at) = first.unzip();
        return Ok(Fix {
            release,
            released_at,
            commit: Some(short(&commit.fact.sha).to_owned()),
            deploys: all,
        });
    }
    Ok(Fix::default())
}

/// Does anybody say which commits are in this release?
async fn lists_commits(tx: &mut Tx, workspace_id: i64, version: &str) -> Result<bool, StoreError> {
    let release = releases::by_version(tx, workspace_id, version).await?;
    if release.is_some_and(|release| release.has_commits) {
        return Ok(true);
    }
    let deploys = deploys::of_version(tx, workspace_id, version, 1).await?;
    let Some(deploy) = deploys.first() else {
        return Ok(false);
    };
    let listed = commits::ids_of(tx, Owner::Deploy(deploy.id), 1).await?;
    Ok(!listed.is_empty())
}

/// Was it ever live?
fn is_live(status: DeployStatus) -> bool {
    matches!(status, DeployStatus::Succeeded | DeployStatus::Inactive)
}

async fn released_at(
    tx: &mut Tx,
    workspace_id: i64,
    version: &str,
) -> Result<Option<Time>, StoreError> {
    let release = releases::by_version(tx, workspace_id, version).await?;
    Ok(release.map(|release| release.released_at.unwrap_or(release.created_at)))
}
