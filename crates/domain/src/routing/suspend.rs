//! Transients: what usually ends by itself within minutes is held back for as long (FIELD §1.8).

use super::{Stage, Standing, Verdict};
use crate::incident::IncidentStatus;
use crate::time::{MINUTE_MS, Time};
use serde::{Deserialize, Serialize};

/// How long a probable transient is held back (FIELD §1.8, PagerDuty).
pub const SUSPEND_MS: i64 = 5 * MINUTE_MS;
/// So many of the last episodes must have ended by themselves…
const ENDED: usize = 3;
/// …of so many.
const EPISODES: usize = 4;

/// How the last episodes of one dedup key ended. Keeps its size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Habit {
    /// Oldest first, at most four: did it end by itself within five minutes?
    transient: Vec<bool>,
}

impl Habit {
    /// An episode is over. `by_itself`: the sender resolved it, not a person here or there.
    pub fn ended(&mut self, opened_at: Time, ended_at: Time, by_itself: bool) {
        let is_transient = by_itself && ended_at.since_ms(opened_at) <= SUSPEND_MS;
        self.transient.push(is_transient);
        let surplus = self.transient.len().saturating_sub(EPISODES);
        self.transient.drain(..surplus);
    }

    /// Until when an episode that opens now is held back, and why.
    pub fn suspend(&self, now: Time) -> Option<(Time, String)> {
        let ended = self.transient.iter().filter(|ended| **ended).count();
        (self.transient.len() == EPISODES && ended >= ENDED).then(|| {
            let minutes = SUSPEND_MS / MINUTE_MS;
            let reason = format!(
                "{ended} of the last {EPISODES} times it ended by itself within {minutes} minutes"
            );
            (now.plus_ms(SUSPEND_MS), reason)
        })
    }
}

/// Holds a suspended incident, and what ended while it was.
pub(super) fn stage(standing: &Standing, now: Time) -> Option<Verdict> {
    let until = standing.suspended_until?;
    match standing.status {
        IncidentStatus::Suspended if now < until => Some(Verdict::Wait {
            stage: Stage::Transient,
            until,
            reason: "Signals like it usually end by themselves in a moment".to_owned(),
        }),
        IncidentStatus::Resolved => Some(Verdict::Suppress {
            stage: Stage::Transient,
            reason: "It ended by itself while it was held back, as it usually does".to_owned(),
            again_at: None,
        }),
        IncidentStatus::Suspended | IncidentStatus::Triggered | IncidentStatus::Acknowledged => {
            None
        }
    }
}
