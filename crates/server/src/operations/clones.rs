//! Looks whether the clones of repositories can be used, and what files they have.

use crate::app::App;
use crate::clients::git::{self, GitError, LocalClone};
use epicenter_domain::change::RepositoryName;
use epicenter_store::changes::repositories::RepositoryRecord;
use std::collections::BTreeMap;

/// What a look at a clone found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloneReport {
    /// Why it is of no use, in a sentence.
    pub fault: Option<String>,
    /// A commit was asked for, and it does not have it.
    pub lacks_commit: bool,
    /// Its files, in order, if they were asked for.
    pub paths: Vec<String>,
}

/// What to look for in a clone.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// A commit that it should have.
    pub sha: Option<String>,
    /// Are its files wanted?
    pub paths: bool,
}

/// Looks at the clones of those repositories that have one, by the repositories' ids.
pub async fn look(
    app: &App,
    repositories: &[RepositoryRecord],
    wanted: impl Fn(&RepositoryRecord) -> Wanted,
) -> BTreeMap<i64, CloneReport> {
    let mut reports = BTreeMap::new();
    for repository in repositories {
        let Some(path) = repository.clone_path.clone() else {
            continue;
        };
        let (name, wanted) = (repository.name.clone(), wanted(repository));
        let report = app.clones.run(move || look_at(&path, &name, &wanted)).await;
        let report = report.unwrap_or_else(|error| CloneReport::of(&error));
        reports.insert(repository.id, report);
    }
    reports
}

impl CloneReport {
    fn of(error: &GitError) -> Self {
        Self {
            fault: Some(error.to_string()),
            ..Self::default()
        }
    }
}

fn look_at(path: &str, name: &str, wanted: &Wanted) -> CloneReport {
    let clone = match git::open(path) {
        Ok(clone) => clone,
        Err(error) => return CloneReport::of(&error),
    };
    let has = |sha: &String| clone.resolve(sha).is_ok();
    let newest = match newest(&clone) {
        Ok(newest) => newest,
        Err(error) => return CloneReport::of(&error),
    };
    let paths = match (&newest, wanted.paths) {
        (Some(sha), true) => clone.paths(sha),
        _ => Ok(Vec::new()),
    };
    CloneReport {
        fault: match (&paths, newest) {
            (Err(error), _) => Some(error.to_string()),
            (Ok(_), None) => Some("The clone has no commits.".to_owned()),
            (Ok(_), Some(_)) => stranger(&clone, name),
        },
        lacks_commit: wanted.sha.as_ref().is_some_and(|sha| !has(sha)),
        paths: paths.unwrap_or_default(),
    }
}

/// The newest commit of the branch that the clone calls its own.
fn newest(clone: &LocalClone) -> Result<Option<String>, GitError> {
    match clone.head() {
        Err(GitError::UnknownName(_)) => Ok(None),
        found => found.map(Some),
    }
}

/// Is it a clone of something else? What names no origin may be anything.
fn stranger(clone: &LocalClone, name: &str) -> Option<String> {
    let remotes = clone.remotes();
    let is_own = |remote: &RepositoryName| {
        let parts = (remote.as_str(), name);
        parts.0 == parts.1 || parts.0.ends_with(&format!("/{name}"))
    };
    let first = remotes.first()?;
    (!remotes.iter().any(is_own))
        .then(|| format!("It is a clone of {}, not of {name}.", first.as_str()))
}
