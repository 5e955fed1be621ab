//! Which open incident a new alert joins. In this order: the same deploy with the same crash, or,
//! where a workspace wants it, the same family of exceptions; a rule on equal fields; alike stacks.
//! Never across services. The first alert of an incident leads; a member that is over does not end
//! the incident until all are.

pub use super::stack::{Likeness, Stack};
use super::{Condition, Field, Subject};
use crate::limits;
use crate::time::{DAY_MS, MINUTE_MS, Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What grouping looks at: of a new alert, or of the leader of an open incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traits {
    /// Service.
    pub service_id: Option<i64>,
    /// The deploy that it runs by: release and environment. Empty: not known.
    pub deploy: String,
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
    /// Group at all?
    pub is_on: bool,
    /// Group by deploy and crash?
    pub by_deploy: bool,
    /// Group by deploy and family of exceptions, wherever it crashed?
    pub by_family: bool,
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
    /// FIELD §1.8: rolling 300 s. Only what was right for 99 of 100 alerts of the labelled traces is
    /// on: one family of exceptions was right for 86, stacks that are alike by 80 percent for 89.
    fn default() -> Self {
        Self {
            is_on: true,
            by_deploy: true,
            by_family: false,
            alike_percent: None,
            rules: Vec::new(),
            window: Window::Rolling,
            window_ms: 5 * MINUTE_MS,
        }
    }
}

/// The incident that a new alert joins, if it joins one.
pub fn join(alert: &Traits, open: &[Candidate], policy: &GroupPolicy, now: Time) -> Option<Join> {
    if !policy.is_on {
        return None;
    }
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
    if alert.deploy.is_empty() {
        return None;
    }
    let own_family = family(&alert.subject.exception);
    near.iter()
        .filter(|candidate| candidate.traits.deploy == alert.deploy)
        .find_map(|candidate| {
            let theirs = &candidate.traits;
            let is_family = own_family == family(&theirs.subject.exception);
            let shared = if policy.by_deploy && is_family && is_same_crash(alert, theirs) {
                format!("the same crash frame {}", alert.stack.crash())
            } else if policy.by_family && is_family && !own_family.is_empty() {
                format!("the same family of exceptions, {own_family}")
            } else {
                return None;
            };
            let number = candidate.number;
            let reason = format!(
                "Joined incident #{number}: the same deploy {} and {shared}",
                alert.deploy
            );
            Some(Join {
                incident_id: candidate.incident_id,
                by: Bond::Deploy,
                reason: limits::cut_chars(&reason, limits::REASON_CHARS),
            })
        })
}

/// The same place, called the same way. One frame alone is often a tool that many call: it was
/// right for 96 of 100 labelled alerts, three frames for more than 99.
fn is_same_crash(one: &Traits, other: &Traits) -> bool {
    let top = one.stack.top(CRASH_FRAMES);
    !top.is_empty() && top == other.stack.top(CRASH_FRAMES)
}

/// Frames from the crash outwards that must be the same.
const CRASH_FRAMES: usize = 3;

/// By what open incidents are found that an alert may join: a hash of each thing that must be
/// equal. None: nothing can be.
pub fn hashes(alert: &Traits, policy: &GroupPolicy) -> Vec<[u8; 16]> {
    let place = match alert.service_id {
        Some(id) => format!("service {id}"),
        None if alert.subject.project.is_empty() => return Vec::new(),
        None => format!("project {}", alert.subject.project),
    };
    let own_family = family(&alert.subject.exception);
    let top = alert.stack.top(CRASH_FRAMES).join("\n");
    let mut equal: Vec<Vec<String>> = Vec::new();
    if policy.by_deploy && !alert.deploy.is_empty() && !top.is_empty() {
        let parts = ["crash", &alert.deploy, &own_family, &top];
        equal.push(parts.map(str::to_owned).to_vec());
    }
    if policy.by_family && !alert.deploy.is_empty() && !own_family.is_empty() {
        let parts = ["family", &alert.deploy, &own_family];
        equal.push(parts.map(str::to_owned).to_vec());
    }
    for rule in policy.rules.iter().filter(|rule| rule.takes(alert)) {
        let values = rule.equal.iter().map(|field| alert.subject.text(field));
        let name = ["rule".to_owned(), rule.id.to_string()];
        equal.push(name.into_iter().chain(values).collect());
    }
    // Stacks that are much alike crash in the same frame: it weighs most.
    if policy.alike_percent.is_some() && !alert.stack.crash().is_empty() {
        equal.push(vec!["stack".to_owned(), alert.stack.crash().to_owned()]);
    }
    equal.iter().map(|parts| hash(&place, parts)).collect()
}

fn hash(place: &str, parts: &[String]) -> [u8; 16] {
    let mut digest = Sha256::new();
    for part in std::iter::once(place).chain(parts.iter().map(String::as_str)) {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let mut hash = [0; 16];
    let bytes = digest.finalize();
    hash.iter_mut()
        .zip(bytes.iter())
        .for_each(|(to, from)| *to = *from);
    hash
}

impl Traits {
    /// What of it must be kept with an open incident, so that others can be compared with it.
    #[must_use]
    pub fn kept(&self, policy: &GroupPolicy) -> Self {
        let whole = if policy.alike_percent.is_some() {
            limits::STACK_FRAMES
        } else {
            CRASH_FRAMES
        };
        let has_rules = !policy.rules.is_empty();
        let subject = Subject {
            project: self.subject.project.clone(),
            exception: self.subject.exception.clone(),
            ..Subject::default()
        };
        Self {
            service_id: self.service_id,
            deploy: self.deploy.clone(),
            subject: if has_rules {
                self.subject.clone()
            } else {
                subject
            },
            stack: self.stack.cut(whole),
        }
    }
}

impl GroupRule {
    /// Does it look at this alert, and are all its fields known?
    fn takes(&self, alert: &Traits) -> bool {
        !self.equal.is_empty()
            && self.condition.is_met(&alert.subject)
            && self
                .equal
                .iter()
                .all(|field| !alert.subject.text(field).is_empty())
    }
}

fn by_rule(alert: &Traits, near: &[&Candidate], policy: &GroupPolicy) -> Option<Join> {
    policy.rules.iter().find_map(|rule| {
        if !rule.takes(alert) {
            return None;
        }
        let candidate = near.iter().find(|candidate| {
            let theirs = &candidate.traits.subject;
            rule.condition.is_met(theirs)
                && rule
                    .equal
                    .iter()
                    .all(|field| alert.subject.text(field) == theirs.text(field))
        })?;
        let fields: Vec<String> = rule
            .equal
            .iter()
            .map(|field| format!("{field} is {}", alert.subject.text(field)))
            .collect();
        let reason = format!(
            "Joined incident #{} by the rule \"{}\": {}",
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
            "Joined incident #{}: its stack is {} % like that one, {} of {} frames are the same",
            candidate.number, likeness.percent, likeness.shared, likeness.all
        ),
    })
}
