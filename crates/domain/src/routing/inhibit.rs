//! Inhibition: an incident that says it all mutes those that follow from it. Alertmanager's rules
//! (FIELD §1.1) without their traps: a field that is unknown on both sides is not "equal", and
//! incidents that would mute each other in a circle leave the oldest of them heard.

use super::window::clock;
use super::{Condition, Field, Policy, Situation, Stage, Subject, Verdict};
use crate::limits;
use crate::time::{MINUTE_MS, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A metric alert and the issues behind it open within so long (ACCEPTANCE §4, Flashduty).
const WITHIN_MS: i64 = 10 * MINUTE_MS;
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
    /// Only what opened at most so long before or after it is muted; none: whatever is open.
    #[serde(default)]
    pub within_ms: Option<i64>,
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
            within_ms: Some(WITHIN_MS),
        })
    }

    /// Did they open near enough to each other?
    fn is_near(&self, source: Time, target: Time) -> bool {
        let between = source.since_ms(target).saturating_abs();
        self.within_ms.is_none_or(|within_ms| between <= within_ms)
    }

    fn agree(&self, source: &Subject, target: &Subject) -> bool {
        let both = |field: &Field| (source.text(field), target.text(field));
        self.equal.iter().all(|field| {
            let (own, theirs) = both(field);
            !own.is_empty() && own == theirs
        }) && self.equal_if_known.iter().all(|field| {
            let (own, theirs) = both(field);
            own.is_empty() || theirs.is_empty() || own == theirs
        })
    }
}

/// An open incident, with what it matches of each rule: as source, as target.
struct Member<'a> {
    incident_id: i64,
    number: i64,
    opened_at: Time,
    subject: &'a Subject,
    sides: Vec<(bool, bool)>,
}

impl<'a> Member<'a> {
    fn new(
        (incident_id, number, opened_at): (i64, i64, Time),
        subject: &'a Subject,
        rules: &[Rule],
    ) -> Self {
        let side = |rule: &Rule| (rule.source.is_met(subject), rule.target.is_met(subject));
        Self {
            incident_id,
            number,
            opened_at,
            subject,
            sides: rules.iter().map(side).collect(),
        }
    }

    /// The rule by which it mutes another one. What matches both sides of a rule is not muted by
    /// another one that does.
    fn mutes<'r>(&self, target: &Self, rules: &'r [Rule]) -> Option<&'r Rule> {
        let sides = self.sides.iter().zip(&target.sides);
        rules
            .iter()
            .zip(sides)
            .find(|(rule, (own, theirs))| {
                let are_both_twice = own.1 && theirs.0;
                own.0
                    && theirs.1
                    && !are_both_twice
                    && rule.is_near(self.opened_at, target.opened_at)
                    && rule.agree(self.subject, target.subject)
            })
            .map(|(rule, _)| rule)
    }
}

/// Mutes an incident for which another one says it all.
pub(super) fn stage(situation: &Situation<'_>, policy: &Policy, now: Time) -> Option<Verdict> {
    if policy.inhibitions.is_empty() || situation.neighbours.is_empty() {
        return None;
    }
    let rules = policy.inhibitions.as_slice();
    let standing = situation.standing;
    let own = Member::new(
        (standing.incident_id, standing.number, standing.opened_at),
        situation.subject,
        rules,
    );
    let others: Vec<Member<'_>> = situation
        .neighbours
        .iter()
        .filter(|other| other.incident_id != own.incident_id)
        .take(limits::NEIGHBOURS)
        .map(|other| {
            let names = (other.incident_id, other.number, other.opened_at);
            Member::new(names, &other.subject, rules)
        })
        .collect();
    let mut sources = others
        .iter()
        .filter_map(|other| Some((other.mutes(&own, rules)?, other)))
        .peekable();
    sources.peek()?;
    let circle = circle(&own, &others, rules);
    let is_oldest = circle
        .iter()
        .all(|other| (own.opened_at, own.incident_id) < (other.opened_at, other.incident_id));
    let is_in_circle =
        |source: &Member<'_>| (circle.iter()).any(|other| other.incident_id == source.incident_id);
    // The oldest of a circle is muted from outside of it only.
    let (rule, source) = sources.find(|(_, source)| !(is_oldest && is_in_circle(source)))?;
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

/// The incidents that `own` mutes and that mute it, directly or through others.
fn circle<'m, 'a>(
    own: &'m Member<'a>,
    others: &'m [Member<'a>],
    rules: &[Rule],
) -> Vec<&'m Member<'a>> {
    let muted = reached(own, others, |from, other| {
        from.mutes(other, rules).is_some()
    });
    if muted.is_empty() {
        return Vec::new();
    }
    let muting = reached(own, others, |from, other| {
        other.mutes(from, rules).is_some()
    });
    others
        .iter()
        .filter(|other| muted.contains(&other.incident_id) && muting.contains(&other.incident_id))
        .collect()
}

fn reached<'m, 'a>(
    own: &'m Member<'a>,
    others: &'m [Member<'a>],
    leads: impl Fn(&Member<'a>, &Member<'a>) -> bool,
) -> BTreeSet<i64> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![own];
    while let Some(from) = waiting.pop() {
        for other in others {
            if !reached.contains(&other.incident_id) && leads(from, other) {
                reached.insert(other.incident_id);
                waiting.push(other);
            }
        }
    }
    reached
}
