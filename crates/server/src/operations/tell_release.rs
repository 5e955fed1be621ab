//! sentry-cli tells of releases and of deploys of them (DESIGN §4.1, `/api/0/`).

use super::OperationError;
use super::record_changes::{record_with, repository_of_release};
use super::store_commits::{Stored, is_long, store_commits};
use super::tell_change::{record_told, told};
use crate::app::App;
use epicenter_domain::change::{ChangeFact, DeployFact, ReleaseFact};
use epicenter_store::Tx;
use epicenter_store::changes::deploys::{self, DeployRecord};
use epicenter_store::changes::releases::{self, ReleaseRecord};
use std::collections::BTreeSet;

/// A release, as it is after it was told.
#[derive(Debug)]
pub struct ToldRelease {
    /// The release.
    pub release: ReleaseRecord,
    /// Was it unknown before?
    pub is_new: bool,
}

/// Makes a release, or completes the one that exists.
pub async fn ensure_release(
    app: &App,
    workspace_id: i64,
    fact: ReleaseFact,
) -> Result<ToldRelease, OperationError> {
    let version = fact.version.clone();
    let (fact, stored) = store_ahead(app, workspace_id, fact).await?;
    let mut tx = app.database.write_state().await?;
    let known = releases::by_version(&mut tx, workspace_id, &version).await?;
    let change = (workspace_id, fact, stored);
    let release = tell(app, &mut tx, known.as_ref(), change).await?;
    tx.commit().await?;
    app.live.publish(Vec::new(), []);
    Ok(ToldRelease {
        release,
        is_new: known.is_none(),
    })
}

/// Completes a release that must exist, and be of the project if one is named.
pub async fn change_release(
    app: &App,
    workspace_id: i64,
    project: Option<&str>,
    fact: ReleaseFact,
) -> Result<ReleaseRecord, OperationError> {
    let mut tx = app.database.read().await?;
    find(&mut tx, workspace_id, project, &fact.version).await?;
    tx.rollback().await?;
    let (fact, stored) = store_ahead(app, workspace_id, fact).await?;
    let mut tx = app.database.write_state().await?;
    let known = find(&mut tx, workspace_id, project, &fact.version).await?;
    let change = (workspace_id, fact, stored);
    let release = tell(app, &mut tx, Some(&known), change).await?;
    tx.commit().await?;
    app.live.publish(Vec::new(), []);
    Ok(release)
}

/// Forgets a release that must exist; what was deployed stays known.
pub async fn delete_release(
    app: &App,
    workspace_id: i64,
    project: Option<&str>,
    version: &str,
) -> Result<(), OperationError> {
    let mut tx = app.database.write_state().await?;
    let release = find(&mut tx, workspace_id, project, version).await?;
    releases::delete(&mut tx, release.id).await?;
    tx.commit().await?;
    Ok(())
}

/// Records a deploy of a release that must exist. A deploy without a time is live now; told again,
/// it keeps the time of the first telling.
pub async fn deploy_release(
    app: &App,
    workspace_id: i64,
    version: &str,
    mut fact: DeployFact,
) -> Result<DeployRecord, OperationError> {
    let mut tx = app.database.write_state().await?;
    let project = fact.project.as_deref();
    let release = find(&mut tx, workspace_id, project, version).await?;
    if fact.project.is_none() {
        // One project: its service was deployed. Several: nobody says which.
        if let [only] = releases::projects(&mut tx, release.id).await?.as_slice() {
            fact.project = Some(only.clone());
        }
    }
    let key = fact.key.clone();
    let known = deploys::by_key(&mut tx, workspace_id, &key).await?;
    if fact.finished_at.is_none() && known.is_none() {
        fact.finished_at = Some(app.clock.now());
    }
    fact.version = Some(release.version);
    record_told(app, &mut tx, workspace_id, vec![ChangeFact::Deploy(fact)]).await?;
    let deploy = deploys::by_key(&mut tx, workspace_id, &key)
        .await?
        .ok_or(OperationError::NotFound("deploy"))?;
    tx.commit().await?;
    app.live.publish(Vec::new(), []);
    Ok(deploy)
}

/// The release of this version. One of other projects only is not there for this project.
pub async fn find(
    tx: &mut Tx,
    workspace_id: i64,
    project: Option<&str>,
    version: &str,
) -> Result<ReleaseRecord, OperationError> {
    let nowhere = OperationError::NotFound("release");
    let Some(release) = releases::by_version(tx, workspace_id, version).await? else {
        return Err(nowhere);
    };
    if let Some(project) = project {
        let projects = releases::projects(tx, release.id).await?;
        if !projects.is_empty() && !projects.iter().any(|slug| slug == project) {
            return Err(nowhere);
        }
    }
    Ok(release)
}

/// Stores the commits of a long list before the release that has them, so that the last step is a
/// short one. Answers the fact with the projects that are known.
async fn store_ahead(
    app: &App,
    workspace_id: i64,
    mut fact: ReleaseFact,
) -> Result<(ReleaseFact, Option<Stored>), OperationError> {
    if !is_long(fact.commits.as_ref()) {
        return Ok((fact, None));
    }
    let commits = fact.commits.take().unwrap_or_default();
    let mut tx = app.database.write_state().await?;
    let known = releases::by_version(&mut tx, workspace_id, &fact.version).await?;
    fact.projects = all_projects(&mut tx, known.as_ref(), fact.projects).await?;
    let change = told(app, workspace_id, ChangeFact::Release(fact.clone()));
    let repository_id = repository_of_release(app, &mut tx, &change, &fact).await?;
    tx.commit().await?;
    let stored = match repository_id {
        None => None,
        Some(id) => {
            let now = change.received_at;
            Some(store_commits(app, (workspace_id, id), &commits, now).await?)
        }
    };
    fact.commits = Some(commits);
    Ok((fact, stored))
}

/// Commits come without the projects, which were told before and say whose they are.
async fn all_projects(
    tx: &mut Tx,
    known: Option<&ReleaseRecord>,
    named: Vec<String>,
) -> Result<Vec<String>, OperationError> {
    let mut projects: BTreeSet<String> = named.into_iter().collect();
    if let Some(known) = known {
        projects.extend(releases::projects(tx, known.id).await?);
    }
    Ok(projects.into_iter().collect())
}

async fn tell(
    app: &App,
    tx: &mut Tx,
    known: Option<&ReleaseRecord>,
    (workspace_id, mut fact, stored): (i64, ReleaseFact, Option<Stored>),
) -> Result<ReleaseRecord, OperationError> {
    fact.projects = all_projects(tx, known, fact.projects).await?;
    let version = fact.version.clone();
    let change = told(app, workspace_id, ChangeFact::Release(fact));
    record_with(app, tx, &[change], stored.as_ref()).await?;
    releases::by_version(tx, workspace_id, &version)
        .await?
        .ok_or(OperationError::NotFound("release"))
}
