//! Everything Sentry sends (SENTRY-PROTOCOL §1 to §5): headers decide first, then the shape of
//! the body. `shape` recognises, one file per wire format reads, `hook` holds what they share.

mod activity_alert;
pub mod api;
mod comment;
mod error;
pub mod event;
mod event_alert;
mod event_context;
mod event_stack;
mod hook;
mod identity;
mod installation;
mod issue;
pub mod issue_object;
mod latest_event;
mod legacy_plugin;
mod link;
mod metric_alert;
mod preprod;
mod resolution;
mod seer;
mod service_hook;
mod shape;
mod top_level;
pub mod ui_component;

use super::repair::repaired;
use super::wire::Wire;
use super::{Envelope, Outcome, Reading};
use crate::delivery::Headers;
use crate::signal::{Signal, When};
pub use latest_event::LATEST_EVENT;

use hook::{Answer, Hook, Refusal};
use shape::Shape;

/// Reads one Sentry delivery. Total: any bytes end in a reading.
pub fn read(envelope: Envelope<'_>) -> Reading {
    read_by(envelope, |text| Wire::parse(text))
}

/// The same without what only the page of an event shows: of its stacks it says that they are
/// there, with a frame without a word, and of breadcrumbs nothing.
pub fn read_facts(envelope: Envelope<'_>) -> Reading {
    read_by(envelope, |text| Wire::skim(text))
}

type Parse = for<'a> fn(&'a str) -> Result<Wire<'a>, serde_json::Error>;

fn read_by(envelope: Envelope<'_>, parse: Parse) -> Reading {
    let text = std::str::from_utf8(envelope.body).unwrap_or_default();
    match parse(text) {
        Ok(body) => read_body(envelope.headers, &body),
        Err(error) => match parse(&repaired(envelope.body)) {
            Ok(body) => read_body(envelope.headers, &body),
            Err(_) => shape::unreadable(envelope, &error),
        },
    }
}

fn read_body(headers: &Headers, body: &Wire<'_>) -> Reading {
    let shape = shape::recognise(headers, body);
    let hook = Hook::new(headers, body, shape);
    let answer = match shape {
        Shape::Issue => issue::read(&hook),
        Shape::EventAlert => event_alert::read(&hook),
        Shape::Error => error::read(&hook),
        Shape::MetricAlert => metric_alert::read(&hook),
        Shape::ActivityAlert => activity_alert::read(&hook),
        Shape::Comment => comment::read(&hook),
        Shape::Installation => installation::read(&hook),
        Shape::Seer => seer::read(&hook),
        Shape::Preprod => preprod::read(&hook),
        Shape::LatestEvent => latest_event::read(&hook),
        Shape::ServiceHook => service_hook::read(&hook),
        Shape::LegacyPlugin => legacy_plugin::read(&hook),
        Shape::TopLevelIssue => top_level::read_issue(&hook),
        Shape::TopLevelEvent => top_level::read_event(&hook),
        Shape::UiComponent => ui_component::read(&hook),
        Shape::UnknownResource => hook.refuse_resource(),
        Shape::Unknown => hook.refuse_shape(),
    };
    reading(&hook, answer)
}

fn reading(hook: &Hook<'_>, answer: Answer) -> Reading {
    let (identity, outcome) = match answer {
        Ok(read) => {
            let signal = Signal {
                when: When {
                    sent_at: hook.sent_at,
                    occurred_at: read.occurred_at,
                },
                actor: read.actor.unwrap_or_else(|| hook.actor()),
                fact: read.fact,
            };
            (read.identity, Outcome::Signal(Box::new(signal)))
        }
        Err(Refusal::Ignored(reason)) => (None, Outcome::Ignored(reason)),
        Err(Refusal::NotUnderstood(reason)) => (None, Outcome::NotUnderstood(reason)),
    };
    Reading {
        resource: hook.resource.clone(),
        action: hook.action.clone(),
        identity,
        outcome,
    }
}

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod mutations;
