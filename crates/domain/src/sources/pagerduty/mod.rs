//! PagerDuty's Events API v2, so that whatever speaks it can speak to Epicenter: alerts and
//! changes. `event_action` tells the one from the other.

mod alert;
mod change;
mod check;
#[cfg(test)]
mod tests;

pub use check::{change_faults, event_faults};

use super::change_hook;
use super::wire::Wire;
use super::{Envelope, Outcome, Reading};

/// Reads one event. Total: any bytes end in a reading.
pub fn read(envelope: Envelope<'_>) -> Reading {
    let text = String::from_utf8_lossy(envelope.body);
    match Wire::parse(&text) {
        Ok(body) if body.get("event_action").is_blank() => {
            change_hook::read(envelope, ("change", |_: &Wire<'_>| String::new()), |body| {
                change::read(body, envelope.received_at)
            })
        }
        Ok(body) => Reading {
            resource: "event".to_owned(),
            action: body
                .get("event_action")
                .line(crate::limits::WORD_CHARS)
                .unwrap_or_default(),
            identity: None,
            outcome: alert::read(&body, envelope.received_at),
        },
        Err(error) => Reading {
            resource: "event".to_owned(),
            action: String::new(),
            identity: None,
            outcome: Outcome::NotUnderstood(format!("The body is no JSON: {error}.")),
        },
    }
}

/// The routing key of a body: the integration's key. `None`: there is none, or no JSON.
pub fn routing_key(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let body = Wire::parse(text).ok()?;
    body.get("routing_key").line(crate::limits::ID_CHARS)
}
