//! What people handle. `decide` says what happens, `apply` what is true afterwards.

mod apply;
mod auto_resolve;
mod decide;
mod order;
mod share;

pub use auto_resolve::{AutoResolve, Calm, Ending, QuietAlert, QuietRule};
pub use decide::{CommandError, Decision, Policy, Trigger, decide, decide_command};
pub use order::{Mark, MarkKind};
pub use share::{Merged, Share};

use crate::level::Severity;
use crate::routing::suspend::Habit;
use crate::signal::{Actor, Assignee};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IncidentStatus {
    /// Held back for a moment, because signals like it usually end by themselves.
    Suspended,
    /// Nobody has taken it.
    Triggered,
    /// Somebody has taken it, or it is archived in Sentry.
    Acknowledged,
    /// Over.
    Resolved,
}

impl IncidentStatus {
    /// All, in the order of an incident's life.
    pub const ALL: [Self; 4] = [
        Self::Suspended,
        Self::Triggered,
        Self::Acknowledged,
        Self::Resolved,
    ];

    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Triggered => "triggered",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// Signals of one dedup key in one integration.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Integration.
    pub integration_id: i64,
    /// Unique within the integration.
    pub dedup_key: String,
    /// The issue it is about, unless it is a metric alert.
    pub issue_id: Option<i64>,
    /// Its latest incident; none for a resolve that came before any trigger.
    pub incident_id: Option<i64>,
    /// Open?
    pub is_open: bool,
    /// Signals that triggered it, all episodes together.
    pub signal_count: i64,
    /// The last change of status that was applied.
    pub status_mark: Option<Mark>,
    /// The last trigger that was applied.
    pub trigger_mark: Option<Mark>,
    /// When it last opened.
    pub opened_at: Option<Time>,
    /// When it last closed.
    pub closed_at: Option<Time>,
    /// How its last episodes ended.
    pub habit: Habit,
    /// What it brings to an incident with several alerts; none: it is the only one.
    pub share: Option<Box<Share>>,
}

/// One episode that people handle.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Number within the workspace, from 1.
    pub number: i64,
    /// Service that owns it.
    pub service_id: Option<i64>,
    /// Integration it came through.
    pub integration_id: i64,
    /// Issue it is about.
    pub issue_id: Option<i64>,
    /// Title.
    pub title: String,
    /// Status.
    pub status: IncidentStatus,
    /// Severity.
    pub severity: Severity,
    /// `Sentry - {project name}`.
    pub source: String,
    /// Dedup key of its first alert.
    pub dedup_key: String,
    /// Project slug.
    pub project: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
    /// Culprit.
    pub culprit: Option<String>,
    /// Alerts in it.
    pub alert_count: i64,
    /// Events in it as far as known.
    pub event_count: i64,
    /// Users affected.
    pub user_count: i64,
    /// Who works on it.
    pub assignee: Option<Assignee>,
    /// Archived in Sentry, and until when, in words.
    pub archived_until: Option<String>,
    /// Snoozed until then.
    pub snoozed_until: Option<Time>,
    /// Held back until then as probably transient; stays after a resolve within that time.
    pub suspended_until: Option<Time>,
    /// When it opened here.
    pub opened_at: Time,
    /// Since when it waits for somebody: when it opened, reopened, or was quiet no longer.
    pub triggered_at: Time,
    /// When it was first seen, by Sentry.
    pub first_seen_at: Time,
    /// When it was last seen, by Sentry.
    pub last_seen_at: Time,
    /// When it was last acknowledged.
    pub acknowledged_at: Option<Time>,
    /// When it was resolved.
    pub resolved_at: Option<Time>,
    /// The episode before this one.
    pub previous_incident_id: Option<i64>,
    /// Sentry's issue id.
    pub sentry_issue_id: Option<String>,
    /// Sentry's short id.
    pub short_id: Option<String>,
    /// Link to Sentry.
    pub permalink: Option<String>,
    /// When it last changed.
    pub updated_at: Time,
    /// Its alerts are with another incident, by hand.
    pub merged: Option<Box<Merged>>,
    /// A person has taken it out of another incident: it joins none by itself.
    pub is_apart: bool,
}

impl Incident {
    /// Not over yet?
    pub fn is_open(&self) -> bool {
        self.status != IncidentStatus::Resolved
    }

    /// Does it tell of a storm? Then it has no alerts of its own.
    pub fn tells_of_storm(&self) -> bool {
        self.dedup_key.starts_with(STORM_KEY)
    }
}

/// Begins the dedup key of an incident that tells of a storm.
pub(crate) const STORM_KEY: &str = "epicenter-storm-";

/// What happened to an incident. Each one that changes something is a line of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub enum IncidentEvent {
    /// A new incident, of this severity.
    Opened(Severity),
    /// The same episode goes on, after it seemed over; the reason is a phrase ("regressed").
    Reopened(String),
    /// It became more or less urgent.
    SeverityChanged(Severity, Severity),
    /// Somebody took it.
    Acknowledged,
    /// Ignored in Sentry, until when in words.
    Archived(String),
    /// No longer ignored or snoozed; the reason is a phrase.
    Retriggered(String),
    /// Over; how, as a phrase: "in release 1.4.0", "by hand".
    Resolved(String),
    /// Given to somebody.
    Assigned(Assignee),
    /// Given back.
    Unassigned,
    /// Quiet until then.
    Snoozed(Time),
    /// The snooze is over.
    Woke,
    /// Held back until then, because signals like it usually end by themselves: how often, as a
    /// sentence.
    Suspended(Time, String),
    /// A person wrote a note.
    Noted(String),
    /// Over, because its alerts went to that incident: id and number.
    MergedInto(i64, i64),
    /// It has its alerts back from the incident of that number, and goes on as it was.
    SplitFrom(i64),
    /// Nothing changed, worth a line: kind and text.
    Remarked(String, String),
}

/// What a person, or the clock, may ask of an incident.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Take it.
    Acknowledge,
    /// It is over.
    Resolve,
    /// It is not over.
    Reopen,
    /// Quiet until then.
    Snooze(Time),
    /// Give it to somebody.
    Assign(Assignee),
    /// Give it back to nobody.
    Unassign,
    /// Write a note.
    Note(String),
    /// The clock: the snooze is over.
    Wake,
    /// The clock: it was held back for long enough.
    EndSuspension,
    /// The clock: it was acknowledged too long ago; the reason is a phrase.
    Unacknowledge(String),
    /// The clock: it has been quiet since that last signal for long enough; how, as a phrase.
    ResolveQuiet(Time, String),
    /// Put the incident back to this status (undo), without touching anything else.
    Restore(IncidentStatus),
}

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEntry {
    /// Our id; also the position in the stream.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Incident, if it is about one.
    pub incident_id: Option<i64>,
    /// Issue, if it is about one.
    pub issue_id: Option<i64>,
    /// When Epicenter learnt of it.
    pub at: Time,
    /// When it happened by Sentry's clock, if told.
    pub occurred_at: Option<Time>,
    /// Dotted kind: `incident.opened`, `issue.resolved`, `comment.created`…
    pub kind: String,
    /// Who.
    pub actor: Actor,
    /// One sentence.
    pub summary: String,
    /// More, Markdown; may be empty.
    pub body: String,
    /// The delivery that caused it.
    pub delivery_id: Option<i64>,
}
