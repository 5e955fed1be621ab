//! One normalised fact, parsed from a delivery or read from an API. No wire names in it.

mod alert;
mod event;
mod issue;

pub use alert::{AlertFact, AlertState, MetricName, is_metric_key, metric_key};
pub use event::{Breadcrumb, EventDetail, EventFacts, EventRequest, EventUser, Exception, Frame};
pub use issue::{
    IssueChange, IssueFact, IssueFacts, IssueKey, IssueStatus, ProjectFacts, Resolution,
};

use crate::change::ChangeFact;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// One normalised fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// When it happened, by the sender's clocks.
    pub when: When,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub fact: Fact,
}

/// The two clocks a sender gives us; either may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// When the sender built the request (`Sentry-Hook-Timestamp`, seconds; not signed).
    pub sent_at: Option<Time>,
    /// When the thing happened according to the body: the event's time for alerts and errors,
    /// `firstSeen` for a new issue, `lastSeen` for a change of status, the closing or detection
    /// date of a metric alert.
    pub occurred_at: Option<Time>,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Person, the sending application, or Epicenter itself.
    pub kind: ActorKind,
    /// The sender's id for it, or Epicenter's user id.
    pub id: String,
    /// Name to show.
    pub name: String,
}

/// What sort of actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// A person in the sending system.
    Person,
    /// The sending system or an app in it.
    Application,
    /// A user of Epicenter.
    User,
    /// Epicenter itself: the clock, a rule.
    Epicenter,
}

impl Actor {
    /// Sentry acting by itself; also used when the body names nobody.
    pub fn sentry() -> Self {
        Self {
            kind: ActorKind::Application,
            id: "sentry".to_owned(),
            name: "Sentry".to_owned(),
        }
    }

    /// Epicenter acting by itself.
    pub fn epicenter() -> Self {
        Self {
            kind: ActorKind::Epicenter,
            id: "epicenter".to_owned(),
            name: "Epicenter".to_owned(),
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Something about one Sentry issue, or about an event that has none.
    Issue(Box<IssueFact>),
    /// An alert without an issue changed its state: a metric, an alert of another system.
    Alert(Box<AlertFact>),
    /// The integration was installed or removed.
    Installation(InstallationFact),
    /// Worth remembering, about no issue: a build, a run.
    Remark(Remark),
    /// Something was done: a push, a release, a deploy.
    Change(Box<ChangeFact>),
}

/// Who an issue is assigned to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignee {
    /// `user` or `team`.
    pub kind: String,
    /// Sentry's id.
    pub id: String,
    /// Name to show.
    pub name: String,
}

/// A line for a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Dotted kind: `seer.root_cause_completed`, `activity.status_unresolved`, `preprod_artifact.…`.
    pub kind: String,
    /// One line for people.
    pub summary: String,
    /// More, in Markdown; may be empty.
    pub body: String,
}

/// The integration was installed or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallationFact {
    /// Sentry's id of the installation.
    pub uuid: String,
    /// Removed, or installed.
    pub deleted: bool,
    /// Organisation slug.
    pub organization: Option<String>,
    /// App slug.
    pub app: Option<String>,
}
