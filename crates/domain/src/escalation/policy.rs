//! Escalation policies: who is told first, and who if nobody answers.

use crate::limits::{NAME_CHARS, POLICY_CHAIN, REPEATS, STEP_DELAY_S, STEPS, TARGETS};
use crate::sources::{Fault, Faults};
use crate::time::SECOND_MS;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Seconds until the next step if nobody acknowledges (FIELD §1.8).
pub const STEP_DELAY_DEFAULT_S: u32 = 300;
/// Seconds after which an acknowledgement counts no more (FIELD §1.5).
pub const ACKNOWLEDGE_TIMEOUT_DEFAULT_S: u32 = 1_800;
/// Seconds before the steps are gone through again, at least: nobody answers faster.
pub const REPEAT_AFTER_LEAST_S: u32 = 60;

/// Who is told, step by step, until somebody acknowledges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// In order.
    pub steps: Vec<Step>,
    /// How often the steps are gone through again, 0 to [`REPEATS`].
    #[serde(default)]
    pub repeat: u8,
    /// Seconds after the last step before the steps are gone through again.
    #[serde(default = "default_delay")]
    pub repeat_after_s: u32,
    /// Seconds after which an acknowledged incident that is not resolved is triggered again;
    /// 0: never.
    #[serde(default = "default_timeout")]
    pub acknowledge_timeout_s: u32,
    /// The policy that takes over after the last step.
    #[serde(default)]
    pub then: Option<i64>,
}

fn default_delay() -> u32 {
    STEP_DELAY_DEFAULT_S
}

fn default_timeout() -> u32 {
    ACKNOWLEDGE_TIMEOUT_DEFAULT_S
}

/// One step of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Seconds since the step before, or since the incident was triggered.
    pub delay_s: u32,
    /// Who is told.
    pub targets: Vec<Target>,
}

/// Who is told by a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "id")]
pub enum Target {
    /// A user.
    Person(i64),
    /// All members of a team.
    Team(i64),
    /// Whoever is on call.
    Schedule(i64),
    /// A place where notices go.
    Destination(i64),
}

impl Policy {
    /// What is wrong with it by itself, with the path of each field.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        if self.name.trim().is_empty() || self.name.chars().count() > NAME_CHARS {
            faults.add("name", &format!("must have 1 to {NAME_CHARS} characters"));
        }
        if self.steps.is_empty() || self.steps.len() > STEPS {
            faults.add("steps", &format!("must be 1 to {STEPS}"));
        }
        for (place, step) in self.steps.iter().enumerate() {
            step.check(&format!("steps[{place}]"), &mut faults);
        }
        if self.repeat > REPEATS {
            faults.add("repeat", &format!("must be 0 to {REPEATS}"));
        }
        if !(REPEAT_AFTER_LEAST_S..=STEP_DELAY_S).contains(&self.repeat_after_s) {
            let text = format!("must be {REPEAT_AFTER_LEAST_S} to {STEP_DELAY_S}");
            faults.add("repeat_after_s", &text);
        }
        let timeout = self.acknowledge_timeout_s;
        if timeout != 0 && !(REPEAT_AFTER_LEAST_S..=7 * STEP_DELAY_S).contains(&timeout) {
            let most = 7 * STEP_DELAY_S;
            let text = format!("must be 0, or {REPEAT_AFTER_LEAST_S} to {most}");
            faults.add("acknowledge_timeout_s", &text);
        }
        faults.found()
    }

    /// Milliseconds before the step of this place in the given round, 0 being the first.
    pub(super) fn wait_ms(&self, round: u8, step: usize) -> i64 {
        let own = self.steps.get(step).map_or(0, |step| step.delay_s);
        let again = round > 0 && step == 0;
        let seconds = if again {
            self.repeat_after_s.max(own)
        } else {
            own
        };
        i64::from(seconds) * SECOND_MS
    }
}

impl Step {
    fn check(&self, path: &str, faults: &mut Faults) {
        if self.delay_s > STEP_DELAY_S {
            let text = format!("must be 0 to {STEP_DELAY_S}");
            faults.add(&format!("{path}.delay_s"), &text);
        }
        if self.targets.is_empty() || self.targets.len() > TARGETS {
            let text = format!("must be 1 to {TARGETS}");
            faults.add(&format!("{path}.targets"), &text);
        }
        let different: BTreeSet<_> = self.targets.iter().collect();
        if different.len() < self.targets.len() {
            faults.add(&format!("{path}.targets"), "must name each target once");
        }
    }
}

/// Why policies cannot follow one another like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// It would come back to a policy of the chain.
    #[error("comes back to a policy that was already gone through")]
    Cycle,
    /// Too many follow one another.
    #[error("makes a chain of more than 5 policies")]
    TooLong,
    /// It names a policy that does not exist.
    #[error("names an escalation policy that does not exist")]
    Unknown,
}

/// The ids of the policies that are gone through from `first` on; `then` says what follows each
/// policy that exists.
pub fn chain(first: i64, then: &BTreeMap<i64, Option<i64>>) -> Result<Vec<i64>, ChainError> {
    let mut ids = Vec::new();
    let mut next = Some(first);
    while let Some(id) = next {
        if ids.contains(&id) {
            return Err(ChainError::Cycle);
        }
        if ids.len() == POLICY_CHAIN {
            return Err(ChainError::TooLong);
        }
        next = *then.get(&id).ok_or(ChainError::Unknown)?;
        ids.push(id);
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy {
            name: "Payments".to_owned(),
            steps: vec![Step {
                delay_s: 0,
                targets: vec![Target::Person(1)],
            }],
            repeat: 0,
            repeat_after_s: 300,
            acknowledge_timeout_s: 1_800,
            then: None,
        }
    }

    fn fields(policy: &Policy) -> Vec<String> {
        policy
            .faults()
            .into_iter()
            .map(|fault| fault.field)
            .collect()
    }

    #[test]
    fn each_fault_says_where_it_is() {
        assert_eq!(fields(&policy()), Vec::<String>::new());
        let wrong = Policy {
            name: " ".to_owned(),
            steps: vec![Step {
                delay_s: STEP_DELAY_S + 1,
                targets: Vec::new(),
            }],
            repeat: 6,
            repeat_after_s: 1,
            acknowledge_timeout_s: 59,
            then: None,
        };
        let expected = [
            "name",
            "steps[0].delay_s",
            "steps[0].targets",
            "repeat",
            "repeat_after_s",
            "acknowledge_timeout_s",
        ];
        assert_eq!(fields(&wrong), expected);
        let mut twice = policy();
        twice.steps[0].targets.push(Target::Person(1));
        assert_eq!(fields(&twice), ["steps[0].targets"]);
        twice.steps.clear();
        assert_eq!(fields(&twice), ["steps"]);
    }

    #[test]
    fn a_chain_that_comes_back_is_refused() {
        let then = BTreeMap::from([(1, Some(2)), (2, Some(3)), (3, Some(2)), (4, None)]);
        assert_eq!(chain(1, &then), Err(ChainError::Cycle));
        assert_eq!(chain(4, &then), Ok(vec![4]));
        assert_eq!(chain(5, &then), Err(ChainError::Unknown));
        let long: BTreeMap<_, _> = (0..6).map(|id| (id, (id < 5).then_some(id + 1))).collect();
        assert_eq!(chain(0, &long), Err(ChainError::TooLong));
        assert_eq!(chain(1, &long).unwrap().len(), POLICY_CHAIN);
    }

    #[test]
    fn what_is_left_out_of_json_has_a_default() {
        let text = r#"{"name":"P","steps":[{"delay_s":0,"targets":[{"kind":"team","id":7}]}]}"#;
        let read: Policy = serde_json::from_str(text).unwrap();
        assert_eq!(read.steps[0].targets, [Target::Team(7)]);
        assert_eq!((read.repeat, read.repeat_after_s), (0, 300));
        assert_eq!(read.acknowledge_timeout_s, 1_800);
    }
}
