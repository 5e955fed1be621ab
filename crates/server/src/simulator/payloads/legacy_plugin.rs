//! The legacy `WebHooks` plugin, and the service that took its place with the same body.

use crate::simulator::issue::Issue;
use crate::simulator::payloads::Sentry;
use crate::simulator::payloads::event::{Occurrence, stored};
use crate::simulator::payloads::group::permalink;
use crate::simulator::webhook::Webhook;
use serde_json::{Value, json};

/// One event of an issue, by the alert with this name.
pub fn legacy_plugin(sentry: &mut Sentry, issue: &Issue, rule: &str) -> Webhook {
    let event = Occurrence::of(sentry, issue);
    let mut body = stored(issue, &event, &mut sentry.random);
    body.insert("id".to_owned(), Value::String(event.event_id.clone()));
    if let Some(Value::Array(tags)) = body.get_mut("tags") {
        for tag in tags {
            prefix(tag);
        }
    }
    let project = issue.fault.project;
    let body = json!({
        "id": issue.id.to_string(),
        "project": project.slug,
        "project_name": project.name,
        "project_slug": project.slug,
        "logger": null,
        "level": issue.fault.level,
        "culprit": issue.fault.transaction,
        "message": if issue.is_error() { "" } else { issue.value.as_str() },
        "url": format!("{}?referrer=webhooks_plugin", permalink(issue)),
        "triggering_rules": [rule],
        "event": body,
    });
    Webhook::legacy("legacy_plugin", &body)
}

/// The plugin shows Sentry's inner names of two tags.
fn prefix(tag: &mut Value) {
    let Some(name) = tag.get_mut(0) else { return };
    let inner = match name.as_str() {
        Some("release") => "sentry:release",
        Some("user") => "sentry:user",
        _ => return,
    };
    *name = Value::String(inner.to_owned());
}
