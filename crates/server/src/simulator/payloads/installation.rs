//! `installation.*`: the integration comes or goes.

use crate::simulator::company::{APP, INSTALLATION, Person};
use crate::simulator::payloads::{By, Sentry};
use crate::simulator::webhook::Webhook;
use serde_json::json;

/// `installation.created` in this organisation.
pub fn created(sentry: &mut Sentry, organization: &str, by: &'static Person) -> Webhook {
    let data = json!({"installation": {
        "status": "pending",
        "organization": {"slug": organization},
        "app": {"uuid": APP, "slug": "epicenter"},
        "code": sentry.random.hex32(),
        "uuid": INSTALLATION,
    }});
    sentry.hook("installation", "created", &data, By::Person(by))
}

/// `installation.deleted` in this organisation.
pub fn deleted(sentry: &mut Sentry, organization: &str, by: &'static Person) -> Webhook {
    let data = json!({"installation": {
        "status": "installed",
        "organization": {"slug": organization},
        "app": {"uuid": APP, "slug": "epicenter"},
        "uuid": INSTALLATION,
    }});
    sentry.hook("installation", "deleted", &data, By::Person(by))
}
