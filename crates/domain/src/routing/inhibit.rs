//! Inhibition: an incident that says it all mutes those that follow from it. Alertmanager's rules
//! (FIELD §1.1) without their traps: a field that is unknown on both sides is not "equal", and
//! incidents that would mute each other in a circle leave the oldest of them heard.

use super::window::clock;
use super::{Condition, Field, Policy, Situation, Stage, Subject, Verdict};
use crate::limits;
use crate::time::{MINUTE_MS, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How soon a muted incident is looked at again: what mutes it may be over.
const LOOK_AGAIN_MS: i64 = 5 * MINUTE_MS;

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Our id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// What mutes.
    pub source: Condition,
    /// What is muted.
    pub target: Condition,
    /// Fields that both must know and that must agree.
    pub equal: Vec<Field>,
    /// Fields that must agree where both know them.
    pub equal_if_known: Vec<Field>,
}

/// Another open incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    /// Our id.
    pub incident_id: i64,
    /// Its number.
    pub number: i64,
    /// When it opened.
    pub opened_at: Time,
    /// What conditions see of it.
    pub subject: Subject,
}

impl Rule {
    /// The rule that people want first: a metric alert mutes the issues of its project.
    pub fn metric_mutes_issues(id: i64) -> Option<Self> {
        Some(Self {
            id,
            name: "A metric alert mutes the issues of its project".to_owned(),
            source: Condition::parse("kind == \"metric\"").ok()?,
            target: Condition::parse("kind in [\"issue\", \"event\"]").ok()?,
            equal: vec![Field::Named("project")],
            equal_if_known: vec![Field::Named("environment")],
        })
    }

    /// Does `source` mute `target` by this rule? An incident that matches both sides is not muted
    /// by another one that does.
    fn mutes(&self, source: &Subject, target: &Subject) -> bool {
        let agree = |field: &Field| source.text(field) == target.text(field);
        let is_known =
            |field: &&Field| !source.text(field).is_empty() && !target.text(field).is_empty();
        self.equal
            .iter()
            .all(|field| is_known(&field) && agree(field))
            && self.equal_if_known.iter().filter(is_known).all(agree)
            && self.source.is_met(source)
            && self.target.is_met(target)
            && !(self.source.is_met(target) && self.target.is_met(source))
    }
}

/// Mutes an incident for which another one says it all.
pub(super) fn stage(situation: &Situation<'_>, policy: &Policy, now: Time) -> Option<Verdict> {
    if policy.inhibitions.is_empty() || situation.neighbours.is_empty() {
        return None;
    }
    let own = Neighbour {
        incident_id: situation.standing.incident_id,
        number: situation.standing.number,
        opened_at: situation.standing.opened_at,
        subject: situation.subject.clone(),
    };
    let others: Vec<&Neighbour> = situation
        .neighbours
        .iter()
        .filter(|other| other.incident_id != own.incident_id)
        .take(limits::NEIGHBOURS)
        .collect();
    let (rule, source) = others
        .iter()
        .filter_map(|other| Some((rule_between(policy, other, &own)?, *other)))
        .find(|(_, source)| !is_heard_in_circle(policy, &own, source, &others))?;
    Some(Verdict::Suppress {
        stage: Stage::Inhibition,
        reason: format!(
            "Incident #{}, open since {}, says it already (rule \"{}\")",
            source.number,
            clock(source.opened_at),
            rule.name
        ),
        again_at: Some(now.plus_ms(LOOK_AGAIN_MS)),
    })
}

fn rule_between<'a>(
    policy: &'a Policy,
    source: &Neighbour,
    target: &Neighbour,
) -> Option<&'a Rule> {
    policy
        .inhibitions
        .iter()
        .find(|rule| rule.mutes(&source.subject, &target.subject))
}

/// Is `own` in a circle with `source`, and the oldest of all that are in circles with it? Then this
/// source does not mute it.
fn is_heard_in_circle(
    policy: &Policy,
    own: &Neighbour,
    source: &Neighbour,
    others: &[&Neighbour],
) -> bool {
    let muted_by_own = reached(policy, own, others, true);
    if !muted_by_own.contains(&source.incident_id) {
        return false;
    }
    let mutes_own = reached(policy, own, others, false);
    others
        .iter()
        .filter(|other| {
            muted_by_own.contains(&other.incident_id) && mutes_own.contains(&other.incident_id)
        })
        .all(|other| (own.opened_at, own.incident_id) < (other.opened_at, other.incident_id))
}

/// The incidents that `own` mutes (or that mute it), directly or through others.
fn reached(
    policy: &Policy,
    own: &Neighbour,
    others: &[&Neighbour],
    forwards: bool,
) -> BTreeSet<i64> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![own];
    while let Some(from) = waiting.pop() {
        for other in others {
            let (source, target) = if forwards {
                (from, *other)
            } else {
                (*other, from)
            };
            if !reached.contains(&other.incident_id)
                && rule_between(policy, source, target).is_some()
            {
                reached.insert(other.incident_id);
                waiting.push(other);
            }
        }
    }
    reached
}
