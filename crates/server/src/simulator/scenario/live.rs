//! What happens from now on: a quarter of an hour of script, again and again with new issues.

use crate::simulator::company::{self, Fault, payments, storefront};
use crate::simulator::issue::{Issue, Status};
use crate::simulator::payloads::metric_alert::Breach;
use crate::simulator::random::Random;
use crate::simulator::scenario::Step;
use crate::simulator::scenario::acts::{Act, Cast, OnIssue, Planned};
use crate::simulator::scenario::history::{is_kept_for_later, told};
use crate::simulator::scenario::script::{Beat, CYCLE_MS, Does, Role, SCRIPT};
use std::collections::VecDeque;

/// New issues of one round of the script.
const FRESH: usize = 5;

/// The endless story, with the clock of its own that starts at `start_ms`.
pub fn live(start_ms: i64, seed: u64) -> impl Iterator<Item = Step> {
    Live::new(start_ms, seed)
}

/// The endless story after the week before `start_ms`.
#[derive(Clone, Debug)]
pub struct Live {
    cast: Cast,
    plan: VecDeque<Planned>,
    /// Rounds of the script that were begun.
    round: usize,
    /// How much of the plan's time has passed.
    told_ms: i64,
    /// Beginning of the round in the plan's time.
    round_ms: i64,
    /// The story's own clock, for those who have none.
    clock_ms: i64,
}

impl Live {
    /// The story as it goes on after `history(start_ms)`.
    pub fn new(start_ms: i64, seed: u64) -> Self {
        let (_, mut cast) = told(start_ms);
        cast.sentry.random = Random::new(seed);
        Self {
            cast,
            plan: VecDeque::new(),
            round: 0,
            told_ms: 0,
            round_ms: 0,
            clock_ms: start_ms,
        }
    }

    /// The next step, if it is `now_ms` when its pause begins.
    pub fn step(&mut self, now_ms: i64) -> Step {
        loop {
            let Some(planned) = self.plan.pop_front() else {
                self.begin_round();
                continue;
            };
            let pause_ms = (planned.at_ms - self.told_ms).max(0);
            let at_ms = now_ms + pause_ms;
            self.cast.sentry.now_ms = at_ms;
            let Some((webhook, door)) = self.cast.perform(planned.act) else {
                continue;
            };
            self.told_ms = planned.at_ms;
            return Step {
                after_ms: u64::try_from(pause_ms).unwrap_or(0),
                at_ms,
                webhook,
                door,
                note: planned.note,
            };
        }
    }

    fn begin_round(&mut self) {
        let places = self.gather();
        let begin_ms = self.round_ms;
        let mut plan: Vec<Planned> = SCRIPT
            .iter()
            .flat_map(|beat| planned(beat, begin_ms, &places))
            .collect();
        plan.extend(self.murmur(begin_ms));
        plan.sort_by_key(|planned| planned.at_ms);
        self.plan = plan.into();
        self.round_ms += CYCLE_MS;
        self.round += 1;
    }

    /// Who plays which role in this round.
    fn gather(&mut self) -> Places {
        let first = self.cast.issues.len();
        let fresh: Vec<&'static Fault> = company::faults()
            .enumerate()
            .filter(|(place, _)| is_kept_for_later(*place))
            .map(|(_, fault)| fault)
            .collect();
        let turn = self.round * FRESH;
        let round = u64::try_from(self.round).unwrap_or(0);
        for (number, fault) in (0..).zip(fresh.iter().cycle().skip(turn).take(FRESH)) {
            let id = 6_800_000_000 + round * 100 + number;
            let mut issue = Issue::new(fault, id, 400 + round * 8 + number, self.clock_ms);
            if self.round > 0 && issue.is_error() {
                issue.value = format!("{} (basket {})", issue.value, 7_000 + round);
            }
            self.cast.issues.push(issue);
        }
        let breach = self.cast.breaches.len();
        for (identifier, project, name, unit) in [
            (
                4_200 + round * 2,
                &storefront::STOREFRONT,
                "Errors in the checkout",
                "errors",
            ),
            (
                4_201 + round * 2,
                &payments::PAYMENTS,
                "Charges that take over 5 s",
                "charges",
            ),
        ] {
            self.cast.breaches.push(Breach {
                identifier,
                name: name.to_owned(),
                project,
                unit,
                started_ms: self.clock_ms,
                value: 0,
            });
        }
        Places {
            fresh: first,
            breach,
            returning: self.old(|status| matches!(status, Status::Resolved(_))),
            sleeping: self.old(|status| matches!(status, Status::Archived(_))),
            steady: self.old(|status| matches!(status, Status::Open(_))),
        }
    }

    /// One issue of earlier days with such a status; another one in each round.
    fn old(&self, is_wanted: impl Fn(&Status) -> bool) -> usize {
        let places: Vec<usize> = (0..)
            .zip(&self.cast.issues)
            .filter(|(_, issue)| issue.count > 0 && is_wanted(&issue.status))
            .map(|(place, _)| place)
            .collect();
        let turn = self.round.checked_rem(places.len()).unwrap_or(0);
        places.get(turn).copied().unwrap_or(0)
    }

    /// The company's everyday errors, so that nothing ever stands still.
    fn murmur(&mut self, begin_ms: i64) -> Vec<Planned> {
        let open: Vec<usize> = (0..)
            .zip(&self.cast.issues)
            .filter(|(_, issue)| issue.count > 0 && matches!(issue.status, Status::Open(_)))
            .map(|(place, _)| place)
            .collect();
        let random = &mut self.cast.sentry.random;
        let mut plan = Vec::new();
        let mut at_ms = begin_ms + 6_000;
        while at_ms < begin_ms + CYCLE_MS {
            let (what, note) = if random.chance(60) {
                (OnIssue::Alert, "an issue of these days happens again")
            } else {
                (OnIssue::Error, "one more event, without an alert")
            };
            if let Some(&place) = random.pick(&open) {
                let act = Act::Issue(place, what);
                plan.push(Planned { at_ms, act, note });
            }
            at_ms += random.between_ms(5_000, 11_000);
        }
        plan
    }
}

impl Iterator for Live {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let step = self.step(self.clock_ms);
        self.clock_ms = step.at_ms;
        Some(step)
    }
}

/// Where in the cast the roles of a round are.
struct Places {
    fresh: usize,
    breach: usize,
    returning: usize,
    sleeping: usize,
    steady: usize,
}

impl Places {
    fn of(&self, role: Role) -> usize {
        match role {
            Role::Fresh(number) => self.fresh + number,
            Role::Returning => self.returning,
            Role::Sleeping => self.sleeping,
            Role::Steady => self.steady,
        }
    }
}

fn planned(beat: &Beat, begin_ms: i64, places: &Places) -> Vec<Planned> {
    let at_ms = begin_ms + beat.second * 1_000;
    let (act, times, gap_ms) = match beat.does {
        Does::Issue(role, what) => (Act::Issue(places.of(role), what), 1, 0),
        Does::Burst(role, times) => (Act::Issue(places.of(role), OnIssue::Alert), times, 140),
        Does::Metric(number, state, value) => {
            (Act::Metric(places.breach + number, state, value), 1, 0)
        }
        Does::Besides(what) => (Act::Besides(what), 1, 0),
    };
    (0..times)
        .map(|place| Planned {
            at_ms: at_ms + place * gap_ms,
            act,
            note: beat.note,
        })
        .collect()
}
