//! `release`: a tag became a release.

use super::{repository_of, sender};
use crate::change::{self, ChangeFact, ReleaseFact};
use crate::sources::change_hook::{Change, Found, identity, lacks, link};
use crate::sources::wire::Wire;

pub(super) fn read(body: &Wire<'_>) -> Found {
    let action = body.get("action").name().unwrap_or_default();
    if !matches!(action.as_str(), "published" | "released" | "prereleased") {
        return Found::Ignored(format!(
            "A release was {action}; only published ones count."
        ));
    }
    let wire = body.get("release");
    let Some(version) = wire.get("tag_name").name() else {
        return lacks("tag of the release");
    };
    let repository = repository_of(body);
    let name = repository.as_ref().map_or("", |it| it.name.as_str());
    let identity = identity(&["github-release", name, &version]);
    let actor = sender(body);
    let released_at = wire.get("published_at").time();
    let fact = ReleaseFact {
        version,
        projects: Vec::new(),
        sha: wire.get("target_commitish").str().and_then(change::sha),
        repository,
        commits: None,
        refs: Vec::new(),
        created_at: wire.get("created_at").time(),
        released_at,
        url: link(wire.get("html_url")),
        is_archived: None,
        actor: actor.clone(),
    };
    Found::Change(Box::new(Change {
        identity,
        at: released_at,
        actor,
        fact: ChangeFact::Release(fact),
    }))
}
