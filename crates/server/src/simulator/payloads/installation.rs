//! `installation.*`: the integration comes or goes.

use crate::simulator::company::{APP, Person};
use crate::simulator::payloads::{By, Sentry};
use crate::simulator::webhook::Webhook;
use serde_json::json;

/// Which installation, and where.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Its id.
    pub uuid: String,
    /// Slug of the organisation.
    pub organization: &'static str,
}

/// `installation.created`.
pub fn created(sentry: &mut Sentry, new: &Installation, by: &'static Person) -> Webhook {
    let data = json!({"installation": {
        "status": "pending",
        "organization": {"slug": new.organization},
        "app": {"uuid": APP, "slug": "epicenter"},
        "code": sentry.random.hex32(),
        "uuid": new.uuid,
    }});
    sentry.hook("installation", "created", &data, By::Person(by))
}

/// `installation.deleted`.
pub fn deleted(sentry: &mut Sentry, old: &Installation, by: &'static Person) -> Webhook {
    let data = json!({"installation": {
        "status": "installed",
        "organization": {"slug": old.organization},
        "app": {"uuid": APP, "slug": "epicenter"},
        "uuid": old.uuid,
    }});
    sentry.hook("installation", "deleted", &data, By::Person(by))
}
