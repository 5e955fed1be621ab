//! The commits that a deploy brought, for people who look at it: as they were told, else as the
//! clone of its repository has them.

use super::clones::scrubbed;
use super::gather::{shipped_with, short};
use crate::app::App;
use crate::clients::git::{self, GitError};
use crate::limits::{SHOWN_COMMITS, WITHOUT_BEGINNING};
use epicenter_domain::change::CommitFact;
use epicenter_store::StoreError;
use epicenter_store::changes::deploys::{self, DeployRecord};
use epicenter_store::changes::{commits, repositories};
use std::collections::BTreeMap;

/// What a deploy brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shipped {
    /// Newest first; at most as many as a page shows.
    pub commits: Vec<CommitFact>,
    /// Why some are unknown or left out: sentences.
    pub gaps: Vec<String>,
}

/// A part of a clone's history.
struct Part {
    /// The clone's folder.
    path: String,
    /// What was live before.
    after: Option<String>,
    /// What was deployed.
    until: String,
}

/// Gathers what a deploy brought. Nothing is stored.
pub async fn shipped(app: &App, deploy: &DeployRecord) -> Result<Shipped, StoreError> {
    let mut tx = app.database.read().await?;
    let (told, gaps) = shipped_with(&mut tx, deploy).await?;
    let mut found = Shipped {
        commits: told.into_iter().map(|one| one.fact).collect(),
        gaps,
    };
    found.commits.truncate(SHOWN_COMMITS);
    let previous = match deploy.previous_id {
        Some(id) => deploys::by_id(&mut tx, deploy.workspace_id, id).await?,
        None => None,
    };
    let repository = match deploy.repository_id {
        Some(id) => repositories::by_id(&mut tx, deploy.workspace_id, id).await?,
        None => None,
    };
    tx.rollback().await?;
    let clone = repository.and_then(|one| Some((one.id, one.clone_path?)));
    let (Some((repository_id, path)), Some(until), false) =
        (clone, deploy.sha.clone(), found.gaps.is_empty())
    else {
        return Ok(found);
    };
    let part = Part {
        path,
        after: previous.and_then(|one| one.sha),
        until,
    };
    match ask(app, repository_id, part).await? {
        Ok(whole) => Ok(whole),
        Err(error) => {
            found.gaps.push(format!("The clone does not help: {error}"));
            Ok(found)
        }
    }
}

/// The commits of that part; those that were told are taken from the store, with their files.
async fn ask(
    app: &App,
    repository_id: i64,
    part: Part,
) -> Result<Result<Shipped, GitError>, StoreError> {
    let most = match part.after {
        Some(_) => SHOWN_COMMITS,
        None => WITHOUT_BEGINNING,
    };
    let mut gaps = Vec::new();
    if part.after.is_none() {
        gaps.push(format!(
            "What was live before {} is unknown; the newest {most} commits up to it are listed.",
            short(&part.until)
        ));
    }
    let rules = app.scrub_rules.clone();
    let read = move || {
        let clone = git::open(&part.path)?;
        let range = clone.range(part.after.as_deref(), &part.until, most)?;
        let read = range.shas.iter().map(|sha| clone.brief(sha));
        let read = read.map(|fact| fact.map(|fact| scrubbed(fact, &rules)));
        Ok((read.collect::<Result<Vec<_>, GitError>>()?, range.is_cut))
    };
    let (mut listed, is_cut) = match app.clones.run(read).await.and_then(|answer| answer) {
        Ok(answer) => answer,
        Err(error) => return Ok(Err(error)),
    };
    if is_cut && gaps.is_empty() {
        gaps.push(format!("The clone has more; the newest {most} are listed."));
    }
    let shas: Vec<String> = listed.iter().map(|one| one.sha.clone()).collect();
    let mut tx = app.database.read().await?;
    let known = commits::by_shas(&mut tx, repository_id, &shas).await?;
    tx.rollback().await?;
    let mut known: BTreeMap<String, CommitFact> = known
        .into_iter()
        .map(|one| (one.fact.sha.clone(), one.fact))
        .collect();
    for commit in &mut listed {
        if let Some(whole) = known.remove(&commit.sha) {
            *commit = whole;
        }
    }
    Ok(Ok(Shipped {
        commits: listed,
        gaps,
    }))
}
