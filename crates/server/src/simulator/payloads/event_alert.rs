//! `event_alert.triggered` and `error.created`: one event, with or without an alert.

use crate::simulator::issue::Issue;
use crate::simulator::payloads::event::{Occurrence, linked};
use crate::simulator::payloads::{By, Sentry};
use crate::simulator::webhook::Webhook;
use serde_json::json;

/// `event_alert.triggered` of an alert with this name.
pub fn triggered(sentry: &mut Sentry, issue: &Issue, rule: &str) -> Webhook {
    let event = Occurrence::of(sentry, issue);
    triggered_by(sentry, issue, &event, rule)
}

/// `event_alert.triggered` about a given event.
pub fn triggered_by(sentry: &mut Sentry, issue: &Issue, event: &Occurrence, rule: &str) -> Webhook {
    let body = linked(issue, event, &mut sentry.random);
    let data = json!({"event": body, "triggered_rule": rule});
    sentry.hook("event_alert", "triggered", &data, By::Sentry)
}

/// `event_alert.triggered` of an alert whose action has settings of its own.
pub fn triggered_with_settings(sentry: &mut Sentry, issue: &Issue, rule: &str) -> Webhook {
    let event = Occurrence::of(sentry, issue);
    let body = linked(issue, &event, &mut sentry.random);
    let data = json!({
        "event": body,
        "triggered_rule": rule,
        "issue_alert": {
            "id": 15_204_881,
            "title": rule,
            "sentry_app_id": 51_200,
            "settings": [{"name": "urgency", "value": "high"}],
        },
    });
    sentry.hook("event_alert", "triggered", &data, By::Sentry)
}

/// `error.created`.
pub fn error_created(sentry: &mut Sentry, issue: &Issue) -> Webhook {
    let event = Occurrence::of(sentry, issue);
    let body = linked(issue, &event, &mut sentry.random);
    sentry.hook("error", "created", &json!({"error": body}), By::Sentry)
}
