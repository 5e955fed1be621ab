//! What was done here and is owed to Sentry: a write-back. `judge` tells what comes back because of
//! it from what is news.

mod judge;
#[cfg(test)]
mod tests;

pub use judge::{Judgement, News, Way, judge};

use crate::incident::IncidentEvent;
use crate::signal::{Actor, ActorKind, Assignee, IssueStatus};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// What Sentry is told about one issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It has this status; ignored is told as archived for ever.
    Status(IssueStatus),
    /// It is assigned to this user of Epicenter, or to nobody.
    Assignee(Option<Assignee>),
    /// Somebody wrote a note.
    Note(String),
}

/// What it is about: of each but notes, only the last counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// The status.
    Status,
    /// The assignee.
    Assignee,
    /// A note.
    Note,
}

impl Matter {
    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Assignee => "assignee",
            Self::Note => "note",
        }
    }
}

impl Said {
    /// What it is about.
    pub fn matter(&self) -> Matter {
        match self {
            Self::Status(_) => Matter::Status,
            Self::Assignee(_) => Matter::Assignee,
            Self::Note(_) => Matter::Note,
        }
    }

    /// What was done, as a verb for sentences: "resolved", "assigned to Ada".
    pub fn verb(&self) -> String {
        match self {
            Self::Status(IssueStatus::Unresolved) => "reopened".to_owned(),
            Self::Status(IssueStatus::Resolved) => "resolved".to_owned(),
            Self::Status(IssueStatus::Ignored) => "archived".to_owned(),
            Self::Assignee(Some(to)) => format!("assigned to {}", to.name),
            Self::Assignee(None) => "assigned to nobody".to_owned(),
            Self::Note(_) => "commented".to_owned(),
        }
    }

    /// What a person's act on an incident says about its issues. Acknowledging and snoozing are
    /// matters of the people here: Sentry knows neither.
    pub fn of_event(event: &IncidentEvent) -> Option<Self> {
        match event {
            IncidentEvent::Resolved(_) => Some(Self::Status(IssueStatus::Resolved)),
            IncidentEvent::Reopened(_) => Some(Self::Status(IssueStatus::Unresolved)),
            IncidentEvent::Assigned(to) => Some(Self::Assignee(Some(to.clone()))),
            IncidentEvent::Unassigned => Some(Self::Assignee(None)),
            IncidentEvent::Noted(text) => Some(Self::Note(text.clone())),
            IncidentEvent::Opened(_)
            | IncidentEvent::SeverityChanged(..)
            | IncidentEvent::Acknowledged
            | IncidentEvent::Archived(_)
            | IncidentEvent::Retriggered(_)
            | IncidentEvent::Snoozed(_)
            | IncidentEvent::Woke
            | IncidentEvent::Suspended(..)
            | IncidentEvent::MergedInto(..)
            | IncidentEvent::SplitFrom(_)
            | IncidentEvent::Remarked(..) => None,
        }
    }
}

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteState {
    /// It is going to be sent.
    Waiting,
    /// Sentry knows.
    Told,
    /// Sentry did not take it, or the attempts are used up.
    Refused,
    /// Sentry does not know the issue (any more).
    Gone,
    /// The settings say that Sentry is not told.
    Off,
    /// Sentry said something later: that counts.
    Overruled,
}

impl WriteState {
    /// All.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Told,
        Self::Refused,
        Self::Gone,
        Self::Off,
        Self::Overruled,
    ];

    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Told => "told",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::Off => "off",
            Self::Overruled => "overruled",
        }
    }

    /// Reads the store's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// For people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Told => "told",
            Self::Refused => "not taken",
            Self::Gone => "gone in Sentry",
            Self::Off => "not told",
            Self::Overruled => "overruled",
        }
    }
}

/// An attempt to tell Sentry; it may have arrived, whatever the answer was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// What was sent.
    pub said: Said,
    /// When it was first sent, by our clock.
    pub first_at: Time,
    /// When it was last sent, by our clock.
    pub at: Time,
}

/// What one person did here to one issue, and how far the news of it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteBack {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Integration through which the issue came.
    pub integration_id: i64,
    /// The issue's dedup key.
    pub dedup_key: String,
    /// Sentry's issue id.
    pub sentry_issue_id: String,
    /// The issue in the error log, if it has a row.
    pub issue_id: Option<i64>,
    /// The incident in which it was done, if it was done there.
    pub incident_id: Option<i64>,
    /// What was done.
    pub said: Said,
    /// What Sentry had before it was done here, as far as known. Only of a status.
    pub before: Option<IssueStatus>,
    /// By whom.
    pub actor: Actor,
    /// When.
    pub asked_at: Time,
    /// How far it came.
    pub state: WriteState,
    /// When it is (next) sent.
    pub due_at: Time,
    /// Attempts so far.
    pub attempt_count: i64,
    /// The last attempt.
    pub sent: Option<Sent>,
    /// When Sentry took it.
    pub told_at: Option<Time>,
    /// Sentry's id of the comment, once it has one.
    pub comment_id: Option<String>,
    /// Why it stands as it does, as a sentence; may be empty.
    pub reason: String,
}

impl WriteBack {
    /// Since when Sentry could know it: a change there that is older does not count.
    pub fn stands_since(&self) -> Time {
        match self.state {
            WriteState::Told => self.told_at.unwrap_or(self.asked_at).max(self.asked_at),
            WriteState::Waiting
            | WriteState::Refused
            | WriteState::Gone
            | WriteState::Off
            | WriteState::Overruled => self.asked_at,
        }
    }

    /// Does something else instead, so that only the last state is sent. What was sent already stays
    /// known: its echo may still come.
    pub fn replace(&mut self, with: Self) {
        let before = match self.state {
            WriteState::Waiting | WriteState::Refused | WriteState::Gone | WriteState::Off => {
                self.before
            }
            WriteState::Told | WriteState::Overruled => with.before,
        };
        *self = Self {
            id: self.id,
            before,
            sent: self.sent.take(),
            ..with
        };
    }

    /// Something newer came from Sentry: what was done here is not sent any more, and nothing that
    /// comes is an echo of it.
    pub fn overrule(&mut self, why: String) {
        if self.state != WriteState::Told {
            self.state = WriteState::Overruled;
            self.reason = why;
        }
        self.sent = None;
    }

    /// Is there anything to say about it? Not where there is no connection to Sentry at all.
    pub fn is_shown(&self) -> bool {
        self.state != WriteState::Off || !self.reason.is_empty()
    }

    /// Who did what and when, for sentences.
    pub fn in_words(&self) -> String {
        let (verb, who) = (self.said.verb(), &self.actor.name);
        format!("{verb} here by {who} at {}", self.asked_at.rfc3339())
    }

    /// The comment as Sentry shows it. Sentry shows the app as its author, so it names the person.
    pub fn comment(&self) -> Option<String> {
        match &self.said {
            Said::Note(text) => Some(format!("{text}\n\n— {}, in Epicenter", self.actor.name)),
            Said::Status(_) | Said::Assignee(_) => None,
        }
    }
}

/// Is it somebody whose acts Sentry is told? Not Sentry itself, not the clock, not a rule.
pub fn is_told_of(actor: &Actor) -> bool {
    match actor.kind {
        ActorKind::User => true,
        ActorKind::Person | ActorKind::Application | ActorKind::Epicenter => false,
    }
}

/// What of what is done here goes to Sentry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing.
    Off,
    /// Resolved, reopened and archived.
    Status,
    /// Status, assignee and notes.
    All,
}

impl Scope {
    /// All, from least to most.
    pub const ALL: [Self; 3] = [Self::Off, Self::Status, Self::All];

    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Status => "status",
            Self::All => "all",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }

    /// What counts: what was chosen; else the status, if the token may write. That scope is of no
    /// other use here, so whoever gave it wants it used. What the token may is tried if unknown.
    pub fn in_force(chosen: Option<Self>, scopes: Option<&str>) -> Self {
        let may = |scopes: &str| {
            let mut words = scopes.split_whitespace();
            words.any(|word| word == "event:write" || word == "event:admin")
        };
        chosen.unwrap_or_else(|| match scopes {
            Some(scopes) if !may(scopes) => Self::Off,
            Some(_) | None => Self::Status,
        })
    }

    /// Does it cover this?
    pub fn covers(self, matter: Matter) -> bool {
        match (self, matter) {
            (Self::Off, _) | (Self::Status, Matter::Assignee | Matter::Note) => false,
            (Self::Status, Matter::Status) | (Self::All, _) => true,
        }
    }
}
