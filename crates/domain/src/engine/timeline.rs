//! Lines of the timelines: one for every transition, with actor, cause and delivery.

use super::{Context, Slice};
use crate::incident::{IncidentEvent, TimelineEntry};
use crate::signal::{Actor, Signal};
use crate::time::Time;

/// A line before it gets its id.
#[derive(Clone, Debug)]
pub(super) struct Line {
    kind: String,
    summary: String,
    body: String,
    actor: Actor,
    occurred_at: Option<Time>,
    incident_id: Option<i64>,
    issue_id: Option<i64>,
}

impl Line {
    pub(super) fn new(kind: &str, summary: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            summary: summary.to_owned(),
            body: String::new(),
            actor: Actor::epicenter(),
            occurred_at: None,
            incident_id: None,
            issue_id: None,
        }
    }

    pub(super) fn of_event(event: &IncidentEvent, cause: &str) -> Self {
        let (kind, summary) = describe(event, cause);
        let mut line = Self::new(&kind, &summary);
        if let IncidentEvent::Noted(text) = event {
            line.body.clone_from(text);
        }
        line
    }

    pub(super) fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    pub(super) fn by(mut self, signal: &Signal) -> Self {
        self.actor = signal.actor.clone();
        self.occurred_at = signal.when.occurred_at.or(signal.when.sent_at);
        self
    }

    pub(super) fn actor(mut self, actor: &Actor) -> Self {
        self.actor = actor.clone();
        self
    }

    pub(super) fn about(mut self, incident_id: Option<i64>, issue_id: Option<i64>) -> Self {
        self.incident_id = incident_id;
        self.issue_id = issue_id;
        self
    }
}

/// Adds the line to the slice.
pub(super) fn write(slice: &mut Slice, context: &mut Context<'_>, line: Line) {
    slice.timeline.push(TimelineEntry {
        id: context.ids.next(context.now),
        workspace_id: context.origin.workspace_id,
        incident_id: line.incident_id,
        issue_id: line.issue_id,
        at: context.now,
        occurred_at: line.occurred_at,
        kind: line.kind,
        actor: line.actor,
        summary: line.summary,
        body: line.body,
        delivery_id: context.delivery_id,
    });
}

/// Kind and sentence of an event; `cause` says what made it happen and may be empty.
fn describe(event: &IncidentEvent, cause: &str) -> (String, String) {
    let because = |text: String| {
        if cause.is_empty() {
            text
        } else {
            format!("{text}: {cause}")
        }
    };
    let (kind, summary) = match event {
        IncidentEvent::Opened(severity) => (
            "opened",
            because(format!("Opened as {}", severity.as_str())),
        ),
        IncidentEvent::Reopened(why) => ("reopened", because(format!("Reopened, {why}"))),
        IncidentEvent::SeverityChanged(from, to) => (
            "severity_changed",
            because(format!(
                "Severity from {} to {}",
                from.as_str(),
                to.as_str()
            )),
        ),
        IncidentEvent::Acknowledged => ("acknowledged", "Acknowledged".to_owned()),
        IncidentEvent::Archived(until) => (
            "archived",
            format!("Acknowledged, because it was archived in Sentry {until}"),
        ),
        IncidentEvent::Retriggered(why) => ("retriggered", format!("Back to triggered, {why}")),
        IncidentEvent::Resolved(how) => ("resolved", format!("Resolved {how}")),
        IncidentEvent::Assigned(to) => ("assigned", format!("Assigned to {}", to.name)),
        IncidentEvent::Unassigned => ("unassigned", "Assigned to nobody".to_owned()),
        IncidentEvent::Snoozed(until) => ("snoozed", format!("Snoozed until {}", until.rfc3339())),
        IncidentEvent::Suspended(until, why) => (
            "suspended",
            format!("Held back until {}: {why}", until.rfc3339()),
        ),
        IncidentEvent::Woke => ("woke", "The snooze is over: back to triggered".to_owned()),
        IncidentEvent::MergedInto(_, number) => {
            ("merged", because(format!("Merged into #{number}")))
        }
        IncidentEvent::SplitFrom(number) => ("split", because(format!("Split from #{number}"))),
        IncidentEvent::Noted(_) => ("noted", "Wrote a note".to_owned()),
        IncidentEvent::Remarked(kind, text) => return (kind.clone(), text.clone()),
    };
    (format!("incident.{kind}"), summary)
}
