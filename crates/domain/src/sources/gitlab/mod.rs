//! GitLab: `object_kind` in the body says what it is, one file per kind.

mod deployment;
mod merge_request;
mod push;
mod release;
#[cfg(test)]
mod tests;

use super::change_hook::{self, Found, person, repository};
use super::wire::Wire;
use super::{Envelope, Reading};
use crate::change::RepositoryFact;
use crate::signal::Actor;

/// Reads one GitLab delivery. Total: any bytes end in a reading.
pub fn read(envelope: Envelope<'_>) -> Reading {
    let event = envelope.headers.get("x-gitlab-event").unwrap_or("unknown");
    let action = |body: &Wire<'_>| {
        let word = body.path(&["object_attributes", "action"]).name();
        let word = word.or_else(|| body.first(&["action", "status"]).name());
        word.unwrap_or_default()
    };
    change_hook::read(envelope, (event, action), |body| {
        let kind = body.first(&["object_kind", "event_name"]).name();
        match kind.as_deref() {
            Some("push" | "tag_push") => push::read(body),
            Some("deployment") => deployment::read(body),
            Some("release") => release::read(body),
            Some("merge_request") => merge_request::read(body),
            Some(other) => Found::Ignored(format!(
                "GitLab's event {} says nothing about commits or deploys; you can switch it off.",
                crate::limits::cut_chars(other, 40)
            )),
            None => Found::NotUnderstood("The body has no object_kind.".to_owned()),
        }
    })
}

fn repository_of(body: &Wire<'_>) -> Option<RepositoryFact> {
    let wire = body.get("project");
    let place = (wire.get("web_url"), wire.get("default_branch"));
    let names = [wire.get("path_with_namespace"), wire.get("web_url")];
    repository(&names, "gitlab", place)
}

/// `user` is an object, or its parts stand beside (`user_id`, `user_name`).
fn sender(body: &Wire<'_>) -> Actor {
    let wire = body.get("user");
    let id = wire.get("id").id().or_else(|| body.get("user_id").id());
    let name = wire
        .first(&["name", "username"])
        .name()
        .or_else(|| body.first(&["user_name", "user_username"]).name());
    person(id, name)
}
