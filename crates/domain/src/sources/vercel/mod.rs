//! Vercel: `deployment.*`; `type` in the body says which.

#[cfg(test)]
mod tests;

use super::change_hook::{self, Change, Found, identity, lacks, link, person, repository};
use super::wire::Wire;
use super::{Envelope, Reading};
use crate::change::{self, ChangeFact, DeployFact, DeployStatus, RepositoryFact};

/// Reads one Vercel delivery. Total: any bytes end in a reading.
pub fn read(envelope: Envelope<'_>) -> Reading {
    let action = |body: &Wire<'_>| {
        let kind = body.get("type").name().unwrap_or_default();
        kind.rsplit('.').next().unwrap_or_default().to_owned()
    };
    change_hook::read(envelope, ("deployment", action), |body| {
        let Some(kind) = body.get("type").name() else {
            return lacks("type");
        };
        let status = match kind.as_str() {
            "deployment.created" => DeployStatus::Started,
            "deployment.succeeded" | "deployment.ready" | "deployment.promoted" => {
                DeployStatus::Succeeded
            }
            "deployment.error" | "deployment.canceled" => DeployStatus::Failed,
            other => {
                return Found::Ignored(format!(
                    "Vercel's event {} says nothing about a deploy.",
                    crate::limits::cut_chars(other, 40)
                ));
            }
        };
        deploy(body, &kind, status)
    })
}

fn deploy(body: &Wire<'_>, kind: &str, status: DeployStatus) -> Found {
    let payload = body.get("payload");
    let wire = payload.get("deployment");
    let Some(id) = wire.get("id").id() else {
        return lacks("deployment id");
    };
    let meta = wire.get("meta");
    let word = |name: &str| {
        let keys = ["github", "gitlab", "bitbucket"].map(|host| format!("{host}{name}"));
        keys.iter().find_map(|key| meta.get(key).name())
    };
    // A preview has no target.
    let target = payload.get("target").name();
    let environment = target
        .unwrap_or_else(|| "preview".to_owned())
        .to_lowercase();
    let at = body.get("createdAt").time();
    let is_over = status != DeployStatus::Started;
    let actor = person(payload.path(&["user", "id"]).id(), word("CommitAuthorName"));
    let host = wire.get("url").name();
    let url = link(payload.path(&["links", "deployment"])).or_else(|| {
        host.map(|host| format!("https://{host}"))
            .filter(|url| !url.contains(' '))
    });
    let fact = DeployFact {
        key: format!("vercel-{id}"),
        version: None,
        sha: word("CommitSha").as_deref().and_then(change::sha),
        environment,
        repository: repository_of(meta),
        project: None,
        service: wire.get("name").name(),
        name: word("CommitMessage").or_else(|| wire.get("name").name()),
        status,
        started_at: at.filter(|_| !is_over),
        finished_at: at.filter(|_| is_over),
        url,
        commits: Vec::new(),
        actor: actor.clone(),
    };
    let identity = match body.get("id").id() {
        Some(event) => identity(&["vercel", &event]),
        None => identity(&["vercel", &id, kind]),
    };
    Found::Change(Box::new(Change {
        identity,
        at,
        actor,
        fact: ChangeFact::Deploy(fact),
    }))
}

fn repository_of(meta: &Wire<'_>) -> Option<RepositoryFact> {
    let github = meta
        .get("githubOrg")
        .str()
        .zip(meta.get("githubRepo").str())
        .map(|(owner, name)| format!("{owner}/{name}"));
    let gitlab = meta.get("gitlabProjectPath").name();
    let name = Wire::Text(github.or(gitlab)?.into());
    repository(&[&name], "vercel", (&Wire::Null, &Wire::Null))
}
