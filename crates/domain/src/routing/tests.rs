//! Tables of cases per stage, and what holds for every plan.

mod book;
mod bursts;
mod intake;
mod muting;
mod plans;
mod properties;
mod windows;

use super::inhibit::{Neighbour, Rule};
use super::mute::{Maintenance, Silence, Until};
use super::window::{Draft, Schedule, Span};
use super::*;
use crate::time::{HOUR_MS, MINUTE_MS, SECOND_MS};

/// A Saturday, 10:00 UTC.
const NOW: Time = Time(1_795_255_200_000);

fn at(ms: i64) -> Time {
    NOW.plus_ms(ms)
}

fn ids(ids: &[i64]) -> BTreeSet<i64> {
    ids.iter().copied().collect()
}

fn condition(text: &str) -> Condition {
    Condition::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn subject() -> Subject {
    Subject {
        title: "ValueError: bad cart".to_owned(),
        project: "shop-api".to_owned(),
        environment: "production".to_owned(),
        kind: "issue".to_owned(),
        exception: "ValueError".to_owned(),
        users: 10,
        ..Subject::default()
    }
}

/// Incident #7 with alert 1 firing since `NOW`.
fn standing() -> Standing {
    Standing {
        incident_id: 70,
        number: 7,
        service_id: Some(3),
        status: IncidentStatus::Triggered,
        severity: Severity::Error,
        opened_at: NOW,
        triggered_at: NOW,
        changed_at: NOW,
        suspended_until: None,
        snoozed_until: None,
        noticed: None,
        firing: ids(&[1]),
        resolved: BTreeSet::new(),
    }
}

fn route() -> Route {
    Route {
        destination_id: 5,
        wants_resolved: true,
        timers: Timers::default(),
        quiet: None,
        ceiling: limits::Ceiling::default(),
        person: None,
        log: NotifyLog::default(),
    }
}

/// All that a plan looks at, to be changed by a test.
#[derive(Clone, Debug)]
struct World {
    standing: Standing,
    subject: Subject,
    neighbours: Vec<Neighbour>,
    flapping: flap::Flapping,
    storm: Option<storm::Storm>,
    routes: Vec<Route>,
    policy: Policy,
}

impl World {
    fn new() -> Self {
        Self {
            standing: standing(),
            subject: subject(),
            neighbours: Vec::new(),
            flapping: flap::Flapping::default(),
            storm: None,
            routes: vec![route()],
            policy: Policy::default(),
        }
    }

    fn plan(&self, now: Time) -> Plan {
        let situation = Situation {
            standing: &self.standing,
            subject: &self.subject,
            neighbours: &self.neighbours,
            flapping: &self.flapping,
            storm: self.storm.as_ref(),
            routes: &self.routes,
        };
        plan(&situation, &self.policy, now)
    }

    /// Plans, keeps the logs, and answers the first route's verdict.
    fn run(&mut self, now: Time) -> Verdict {
        let plan = self.plan(now);
        for (route, planned) in self.routes.iter_mut().zip(&plan.routes) {
            route.log = planned.log.clone();
            if matches!(planned.verdict, Verdict::Notify { .. }) {
                route.ceiling.sent_at.push(now);
            }
        }
        plan.routes[0].verdict.clone()
    }

    /// What the first route is told now, if anything.
    fn notice(&mut self, now: Time) -> Option<NoticeKind> {
        match self.run(now) {
            Verdict::Notify { kind, reason } => {
                assert!(!reason.is_empty());
                Some(kind)
            }
            Verdict::Suppress { .. } | Verdict::Wait { .. } => None,
        }
    }

    fn silence(&mut self, text: &str, from: i64, to: i64) -> &mut Silence {
        self.policy.silences.push(Silence {
            id: 1,
            condition: condition(text),
            starts_at: at(from),
            ends_at: at(to),
            schedule: None,
            until: Until::End,
            author: "Ada".to_owned(),
            comment: String::new(),
        });
        self.policy.silences.last_mut().unwrap()
    }

    fn resolve(&mut self, now: Time) {
        self.standing.status = IncidentStatus::Resolved;
        self.standing.resolved = ids(&[1]);
        self.standing.firing = BTreeSet::new();
        self.standing.changed_at = now;
    }

    fn fire(&mut self, now: Time) {
        self.standing.status = IncidentStatus::Triggered;
        self.standing.firing = ids(&[1]);
        self.standing.resolved = BTreeSet::new();
        self.standing.changed_at = now;
        self.standing.triggered_at = now;
    }
}

fn held(verdict: &Verdict) -> (Stage, Option<Time>, &str) {
    match verdict {
        Verdict::Suppress {
            stage,
            reason,
            again_at,
        } => (*stage, *again_at, reason),
        Verdict::Wait {
            stage,
            until,
            reason,
        } => (*stage, Some(*until), reason),
        Verdict::Notify { kind, reason } => panic!("told {kind:?}: {reason}"),
    }
}

fn schedule(zone: &str, spans: Vec<Span>) -> Schedule {
    let zone = zone.to_owned();
    Schedule::try_from(Draft { zone, spans }).unwrap()
}

type Change = fn(&mut World);

const WAIT: i64 = 30 * SECOND_MS;

const TICK: i64 = 5 * MINUTE_MS;

fn neighbour(number: i64, kind: &str) -> Neighbour {
    Neighbour {
        incident_id: number * 10,
        number,
        opened_at: NOW,
        subject: Subject {
            kind: kind.to_owned(),
            ..subject()
        },
    }
}
