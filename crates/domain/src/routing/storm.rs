//! Storms: when a project sends ten times what it sends at this hour, or 100 new signals in a minute,
//! one incident tells of it and the single ones are not told (FIELD §1.8, case 33). All still counts.

use super::tree::Routed;
use super::window::clock;
use super::{Route, Situation, Stage, Verdict};
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

/// A storm that a project is in, or was in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storm {
    /// The incident that tells of it.
    pub incident_id: i64,
    /// Its number.
    pub number: i64,
    /// The project; empty: signals that name none.
    pub project: String,
    /// The service that its members belong to: what belongs to others is no part of it.
    #[serde(default)]
    pub service_id: Option<i64>,
    /// Whom else the rules named for its members: they hear of the storm instead.
    #[serde(default)]
    pub routed: Routed,
    /// What triggered since then belongs to it: the beginning of the minute that was too much.
    pub began_at: Time,
    /// When it was over; what triggered later does not belong to it.
    pub over_at: Option<Time>,
    /// New signals in it.
    pub count: u64,
    /// The count that its timeline last told.
    pub told_count: u64,
}

impl Storm {
    /// Takes in whom the rules named for a member. Did that bring anybody new?
    pub fn hears(&mut self, routed: &Routed) -> bool {
        let known = (self.routed.services.len(), self.routed.destinations.len());
        for service_id in &routed.services {
            if !self.routed.services.contains(service_id) {
                self.routed.services.push(*service_id);
            }
        }
        self.routed.destinations.extend(&routed.destinations);
        known != (self.routed.services.len(), self.routed.destinations.len())
    }

    /// Does an incident that triggered then belong to it?
    pub fn holds(&self, triggered_at: Time) -> bool {
        self.began_at <= triggered_at && self.over_at.is_none_or(|over_at| triggered_at < over_at)
    }

    /// The project, for people.
    pub fn place(&self) -> &str {
        if self.project.is_empty() {
            NO_PROJECT
        } else {
            &self.project
        }
    }

    /// The title of its incident.
    pub fn title(&self) -> String {
        format!("Storm: {} new signals in {}", self.count, self.place())
    }
}

/// Where signals are that name no project.
const NO_PROJECT: &str = "what names no project";

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

    /// Has no threshold been passed for as long as a storm lasts at least?
    pub fn is_calm(&self, now: Time) -> bool {
        !self.is_stormy(now)
    }

    /// New signals of the minute that is being counted, and when it began.
    pub fn this_minute(&self) -> (u64, Time) {
        let began_at = Time(self.minute.saturating_mul(MINUTE_MS));
        (u64::from(self.in_minute), began_at)
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

/// Holds the incidents that triggered in a storm, during it and afterwards, but the one that tells
/// of it. Whoever was told of an incident before goes on to hear of it.
pub(super) fn stage(situation: &Situation<'_>, route: &Route) -> Option<Verdict> {
    let standing = situation.standing;
    let storm = situation
        .storm
        .filter(|storm| storm.incident_id != standing.incident_id)
        .filter(|storm| storm.holds(standing.triggered_at) && route.log.firing.is_empty())?;
    let (place, number) = (storm.place(), storm.number);
    let reason = match storm.over_at {
        None => format!("{place} is in a storm; incident #{number} tells of it"),
        Some(over_at) => {
            let until = clock(over_at);
            format!("Part of the storm in {place} until {until}; incident #{number} told of it")
        }
    };
    // What it belongs to does not change by itself: nothing has to look again.
    Some(Verdict::Suppress {
        stage: Stage::Storm,
        reason,
        again_at: None,
    })
}
