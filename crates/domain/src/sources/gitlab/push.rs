//! `push` and `tag_push`: the newest 20 commits, oldest first; `total_commits_count` tells the
//! truth.

use super::{repository_of, sender};
use crate::change::{self, ChangeFact, Push};
use crate::sources::change_hook::{Change, Found, branch, commits, identity, lacks};
use crate::sources::wire::Wire;

pub(super) fn read(body: &Wire<'_>) -> Found {
    let Some(repository) = repository_of(body) else {
        return lacks("project");
    };
    let Some(full) = body.get("ref").name() else {
        return lacks("ref");
    };
    let (branch, is_tag) = branch(&full);
    let named = |key: &str| body.get(key).str().and_then(change::sha);
    let (before, after) = (named("before"), named("after"));
    let commits = commits(body.get("commits"));
    let total = body.get("total_commits_count").int();
    let total_count = total.and_then(|total| u64::try_from(total).ok());
    let listed = u64::try_from(commits.len()).unwrap_or(u64::MAX);
    let actor = sender(body);
    let identity = identity(&[
        "gitlab-push",
        repository.name.as_str(),
        &full,
        before.as_deref().unwrap_or_default(),
        after.as_deref().unwrap_or_default(),
    ]);
    let at = commits.last().and_then(|last| last.authored_at);
    let fact = ChangeFact::Push(Push {
        repository,
        branch,
        is_tag,
        before,
        after,
        is_truncated: total_count.is_some_and(|total| total > listed),
        commits,
        total_count,
        is_forced: false,
        actor: actor.clone(),
        url: None,
    });
    Found::Change(Box::new(Change {
        identity,
        at,
        actor,
        fact,
    }))
}
