//! `/incidents/{number}`: what broke, since when, for how many, where, and what was done.

use super::event::{EventChooser, EventView};
use super::group::GroupPanel;
use super::memory::SimilarCard;
use super::parts::{
    Chart, Clock, DeployMark, Icon, IncidentState, SafeLink, ShownSeverity, Trend, grouped,
    initials, plural,
};
use super::shell::Shell;
use super::suspects::SuspectCard;
use super::timeline::Timeline;
use super::why::WhyPanel;
use super::write_backs::WriteBackPanel;
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/incident.html")]
pub struct IncidentPage {
    /// What is around it.
    pub shell: Shell,
    /// Title, state, actions, figures.
    pub head: IncidentHead,
    /// What may have caused it.
    pub suspects: SuspectCard,
    /// Where, links, alerts.
    pub facts: IncidentFacts,
    /// Its alerts together.
    pub group: GroupPanel,
    /// What Sentry was told of what was done here.
    pub told: WriteBackPanel,
    /// Who was told of it, and why.
    pub why: WhyPanel,
    /// Past incidents like it.
    pub similar: SimilarCard,
    /// The event that is shown.
    pub event: Option<EventView>,
    /// The way to the other events.
    pub chooser: EventChooser,
    /// What happened.
    pub timeline: Timeline,
}

/// Title, state, actions, figures.
#[derive(Clone, Debug, Template)]
#[template(path = "partials/incident_head.html")]
pub struct IncidentHead {
    /// Now.
    pub clock: Clock,
    /// Against forged forms.
    pub csrf: String,
    /// `inc_…`, by which the stream names it.
    pub id: String,
    /// Number.
    pub number: i64,
    /// Title.
    pub title: String,
    /// Severity.
    pub severity: ShownSeverity,
    /// Where it stands.
    pub state: IncidentState,
    /// Snoozed until then.
    pub snoozed_until: Option<Time>,
    /// Archived in Sentry, and until when in words.
    pub archived_until: Option<String>,
    /// Sentry's short id.
    pub short_id: Option<String>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// People it can be given to: id and name.
    pub people: Vec<(String, String)>,
    /// Events.
    pub event_count: i64,
    /// Users.
    pub user_count: i64,
    /// First seen.
    pub first_seen_at: Time,
    /// Last seen.
    pub last_seen_at: Time,
    /// Opened.
    pub opened_at: Time,
    /// Acknowledged.
    pub acknowledged_at: Option<Time>,
    /// Resolved.
    pub resolved_at: Option<Time>,
    /// Events over time.
    pub trend: Trend,
    /// Deploys of that time, newest first.
    pub marks: Vec<DeployMark>,
    /// In Sentry.
    pub sentry: Option<SafeLink>,
    /// Number of the next newer incident.
    pub newer: Option<i64>,
    /// Number of the next older incident.
    pub older: Option<i64>,
}

impl HtmlSafe for IncidentHead {}

/// Where, links, alerts.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/incident_facts.html")]
pub struct IncidentFacts {
    /// Now.
    pub clock: Clock,
    /// Number.
    pub number: i64,
    /// Service: id and name.
    pub service: Option<(String, String)>,
    /// Sentry project.
    pub project: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
    /// Where in the code.
    pub culprit: Option<String>,
    /// Whose the code is by CODEOWNERS: the owners, and why.
    pub owner: Option<(String, String)>,
    /// Since when it flaps.
    pub flapping_since: Option<Time>,
    /// Is the regression that opened it a real one: the verdict, and why.
    pub regression: Option<(String, String)>,
    /// When it is resolved by itself, if it is, and why.
    pub ending: Option<(Option<Time>, String)>,
    /// `Sentry - shop-api`.
    pub source: String,
    /// Dedup key.
    pub dedup_key: String,
    /// Id of the entry of the error log.
    pub issue_id: Option<String>,
    /// In Sentry.
    pub sentry: Option<SafeLink>,
    /// Deliveries that touched it.
    pub delivery_count: i64,
    /// The episode before this one.
    pub previous: Option<i64>,
    /// The alerts in it.
    pub alerts: Vec<AlertRow>,
}

impl HtmlSafe for IncidentFacts {}

/// One alert of an incident.
#[derive(Clone, Debug)]
pub struct AlertRow {
    /// Dedup key.
    pub dedup_key: String,
    /// Name of the integration.
    pub integration: String,
    /// Open?
    pub is_open: bool,
    /// Signals that triggered it.
    pub signal_count: i64,
    /// When it last opened.
    pub opened_at: Option<Time>,
    /// When it last closed.
    pub closed_at: Option<Time>,
}

impl IncidentPage {
    /// What `X-Fragment: live` is answered with: everything that a delivery can change.
    pub fn live_fragment(&self) -> askama::Result<String> {
        let parts = [
            self.head.render()?,
            self.suspects.render()?,
            self.facts.render()?,
            self.group.render()?,
            self.told.render()?,
            self.why.render()?,
            self.timeline.render()?,
        ];
        Ok(parts.concat())
    }
}

impl IncidentHead {
    /// Events over time, with the deploys among them.
    pub fn chart(&self) -> Chart {
        Chart::of_trend("trend", self.clock, &self.trend, &self.marks)
    }

    /// Events, exact.
    pub fn events(&self) -> String {
        grouped(&self.event_count)
    }

    /// Users, exact.
    pub fn users(&self) -> String {
        grouped(&self.user_count)
    }

    /// Letters of the assignee.
    pub fn assignee_initials(&self) -> String {
        self.assignee.as_deref().map(initials).unwrap_or_default()
    }
}

impl IncidentFacts {
    /// "3 deliveries".
    pub fn deliveries(&self) -> String {
        plural(&self.delivery_count, "delivery", "deliveries")
    }
}

impl AlertRow {
    /// "3 signals".
    pub fn signals(&self) -> String {
        plural(&self.signal_count, "signal", "signals")
    }
}
