//! Did Sentry stop sending? Compared per project: what its API counted, and what webhooks told.
//! Conservative: a project in which nothing happens is never called silent.

use super::words::counted;
use super::{Finding, Level, Part};
use crate::time::{MINUTE_MS, Time};

/// So many of the issues that only the sync found would usually have been told, before anything is
/// said: one or two are lost by any network.
const MISSED: i64 = 3;
/// They must lie this far apart, so that one short failure is not called an end.
const MISSED_SPAN_MS: i64 = 5 * MINUTE_MS;

/// What is known of one Sentry project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectPulse {
    /// When a webhook about it came last; `None`: never, so nothing is expected.
    pub heard_at: Option<Time>,
    /// New issues in the week before, that webhooks told of.
    pub heard_before: i64,
    /// New issues in the week before, that only the sync found: rules let some through only.
    pub missed_before: i64,
    /// When, by Sentry's times, issues were new that only the sync found; any order.
    pub missed_at: Vec<Time>,
}

/// Sentry has stopped sending about a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// When a webhook about it came last.
    pub heard_at: Time,
    /// Issues since then that only the sync found.
    pub missed: i64,
}

impl Gap {
    /// What to check.
    pub const ADVICE: &str = "Check in Sentry that the integration is installed and its webhooks are \
        switched on, that the alert rules of the project still name it, and its request log; then \
        that Sentry reaches the push URL, and that no proxy changed.";

    /// One sentence.
    pub fn says(&self, project: &str) -> String {
        format!(
            "Sentry stopped sending about {project} since {}: {} came by the sync only.",
            self.heard_at.rfc3339(),
            counted(self.missed, "issue")
        )
    }
}

/// Judges one project. It is silent when several issues, some minutes apart, were new after the last
/// webhook and came by the sync only, more than are usually missed.
pub fn gap_of(pulse: &ProjectPulse) -> Option<Gap> {
    let heard_at = pulse.heard_at?;
    let after = |at: &&Time| **at > heard_at;
    let missed: Vec<Time> = pulse.missed_at.iter().filter(after).copied().collect();
    let (first, last) = (missed.iter().min()?, missed.iter().max()?);
    let count = i64::try_from(missed.len()).unwrap_or(i64::MAX);
    let before = pulse.heard_before + pulse.missed_before;
    let is_unusual = count.saturating_mul(pulse.heard_before) >= MISSED.saturating_mul(before)
        && pulse.heard_before > 0;
    let is_end = is_unusual && last.since_ms(*first) >= MISSED_SPAN_MS;
    is_end.then_some(Gap {
        heard_at,
        missed: count,
    })
}

/// How much of what happened in Sentry is known here, for one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capture {
    /// Issues that a webhook told of.
    pub heard: i64,
    /// Issues that only the sync found.
    pub synced: i64,
    /// Issues that Sentry's API counted and that are not here yet.
    pub missing: i64,
}

impl Capture {
    /// Percent known by webhooks alone; a day without issues is whole.
    pub fn before(&self) -> i64 {
        super::words::tenths(self.heard, self.all()) / 10
    }

    /// Percent known after the sync.
    pub fn after(&self) -> i64 {
        super::words::tenths(self.heard + self.synced, self.all()) / 10
    }

    fn all(&self) -> i64 {
        self.heard + self.synced + self.missing
    }

    /// The finding about a day.
    pub fn finding(&self) -> Finding {
        let says = format!(
            "Webhooks told of {} % of {} in 24 hours; with the sync {} % are here.",
            self.before(),
            counted(self.all(), "issue"),
            self.after()
        );
        let level = if self.missing > 0 || self.before() < 95 {
            Level::Attention
        } else {
            Level::Ok
        };
        let finding = Finding::new(Part::Sentry, "capture", level, says);
        if level == Level::Ok {
            return finding;
        }
        finding.todo("Look at the request log of the integration in Sentry for what was not sent.")
    }
}
