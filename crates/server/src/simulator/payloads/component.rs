//! Calls that UI components of an integration make: not webhooks, but they reach the same host.

use crate::simulator::company::{INSTALLATION, Person};
use crate::simulator::issue::Issue;
use crate::simulator::payloads::Sentry;
use crate::simulator::payloads::group::permalink;
use crate::simulator::webhook::Webhook;
use serde_json::json;

/// Somebody saves an alert whose action has fields.
pub fn alert_rule_action(sentry: &mut Sentry, title: &str) -> Webhook {
    let body = json!({
        "installationId": INSTALLATION,
        "fields": [
            {"name": "title", "value": title},
            {"name": "urgency", "value": "high"},
        ],
    });
    Webhook::component("ui_component.alert_rule_action", &body, &mut sentry.random)
}

/// Somebody links an issue to something of ours.
pub fn issue_link(sentry: &mut Sentry, issue: &Issue, title: &str, by: &Person) -> Webhook {
    let body = json!({
        "installationId": INSTALLATION,
        "fields": {"title": title, "column": "Doing"},
        "issueId": issue.id.to_string(),
        "webUrl": permalink(issue),
        "project": {"slug": issue.fault.project.slug, "id": issue.fault.project.id},
        "actor": {"type": "user", "id": by.id, "name": by.name},
    });
    Webhook::component("ui_component.issue_link", &body, &mut sentry.random)
}
