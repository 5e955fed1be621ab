//! Who hears of what, when, and why not.
//!
//! Two moments. When a signal arrives (cheap, per signal): `drop`, `tree` and `owners`, `group`,
//! `suspend`, `detect` look at its `subject`. When an incident may have to be told (per incident and
//! destination): `plan` runs the stages. Each stage is a function of values that lets pass or says
//! why not, in a sentence that a person can read.

pub mod book;
pub mod condition;
pub mod detect;
pub mod drop;
pub mod due;
pub mod flap;
pub mod group;
pub mod inhibit;
pub mod limits;
pub mod mute;
pub mod owners;
pub mod ownership;
pub mod quiet;
pub mod router;
mod stack;
pub mod storm;
pub mod subject;
pub mod suspend;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod window;

pub use condition::{Condition, ConditionError};
pub use due::{NotifyLog, OnJoin, Timers};
pub use subject::{Field, Known, Subject, Surroundings};

use crate::incident::IncidentStatus;
use crate::level::Severity;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An incident, what surrounds it, and where it may be told.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// What is true of the incident.
    pub standing: &'a Standing,
    /// What conditions see of it.
    pub subject: &'a Subject,
    /// The other incidents of the workspace that are open.
    pub neighbours: &'a [inhibit::Neighbour],
    /// How often it opened and closed lately.
    pub flapping: &'a flap::Flapping,
    /// The storm in which it triggered, or that its project is in.
    pub storm: Option<&'a storm::Storm>,
    /// Where it may be told, each once.
    pub routes: &'a [Route],
}

/// What is true of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Our id.
    pub incident_id: i64,
    /// Number within the workspace.
    pub number: i64,
    /// Service that owns it.
    pub service_id: Option<i64>,
    /// Status.
    pub status: IncidentStatus,
    /// Severity.
    pub severity: Severity,
    /// When it opened.
    pub opened_at: Time,
    /// Since when it waits for somebody (this episode).
    pub triggered_at: Time,
    /// When an alert of it last opened or closed.
    pub changed_at: Time,
    /// Held back as probably transient, until then.
    pub suspended_until: Option<Time>,
    /// Snoozed until then.
    pub snoozed_until: Option<Time>,
    /// What was last noticed about it that is to be told, and when: a spike, growth.
    pub noticed: Option<(Time, String)>,
    /// Its alerts that fire; ignored when the incident is resolved.
    pub firing: BTreeSet<i64>,
    /// Its alerts that are over.
    pub resolved: BTreeSet<i64>,
}

/// One destination, for one incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The destination.
    pub destination_id: i64,
    /// Does it want to hear that something is over?
    pub wants_resolved: bool,
    /// Waits and repeats.
    pub timers: Timers,
    /// When it wants no notices.
    pub quiet: Option<quiet::QuietHours>,
    /// How many notices it takes, of all incidents together.
    pub ceiling: limits::Ceiling,
    /// The person behind it, if it is a person's own.
    pub person: Option<limits::Ceiling>,
    /// What it was last told of this incident.
    pub log: NotifyLog,
}

/// What the workspace wants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// Silences, active or not.
    pub silences: Vec<mute::Silence>,
    /// Maintenance windows.
    pub maintenance: Vec<mute::Maintenance>,
    /// Inhibition rules.
    pub inhibitions: Vec<inhibit::Rule>,
    /// Releases that have been deployed, for silences that end with one.
    pub deployed_releases: BTreeSet<String>,
}

/// What is to be done, and when to look again.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Exactly one per route, in the same order.
    pub routes: Vec<Planned>,
    /// When this incident must be planned again, even if nothing happens.
    pub look_again_at: Option<Time>,
}

/// What becomes of one route.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The destination.
    pub destination_id: i64,
    /// The verdict.
    pub verdict: Verdict,
    /// The log to keep; unchanged unless something was told or is over.
    pub log: NotifyLog,
}

/// What happens to a route now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Tell it.
    Notify {
        /// What sort of notice.
        kind: NoticeKind,
        /// Why, as a sentence.
        reason: String,
    },
    /// Tell nothing.
    Suppress {
        /// Who says so.
        stage: Stage,
        /// Why not, as a sentence.
        reason: String,
        /// When that may change by itself.
        again_at: Option<Time>,
    },
    /// Tell it later, if it is then still so.
    Wait {
        /// Who says so.
        stage: Stage,
        /// When.
        until: Time,
        /// Why not now, as a sentence.
        reason: String,
    },
}

/// What sort of notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The first of this episode.
    First,
    /// More alerts have joined.
    MoreAlerts,
    /// It has become more urgent than was told.
    MoreUrgent,
    /// Something unusual was noticed about it.
    Unusual,
    /// Some of its alerts are over.
    SomeResolved,
    /// It is over.
    Resolved,
    /// Nothing changed, and nobody has taken it.
    Repeat,
    /// It flaps: the last notice before the digests.
    Flapping,
    /// What a flapping incident did since the last notice.
    Digest,
}

/// The stages of a plan, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Probably over by itself in a moment.
    Transient,
    /// Snoozed by a person.
    Snooze,
    /// Silenced.
    Silence,
    /// In maintenance.
    Maintenance,
    /// Another incident says it all.
    Inhibition,
    /// Part of a storm.
    Storm,
    /// Flapping.
    Flapping,
    /// Waits, ticks and repeats.
    Timing,
    /// Quiet hours.
    QuietHours,
    /// The destination's ceiling.
    DestinationLimit,
    /// The person's ceiling.
    PersonLimit,
}

impl Verdict {
    /// When to look again because of it.
    pub fn again_at(&self) -> Option<Time> {
        match self {
            Self::Notify { .. } => None,
            Self::Suppress { again_at, .. } => *again_at,
            Self::Wait { until, .. } => Some(*until),
        }
    }

    /// Why.
    pub fn reason(&self) -> &str {
        match self {
            Self::Notify { reason, .. }
            | Self::Suppress { reason, .. }
            | Self::Wait { reason, .. } => reason,
        }
    }
}

/// Decides for every route of an incident. The stages in order, DESIGN §6.
pub fn plan(situation: &Situation<'_>, policy: &Policy, now: Time) -> Plan {
    let held = suspend::stage(situation.standing, now)
        .or_else(|| mute::snooze(situation.standing, now))
        .or_else(|| mute::silences(situation, policy, now))
        .or_else(|| mute::maintenance(situation, policy, now))
        .or_else(|| inhibit::stage(situation, policy, now));
    let routes: Vec<Planned> = situation
        .routes
        .iter()
        .map(|route| plan_route(situation, route, held.as_ref(), now))
        .collect();
    let look_again_at = routes
        .iter()
        .zip(situation.routes)
        .filter_map(|(planned, route)| {
            let again_at = match planned.verdict {
                // What comes after a notice is what the same plan says once it is told.
                Verdict::Notify { .. } => after(situation, route, planned, held.as_ref(), now),
                Verdict::Suppress { .. } | Verdict::Wait { .. } => planned.verdict.again_at(),
            };
            again_at.filter(|at| *at > now)
        })
        .min();
    Plan {
        routes,
        look_again_at,
    }
}

/// The stages that differ from route to route. What was told as firing and is over now passes
/// those before, and the ceilings: a resolve is never lost.
fn plan_route(
    situation: &Situation<'_>,
    route: &Route,
    held: Option<&Verdict>,
    now: Time,
) -> Planned {
    let is_owed = due::owes_resolve(situation.standing, route);
    let held = held.cloned().or_else(|| storm::stage(situation, route));
    let (verdict, told) = match held.filter(|_| !is_owed) {
        Some(verdict) => (verdict, None),
        None => flap::stage(situation, route, now)
            .unwrap_or_else(|| due::stage(situation.standing, route, now)),
    };
    let is_notice = matches!(verdict, Verdict::Notify { .. });
    let refused = (is_notice && !is_owed)
        .then(|| {
            quiet::stage(situation.standing, route, now)
                .or_else(|| limits::destination(route, now))
                .or_else(|| limits::person(route, now))
        })
        .flatten();
    let log = match (&refused, told) {
        (None, Some(log)) => log,
        _ => route.log.clone(),
    };
    Planned {
        destination_id: route.destination_id,
        verdict: refused.unwrap_or(verdict),
        log,
    }
}

fn after(
    situation: &Situation<'_>,
    route: &Route,
    planned: &Planned,
    held: Option<&Verdict>,
    now: Time,
) -> Option<Time> {
    let told = Route {
        log: planned.log.clone(),
        ..route.clone()
    };
    plan_route(situation, &told, held, now).verdict.again_at()
}
