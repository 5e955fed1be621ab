//! `pull_request`: only when it was merged.

use super::{repository_of, sender};
use crate::change::{self, ChangeFact, PullRequest};
use crate::sources::change_hook::{Change, Found, identity, lacks, link, person};
use crate::sources::wire::Wire;

pub(super) fn read(body: &Wire<'_>) -> Found {
    let wire = body.get("pull_request");
    let is_closed = body.get("action").str() == Some("closed");
    if !is_closed || wire.get("merged").bool() != Some(true) {
        return Found::Ignored("The pull request was not merged.".to_owned());
    }
    let Some(repository) = repository_of(body) else {
        return lacks("repository");
    };
    let number = wire
        .get("number")
        .int()
        .and_then(|it| u64::try_from(it).ok());
    let Some(number) = number else {
        return lacks("number of the pull request");
    };
    let author = person(
        wire.path(&["user", "id"]).id(),
        wire.path(&["user", "login"]).name(),
    );
    let identity = identity(&[
        "github-pull-request",
        repository.name.as_str(),
        &number.to_string(),
    ]);
    let merged_at = wire.get("merged_at").time();
    let fact = PullRequest {
        repository,
        number,
        title: wire.get("title").name().unwrap_or_default(),
        merge_sha: wire.get("merge_commit_sha").str().and_then(change::sha),
        target: wire.path(&["base", "ref"]).name().unwrap_or_default(),
        url: link(wire.get("html_url")),
        merged_at,
        actor: author,
    };
    Found::Change(Box::new(Change {
        identity,
        at: merged_at,
        actor: sender(body),
        fact: ChangeFact::PullRequest(fact),
    }))
}
