//! Storms: when a project sends ten times what it sends at this hour, or 100 new signals in a minute,
//! one incident tells of it and the single ones are not told (FIELD §1.8, case 33). All still counts.

use super::{Situation, Stage, Verdict};
use crate::time::{HOUR_MS, MINUTE_MS, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// New signals in a minute that are a storm in any project (FIELD §1.8).
const PER_MINUTE: u32 = 100;
/// Times the usual rate of the hour (FIELD §1.8).
const TIMES: u64 = 10;
/// Below so many in an hour nothing is a storm: ten times almost nothing is still little.
const HOUR_FLOOR: u64 = 50;
/// Days that say what is usual at an hour (FIELD §1.8).
const DAYS: i64 = 7;
/// Minutes without a threshold being passed after which the storm is over.
const CALM_MS: i64 = 10 * MINUTE_MS;
/// How soon a held incident is looked at again.
const LOOK_AGAIN_MS: i64 = 5 * MINUTE_MS;

/// The storm a project is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storm {
    /// The incident that tells of it.
    pub incident_id: i64,
    /// Its number.
    pub number: i64,
    /// The project.
    pub project: String,
    /// Since when.
    pub began_at: Time,
}

/// A project's counts of new signals. Bounded: a week of hours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meter {
    /// New signals per hour, by the hour's number since 1970.
    hours: BTreeMap<i64, u64>,
    /// The minute that is being counted, by its number.
    minute: i64,
    /// New signals in it.
    in_minute: u32,
    /// When the first signal was counted: without a week nothing is usual yet.
    first_at: Option<Time>,
    /// When a threshold was last passed; none: no storm.
    stormy_at: Option<Time>,
}

/// What a count brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Nothing special.
    Calm,
    /// A storm begins; why, as a sentence.
    Begins(String),
    /// A storm goes on.
    Stormy,
    /// The storm is over.
    Over,
}

impl Meter {
    /// Counts new signals.
    pub fn count(&mut self, new: u32, now: Time) -> Weather {
        let (minute, hour) = (now.0.div_euclid(MINUTE_MS), now.0.div_euclid(HOUR_MS));
        if minute != self.minute {
            self.minute = minute;
            self.in_minute = 0;
        }
        self.in_minute = self.in_minute.saturating_add(new);
        let in_hour = self.hours.entry(hour).or_default();
        *in_hour = in_hour.saturating_add(u64::from(new));
        let in_hour = *in_hour;
        self.first_at.get_or_insert(now);
        self.hours.retain(|past, _| *past >= hour - DAYS * 24);
        match self.passed(hour, in_hour, now) {
            Some(why) => {
                let was_stormy = self.is_stormy(now);
                self.stormy_at = Some(now);
                if was_stormy {
                    Weather::Stormy
                } else {
                    Weather::Begins(why)
                }
            }
            None => self.look(now),
        }
    }

    /// Is the storm over? For the clock.
    pub fn look(&mut self, now: Time) -> Weather {
        if self.is_stormy(now) {
            Weather::Stormy
        } else if self.stormy_at.take().is_some() {
            Weather::Over
        } else {
            Weather::Calm
        }
    }

    /// New signals of the last week that were counted, for the page of a storm.
    pub fn total(&self) -> u64 {
        self.hours.values().sum()
    }

    fn is_stormy(&self, now: Time) -> bool {
        self.stormy_at.is_some_and(|at| now.since_ms(at) < CALM_MS)
    }

    fn passed(&self, hour: i64, in_hour: u64, now: Time) -> Option<String> {
        if self.in_minute > PER_MINUTE {
            return Some(format!("{} new signals within a minute", self.in_minute));
        }
        let is_known = self
            .first_at
            .is_some_and(|first_at| now.since_ms(first_at) >= DAYS * 24 * HOUR_MS);
        let past: u64 = (1..=DAYS)
            .filter_map(|day| self.hours.get(&(hour - day * 24)))
            .sum();
        let usual = past.div_ceil(DAYS.unsigned_abs());
        (is_known && in_hour > HOUR_FLOOR.max(usual * TIMES))
            .then(|| format!("{in_hour} new signals this hour; usual at this hour are {usual}"))
    }
}

/// Holds the incidents of a project that is in a storm, but the one that tells of it.
pub(super) fn stage(situation: &Situation<'_>, now: Time) -> Option<Verdict> {
    let storm = situation
        .storm
        .filter(|storm| storm.incident_id != situation.standing.incident_id)?;
    Some(Verdict::Suppress {
        stage: Stage::Storm,
        reason: format!(
            "{} is in a storm; incident #{} tells of it",
            storm.project, storm.number
        ),
        again_at: Some(now.plus_ms(LOOK_AGAIN_MS)),
    })
}
