//! Is a regression a real one? Old clients and environments that lag behind send what is fixed
//! already (ACCEPTANCE U4).

use super::super::window::clock;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// What is known of an event of an issue that was resolved in a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regression {
    /// The release it was resolved in.
    pub fixed_in: Option<String>,
    /// It was resolved in this commit (shortened); `fixed_in` is then the first release that has it.
    pub commit: Option<String>,
    /// Are the commits of the release that sent the event known?
    pub lists_commits: bool,
    /// When that was released.
    pub fixed_released_at: Option<Time>,
    /// When that was deployed in the event's environment.
    pub fixed_deployed_at: Option<Time>,
    /// It is resolved in whatever comes after this release.
    pub fixed_after: Option<String>,
    /// The release that sent the event.
    pub release: Option<String>,
    /// When that was released.
    pub released_at: Option<Time>,
    /// The environment that sent it.
    pub environment: String,
    /// When the event happened.
    pub at: Time,
}

/// What is known of whether a regression is a real one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The verdict.
    pub verdict: ReleaseVerdict,
    /// Why, as a sentence.
    pub reason: String,
}

/// What a regression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseVerdict {
    /// A client that runs an older release than the fix.
    OldClient,
    /// The fix is not deployed in this environment yet.
    NotDeployedHere,
    /// The fix did not help.
    Real,
    /// Not enough is known; it counts as real.
    Unknown,
}

impl ReleaseVerdict {
    /// All.
    pub const ALL: [Self; 4] = [
        Self::OldClient,
        Self::NotDeployedHere,
        Self::Real,
        Self::Unknown,
    ];

    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OldClient => "old_client",
            Self::NotDeployedHere => "not_deployed_here",
            Self::Real => "real",
            Self::Unknown => "unknown",
        }
    }

    /// Reads that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|verdict| verdict.as_str() == word)
    }

    /// How people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::OldClient => "old client",
            Self::NotDeployedHere => "not deployed here yet",
            Self::Real => "real regression",
            Self::Unknown => "cannot be told",
        }
    }

    /// Shall it alert? What is not known does.
    pub fn alerts(self) -> bool {
        match self {
            Self::Real | Self::Unknown => true,
            Self::OldClient | Self::NotDeployedHere => false,
        }
    }
}

impl Regression {
    /// The verdict, with its reason as a sentence.
    pub fn judge(&self) -> Judged {
        let (verdict, reason) = self.verdict();
        Judged { verdict, reason }
    }

    fn verdict(&self) -> (ReleaseVerdict, String) {
        if let (None, Some(after), Some(release)) =
            (&self.fixed_in, &self.fixed_after, &self.release)
            && after == release
        {
            let reason =
                format!("It came from {release}, and the fix comes in the release after that one");
            return (ReleaseVerdict::NotDeployedHere, reason);
        }
        if let (Some(commit), None) = (&self.commit, &self.fixed_in) {
            return self.unshipped(commit);
        }
        let (Some(fixed_in), Some(release)) = (&self.fixed_in, &self.release) else {
            let reason = "Sentry does not say which release fixed it, or which one sent this";
            return (ReleaseVerdict::Unknown, reason.to_owned());
        };
        match self.order(fixed_in, release) {
            None => {
                let fix = self.fix(fixed_in);
                let reason = format!("Which of {release} and {fix} is newer is not known");
                (ReleaseVerdict::Unknown, reason)
            }
            Some(Ordering::Less) => self.older(fixed_in, release),
            Some(Ordering::Equal | Ordering::Greater) => {
                let fix = self.fix(fixed_in);
                let reason = format!(
                    "It came from {release}, which has the fix of {fix}: a real regression"
                );
                (ReleaseVerdict::Real, reason)
            }
        }
    }

    /// The fix as people call it: its release, and its commit if Sentry named that one.
    fn fix(&self, fixed_in: &str) -> String {
        match &self.commit {
            Some(commit) => format!("{fixed_in} (commit {commit})"),
            None => fixed_in.to_owned(),
        }
    }

    /// No release and no deploy is known to have the commit that is the fix.
    fn unshipped(&self, commit: &str) -> (ReleaseVerdict, String) {
        match &self.release {
            Some(release) if self.lists_commits => (
                ReleaseVerdict::NotDeployedHere,
                format!(
                    "It came from {release}, and no release that is known has the fix, \
                     commit {commit}, yet"
                ),
            ),
            Some(_) | None => (
                ReleaseVerdict::Unknown,
                format!("Which release has the fix, commit {commit}, is not known"),
            ),
        }
    }

    fn older(&self, fixed_in: &str, release: &str) -> (ReleaseVerdict, String) {
        let fixed_in = self.fix(fixed_in);
        if let Some(deployed_at) = self.fixed_deployed_at.filter(|at| *at <= self.at) {
            let since = clock(deployed_at);
            let reason = format!(
                "An old client: it runs {release}, and the fix {fixed_in} is deployed since {since}"
            );
            return (ReleaseVerdict::OldClient, reason);
        }
        let place = if self.environment.is_empty() {
            "here"
        } else {
            &self.environment
        };
        let reason = format!("The fix {fixed_in} is not deployed in {place} yet");
        (ReleaseVerdict::NotDeployedHere, reason)
    }

    /// How the sending release stands to the fixing one: by their times, else by their numbers.
    fn order(&self, fixed_in: &str, release: &str) -> Option<Ordering> {
        if release == fixed_in {
            return Some(Ordering::Equal);
        }
        if let (Some(own), Some(fixed)) = (self.released_at, self.fixed_released_at) {
            return Some(own.cmp(&fixed));
        }
        let (package, own) = numbers(release)?;
        let (fixed_package, fixed) = numbers(fixed_in)?;
        (package == fixed_package).then(|| own.cmp(&fixed))
    }
}

/// `shop@1.4.0+77` as its package and numbers; none for what is not made of three numbers.
fn numbers(release: &str) -> Option<(&str, Vec<u64>)> {
    let (package, version) = release.rsplit_once('@').unwrap_or(("", release));
    let version = version.split('+').next()?;
    let numbers: Option<Vec<u64>> = version
        .strip_prefix('v')
        .unwrap_or(version)
        .split('.')
        .map(|part| part.parse().ok())
        .collect();
    numbers
        .filter(|numbers| numbers.len() == 3)
        .map(|numbers| (package, numbers))
}
