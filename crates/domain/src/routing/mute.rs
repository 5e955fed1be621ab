//! Silences, maintenance windows and snoozes: people said that they do not want to hear of it.

use super::window::{Schedule, clock};
use super::{Condition, Policy, Situation, Stage, Standing, Subject, Verdict};
use crate::time::{MINUTE_MS, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How often a silence looks whether its users or its release have come.
const LOOK_AGAIN_MS: i64 = 5 * MINUTE_MS;

/// What is not told for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// Our id.
    pub id: i64,
    /// What it matches.
    pub condition: Condition,
    /// From when, inclusive.
    pub starts_at: Time,
    /// Until when, exclusive. Every silence has an end.
    pub ends_at: Time,
    /// Between the two only then; none: always.
    pub schedule: Option<Schedule>,
    /// What ends it earlier.
    pub until: Until,
    /// Who made it.
    pub author: String,
    /// Why.
    pub comment: String,
}

/// What ends a silence earlier than its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// Nothing.
    #[default]
    End,
    /// The release is deployed, or sends.
    Release(String),
    /// So many users are affected.
    Users(i64),
}

/// A time in which a service, or everything, is worked on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maintenance {
    /// Our id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// The services; empty: all.
    pub services: BTreeSet<i64>,
    /// What of them; none: all.
    pub condition: Option<Condition>,
    /// From when, inclusive.
    pub starts_at: Time,
    /// Until when, exclusive.
    pub ends_at: Time,
    /// Between the two only then; none: always.
    pub schedule: Option<Schedule>,
}

/// Where a silence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SilenceState {
    /// Not yet.
    Pending,
    /// Now.
    Active,
    /// No more.
    Expired,
}

/// What becomes of a silence that is edited.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// It changes in place.
    InPlace(Box<Silence>),
    /// The old one ends now, and a new one begins: what it muted until now stays explained.
    Replace {
        /// The old one, ended.
        expired: Box<Silence>,
        /// The new one; its id is to be given.
        created: Box<Silence>,
    },
}

impl Maintenance {
    /// Does it hold at this instant, whatever it covers?
    pub fn holds(&self, now: Time) -> bool {
        (self.starts_at..self.ends_at).contains(&now)
            && self
                .schedule
                .as_ref()
                .is_none_or(|schedule| schedule.holds(now))
    }
}

impl Silence {
    /// Where it stands.
    pub fn state(&self, now: Time) -> SilenceState {
        if now >= self.ends_at {
            SilenceState::Expired
        } else if now < self.starts_at {
            SilenceState::Pending
        } else {
            SilenceState::Active
        }
    }

    /// Does it mute everything now, whatever it is?
    pub fn mutes_everything(&self, now: Time) -> bool {
        let is_all = self.condition.is_constant() && self.condition.is_met(&Subject::default());
        let mut schedule = self.schedule.iter();
        is_all && self.state(now) == SilenceState::Active && schedule.all(|one| one.holds(now))
    }

    /// What to confirm before it is saved; none, if it may be saved as it is.
    pub fn warning(&self) -> Option<&'static str> {
        self.condition
            .is_constant()
            .then_some("This silence does not look at any field: it mutes everything or nothing")
    }

    /// Puts new values in. An edit that would rewrite what an active silence has done ends it, and
    /// begins a new one (FIELD case 47).
    pub fn edit(self, mut changed: Self, now: Time) -> Edit {
        let keeps_past = self.condition == changed.condition
            && self.schedule == changed.schedule
            && self.until == changed.until
            && self.starts_at == changed.starts_at;
        match self.state(now) {
            SilenceState::Pending => Edit::InPlace(Box::new(changed)),
            SilenceState::Active if keeps_past => {
                changed.ends_at = changed.ends_at.max(now);
                Edit::InPlace(Box::new(changed))
            }
            SilenceState::Active => {
                changed.starts_at = changed.starts_at.max(now);
                let expired = Self {
                    ends_at: now,
                    ..self
                };
                Edit::Replace {
                    expired: Box::new(expired),
                    created: Box::new(changed),
                }
            }
            SilenceState::Expired => {
                changed.starts_at = changed.starts_at.max(now);
                Edit::Replace {
                    expired: Box::new(self),
                    created: Box::new(changed),
                }
            }
        }
    }

    /// Until when it mutes, if it mutes now.
    fn mutes(&self, situation: &Situation<'_>, policy: &Policy, now: Time) -> Option<Time> {
        if self.state(now) != SilenceState::Active
            || self.has_ended(situation, policy)
            || !self.condition.is_met(situation.subject)
        {
            return None;
        }
        until(self.ends_at, self.schedule.as_ref(), now)
    }

    fn has_ended(&self, situation: &Situation<'_>, policy: &Policy) -> bool {
        match &self.until {
            Until::End => false,
            Until::Release(release) => {
                situation.subject.release == *release || policy.deployed_releases.contains(release)
            }
            Until::Users(users) => situation.subject.users >= *users,
        }
    }

    fn words(&self) -> String {
        match &self.until {
            Until::End => String::new(),
            Until::Release(release) => format!(" or release {release}"),
            Until::Users(users) => format!(" or {users} users"),
        }
    }
}

/// The earlier of an end and the end of the schedule's window; none, if it is outside of it.
fn until(ends_at: Time, schedule: Option<&Schedule>, now: Time) -> Option<Time> {
    match schedule {
        None => Some(ends_at),
        Some(schedule) => schedule
            .holds(now)
            .then(|| schedule.ends_after(now).min(ends_at)),
    }
}

/// The snooze of the incident itself.
pub(super) fn snooze(standing: &Standing, now: Time) -> Option<Verdict> {
    let until = standing.snoozed_until.filter(|until| now < *until)?;
    Some(Verdict::Suppress {
        stage: Stage::Snooze,
        reason: format!("Snoozed until {}", clock(until)),
        again_at: Some(until),
    })
}

/// The silence that ends last of those that match.
pub(super) fn silences(situation: &Situation<'_>, policy: &Policy, now: Time) -> Option<Verdict> {
    let (silence, until) = policy
        .silences
        .iter()
        .filter_map(|silence| Some((silence, silence.mutes(situation, policy, now)?)))
        .max_by_key(|(silence, until)| (*until, silence.id))?;
    let look_again_at = match silence.until {
        Until::End => until,
        // Users and releases come without a plan being asked for.
        Until::Release(_) | Until::Users(_) => until.min(now.plus_ms(LOOK_AGAIN_MS)),
    };
    Some(Verdict::Suppress {
        stage: Stage::Silence,
        reason: format!(
            "Silenced by {} until {}{} because {}",
            silence.author,
            clock(until),
            silence.words(),
            silence.condition.why(situation.subject)
        ),
        again_at: Some(look_again_at),
    })
}

/// The maintenance window that ends last of those that hold.
pub(super) fn maintenance(
    situation: &Situation<'_>,
    policy: &Policy,
    now: Time,
) -> Option<Verdict> {
    let service_id = situation.standing.service_id;
    let (window, until) = policy
        .maintenance
        .iter()
        .filter(|window| (window.starts_at..window.ends_at).contains(&now))
        .filter(|window| {
            window.services.is_empty()
                || service_id.is_some_and(|service_id| window.services.contains(&service_id))
        })
        .filter(|window| {
            let condition = window.condition.as_ref();
            condition.is_none_or(|condition| condition.is_met(situation.subject))
        })
        .filter_map(|window| {
            let until = until(window.ends_at, window.schedule.as_ref(), now)?;
            Some((window, until))
        })
        .max_by_key(|(window, until)| (*until, window.id))?;
    Some(Verdict::Suppress {
        stage: Stage::Maintenance,
        reason: format!("Maintenance \"{}\" until {}", window.name, clock(until)),
        again_at: Some(until),
    })
}
