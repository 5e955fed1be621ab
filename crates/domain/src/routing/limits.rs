//! Ceilings: how many notices a destination or a person gets. What is above waits and comes bundled.

use super::window::clock;
use super::{Route, Stage, Verdict};
use crate::time::{HOUR_MS, MINUTE_MS, Time};
use serde::{Deserialize, Serialize};

/// At most so many notices within so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Notices.
    pub most: usize,
    /// Window in milliseconds.
    pub within_ms: i64,
}

/// The rates of a destination or person, and what was sent there lately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceiling {
    /// All must be kept; none: no ceiling.
    pub rates: Vec<Rate>,
    /// When notices of any incident were sent, within the longest window; any order.
    pub sent_at: Vec<Time>,
}

/// The longest window of a person's ceiling.
pub const PERSON_WINDOW_MS: i64 = 3 * HOUR_MS;

/// A person's ceiling: 5 in 15 minutes, 11 in an hour, 21 in three (FIELD §1.8).
pub const PERSON: [Rate; 3] = [
    Rate {
        most: 5,
        within_ms: 15 * MINUTE_MS,
    },
    Rate {
        most: 11,
        within_ms: HOUR_MS,
    },
    Rate {
        most: 21,
        within_ms: PERSON_WINDOW_MS,
    },
];

impl Ceiling {
    /// A person's, with when they were told something.
    pub fn of_person(sent_at: Vec<Time>) -> Self {
        Self {
            rates: PERSON.to_vec(),
            sent_at,
        }
    }

    /// Until when nothing more may be sent to `who`, and why, as a sentence.
    pub fn holds(&self, who: &str, now: Time) -> Option<(Time, String)> {
        let (until, rate) = self.full_until(now)?;
        let minutes = rate.within_ms / MINUTE_MS;
        let reason = format!(
            "{who} had {} notices in {minutes} minutes; the next comes at {}",
            rate.most,
            clock(until)
        );
        Some((until, reason))
    }

    /// Until when nothing more may be sent, and which rate says so.
    pub fn full_until(&self, now: Time) -> Option<(Time, Rate)> {
        self.rates
            .iter()
            .filter_map(|rate| Some((rate.free_at(&self.sent_at, now)?, *rate)))
            .max_by_key(|(until, _)| *until)
    }
}

impl Rate {
    /// When there is room again; none, if there is room now.
    fn free_at(self, sent_at: &[Time], now: Time) -> Option<Time> {
        let mut recent: Vec<Time> = sent_at
            .iter()
            .copied()
            .filter(|at| *at <= now && now.since_ms(*at) < self.within_ms)
            .collect();
        recent.sort_unstable();
        let surplus = recent.len().checked_sub(self.most.max(1))?;
        recent.get(surplus).map(|at| at.plus_ms(self.within_ms))
    }
}

/// Holds a notice while its destination has had enough.
pub(super) fn destination(route: &Route, now: Time) -> Option<Verdict> {
    held(
        &route.ceiling,
        Stage::DestinationLimit,
        "This destination",
        now,
    )
}

/// Holds a notice while the person has had enough.
pub(super) fn person(route: &Route, now: Time) -> Option<Verdict> {
    held(
        route.person.as_ref()?,
        Stage::PersonLimit,
        "This person",
        now,
    )
}

fn held(ceiling: &Ceiling, stage: Stage, who: &str, now: Time) -> Option<Verdict> {
    let (until, reason) = ceiling.holds(who, now)?;
    Some(Verdict::Wait {
        stage,
        until,
        reason,
    })
}
