//! `/error-log/{id}`: one entry of the error log.

use super::error_log::IssueDetail;
use super::event::EventChooser;
use super::parts::{
    Chart, Clock, DeployMark, Icon, IncidentState, ShownLevel, ShownStatus, Trend, grouped,
};
use super::shell::Shell;
use super::timeline::Timeline;
use super::write_backs::WriteBackPanel;
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/issue.html")]
pub struct IssuePage {
    /// What is around it.
    pub shell: Shell,
    /// Title and figures.
    pub head: IssueHead,
    /// Status buttons, links and the chosen event.
    pub detail: IssueDetail,
    /// The way to the other events.
    pub chooser: EventChooser,
    /// Stored events, newest first.
    pub events: Vec<EventRow>,
    /// Address of older events.
    pub older_events: Option<String>,
    /// Its incidents, newest first.
    pub incidents: Vec<IncidentLink>,
    /// What Sentry was told of what was done here.
    pub told: WriteBackPanel,
    /// What happened.
    pub timeline: Timeline,
}

/// Title and figures.
#[derive(Clone, Debug, Template)]
#[template(path = "partials/issue_head.html")]
pub struct IssueHead {
    /// Now.
    pub clock: Clock,
    /// Our id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Sentry's short id.
    pub short_id: Option<String>,
    /// Level.
    pub level: ShownLevel,
    /// Status.
    pub status: ShownStatus,
    /// `regressed`, `escalating`…
    pub substatus: Option<String>,
    /// How it was resolved, or until when it is ignored, in words.
    pub status_note: Option<String>,
    /// Where in the code.
    pub culprit: Option<String>,
    /// Project.
    pub project: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
    /// Platform.
    pub platform: Option<String>,
    /// Who it is assigned to.
    pub assignee: Option<String>,
    /// Events.
    pub event_count: i64,
    /// Users.
    pub user_count: i64,
    /// First seen.
    pub first_seen_at: Time,
    /// Last seen.
    pub last_seen_at: Time,
    /// Events over time.
    pub trend: Trend,
    /// Deploys of that time, newest first.
    pub marks: Vec<DeployMark>,
}

impl HtmlSafe for IssueHead {}

/// One stored event.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// Sentry's 32 hex.
    pub event_id: String,
    /// Address that shows it on this page.
    pub href: String,
    /// When it happened.
    pub at: Time,
    /// Title or message.
    pub title: String,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
    /// Is it the one that is shown?
    pub is_current: bool,
}

/// One incident of an issue.
#[derive(Clone, Debug)]
pub struct IncidentLink {
    /// Number.
    pub number: i64,
    /// Where it stands.
    pub state: IncidentState,
    /// When it opened.
    pub opened_at: Time,
}

impl IssuePage {
    /// What `X-Fragment: live` is answered with.
    pub fn live_fragment(&self) -> askama::Result<String> {
        let parts = [
            self.head.render()?,
            self.told.render()?,
            self.timeline.render()?,
        ];
        Ok(parts.concat())
    }
}

impl IssueHead {
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
}
