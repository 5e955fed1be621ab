//! One normalised fact, parsed from a delivery or read from an API. No wire names in it.

use crate::change::ChangeFact;
use crate::level::{Level, Severity};
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

/// Something about one issue.
#[derive(Clone, Debug, PartialEq)]
pub struct IssueFact {
    /// What changed.
    pub change: IssueChange,
    /// What the sender said about the issue; absent fields stay as they were.
    pub issue: IssueFacts,
    /// The single occurrence, when the delivery carries one.
    pub event: Option<Box<EventFacts>>,
}

/// What changed about an issue.
#[derive(Clone, Debug, PartialEq)]
pub enum IssueChange {
    /// The issue is new: triggers.
    Created,
    /// An alert rule fired for one event: triggers. Legacy plugin and OpsKnight's event shape too.
    AlertFired {
        /// The rule's label; several for the legacy plugin; may be empty.
        rules: Vec<String>,
    },
    /// A program other than Sentry reports it: triggers.
    Reported {
        /// Which program.
        by: String,
    },
    /// One more event, without any alert.
    Occurred {
        /// Set for service hooks: they trigger if the integration says so.
        service_hook: bool,
    },
    /// The issue is unresolved again: regressed, escalating, ongoing or by hand.
    Unresolved,
    /// The issue is resolved.
    Resolved(Resolution),
    /// The issue is ignored, which Sentry calls archived.
    Archived {
        /// Until when, in words: "until it escalates", "for ever", "until 2026-01-07T10:00:00Z".
        until: String,
    },
    /// The issue has a (new) assignee.
    Assigned(Assignee),
    /// A person wrote, changed or removed a comment: timeline only.
    Commented {
        /// Sentry's id of the comment.
        comment_id: String,
        /// created, updated or deleted.
        action: String,
        /// The comment's Markdown.
        text: String,
    },
    /// Anything else for the issue's timeline (Seer, activities).
    Remark(Remark),
}

/// How an issue was resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// Sentry's word: `now`, `in_release`, `in_next_release`, `in_commit`, `with_commit`, `by_age`.
    pub how: Option<String>,
    /// The release it is resolved in.
    pub release: Option<String>,
    /// The commit that resolved it (40 hex).
    pub commit: Option<String>,
    /// That commit's repository.
    pub repository: Option<String>,
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

/// The names by which the sender knows an issue, or the event if there is no issue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IssueKey {
    /// Sentry's issue id (digits).
    Issue(String),
    /// The event's id, when the sender named no issue.
    Event(String),
    /// The whole dedup key of what another sender than Sentry reports.
    Other(String),
}

impl IssueKey {
    /// `sentry-{issue id}` or `sentry-{event id}` (OK-14); the key itself for other senders.
    pub fn dedup_key(&self) -> String {
        match self {
            Self::Issue(id) | Self::Event(id) => format!("sentry-{id}"),
            Self::Other(key) => key.clone(),
        }
    }

    /// Sentry's issue id, if there is one.
    pub fn sentry_issue_id(&self) -> Option<&str> {
        match self {
            Self::Issue(id) => Some(id),
            Self::Event(_) | Self::Other(_) => None,
        }
    }
}

/// Sentry's three states of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IssueStatus {
    /// Open.
    Unresolved,
    /// Resolved.
    Resolved,
    /// Ignored, which Sentry's pages call archived.
    Ignored,
}

impl IssueStatus {
    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::Resolved => "resolved",
            Self::Ignored => "ignored",
        }
    }

    /// Reads Sentry's word; `muted`, `archived` are ignored; `None` for the rest.
    pub fn from_sentry(word: &str) -> Option<Self> {
        match word {
            "unresolved" | "open" => Some(Self::Unresolved),
            "resolved" => Some(Self::Resolved),
            "ignored" | "archived" | "muted" => Some(Self::Ignored),
            _ => None,
        }
    }
}

/// What a sender said about an issue. Every field but the key may be absent.
#[derive(Clone, Debug, PartialEq)]
pub struct IssueFacts {
    /// Which issue.
    pub key: IssueKey,
    /// `SHOP-API-3F`.
    pub short_id: Option<String>,
    /// The issue's title.
    pub title: Option<String>,
    /// Where Sentry thinks it comes from.
    pub culprit: Option<String>,
    /// Level.
    pub level: Option<Level>,
    /// Status as serialised (may disagree with the change: trust the change).
    pub status: Option<IssueStatus>,
    /// `new`, `ongoing`, `escalating`, `regressed`, `archived_…`.
    pub substatus: Option<String>,
    /// Runtime: `python`, `javascript`…
    pub platform: Option<String>,
    /// Project id, slug, name as far as known.
    pub project: ProjectFacts,
    /// Exception type from the issue's metadata.
    pub error_type: Option<String>,
    /// Exception value from the issue's metadata.
    pub error_value: Option<String>,
    /// First seen.
    pub first_seen_at: Option<Time>,
    /// Last seen.
    pub last_seen_at: Option<Time>,
    /// Sentry's count of events.
    pub event_count: Option<i64>,
    /// Sentry's count of users.
    pub user_count: Option<i64>,
    /// Environment, when an event or its tags tell.
    pub environment: Option<String>,
    /// Release, when an event or its tags tell.
    pub release: Option<String>,
    /// Web link to the issue; only `http` and `https`.
    pub permalink: Option<String>,
    /// `error`, `outage`, `feedback`, `performance`…
    pub category: Option<String>,
    /// `low`, `medium`, `high`.
    pub priority: Option<String>,
    /// Logger name.
    pub logger: Option<String>,
    /// Unhandled?
    pub is_unhandled: Option<bool>,
    /// Assignee as serialised with the issue.
    pub assignee: Option<Assignee>,
}

impl IssueFacts {
    /// Facts that name the issue and say nothing else.
    pub fn bare(key: IssueKey) -> Self {
        Self {
            key,
            short_id: None,
            title: None,
            culprit: None,
            level: None,
            status: None,
            substatus: None,
            platform: None,
            project: ProjectFacts::default(),
            error_type: None,
            error_value: None,
            first_seen_at: None,
            last_seen_at: None,
            event_count: None,
            user_count: None,
            environment: None,
            release: None,
            permalink: None,
            category: None,
            priority: None,
            logger: None,
            is_unhandled: None,
            assignee: None,
        }
    }
}

/// A Sentry project as far as a delivery names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectFacts {
    /// Numeric id as text.
    pub id: Option<String>,
    /// Slug.
    pub slug: Option<String>,
    /// Name.
    pub name: Option<String>,
}

impl ProjectFacts {
    /// The best name to show: name, else slug, else id.
    pub fn label(&self) -> Option<&str> {
        self.name
            .as_deref()
            .or(self.slug.as_deref())
            .or(self.id.as_deref())
    }
}

/// One occurrence of an issue, with what people need to see.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFacts {
    /// Sentry's 32 hex (kept as sent when it is something else).
    pub event_id: String,
    /// When it happened.
    pub at: Option<Time>,
    /// Level.
    pub level: Level,
    /// Title of the event.
    pub title: String,
    /// The detail that is stored packed and shown on the event's page.
    pub detail: EventDetail,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
}

impl EventFacts {
    /// What the row of an event has; its detail stays in the body of its delivery.
    #[must_use]
    pub fn without_detail(&self) -> Self {
        Self {
            event_id: self.event_id.clone(),
            at: self.at,
            level: self.level,
            title: self.title.clone(),
            detail: EventDetail::default(),
            environment: self.environment.clone(),
            release: self.release.clone(),
        }
    }
}

/// What is shown of one event. Stored as JSON; every field has a default, so that old rows stay
/// readable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventDetail {
    /// The message, if it is not only the exception's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Exceptions, cause first, the raised one last (SENTRY-PROTOCOL §2.2).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
    /// Stack of a thread, for events without exceptions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thread_frames: Vec<Frame>,
    /// Tags in the sender's order, keys may repeat.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<(String, String)>,
    /// User: id and name only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<EventUser>,
    /// Request: URL and method only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<EventRequest>,
    /// Breadcrumbs, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub breadcrumbs: Vec<Breadcrumb>,
    /// Runtime, OS, browser, trace… as short `name: value` lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<(String, String)>,
    /// Where Sentry thinks it comes from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub culprit: String,
    /// Runtime.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// Web link to the event; only `http` and `https`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_url: Option<String>,
    /// Sentry's grouping hashes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<String>,
    /// SDK name and version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sdk: String,
    /// Trace id, 32 hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

/// One exception of a chain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exception {
    /// Type: `ValueError`.
    pub kind: String,
    /// Value: the message.
    pub value: String,
    /// Module the type lives in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub module: String,
    /// Was it handled? Absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handled: Option<bool>,
    /// Frames, oldest call first, crash last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Frame>,
}

/// One stack frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Frame {
    /// Function name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub function: String,
    /// Module.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub module: String,
    /// File relative to the application.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub filename: String,
    /// Absolute path, when it differs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub abs_path: String,
    /// Line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<i64>,
    /// Column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<i64>,
    /// Is it the application's own code?
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub in_app: bool,
    /// Source lines before the line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre_context: Vec<String>,
    /// The source line itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub context_line: String,
    /// Source lines after it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_context: Vec<String>,
}

impl EventDetail {
    /// Does it say where in the code it happened?
    pub fn has_stack(&self) -> bool {
        !self.thread_frames.is_empty()
            || self
                .exceptions
                .iter()
                .any(|exception| !exception.frames.is_empty())
    }
}

/// The user an event happened to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventUser {
    /// Id in the application.
    pub id: String,
    /// User name.
    pub name: String,
}

/// The HTTP request an event happened in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventRequest {
    /// URL.
    pub url: String,
    /// Method.
    pub method: String,
}

/// One breadcrumb.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Breadcrumb {
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// Category.
    pub category: String,
    /// Level word.
    pub level: String,
    /// Message, or a short rendering of its data.
    pub message: String,
}

impl EventDetail {
    /// The exception that was raised: the last of the chain.
    pub fn raised(&self) -> Option<&Exception> {
        self.exceptions.last()
    }

    /// The frame where it crashed: the last in-app frame of the raised exception, else its last
    /// frame, else the same of the thread.
    pub fn crash_frame(&self) -> Option<&Frame> {
        let frames = match self.raised() {
            Some(raised) if !raised.frames.is_empty() => &raised.frames,
            _ => &self.thread_frames,
        };
        frames
            .iter()
            .rev()
            .find(|frame| frame.in_app)
            .or(frames.last())
    }
}

/// The new state of an alert that has no issue.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertFact {
    /// `sentry-metric-{organisation}-{identifier}`, see `sources::sentry::metric_alert`; for other
    /// senders the key that they chose.
    pub dedup_key: String,
    /// The name of a metric alert of Sentry, if its body tells the organisation's name.
    pub metric: Option<MetricName>,
    /// Trigger with a severity, acknowledge or resolve.
    pub state: AlertState,
    /// Title; empty when the sender only says that it is acknowledged or over.
    pub title: String,
    /// The thing that is monitored, when it is not a project: a host, a cluster.
    pub subject: Option<String>,
    /// What the sender says: "132 events in the last 10 minutes".
    pub description: String,
    /// More for the timeline, in Markdown; may be empty.
    pub details: String,
    /// Is the same body twice two facts? So it is where senders repeat what is still true.
    pub is_repeatable: bool,
    /// Web link; only `http` and `https`.
    pub permalink: Option<String>,
    /// Project slugs.
    pub projects: Vec<String>,
    /// The rule's environment.
    pub environment: Option<String>,
    /// When it began.
    pub started_at: Option<Time>,
}

/// What a metric alert of Sentry is called. Its organisation has a name and a number, and not
/// every body tells both.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricName {
    /// The organisation's name.
    pub organization: String,
    /// The organisation's number. A body whose alert Sentry could not serialise has none.
    pub organization_id: Option<String>,
    /// The alert's number within the organisation.
    pub identifier: String,
}

impl MetricName {
    /// The dedup key of the alert, by the organisation's number or its name.
    pub fn key(&self, organization: &str) -> String {
        metric_key(organization, &self.identifier)
    }
}

/// The dedup key of a metric alert of Sentry.
pub fn metric_key(organization: &str, identifier: &str) -> String {
    format!("sentry-metric-{organization}-{identifier}")
}

/// State of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// It fires: critical, warning, or open (error).
    Firing(Severity),
    /// Somebody looks at it, says the sender.
    Acknowledged,
    /// It is over.
    Resolved,
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
