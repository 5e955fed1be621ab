//! An event that Epicenter fetched from the API, wrapped as a delivery of its own: one more
//! occurrence, which tells environment, release and stack of its issue.

use super::error;
use super::hook::{Answer, Hook, Understood};
use crate::signal::Actor;

/// The resource under which fetched events are stored.
pub const LATEST_EVENT: &str = "latest_event";

/// Reads a fetched event; it is the same one if a webhook brought it already.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    Ok(Understood {
        actor: Some(Actor::epicenter()),
        ..error::occurrence(hook)?
    })
}
