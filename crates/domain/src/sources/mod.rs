//! Deliveries to signals: a folder per sender, a file per wire format.

mod change_hook;
pub mod github;
pub mod gitlab;
mod kind;
mod repair;
pub mod sentry;
pub mod vercel;
pub mod wire;

pub use kind::IntegrationKind;

use crate::delivery::Headers;
use crate::signal::Signal;
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
    /// Understood, and nothing to do; the reason is a sentence.
    Ignored(String),
    /// Kept and shown; the reason is a sentence.
    NotUnderstood(String),
}

/// Reads one delivery of an integration of this kind. Total: any bytes end in a reading.
pub fn read(kind: IntegrationKind, envelope: Envelope<'_>) -> Reading {
    match kind {
        IntegrationKind::Sentry => sentry::read(envelope),
        IntegrationKind::Github => github::read(envelope),
        IntegrationKind::Gitlab => gitlab::read(envelope),
        IntegrationKind::Vercel => vercel::read(envelope),
    }
}
