//! `change_window`: the deploy, with its commits, that may have caused the incident (PL-05).

use super::digest;
use crate::change::{self, ChangeFact, CommitFact, DeployFact, DeployStatus, FileChange};
use crate::limits::{CHANGED_FILES, ID_CHARS, PATH_CHARS, PUSH_COMMITS, cut_chars};
use crate::signal::{Actor, Fact, Signal, When};
use crate::sources::wire::Wire;

/// The deploy of a window, if there is one.
pub(super) fn read(body: &Wire<'_>, actor: &Actor) -> Option<Signal> {
    let window = body.get("change_window");
    if !window.is_map() {
        return None;
    }
    let deployed_at = window.get("deploy_time").time();
    let service = body.get("service").name();
    let listed = window.get("commits").list().iter().take(PUSH_COMMITS);
    let mut commits: Vec<CommitFact> = listed.filter_map(commit).collect();
    if commits.is_empty() && deployed_at.is_none() {
        return None;
    }
    // Newest first where the times tell; else in the order in which they were sent.
    if commits.iter().all(|commit| commit.authored_at.is_some()) {
        commits.sort_by_key(|commit| std::cmp::Reverse(commit.authored_at));
    }
    let time = deployed_at.map(crate::time::Time::rfc3339);
    let environment = body.get("environment").name();
    let mut parts = vec![
        time.as_deref().unwrap_or_default(),
        service.as_deref().unwrap_or_default(),
        environment.as_deref().unwrap_or_default(),
    ];
    parts.extend(commits.iter().map(|commit| commit.sha.as_str()));
    let fact = DeployFact {
        key: format!("change-window-{}", digest(&parts)),
        version: None,
        sha: commits.first().map(|commit| commit.sha.clone()),
        environment: environment.map_or_else(|| "production".to_owned(), |it| it.to_lowercase()),
        repository: None,
        project: service.clone(),
        service,
        name: None,
        status: DeployStatus::Succeeded,
        started_at: None,
        finished_at: deployed_at,
        url: None,
        commits,
        actor: actor.clone(),
    };
    Some(Signal {
        when: When {
            sent_at: None,
            occurred_at: deployed_at,
        },
        actor: actor.clone(),
        fact: Fact::Change(Box::new(ChangeFact::Deploy(fact))),
    })
}

/// A commit. Its id should be a SHA; a short or invented name is kept as it is.
fn commit(wire: &Wire<'_>) -> Option<CommitFact> {
    let id = wire.get("id").line(ID_CHARS)?;
    let author = wire.get("author").name();
    let files = wire.get("files");
    let paths = files.list().iter().filter_map(Wire::str);
    Some(CommitFact {
        sha: change::sha(&id).unwrap_or(id),
        message: wire.get("message").message(),
        author_key: change::author_key(author.as_deref(), author.as_deref().unwrap_or_default()),
        author: author.unwrap_or_default(),
        authored_at: wire.get("timestamp").time(),
        files: (*files != Wire::Null).then(|| {
            let changed = paths.map(|path| FileChange {
                path: cut_chars(path.trim_start_matches('/'), PATH_CHARS),
                ..FileChange::default()
            });
            changed.take(CHANGED_FILES).collect()
        }),
        ..CommitFact::default()
    })
}
