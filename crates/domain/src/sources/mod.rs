//! Deliveries to signals: a folder per sender, a file per wire format.

mod change_hook;
#[cfg(test)]
mod conformance;
mod fault;
pub mod github;
pub mod gitlab;
pub mod hops;
pub mod incident_event;
mod kind;
pub mod own;
pub mod pagerduty;
mod repair;
pub mod sentry;
pub mod slack_action;
pub mod vercel;
pub mod wire;

pub use fault::Fault;
pub(crate) use fault::Faults;
pub use kind::IntegrationKind;

use crate::delivery::Headers;
use crate::signal::{EventDetail, Fact, Signal};
use crate::time::Time;

/// One proven, still unparsed request.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// Headers as received.
    pub headers: &'a Headers,
    /// Body bytes as stored.
    pub body: &'a [u8],
    /// When it was received.
    pub received_at: Time,
}

/// What reading one delivery yields.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Kind of thing: `issue`, `event_alert`, `legacy_plugin`, `service_hook`, `unknown`…
    pub resource: String,
    /// What happened to it: `created`, `triggered`…; empty when the shape has no action.
    pub action: String,
    /// What the payload identifies (SENTRY-PROTOCOL §6), to absorb duplicates. Never `Request-ID`.
    /// `None`: only the exact bytes identify it.
    pub identity: Option<String>,
    /// The result.
    pub outcome: Outcome,
}

/// Result of reading.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// One fact.
    Signal(Box<Signal>),
    /// Several facts of one delivery, in order.
    Signals(Vec<Signal>),
    /// Understood, and nothing to do; the reason is a sentence.
    Ignored(String),
    /// Kept and shown; the reason is a sentence.
    NotUnderstood(String),
}

impl Outcome {
    /// The facts; none when there is nothing to do.
    pub fn signals(&self) -> &[Signal] {
        match self {
            Self::Signal(signal) => std::slice::from_ref(signal),
            Self::Signals(signals) => signals,
            Self::Ignored(_) | Self::NotUnderstood(_) => &[],
        }
    }
}

/// The detail of the event in a delivery whose first reading found this resource; `None` when it
/// holds no event.
pub fn event_detail(resource: &str, envelope: Envelope<'_>) -> Option<EventDetail> {
    let reading = if resource == incident_event::RESOURCE {
        incident_event::read(envelope)
    } else {
        sentry::read(envelope)
    };
    let event_of = |signal: &Signal| match &signal.fact {
        Fact::Issue(fact) => fact.event.as_ref().map(|event| event.detail.clone()),
        Fact::Alert(_) | Fact::Installation(_) | Fact::Remark(_) | Fact::Change(_) => None,
    };
    reading.outcome.signals().iter().find_map(event_of)
}

/// Reads one delivery as [`read`] does, and its events as a whole: the same signals in the same
/// order. For the memory, and for rules that ask where in the code it happened.
pub fn read_whole(kind: IntegrationKind, envelope: Envelope<'_>) -> Reading {
    match kind {
        IntegrationKind::Sentry => sentry::read(envelope),
        IntegrationKind::Github
        | IntegrationKind::Gitlab
        | IntegrationKind::Vercel
        | IntegrationKind::Events
        | IntegrationKind::Pagerduty
        | IntegrationKind::Own => read(kind, envelope),
    }
}

/// Reads one delivery of an integration of this kind, as far as the engine needs it (see
/// [`sentry::read_facts`]). Total: any bytes end in a reading.
pub fn read(kind: IntegrationKind, envelope: Envelope<'_>) -> Reading {
    let mut reading = match kind {
        IntegrationKind::Sentry => sentry::read_facts(envelope),
        IntegrationKind::Github => github::read(envelope),
        IntegrationKind::Gitlab => gitlab::read(envelope),
        IntegrationKind::Vercel => vercel::read(envelope),
        IntegrationKind::Events => incident_event::read(envelope),
        IntegrationKind::Pagerduty => pagerduty::read(envelope),
        IntegrationKind::Own => own::read(envelope),
    };
    if let Some(why) = hops::objection(envelope.headers) {
        reading.outcome = Outcome::Ignored(why);
    }
    reading
}
