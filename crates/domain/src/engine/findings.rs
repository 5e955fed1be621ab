//! What was noticed about an issue takes effect: a line, a record, and a new incident or a word to
//! those who know of the open one, as the settings say.

use super::incidents::{act, apply_event};
use super::issues::portrait;
use super::{Context, Key, Slice, memory, timeline};
use crate::incident::{Incident, IncidentEvent, Mark, MarkKind, Trigger};
use crate::issue::Issue;
use crate::routing::detect::{Detection, Finding, FindingKind, Judged, Reaction};
use crate::signal::{Actor, Fact, IssueChange, IssueFact, IssueStatus, Signal, When};

/// Growth that those who know of the open incident are told of begins here: the tenth event of what
/// was just told is no news.
const GROWN_TOLD: i64 = 100;

/// The kinds of lines that begin so are told to those who know of the incident.
pub const TOLD_LINES: &str = "unusual.";
/// The kinds of lines that begin so are lines only.
const QUIET_LINES: &str = "seen.";

/// What is wanted, and what releases say of a return.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The settings of the issue's service.
    pub detection: &'a Detection,
    /// Is an event of the resolved issue a real regression? None: nothing is known.
    pub judged: Option<&'a Judged>,
}

/// Lets findings about the issue of a key take effect. Answers how many lines that were.
pub fn react(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    findings: &[Finding],
    rules: &Rules<'_>,
) -> usize {
    let lines = slice.timeline.len();
    for finding in findings {
        let Some(issue) = slice.issues.get(key).map(|tracked| tracked.row.clone()) else {
            break;
        };
        let judged = rules
            .judged
            .filter(|_| finding.kind == FindingKind::Returned);
        if let Some(judged) = judged.filter(|judged| !judged.verdict.alerts()) {
            let word = "false_regression";
            let reason = format!("{}. {}", finding.reason, judged.reason);
            let reaction = rules.detection.false_regression;
            take_effect(slice, context, (key, &issue), (word, &reason, reaction));
            continue;
        }
        let word = finding.kind.as_str();
        let reaction = reaction_to(slice, key, finding, rules.detection);
        let before = open_incident(slice, key);
        let told = (word, finding.reason.as_str(), reaction);
        let after = take_effect(slice, context, (key, &issue), told);
        if let (Some(id), Some(judged)) = (after.filter(|_| before.is_none()), judged) {
            slice.judged.insert(id, judged.clone());
        }
    }
    slice.timeline.len() - lines
}

fn reaction_to(slice: &Slice, key: &Key, finding: &Finding, detection: &Detection) -> Reaction {
    let wanted = detection.of(finding.kind);
    let is_small = finding.passed.is_some_and(|passed| passed < GROWN_TOLD);
    if is_small && open_incident(slice, key).is_some() {
        return wanted.min(Reaction::Line);
    }
    wanted
}

fn open_incident(slice: &Slice, key: &Key) -> Option<i64> {
    slice
        .alert(key)
        .and_then(|alert| alert.incident_id)
        .filter(|id| slice.incident(*id).is_some_and(Incident::is_open))
}

/// Writes it down, and triggers what is wanted. Answers the incident that is open then.
fn take_effect(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (key, issue): (&Key, &Issue),
    (word, reason, reaction): (&str, &str, Reaction),
) -> Option<i64> {
    let open = open_incident(slice, key);
    let opened = match (reaction, open) {
        (Reaction::Off, _) => return open,
        (Reaction::Open, None) => fire(slice, context, (key, issue), reason),
        (Reaction::Line | Reaction::Tell, _) | (Reaction::Open, Some(_)) => None,
    };
    let prefix = match reaction {
        Reaction::Off | Reaction::Line => QUIET_LINES,
        Reaction::Tell | Reaction::Open => TOLD_LINES,
    };
    let incident_id = open.or(opened);
    let line =
        timeline::Line::new(&format!("{prefix}{word}"), reason).about(incident_id, Some(issue.id));
    timeline::write(slice, context, line);
    memory::keep_finding(slice, context, issue, (word, reason), incident_id);
    if let (Some(id), TOLD_LINES) = (open, prefix) {
        slice.to_plan.insert(id);
        if reaction == Reaction::Open {
            wake(slice, context, (id, issue.id), reason);
        }
    }
    incident_id
}

/// What was archived in Sentry waits for somebody again.
fn wake(slice: &mut Slice, context: &mut Context<'_>, (id, issue_id): (i64, i64), reason: &str) {
    let is_archived = slice
        .incident(id)
        .is_some_and(|incident| incident.archived_until.is_some());
    if is_archived {
        let event = IncidentEvent::Retriggered(format!("although it is archived: {reason}"));
        apply_event(slice, context, id, &event);
        let line = timeline::Line::of_event(&event, "").about(Some(id), Some(issue_id));
        timeline::write(slice, context, line);
    }
}

/// Opens an incident, or the last one again, unless a rule drops it.
fn fire(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (key, issue): (&Key, &Issue),
    reason: &str,
) -> Option<i64> {
    let when = When {
        sent_at: Some(context.now),
        occurred_at: Some(context.now),
    };
    let fact = IssueFact {
        change: IssueChange::Occurred {
            service_hook: false,
        },
        issue: issue.facts(),
        event: None,
    };
    let signal = Signal {
        when,
        actor: Actor::epicenter(),
        fact: Fact::Issue(Box::new(fact.clone())),
    };
    let trigger = Trigger::Fire {
        severity: context.origin.profile.severity(issue.level.severity()),
        exact: false,
        mark: Mark::new(MarkKind::Trigger, when, context.now),
    };
    let portrait = portrait(context, issue, (issue.event_count(), &fact));
    let effect = act(slice, context, key, &portrait, (&signal, &trigger, reason));
    if effect.is_stale || effect.is_dropped {
        return None;
    }
    if let Some(tracked) = slice.issues.get_mut(key)
        && tracked.row.status == IssueStatus::Resolved
    {
        let row = tracked.edit();
        row.set_unresolved(Some("regressed".to_owned()));
        row.updated_at = context.now;
    }
    effect.incident_id
}
