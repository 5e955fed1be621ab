//! `deployment`: one deploy whose state changes.

use super::{repository_of, sender};
use crate::change::{self, ChangeFact, DeployFact, DeployStatus};
use crate::sources::change_hook::{Change, Found, identity, lacks, link};
use crate::sources::wire::Wire;

pub(super) fn read(body: &Wire<'_>) -> Found {
    let Some(id) = body.get("deployment_id").id() else {
        return lacks("deployment_id");
    };
    let word = body.get("status").name().unwrap_or_default();
    let status = match word.as_str() {
        "success" => DeployStatus::Succeeded,
        "failed" | "canceled" | "skipped" => DeployStatus::Failed,
        "created" | "running" | "blocked" => DeployStatus::Started,
        other => {
            return Found::NotUnderstood(format!("The state {other} of a deployment is unknown."));
        }
    };
    let at = body.get("status_changed_at").time();
    // The commit's page ends with its full name; the hook itself has only the short one.
    let url = link(body.get("commit_url"));
    let full = url.as_deref().and_then(|url| url.rsplit('/').next());
    let sha = full
        .and_then(change::sha)
        .or_else(|| body.get("short_sha").str().and_then(change::sha));
    let repository = repository_of(body);
    let host = repository.as_ref().map_or("", |it| it.name.as_str());
    let environment = body.get("environment").name();
    let actor = sender(body);
    let is_over = matches!(status, DeployStatus::Succeeded | DeployStatus::Failed);
    let fact = DeployFact {
        key: format!("gitlab-{host}-{id}"),
        version: body
            .get("ref")
            .name()
            .filter(|_| body.get("tag").bool() == Some(true)),
        sha,
        environment: environment.map_or_else(|| "production".to_owned(), |it| it.to_lowercase()),
        name: body.get("commit_title").name(),
        repository: repository.clone(),
        project: None,
        service: None,
        status,
        started_at: at.filter(|_| status == DeployStatus::Started),
        finished_at: at.filter(|_| is_over),
        url: link(body.get("deployable_url")),
        commits: Vec::new(),
        actor: actor.clone(),
    };
    Found::Change(Box::new(Change {
        identity: identity(&["gitlab-deployment", host, &id, &word]),
        at,
        actor,
        fact: ChangeFact::Deploy(fact),
    }))
}
