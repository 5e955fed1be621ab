//! Detection of our own: louder than usual, back after a quiet time, new in an environment or
//! release, grown, loud although archived, and whether a regression is a real one. The state of an
//! issue is small, is kept in the store, and each event costs the same.

mod pulse;
mod release;
mod settings;
#[cfg(test)]
mod tests;
mod watch;

pub use pulse::Pulse;
pub use release::{Judged, Regression, ReleaseVerdict};
pub use settings::{Detection, Reaction};
pub use watch::{Look, Seen, Watch, WatchedState, mute_of};

use crate::limits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What was noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What sort.
    pub kind: FindingKind,
    /// What was noticed, as a sentence with its figures.
    pub reason: String,
    /// Growth: the count that was passed.
    pub passed: Option<i64>,
}

/// What sort of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Many more events in a minute than usual.
    Spike,
    /// Events again after a quiet time.
    Returned,
    /// The first event of a known issue in this environment.
    NewInEnvironment,
    /// The first event of a known issue in this release.
    NewInRelease,
    /// Ten times as many events as when it was last noticed, while it is open.
    Grown,
    /// Muted for ever, but ten times as loud as then.
    LoudThoughArchived,
    /// The first event of an issue that nothing has told of.
    NewIssue,
}

impl FindingKind {
    /// All, in the order of the settings.
    pub const ALL: [Self; 7] = [
        Self::Spike,
        Self::Returned,
        Self::Grown,
        Self::LoudThoughArchived,
        Self::NewIssue,
        Self::NewInEnvironment,
        Self::NewInRelease,
    ];

    /// The word as the API, the timeline and the memory write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spike => "spike",
            Self::Returned => "returned",
            Self::Grown => "grown",
            Self::LoudThoughArchived => "loud_though_muted",
            Self::NewIssue => "new_issue",
            Self::NewInEnvironment => "new_in_environment",
            Self::NewInRelease => "new_in_release",
        }
    }
}

impl Finding {
    fn new(kind: FindingKind, reason: String) -> Self {
        Self {
            kind,
            reason,
            passed: None,
        }
    }
}

/// Where an issue has been seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Places {
    environments: BTreeSet<String>,
    /// The newest last.
    releases: Vec<String>,
}

impl Places {
    /// An event was seen there. The first places of a new issue are no findings: it is new itself.
    pub fn seen(&mut self, environment: &str, release: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let is_new = !environment.is_empty() && !self.environments.contains(environment);
        if is_new && self.environments.len() < limits::SEEN_ENVIRONMENTS {
            if !self.environments.is_empty() {
                let known: Vec<&str> = self.environments.iter().map(String::as_str).collect();
                let known = limits::cut_chars(&known.join(", "), limits::REASON_VALUE_CHARS);
                findings.push(Finding::new(
                    FindingKind::NewInEnvironment,
                    format!("First seen in {environment}; until now in {known}"),
                ));
            }
            self.environments.insert(environment.to_owned());
        }
        if release.is_empty() || self.releases.iter().any(|known| known == release) {
            return findings;
        }
        if let Some(last) = self.releases.last() {
            findings.push(Finding::new(
                FindingKind::NewInRelease,
                format!("First seen in release {release}; last new in {last}"),
            ));
        }
        self.releases.push(release.to_owned());
        let surplus = self.releases.len().saturating_sub(limits::SEEN_RELEASES);
        self.releases.drain(..surplus);
        findings
    }
}
