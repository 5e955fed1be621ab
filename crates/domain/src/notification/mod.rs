//! What is said to the outside: one notice to one destination, and what came of it. A notice is
//! complete: whoever sends it needs neither the store nor a rule.

pub mod cut;
pub mod daily;
mod facts;
pub mod limits;
mod message;
mod payload;
mod receipt;
pub mod signature;
mod target;
pub mod wording;

pub use facts::{Digest, DigestLine, IncidentFacts, Link, RecordFacts, Surroundings};
pub use message::{Message, web_page};
pub use payload::{NoticePayload, TargetPayload};
pub use receipt::Receipt;
pub use target::{
    Channel, DISCORD_HOST, Destination, Login, MailServer, MailTls, PAGERDUTY_API, SLACK_API,
    TELEGRAM_API, Target,
};

use crate::level::Severity;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// Why there is something to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An incident opened.
    Triggered,
    /// It became more urgent.
    SeverityRaised,
    /// Nobody took it in time, so it goes on to the next person.
    Escalated,
    /// It seemed over and goes on.
    Reopened,
    /// Something unusual was noticed about it: a spike, growth.
    Unusual,
    /// Somebody took it.
    Acknowledged,
    /// It is over.
    Resolved,
    /// Something else about it changed: a note, an assignment, a count.
    Updated,
    /// It is still open.
    Reminder,
    /// More happens than is worth single messages.
    StormStarted,
    /// What happened since the last digest.
    Digest,
    /// A person tries whether the destination works.
    Test,
    /// Epicenter itself is not well.
    HealthWarning,
    /// Something was remembered, for who reads along.
    Observation,
}

impl Kind {
    /// All kinds, in the order of an incident's life.
    pub const ALL: [Self; 14] = [
        Self::Triggered,
        Self::SeverityRaised,
        Self::Escalated,
        Self::Reopened,
        Self::Unusual,
        Self::Acknowledged,
        Self::Resolved,
        Self::Updated,
        Self::Reminder,
        Self::StormStarted,
        Self::Digest,
        Self::Test,
        Self::HealthWarning,
        Self::Observation,
    ];

    /// The word as the API, the store and our webhook write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Triggered => "triggered",
            Self::SeverityRaised => "severity_raised",
            Self::Escalated => "escalated",
            Self::Reopened => "reopened",
            Self::Unusual => "unusual",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
            Self::Updated => "updated",
            Self::Reminder => "reminder",
            Self::StormStarted => "storm_started",
            Self::Digest => "digest",
            Self::Test => "test",
            Self::HealthWarning => "health_warning",
            Self::Observation => "observation",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Should it make a sound? News do, what calms down does not.
    pub fn is_loud(self) -> bool {
        match self {
            Self::Triggered
            | Self::SeverityRaised
            | Self::Escalated
            | Self::Reopened
            | Self::Unusual
            | Self::Reminder
            | Self::StormStarted
            | Self::Test
            | Self::HealthWarning => true,
            Self::Acknowledged
            | Self::Resolved
            | Self::Updated
            | Self::Digest
            | Self::Observation => false,
        }
    }
}

/// One message owed to somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Why there is something to say.
    pub kind: Kind,
    /// What it is about.
    pub subject: Subject,
    /// What happened, a sentence: "Acknowledged by Ada". Empty where the kind says it all.
    pub summary: String,
    /// Why the reader gets it, a sentence: "Route *payments* sends critical incidents here".
    pub reason: String,
    /// The same for every attempt and different for every notice; receivers drop repeats by it.
    pub idempotency_key: String,
    /// When it was decided.
    pub at: Time,
}

/// What a notice is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// One incident.
    Incident(Box<IncidentFacts>),
    /// Several things, or Epicenter itself: a storm, a digest, a test, a warning.
    Digest(Digest),
    /// One record of the memory.
    Record(Box<RecordFacts>),
}

impl Notice {
    /// The incident, if it is about one.
    pub fn incident(&self) -> Option<&IncidentFacts> {
        match &self.subject {
            Subject::Incident(incident) => Some(incident),
            Subject::Digest(_) | Subject::Record(_) => None,
        }
    }

    /// Where the whole story can be read.
    pub fn page(&self) -> Option<&str> {
        match &self.subject {
            Subject::Incident(incident) => Some(&incident.page_url),
            Subject::Digest(digest) => digest.link.as_ref().map(|link| link.url.as_str()),
            Subject::Record(record) => Some(&record.page_url),
        }
    }

    /// How urgent it is.
    pub fn severity(&self) -> Severity {
        match &self.subject {
            Subject::Incident(incident) => incident.severity,
            Subject::Digest(digest) => digest.severity,
            Subject::Record(_) => Severity::Info,
        }
    }

    /// What all notices of one conversation share: the incident's id, or this notice's own key.
    pub fn thread(&self) -> &str {
        match &self.subject {
            Subject::Incident(incident) => &incident.id,
            Subject::Digest(_) | Subject::Record(_) => &self.idempotency_key,
        }
    }
}

#[cfg(test)]
mod tests;
