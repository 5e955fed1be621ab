//! How Epicenter itself is: facts in, findings out. Each finding is a sentence and what to do.

mod gap;
mod growth;
mod machine;
mod outward;
mod quiet;
mod sentry;
#[cfg(test)]
mod tests;
mod traffic;
mod words;

pub(crate) use words::span;

pub use gap::{Capture, Gap, ProjectPulse, gap_of};
pub use growth::{Growth, growth};
pub use machine::{DatabaseFacts, WorkerFacts, database, disk, retention, workers};
pub use outward::{CanaryFacts, OutboxFacts, alarms, canary, memory, outbox};
pub use quiet::{Quiet, quiet};
pub use sentry::{ConnectionFacts, TOKEN_ADVICE, connection};
pub use traffic::{IntegrationFacts, TrafficFacts, integration, traffic};

use crate::time::Time;

/// How bad something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    #[default]
    Ok,
    /// It works, and somebody should look at it.
    Attention,
    /// It does not work.
    Broken,
}

impl Level {
    /// All, the best first.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Attention, Self::Broken];

    /// The word as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Attention => "attention",
            Self::Broken => "broken",
        }
    }
}

/// What a finding is about, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Webhooks that come in.
    Deliveries,
    /// Each sender.
    Integrations,
    /// What Sentry's API says.
    Sentry,
    /// Notices that go out.
    Notices,
    /// The canary and what Epicenter warns of.
    Itself,
    /// Workers and queues.
    Workers,
    /// Database and disk.
    Storage,
    /// Settings; only `epicenter doctor` looks at them.
    Setup,
}

impl Part {
    /// All, in the order of the page.
    pub const ALL: [Self; 8] = [
        Self::Deliveries,
        Self::Integrations,
        Self::Sentry,
        Self::Notices,
        Self::Itself,
        Self::Workers,
        Self::Storage,
        Self::Setup,
    ];

    /// The word as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries",
            Self::Integrations => "integrations",
            Self::Sentry => "sentry",
            Self::Notices => "notices",
            Self::Itself => "itself",
            Self::Workers => "workers",
            Self::Storage => "storage",
            Self::Setup => "setup",
        }
    }

    /// The heading for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Deliveries => "Deliveries",
            Self::Integrations => "Integrations",
            Self::Sentry => "Sentry",
            Self::Notices => "Notices",
            Self::Itself => "Epicenter watches itself",
            Self::Workers => "Workers",
            Self::Storage => "Storage",
            Self::Setup => "Set-up",
        }
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub part: Part,
    /// A stable code for programs, such as `backlog`.
    pub code: &'static str,
    /// The thing by name, such as an integration; may be empty.
    pub name: String,
    /// How bad.
    pub level: Level,
    /// One or two sentences.
    pub says: String,
    /// What to do; empty when there is nothing to do.
    pub todo: String,
}

impl Finding {
    /// A line about the whole part.
    pub fn new(part: Part, code: &'static str, level: Level, says: impl Into<String>) -> Self {
        Self {
            part,
            code,
            name: String::new(),
            level,
            says: says.into(),
            todo: String::new(),
        }
    }

    /// A line about a thing of this name.
    #[must_use]
    pub fn of(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// With what to do.
    #[must_use]
    pub fn todo(mut self, todo: impl Into<String>) -> Self {
        self.todo = todo.into();
        self
    }
}

/// The whole report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// When it was made.
    pub at: Time,
    /// Its lines, in the order of the page.
    pub findings: Vec<Finding>,
}

impl Report {
    /// A report of these lines; puts them in order.
    pub fn new(at: Time, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.part);
        Self { at, findings }
    }

    /// The worst line counts.
    pub fn level(&self) -> Level {
        let levels = self.findings.iter().map(|finding| finding.level);
        levels.max().unwrap_or_default()
    }
}
