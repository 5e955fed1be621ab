//! `push`: commits arrived on a branch, oldest first.

use super::{repository_of, sender};
use crate::change::{self, ChangeFact, Push};
use crate::limits::PUSH_COMMITS;
use crate::sources::change_hook::{Change, Found, branch, commits, identity, lacks, link, person};
use crate::sources::wire::Wire;

pub(super) fn read(body: &Wire<'_>) -> Found {
    let Some(repository) = repository_of(body) else {
        return lacks("repository");
    };
    let Some(full) = body.get("ref").name() else {
        return lacks("ref");
    };
    let (branch, is_tag) = branch(&full);
    let named = |key: &str| body.get(key).str().and_then(change::sha);
    let (before, after) = (named("before"), named("after"));
    let is_deleted = body.get("deleted").bool() == Some(true);
    let after = after.filter(|_| !is_deleted);
    if after.is_none() && !is_deleted {
        return lacks("commit that the branch is at now");
    }
    let listed = body.get("commits").list().len();
    let commits = commits(body.get("commits"));
    let pusher = body.path(&["pusher", "name"]).name();
    let actor = match pusher {
        Some(name) => person(body.path(&["sender", "id"]).id(), Some(name)),
        None => sender(body),
    };
    let at = body
        .path(&["head_commit", "timestamp"])
        .time()
        .filter(|_| !is_deleted);
    let parts = [
        "github-push",
        repository.name.as_str(),
        &full,
        before.as_deref().unwrap_or_default(),
        after.as_deref().unwrap_or_default(),
    ];
    let identity = identity(&parts);
    // The head is always the last of the list; if it is missing, the list was cut.
    let has_head = commits.is_empty() || commits.last().map(|last| &last.sha) == after.as_ref();
    let fact = ChangeFact::Push(Push {
        repository,
        branch,
        is_tag,
        before,
        after,
        is_truncated: listed >= PUSH_COMMITS || !has_head,
        commits,
        total_count: None,
        is_forced: body.get("forced").bool() == Some(true),
        actor: actor.clone(),
        url: link(body.get("compare")),
    });
    Found::Change(Box::new(Change {
        identity,
        at,
        actor,
        fact,
    }))
}
