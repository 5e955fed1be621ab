//! `release`: a tag became a release.

use super::{repository_of, sender};
use crate::change::{self, ChangeFact, ReleaseFact};
use crate::sources::change_hook::{Change, Found, identity, lacks, link};
use crate::sources::wire::Wire;

pub(super) fn read(body: &Wire<'_>) -> Found {
    let action = body.get("action").name().unwrap_or_default();
    if action == "delete" {
        return Found::Ignored("A release was deleted; what was deployed stays known.".to_owned());
    }
    let Some(version) = body.get("tag").name() else {
        return lacks("tag of the release");
    };
    let repository = repository_of(body);
    let name = repository.as_ref().map_or("", |it| it.name.as_str());
    let released_at = body.get("released_at").time();
    let actor = sender(body);
    Found::Change(Box::new(Change {
        identity: identity(&["gitlab-release", name, &version, &action]),
        at: released_at,
        actor: actor.clone(),
        fact: ChangeFact::Release(ReleaseFact {
            version,
            projects: Vec::new(),
            sha: body.path(&["commit", "id"]).str().and_then(change::sha),
            repository,
            commits: None,
            refs: Vec::new(),
            created_at: body.get("created_at").time(),
            released_at,
            url: link(body.get("url")),
            is_archived: None,
            actor,
        }),
    }))
}
