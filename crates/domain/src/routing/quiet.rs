//! Quiet hours of a destination: notices wait for their end, unless they are urgent.

use super::window::{Schedule, clock};
use super::{Route, Stage, Standing, Verdict};
use crate::level::Severity;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// When a destination wants no notices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuietHours {
    /// When.
    pub schedule: Schedule,
    /// This and what is worse is told even then.
    pub let_through: Severity,
}

/// Holds a notice until the quiet hours are over.
pub(super) fn stage(standing: &Standing, route: &Route, now: Time) -> Option<Verdict> {
    let quiet = route.quiet.as_ref()?;
    if standing.severity >= quiet.let_through || !quiet.schedule.holds(now) {
        return None;
    }
    let until = quiet.schedule.ends_after(now);
    Some(Verdict::Wait {
        stage: Stage::QuietHours,
        until,
        reason: format!("Quiet hours until {}", clock(until)),
    })
}
