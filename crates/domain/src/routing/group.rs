//! Which open incident a new alert joins. In this order: the same deploy with the same crash or
//! family of exceptions; a rule on equal fields; alike stacks. Never across services. The first
//! alert of an incident leads; a member that is over does not end the incident until all are.

pub use super::stack::{Likeness, Stack};
use super::{Condition, Field, Subject};
use crate::limits;
use crate::time::{DAY_MS, MINUTE_MS, Time};
use serde::{Deserialize, Serialize};

/// What grouping looks at: of a new alert, or of the leader of an open incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traits {
    /// Service.
    pub service_id: Option<i64>,
    /// The deploy that its release runs by.
    pub deploy_id: Option<i64>,
    /// What rules look at.
    pub subject: Subject,
    /// Its in-app frames.
    pub stack: Stack,
}

/// An open incident that could be joined.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Our id.
    pub incident_id: i64,
    /// Its number.
    pub number: i64,
    /// When it opened.
    pub opened_at: Time,
    /// When an alert last joined; its opening, if none did.
    pub joined_at: Time,
    /// Alerts in it.
    pub alert_count: i64,
    /// What its leader looks like.
    pub traits: Traits,
}

/// How to group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupPolicy {
    /// Group by deploy and crash?
    pub by_deploy: bool,
    /// Group by alike stacks, from this likeness in percent; none: not.
    pub alike_percent: Option<u64>,
    /// Rules on equal fields.
    pub rules: Vec<GroupRule>,
    /// From when the window counts.
    pub window: Window,
    /// Length of the window in milliseconds.
    pub window_ms: i64,
}

/// From when the window counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// From the alert that joined last; at most 24 hours after the opening.
    Rolling,
    /// From the opening.
    Fixed,
}

/// Alerts whose fields agree belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupRule {
    /// Our id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Which alerts; both sides must meet it.
    pub condition: Condition,
    /// Fields that both must know and that must agree; at least one.
    pub equal: Vec<Field>,
}

/// The incident that is joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// Which.
    pub incident_id: i64,
    /// By what.
    pub by: Bond,
    /// Why, as a sentence.
    pub reason: String,
}

/// What joins them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bond {
    /// The same deploy, and the same crash or family of exceptions.
    Deploy,
    /// A rule.
    Rule(i64),
    /// Alike stacks.
    Stack,
}

/// The longest life of a rolling window (FIELD §1.8, PagerDuty).
const LONGEST_MS: i64 = DAY_MS;

impl Default for GroupPolicy {
    /// FIELD §1.8: rolling 300 s. 80 percent was right for 9 of 10 pairs of the labelled traces.
    fn default() -> Self {
        Self {
            by_deploy: true,
            alike_percent: Some(80),
            rules: Vec::new(),
            window: Window::Rolling,
            window_ms: 5 * MINUTE_MS,
        }
    }
}

/// The incident that a new alert joins, if it joins one.
pub fn join(alert: &Traits, open: &[Candidate], policy: &GroupPolicy, now: Time) -> Option<Join> {
    let mut near: Vec<&Candidate> = open
        .iter()
        .filter(|candidate| policy.is_in_window(candidate, now))
        .filter(|candidate| is_same_service(alert, &candidate.traits))
        .filter(|candidate| candidate.alert_count < limits::GROUP_ALERTS)
        .collect();
    near.sort_by_key(|candidate| (candidate.opened_at, candidate.incident_id));
    near.truncate(limits::GROUP_CANDIDATES);
    by_deploy(alert, &near, policy)
        .or_else(|| by_rule(alert, &near, policy))
        .or_else(|| by_stack(alert, &near, policy))
}

/// The last word of an exception's type, without what every type ends with: `sqlalchemy.exc.TimeoutError`
/// and `java.util.concurrent.TimeoutException` are both of the family `timeout`.
pub fn family(exception: &str) -> String {
    let last = exception
        .rsplit(['.', ':', '\\', '/', '$'])
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    let stem = ["Exception", "Error", "Failure", "Fault"]
        .into_iter()
        .find_map(|ending| last.strip_suffix(ending).filter(|stem| !stem.is_empty()));
    // What is nothing but an ending says nothing: `Error`, `Exception`.
    let says_nothing = ["Exception", "Error", "Failure", "Fault"].contains(&last);
    if says_nothing {
        String::new()
    } else {
        stem.unwrap_or(last).to_lowercase()
    }
}

/// Is an incident over? When none of its alerts fires; an incident without alerts is its own.
pub fn is_over(alerts_open: &[bool]) -> bool {
    !alerts_open.contains(&true)
}

impl GroupPolicy {
    fn is_in_window(&self, candidate: &Candidate, now: Time) -> bool {
        let age_ms = now.since_ms(candidate.opened_at);
        match self.window {
            Window::Fixed => age_ms <= self.window_ms,
            Window::Rolling => {
                now.since_ms(candidate.joined_at) <= self.window_ms && age_ms <= LONGEST_MS
            }
        }
    }
}

/// Without a service only alerts of one project belong together.
fn is_same_service(one: &Traits, other: &Traits) -> bool {
    one.service_id == other.service_id
        && (one.service_id.is_some()
            || (!one.subject.project.is_empty() && one.subject.project == other.subject.project))
}

fn by_deploy(alert: &Traits, near: &[&Candidate], policy: &GroupPolicy) -> Option<Join> {
    if !policy.by_deploy || alert.deploy_id.is_none() {
        return None;
    }
    let own_family = family(&alert.subject.exception);
    near.iter()
        .filter(|candidate| candidate.traits.deploy_id == alert.deploy_id)
        .find_map(|candidate| {
            let theirs = &candidate.traits;
            let crash = alert.stack.crash();
            let shared = if !crash.is_empty() && crash == theirs.stack.crash() {
                format!("crashes in the same place ({crash})")
            } else if !own_family.is_empty() && own_family == family(&theirs.subject.exception) {
                format!("has the same family of exceptions ({own_family})")
            } else {
                return None;
            };
            let number = candidate.number;
            Some(Join {
                incident_id: candidate.incident_id,
                by: Bond::Deploy,
                reason: format!("It came with the same deploy as incident #{number} and {shared}"),
            })
        })
}

fn by_rule(alert: &Traits, near: &[&Candidate], policy: &GroupPolicy) -> Option<Join> {
    policy.rules.iter().find_map(|rule| {
        if rule.equal.is_empty() || !rule.condition.is_met(&alert.subject) {
            return None;
        }
        let candidate = near.iter().find(|candidate| {
            let theirs = &candidate.traits.subject;
            rule.condition.is_met(theirs)
                && rule.equal.iter().all(|field| {
                    let own = alert.subject.text(field);
                    !own.is_empty() && own == theirs.text(field)
                })
        })?;
        let fields: Vec<String> = rule
            .equal
            .iter()
            .map(|field| format!("{field} is {}", alert.subject.text(field)))
            .collect();
        let reason = format!(
            "It belongs to incident #{} by the rule \"{}\": {}",
            candidate.number,
            rule.name,
            fields.join(" and ")
        );
        Some(Join {
            incident_id: candidate.incident_id,
            by: Bond::Rule(rule.id),
            reason: limits::cut_chars(&reason, limits::REASON_CHARS),
        })
    })
}

/// The most alike, the oldest of equals. Alike stacks of different families are two problems in one
/// place.
fn by_stack(alert: &Traits, near: &[&Candidate], policy: &GroupPolicy) -> Option<Join> {
    let least = policy.alike_percent?;
    let own_family = family(&alert.subject.exception);
    let mut best: Option<(&Candidate, Likeness)> = None;
    for candidate in near {
        let theirs = &candidate.traits;
        let Some(likeness) = alert.stack.likeness(&theirs.stack) else {
            continue;
        };
        let is_alike = likeness.percent >= least && own_family == family(&theirs.subject.exception);
        if is_alike && best.is_none_or(|(_, known)| likeness.percent > known.percent) {
            best = Some((candidate, likeness));
        }
    }
    let (candidate, likeness) = best?;
    Some(Join {
        incident_id: candidate.incident_id,
        by: Bond::Stack,
        reason: format!(
            "Its stack is {} % like that of incident #{}: {} of {} frames are the same",
            likeness.percent, candidate.number, likeness.shared, likeness.all
        ),
    })
}
