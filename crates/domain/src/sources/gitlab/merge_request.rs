//! `merge_request`: only when it was merged.

use super::{repository_of, sender};
use crate::change::{self, ChangeFact, PullRequest};
use crate::sources::change_hook::{Change, Found, identity, lacks, link};
use crate::sources::wire::Wire;

pub(super) fn read(body: &Wire<'_>) -> Found {
    let wire = body.get("object_attributes");
    if wire.get("action").str() != Some("merge") {
        return Found::Ignored("The merge request was not merged.".to_owned());
    }
    let Some(repository) = repository_of(body) else {
        return lacks("project");
    };
    let number = wire.get("iid").int().and_then(|it| u64::try_from(it).ok());
    let Some(number) = number else {
        return lacks("number of the merge request");
    };
    let actor = sender(body);
    let merged_at = wire.get("updated_at").time();
    let identity = identity(&[
        "gitlab-merge-request",
        repository.name.as_str(),
        &number.to_string(),
    ]);
    Found::Change(Box::new(Change {
        identity,
        at: merged_at,
        actor: actor.clone(),
        fact: ChangeFact::PullRequest(PullRequest {
            repository,
            number,
            title: wire.get("title").name().unwrap_or_default(),
            merge_sha: wire.get("merge_commit_sha").str().and_then(change::sha),
            target: wire.get("target_branch").name().unwrap_or_default(),
            url: link(wire.get("url")),
            merged_at,
            actor,
        }),
    }))
}
