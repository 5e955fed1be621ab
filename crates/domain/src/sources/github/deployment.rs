//! `deployment` and `deployment_status`: one deploy whose state changes.

use super::{page, repository_of, sender};
use crate::change::{self, ChangeFact, DeployFact, DeployStatus};
use crate::sources::change_hook::{Change, Found, identity, lacks, link};
use crate::sources::wire::Wire;
use crate::time::Time;

/// A deployment was made: it begins.
pub(super) fn read(body: &Wire<'_>) -> Found {
    let at = body.path(&["deployment", "created_at"]).time();
    deploy(body, (DeployStatus::Started, "created", at))
}

/// It got on.
pub(super) fn read_status(body: &Wire<'_>) -> Found {
    let state = body.path(&["deployment_status", "state"]).name();
    let Some(state) = state else {
        return lacks("state of the deployment");
    };
    let status = match state.as_str() {
        "success" => DeployStatus::Succeeded,
        "failure" | "error" => DeployStatus::Failed,
        "inactive" => DeployStatus::Inactive,
        "pending" | "queued" | "in_progress" | "waiting" => DeployStatus::Started,
        other => {
            return Found::NotUnderstood(format!("The state {other} of a deployment is unknown."));
        }
    };
    let wire = body.get("deployment_status");
    let at = wire.first(&["updated_at", "created_at"]).time();
    deploy(body, (status, &state, at))
}

fn deploy(body: &Wire<'_>, (status, word, at): (DeployStatus, &str, Option<Time>)) -> Found {
    let wire = body.get("deployment");
    let Some(id) = wire.get("id").id() else {
        return lacks("deployment id");
    };
    let environment = body
        .path(&["deployment_status", "environment"])
        .name()
        .or_else(|| wire.get("environment").name())
        .unwrap_or_else(|| "production".to_owned())
        .to_lowercase();
    let is_over = matches!(status, DeployStatus::Succeeded | DeployStatus::Failed);
    let url = ["environment_url", "log_url", "target_url"]
        .into_iter()
        .find_map(|key| link(body.get("deployment_status").get(key)))
        .or_else(|| page(body, "workflow_run"));
    let payload = wire.get("payload");
    let version = payload.first(&["version", "release"]).name();
    let at_text = at.map_or_else(String::new, Time::rfc3339);
    let actor = sender(body);
    let fact = DeployFact {
        key: format!("github-{id}"),
        version,
        sha: wire.get("sha").str().and_then(change::sha),
        environment,
        repository: repository_of(body),
        project: payload.get("sentry_project").name(),
        service: None,
        name: wire
            .get("description")
            .name()
            .or_else(|| wire.get("task").name()),
        status,
        started_at: wire.get("created_at").time(),
        finished_at: at.filter(|_| is_over),
        url,
        commits: Vec::new(),
        actor: actor.clone(),
    };
    Found::Change(Box::new(Change {
        identity: identity(&["github-deployment", &id, word, &at_text]),
        at,
        actor,
        fact: ChangeFact::Deploy(fact),
    }))
}
