//! What no version of Sentry sends yet, and what is no JSON at all.

use crate::simulator::company::Project;
use crate::simulator::payloads::{By, Sentry};
use crate::simulator::webhook::Webhook;
use serde_json::json;

/// A resource that does not exist today.
pub fn future_resource(sentry: &mut Sentry, project: &Project, title: &str) -> Webhook {
    let data = json!({"cost_forecast": {
        "id": "77120",
        "title": title,
        "project": {"id": project.id.to_string(), "slug": project.slug},
        "expectedSpans": 18_400_000,
        "budget": 15_000_000,
    }});
    sentry.hook("cost_forecast", "exceeded", &data, By::Sentry)
}

/// An action that does not exist today, of a resource that does.
pub fn future_action(sentry: &mut Sentry, project: &Project) -> Webhook {
    let data = json!({"issue": {"id": "9", "project": {"slug": project.slug}}});
    sentry.hook("issue", "foreseen", &data, By::Sentry)
}

/// A body that is not JSON: a page that some proxy put in the way.
pub fn not_json(sentry: &mut Sentry) -> Webhook {
    let mut webhook = sentry.hook("issue", "created", &json!({}), By::Sentry);
    "not_json".clone_into(&mut webhook.name);
    webhook.body = b"<html><body>504 Gateway Time-out</body></html>\n".to_vec();
    webhook
}
