//! What happens at Harbor Goods: a week that is over, and the minutes that follow.

mod acts;
mod history;
mod live;
mod script;
mod shipping;

use crate::simulator::webhook::Webhook;

pub use history::history;
pub use live::{Live, live};
pub use shipping::{Shipment, shipments};

/// How a webhook reaches Epicenter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Signed with the integration's secret.
    Signed,
    /// Signed with another secret.
    WrongSecret,
    /// Not signed, to the integration of the legacy plugin.
    Legacy,
}

/// One webhook of the story. It is not signed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Pause before it.
    pub after_ms: u64,
    /// When Sentry sends it, as its headers and body say.
    pub at_ms: i64,
    /// What is sent.
    pub webhook: Webhook,
    /// How.
    pub door: Door,
    /// What it means, for people.
    pub note: &'static str,
}

#[cfg(test)]
mod tests;
