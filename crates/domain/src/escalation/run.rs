//! One escalation of one incident: a snapshot of its policies, and how far it got. Instants are
//! stored, never counted: a restart, or a clock that jumps, repeats and skips nothing (FIELD case 18).

use super::policy::{Policy, Target};
use crate::incident::IncidentStatus;
use crate::time::{SECOND_MS, Time};
use serde::{Deserialize, Serialize};

/// A run: the policies as they were when it began, and its progress. Editing a policy does not
/// change the runs that go on (FIELD §1.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The policies that are gone through, one after another.
    pub policies: Vec<Policy>,
    /// The step that comes next.
    pub place: Place,
    /// What it waits for.
    pub state: RunState,
}

/// A step of a run; later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Which policy, from 0.
    pub policy: usize,
    /// Which time through it, from 0.
    pub round: u8,
    /// Which step, from 0.
    pub step: usize,
}

/// What a run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RunState {
    /// The next step is taken at `due_at`.
    Waiting {
        /// Since when.
        since: Time,
        /// Until when.
        due_at: Time,
    },
    /// Somebody has acknowledged.
    Held {
        /// Since when.
        since: Time,
        /// When the acknowledgement counts no more.
        due_at: Option<Time>,
        /// When the next step was due; an acknowledgement that is taken back at once changes
        /// nothing.
        resume_at: Option<Time>,
    },
    /// Every step was taken, and nobody has answered.
    Exhausted,
    /// The incident is over.
    Stopped,
}

/// What happened in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepEvent {
    /// A step was taken: these are to be told.
    Reached {
        /// The policy's name.
        policy: String,
        /// Which time through it, from 0.
        round: u8,
        /// Which step, from 1.
        number: usize,
        /// Who is to be told.
        targets: Vec<Target>,
    },
    /// The acknowledgement is too old: the incident is to be triggered again.
    AcknowledgementExpired {
        /// Seconds after which it does.
        after_s: u32,
    },
    /// The last step was taken.
    Exhausted,
}

/// What the incident says when a run is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its status.
    pub status: IncidentStatus,
    /// Is it acknowledged with an end of its own: snoozed, or archived in Sentry?
    pub is_parked: bool,
}

impl Run {
    /// A run that begins now; `policies` in the order in which they are gone through.
    pub fn start(policies: Vec<Policy>, now: Time) -> Self {
        let place = Place {
            policy: 0,
            round: 0,
            step: 0,
        };
        let mut run = Self {
            policies,
            place,
            state: RunState::Exhausted,
        };
        run.wait(now);
        run
    }

    /// When it must be moved again; none if only the incident can move it.
    pub fn next_at(&self) -> Option<Time> {
        match self.state {
            RunState::Waiting { due_at, .. } => Some(due_at),
            RunState::Held { due_at, .. } => due_at,
            RunState::Exhausted | RunState::Stopped => None,
        }
    }

    /// Since when it waits; a clock that shows an earlier time has gone back.
    pub fn since(&self) -> Option<Time> {
        match self.state {
            RunState::Waiting { since, .. } | RunState::Held { since, .. } => Some(since),
            RunState::Exhausted | RunState::Stopped => None,
        }
    }

    /// Is it over for good?
    pub fn is_over(&self) -> bool {
        self.state == RunState::Stopped
    }

    /// Has it taken all of its steps?
    pub fn is_spent(&self) -> bool {
        self.policy().is_none()
    }

    fn policy(&self) -> Option<&Policy> {
        self.policies.get(self.place.policy)
    }

    /// Waits for the next step from now on.
    fn wait(&mut self, now: Time) {
        let wait = |policy: &Policy| policy.wait_ms(self.place.round, self.place.step);
        self.state = match self.policy().map(wait) {
            Some(wait_ms) => RunState::Waiting {
                since: now,
                due_at: now.plus_ms(wait_ms),
            },
            None => RunState::Exhausted,
        };
    }

    /// Goes to the step after the present one.
    fn step_on(&mut self) {
        let Some(policy) = self.policies.get(self.place.policy) else {
            return;
        };
        self.place = if self.place.step + 1 < policy.steps.len() {
            Place {
                step: self.place.step + 1,
                ..self.place
            }
        } else if self.place.round < policy.repeat {
            Place {
                round: self.place.round + 1,
                step: 0,
                ..self.place
            }
        } else {
            Place {
                policy: self.place.policy + 1,
                round: 0,
                step: 0,
            }
        };
    }

    /// Seconds after which an acknowledgement counts no more; none: never.
    fn acknowledge_timeout_s(&self) -> Option<u32> {
        let policy = self.policy().or(self.policies.last())?;
        let seconds = policy.acknowledge_timeout_s;
        (seconds > 0).then_some(seconds)
    }

    fn hold(&mut self, is_parked: bool, now: Time) {
        let resume_at = match self.state {
            RunState::Waiting { due_at, .. } => Some(due_at),
            RunState::Held { resume_at, .. } => resume_at,
            RunState::Exhausted | RunState::Stopped => None,
        };
        let timeout_s = self.acknowledge_timeout_s().filter(|_| !is_parked);
        self.state = RunState::Held {
            since: now,
            due_at: timeout_s.map(|seconds| now.plus_ms(i64::from(seconds) * SECOND_MS)),
            resume_at,
        };
    }

    /// Nobody has it any more: goes on where it was held.
    fn resume(&mut self, resume_at: Option<Time>, now: Time) -> Vec<StepEvent> {
        match resume_at.filter(|at| *at > now) {
            Some(due_at) => {
                self.state = RunState::Waiting { since: now, due_at };
                Vec::new()
            }
            None => take_step(self, now),
        }
    }

    /// The same wait, counted anew, if the clock went back behind its beginning.
    fn follow_clock(&mut self, now: Time) {
        let again = |since: Time, due_at: Time| now.plus_ms(due_at.since_ms(since));
        self.state = match self.state {
            RunState::Waiting { since, due_at } if now < since => RunState::Waiting {
                since: now,
                due_at: again(since, due_at),
            },
            RunState::Held {
                since,
                due_at,
                resume_at,
            } if now < since => RunState::Held {
                since: now,
                due_at: due_at.map(|due_at| again(since, due_at)),
                resume_at: resume_at.map(|resume_at| again(since, resume_at)),
            },
            unchanged @ (RunState::Waiting { .. }
            | RunState::Held { .. }
            | RunState::Exhausted
            | RunState::Stopped) => unchanged,
        };
    }
}

/// Moves a run: after a change of its incident, and whenever it is due. Takes one step at most, so
/// that after a pause everybody still has the time to answer before the next one is told.
pub fn advance(run: &Run, standing: Standing, now: Time) -> (Run, Vec<StepEvent>) {
    let mut run = run.clone();
    run.follow_clock(now);
    let events = match (standing.status, run.state) {
        (_, RunState::Stopped) => Vec::new(),
        (IncidentStatus::Resolved, _) => {
            run.state = RunState::Stopped;
            Vec::new()
        }
        (IncidentStatus::Acknowledged, RunState::Held { due_at, .. }) => {
            held(&mut run, (standing.is_parked, due_at), now)
        }
        (IncidentStatus::Acknowledged, RunState::Waiting { .. } | RunState::Exhausted) => {
            run.hold(standing.is_parked, now);
            Vec::new()
        }
        (IncidentStatus::Triggered, RunState::Held { resume_at, .. }) => run.resume(resume_at, now),
        (IncidentStatus::Triggered, RunState::Waiting { due_at, .. }) if due_at <= now => {
            take_step(&mut run, now)
        }
        (IncidentStatus::Suspended, _)
        | (IncidentStatus::Triggered, RunState::Waiting { .. } | RunState::Exhausted) => Vec::new(),
    };
    (run, events)
}

/// Acknowledged before, and still: has that become too old?
fn held(run: &mut Run, (is_parked, due_at): (bool, Option<Time>), now: Time) -> Vec<StepEvent> {
    if is_parked {
        if due_at.is_some() {
            run.hold(true, now);
        }
        return Vec::new();
    }
    match (due_at, run.acknowledge_timeout_s()) {
        (Some(due_at), Some(after_s)) if due_at <= now => {
            run.wait(now);
            if let RunState::Waiting { due_at, .. } = &mut run.state {
                *due_at = now;
            }
            vec![StepEvent::AcknowledgementExpired { after_s }]
        }
        (None, Some(_)) => {
            run.hold(false, now);
            Vec::new()
        }
        (Some(_) | None, Some(_) | None) => Vec::new(),
    }
}

fn take_step(run: &mut Run, now: Time) -> Vec<StepEvent> {
    let Some(policy) = run.policy() else {
        run.state = RunState::Exhausted;
        return Vec::new();
    };
    let mut events = Vec::new();
    events.extend(
        policy
            .steps
            .get(run.place.step)
            .map(|step| StepEvent::Reached {
                policy: policy.name.clone(),
                round: run.place.round,
                number: run.place.step + 1,
                targets: step.targets.clone(),
            }),
    );
    run.step_on();
    run.wait(now);
    if run.is_spent() {
        events.push(StepEvent::Exhausted);
    }
    events
}

#[cfg(test)]
mod tests;
