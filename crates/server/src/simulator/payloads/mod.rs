//! The bodies, one file per wire format, and the envelope around them.

pub mod activity_alert;
pub mod comment;
pub mod component;
pub mod event;
pub mod event_alert;
pub mod frames;
pub mod group;
pub mod installation;
pub mod issue;
pub mod legacy_plugin;
pub mod metric_alert;
pub mod preprod_artifact;
pub mod seer;
pub mod service_hook;
pub mod unknown;

use crate::simulator::company::{INSTALLATION, Person};
use crate::simulator::random::Random;
use crate::simulator::webhook::Webhook;
use serde_json::{Value, json};

/// The simulated Sentry: its clock and its dice.
#[derive(Clone, Debug)]
pub struct Sentry {
    /// The time that headers and bodies carry, in milliseconds since 1970.
    pub now_ms: i64,
    /// The dice.
    pub random: Random,
}

/// Who does what a webhook tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Sentry itself.
    Sentry,
    /// A person.
    Person(&'static Person),
}

impl By {
    /// The envelope's `actor`.
    pub fn actor(self) -> Value {
        match self {
            Self::Sentry => json!({"type": "application", "id": "sentry", "name": "Sentry"}),
            Self::Person(person) => {
                json!({"type": "user", "id": person.id, "name": person.name})
            }
        }
    }
}

impl Sentry {
    /// A Sentry whose clock shows this time.
    pub fn new(now_ms: i64, seed: u64) -> Self {
        Self {
            now_ms,
            random: Random::new(seed),
        }
    }

    /// Puts `data` into the envelope of the Integration Platform.
    pub fn hook(&mut self, resource: &str, action: &str, data: &Value, by: By) -> Webhook {
        let body = json!({
            "action": action,
            "installation": {"uuid": INSTALLATION},
            "data": data,
            "actor": by.actor(),
        });
        Webhook::integration(resource, action, &body, self.now_ms, &mut self.random)
    }
}

#[cfg(test)]
mod tests;
