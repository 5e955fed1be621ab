//! What is worth remembering of a signal or a command: every transition, and of what only repeats
//! itself the first of each hour. A storm of one error is one record an hour, not one per event.

use super::{Context, Input, Slice, Verdict, VerdictOutcome};
use crate::incident::{IncidentEvent, IncidentStatus};
use crate::issue::Issue;
use crate::level::Severity;
use crate::observation::note::{Applied, Note, Place, What};
use crate::signal::{Actor, Fact, IssueChange, Signal};
use crate::sources::Reading;
use crate::time::Time;

/// Where an incident stood.
type Standing = Option<(i64, IncidentStatus, Severity)>;

/// How things stood before a signal was applied.
#[derive(Debug)]
pub(super) struct Before {
    /// When the issue's last event happened; `None` when the issue is new.
    seen_at: Option<Time>,
    /// Events of the issue that are stored.
    stored_events: i64,
    standing: Standing,
}

impl Before {
    /// Looks before a signal is applied.
    pub(super) fn of(slice: &Slice, context: &Context<'_>, signal: &Signal) -> Self {
        let dedup_key = match &signal.fact {
            Fact::Issue(fact) => Some(fact.issue.key.dedup_key()),
            Fact::Alert(_) | Fact::Installation(_) | Fact::Remark(_) | Fact::Change(_) => None,
        };
        let key = dedup_key.map(|key| (context.origin.integration_id, key));
        let issue = key.as_ref().and_then(|key| slice.issues.get(key));
        let alert = key.as_ref().and_then(|key| slice.alert(key));
        Self {
            seen_at: issue.map(|issue| issue.row.last_seen_at),
            stored_events: issue.map_or(0, |issue| issue.row.stored_event_count),
            standing: standing(slice, alert.and_then(|alert| alert.incident_id)),
        }
    }
}

fn standing(slice: &Slice, incident_id: Option<i64>) -> Standing {
    let incident = slice.incident(incident_id?)?;
    Some((incident.id, incident.status, incident.severity))
}

/// Notes an applied signal, if there is something to remember. The last of the four: how many
/// timeline lines there were before it.
pub(super) fn keep(
    slice: &mut Slice,
    context: &mut Context<'_>,
    input: &Input,
    (position, signal, before, lines_before): (usize, &Signal, &Before, usize),
    verdict: &Verdict,
) {
    if verdict.outcome != VerdictOutcome::Applied || is_known(slice, context, input) {
        return;
    }
    let is_news = match &signal.fact {
        Fact::Issue(fact) if repeats(&fact.change) => {
            is_first_of_hour(slice, before, signal, verdict)
                || standing(slice, verdict.incident_id) != before.standing
        }
        // What senders tell again and again while it is true writes no line.
        Fact::Alert(fact) => !fact.is_repeatable || slice.timeline.len() > lines_before,
        Fact::Issue(_) | Fact::Installation(_) | Fact::Remark(_) => true,
        Fact::Change(_) => false,
    };
    if is_news {
        let incident_id = verdict.incident_id;
        let issue = issue_of(slice, verdict.issue_id).cloned();
        let applied = Applied {
            source: context.origin.kind.as_str().to_owned(),
            source_type: source_type(&input.reading, signal),
            position,
            at: context.now,
            service_id: service_of(slice, context, incident_id, issue.as_ref()),
            incident_id,
            issue: issue.map(Box::new),
        };
        slice.notes.push(Note {
            id: context.ids.next(context.now),
            workspace_id: context.origin.workspace_id,
            delivery_id: context.delivery_id,
            what: What::Signal(Box::new(applied)),
        });
    }
}

/// A replay of what was remembered when it came first.
fn is_known(slice: &Slice, context: &Context<'_>, input: &Input) -> bool {
    let place = (context.origin.integration_id, input.identity);
    input.is_replay && slice.identities.contains_key(&place)
}

/// Is it only one more occurrence?
fn repeats(change: &IssueChange) -> bool {
    match change {
        IssueChange::AlertFired { .. }
        | IssueChange::Reported { .. }
        | IssueChange::Occurred { .. } => true,
        IssueChange::Created
        | IssueChange::Unresolved
        | IssueChange::Resolved(_)
        | IssueChange::Archived { .. }
        | IssueChange::Assigned(_)
        | IssueChange::Commented { .. }
        | IssueChange::Remark(_) => false,
    }
}

/// Is it the first event of its issue, or its first in an hour that nothing was seen in?
fn is_first_of_hour(slice: &Slice, before: &Before, signal: &Signal, verdict: &Verdict) -> bool {
    let stored = issue_of(slice, verdict.issue_id);
    let is_stored = stored.is_some_and(|issue| issue.stored_event_count > before.stored_events);
    let Some(seen_at) = before.seen_at.filter(|_| before.stored_events > 0) else {
        return is_stored || before.seen_at.is_none();
    };
    let at = signal
        .when
        .occurred_at
        .or(stored.map(|issue| issue.last_seen_at));
    is_stored && at.is_some_and(|at| at.hour() > seen_at.hour())
}

fn issue_of(slice: &Slice, issue_id: Option<i64>) -> Option<&Issue> {
    let issue_id = issue_id?;
    let mut issues = slice.issues.values().map(|tracked| &tracked.row);
    issues.find(|issue| issue.id == issue_id)
}

/// `issue.resolved` for a change of an issue (LF-08), else the words of the delivery.
fn source_type(reading: &Reading, signal: &Signal) -> String {
    if let ("issue", Fact::Issue(fact)) = (reading.resource.as_str(), &signal.fact)
        && let Some(word) = issue_type(&fact.change)
    {
        return word.to_owned();
    }
    match (reading.resource.as_str(), reading.action.as_str()) {
        (resource, "") => resource.to_owned(),
        (resource, action) => format!("{resource}.{action}"),
    }
}

fn issue_type(change: &IssueChange) -> Option<&'static str> {
    match change {
        IssueChange::Created => Some("issue.created"),
        IssueChange::Unresolved => Some("issue.unresolved"),
        IssueChange::Resolved(_) => Some("issue.resolved"),
        IssueChange::Archived { .. } => Some("issue.ignored"),
        IssueChange::Assigned(_) => Some("issue.assigned"),
        IssueChange::AlertFired { .. }
        | IssueChange::Reported { .. }
        | IssueChange::Occurred { .. }
        | IssueChange::Commented { .. }
        | IssueChange::Remark(_) => None,
    }
}

/// Notes what a person or the clock did with an incident.
pub(super) fn keep_command(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (incident_id, issue_id): (i64, Option<i64>),
    event: &IncidentEvent,
    actor: &Actor,
) {
    let Some(incident) = slice.incident(incident_id).cloned() else {
        return;
    };
    let place = place(slice, context, Some(incident_id), issue_id);
    slice.notes.push(place.of_command(&incident, event, actor));
}

/// Notes what a person did with an issue of the error log.
pub(super) fn keep_issue(
    slice: &mut Slice,
    context: &mut Context<'_>,
    signal: &Signal,
    verdict: &Verdict,
) {
    let issue = issue_of(slice, verdict.issue_id).cloned();
    if let (Fact::Issue(fact), Some(issue)) = (&signal.fact, issue)
        && let Some(word) = issue_type(&fact.change)
    {
        let place = place(slice, context, verdict.incident_id, verdict.issue_id);
        let note = place.of_issue((&issue, word), signal, verdict.incident_id);
        slice.notes.extend(note);
    }
}

/// Notes what Epicenter itself noticed about an issue: what sort, and the sentence.
pub(super) fn keep_finding(
    slice: &mut Slice,
    context: &mut Context<'_>,
    issue: &Issue,
    words: (&str, &str),
    incident_id: Option<i64>,
) {
    let place = place(slice, context, incident_id, Some(issue.id));
    slice
        .notes
        .push(place.of_finding(issue, words, incident_id));
}

fn place(
    slice: &Slice,
    context: &mut Context<'_>,
    incident_id: Option<i64>,
    issue_id: Option<i64>,
) -> Place {
    Place {
        id: context.ids.next(context.now),
        workspace_id: context.origin.workspace_id,
        at: context.now,
        service_id: service_of(slice, context, incident_id, issue_of(slice, issue_id)),
        issue_id: issue_of(slice, issue_id).map(|issue| issue.id),
    }
}

fn service_of(
    slice: &Slice,
    context: &Context<'_>,
    incident_id: Option<i64>,
    issue: Option<&Issue>,
) -> Option<i64> {
    let incident = incident_id.and_then(|id| slice.incident(id));
    let project = issue.and_then(|issue| issue.project_slug.as_deref());
    incident
        .and_then(|incident| incident.service_id)
        .or_else(|| context.origin.service_of(project))
}
