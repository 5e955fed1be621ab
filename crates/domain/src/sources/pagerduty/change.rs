//! Change events (`/v2/change/enqueue`): something was deployed or changed. They never alert.

use crate::change::{self, ChangeFact, DeployFact, DeployStatus, RepositoryFact};
use crate::signal::{Actor, ActorKind};
use crate::sources::change_hook::{Change, Found, identity, lacks, link, repository};
use crate::sources::wire::Wire;
use crate::time::Time;

/// Reads a change event.
pub(super) fn read(body: &Wire<'_>, received_at: Time) -> Found {
    let payload = body.get("payload");
    let Some(summary) = payload.get("summary").name() else {
        return lacks("payload.summary");
    };
    let source = payload.get("source").name();
    let details = payload.get("custom_details");
    let sent_at = payload.get("timestamp").time();
    let at = sent_at.unwrap_or(received_at);
    let actor = actor(details, source.as_deref());
    let commit = details.first(&["sha", "commit", "commit_sha", "revision"]);
    let environment = details.first(&["environment", "env"]).name();
    let time = at.rfc3339();
    let text = details.compact(crate::limits::LINK_CHARS);
    let identity = identity(&[
        "pagerduty",
        &summary,
        source.as_deref().unwrap_or_default(),
        &time,
        &text,
    ]);
    let short = identity.get("change:".len()..).unwrap_or_default();
    let fact = DeployFact {
        key: format!("pagerduty-{}", short.get(..16).unwrap_or(short)),
        version: details.first(&["version", "release"]).name(),
        sha: commit.str().and_then(change::sha),
        environment: environment.map_or_else(|| "production".to_owned(), |it| it.to_lowercase()),
        repository: repository_of(details),
        project: None,
        service: details.get("service").name().or(source),
        name: Some(summary),
        status: DeployStatus::Succeeded,
        started_at: None,
        finished_at: Some(at),
        url: body
            .get("links")
            .list()
            .iter()
            .find_map(|one| link(one.get("href"))),
        commits: Vec::new(),
        actor: actor.clone(),
    };
    Found::Change(Box::new(Change {
        identity,
        at: Some(at),
        actor,
        fact: ChangeFact::Deploy(fact),
    }))
}

fn actor(details: &Wire<'_>, source: Option<&str>) -> Actor {
    let person = details.first(&["user", "author", "deployed_by"]).name();
    let kind = match person {
        Some(_) => ActorKind::Person,
        None => ActorKind::Application,
    };
    let name = person.unwrap_or_else(|| source.unwrap_or("a program").to_owned());
    Actor {
        kind,
        id: name.clone(),
        name,
    }
}

fn repository_of(details: &Wire<'_>) -> Option<RepositoryFact> {
    let name = details.first(&["repository", "repo"]);
    let nothing = &Wire::Null;
    repository(&[name], "other", (nothing, nothing))
}
