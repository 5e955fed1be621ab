//! GitHub: the event's name is in `X-GitHub-Event`, one file per event.

mod deployment;
mod pull_request;
mod push;
mod release;
#[cfg(test)]
mod tests;

use super::change_hook::{self, Change, Found, identity, link, person, repository};
use super::wire::Wire;
use super::{Envelope, Reading};
use crate::change::{ChangeFact, RepositoryFact};
use crate::signal::Actor;

/// Reads one GitHub delivery. Total: any bytes end in a reading.
pub fn read(envelope: Envelope<'_>) -> Reading {
    let event = envelope.headers.get("x-github-event").unwrap_or("unknown");
    let action = |body: &Wire<'_>| {
        let word = body.get("action").name();
        let state = body.path(&["deployment_status", "state"]).name();
        word.or(state).unwrap_or_default()
    };
    change_hook::read(envelope, (event, action), |body| match event {
        "push" => push::read(body),
        "deployment" => deployment::read(body),
        "deployment_status" => deployment::read_status(body),
        "release" => release::read(body),
        "pull_request" => pull_request::read(body),
        "ping" => ping(body),
        "unknown" => Found::NotUnderstood("The header X-GitHub-Event is missing.".to_owned()),
        other => Found::Ignored(format!(
            "GitHub's event {} says nothing about commits or deploys; you can switch it off.",
            crate::limits::cut_chars(other, 40)
        )),
    })
}

fn ping(body: &Wire<'_>) -> Found {
    let repository = body.path(&["repository", "full_name"]).name();
    Found::Change(Box::new(Change {
        identity: identity(&["github-ping", &body.get("hook_id").id().unwrap_or_default()]),
        at: None,
        actor: sender(body),
        fact: ChangeFact::Greeting { repository },
    }))
}

fn repository_of(body: &Wire<'_>) -> Option<RepositoryFact> {
    let wire = body.get("repository");
    let place = (wire.get("html_url"), wire.get("default_branch"));
    repository(
        &[wire.get("full_name"), wire.get("html_url")],
        "github",
        place,
    )
}

fn sender(body: &Wire<'_>) -> Actor {
    let wire = body.get("sender");
    person(wire.get("id").id(), wire.get("login").name())
}

/// The page of what is nested under `key`.
fn page(body: &Wire<'_>, key: &str) -> Option<String> {
    link(body.get(key).get("html_url"))
}
