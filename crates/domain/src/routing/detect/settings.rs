//! What a workspace, or a service of it, wants done about what is noticed.

use super::FindingKind;
use crate::incident::{AutoResolve, QuietRule};
use crate::time::MINUTE_MS;
use serde::{Deserialize, Serialize};

/// What is done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// Nothing.
    Off,
    /// A line in the timeline and a record in the memory.
    Line,
    /// That, and whoever was told of the open incident is told of it.
    Tell,
    /// That, and where no incident is open, one opens.
    Open,
}

impl Reaction {
    /// All, from the quietest.
    pub const ALL: [Self; 4] = [Self::Off, Self::Line, Self::Tell, Self::Open];

    /// The word as the API and the page write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Line => "line",
            Self::Tell => "tell",
            Self::Open => "open",
        }
    }

    /// Reads that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reaction| reaction.as_str() == word)
    }
}

/// What is looked for, and what is done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detection {
    /// Many more events in a minute than usual.
    pub spike: Reaction,
    /// Events again after a quiet time.
    pub returned: Reaction,
    /// The tenth, hundredth, thousandth… event of an open issue.
    pub grown: Reaction,
    /// Muted for ever, but ten times as loud as then.
    pub loud_though_muted: Reaction,
    /// The first event of an issue that nothing has told of.
    pub new_issue: Reaction,
    /// The first event in an environment.
    pub new_in_environment: Reaction,
    /// The first event in a release.
    pub new_in_release: Reaction,
    /// An event of what is fixed already, from an old client or where the fix is not deployed yet.
    pub false_regression: Reaction,
    /// Times the usual that are a spike.
    pub spike_times: u32,
    /// Events in a minute below which nothing is a spike.
    pub spike_floor: u32,
    /// Minutes without events after which one is a return.
    pub quiet_minutes: u32,
    /// Whether an incident that has gone quiet is resolved by itself.
    pub auto_resolve: AutoResolve,
    /// Minutes without signals after which it is; also while no usual gap is known.
    pub auto_resolve_minutes: u32,
    /// Times the usual gap between its signals after which it is.
    pub auto_resolve_gaps: u32,
}

impl Default for Detection {
    /// Three times the usual and sixty quiet minutes are the numbers that teams used before. Nothing
    /// is resolved by itself; four hours are what PagerDuty suggests (FIELD §1.8). Signals that come
    /// at random are silent for six times their usual gap once in four hundred times.
    fn default() -> Self {
        Self {
            spike: Reaction::Open,
            returned: Reaction::Open,
            grown: Reaction::Open,
            loud_though_muted: Reaction::Open,
            new_issue: Reaction::Line,
            new_in_environment: Reaction::Line,
            new_in_release: Reaction::Line,
            false_regression: Reaction::Line,
            spike_times: 3,
            spike_floor: 10,
            quiet_minutes: 60,
            auto_resolve: AutoResolve::Off,
            auto_resolve_minutes: 240,
            auto_resolve_gaps: 6,
        }
    }
}

impl Detection {
    /// What is done about a finding of this kind.
    pub fn of(&self, kind: FindingKind) -> Reaction {
        match kind {
            FindingKind::Spike => self.spike,
            FindingKind::Returned => self.returned,
            FindingKind::Grown => self.grown,
            FindingKind::LoudThoughArchived => self.loud_though_muted,
            FindingKind::NewIssue => self.new_issue,
            FindingKind::NewInEnvironment => self.new_in_environment,
            FindingKind::NewInRelease => self.new_in_release,
        }
    }

    /// When an incident that has gone quiet is resolved.
    pub fn quiet_rule(&self) -> QuietRule {
        QuietRule {
            mode: self.auto_resolve,
            quiet_ms: i64::from(self.auto_resolve_minutes) * MINUTE_MS,
            times: i64::from(self.auto_resolve_gaps),
        }
    }

    /// The quiet time in milliseconds.
    pub fn quiet_ms(&self) -> i64 {
        i64::from(self.quiet_minutes) * MINUTE_MS
    }
}
