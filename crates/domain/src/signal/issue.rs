//! What a sender says of an issue.

use super::{Assignee, EventFacts, Remark};
use crate::level::Level;
use crate::time::Time;
use serde::{Deserialize, Serialize};

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
    /// Resolved in the next release, without a name: the release that it was seen in last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl Resolution {
    /// With the release that the issue was seen in last, where that says what comes after it.
    #[must_use]
    pub fn after(mut self, last_release: Option<String>) -> Self {
        let is_next = self.how.as_deref() == Some("in_next_release") && self.release.is_none();
        if is_next && self.after.is_none() {
            self.after = last_release;
        }
        self
    }
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
