//! What is kept of one issue to notice what is unusual about it.

use super::{Detection, Finding, FindingKind, Places, Pulse};
use crate::issue::Issue;
use crate::limits;
use crate::signal::IssueStatus;
use crate::time::{MINUTE_MS, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Events of one place and minute that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When they arrived, cut down to the minute.
    pub at: Time,
    /// Environment; may be empty.
    pub environment: String,
    /// Release; may be empty.
    pub release: String,
    /// How many; 0: only the issue changed.
    pub events: u32,
}

/// The issue as it is now, and what a look at it needs.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The issue.
    pub issue: &'a Issue,
    /// Did anything fire for it yet?
    pub has_fired: bool,
    /// What is wanted.
    pub detection: &'a Detection,
}

/// The memory of one issue. Keeps its size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watch {
    /// How loud it is, by environment; those above the limit share the one without a name.
    pulses: BTreeMap<String, Pulse>,
    /// Where it has been seen.
    places: Places,
    /// How many events it had when it was last looked at.
    count: Option<i64>,
    /// Was that Sentry's own count?
    is_counted: bool,
    /// When its last event arrived.
    last_at: Option<Time>,
    /// While it is muted for ever: since when, and its count then.
    muted: Option<Muted>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Muted {
    since: Time,
    count: i64,
}

/// What is kept beside a watch, to be listed by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WatchedState {
    /// Since when it is muted for ever.
    pub muted_since: Option<Time>,
    /// Events since then.
    pub muted_events: i64,
}

/// Why nobody will hear of an issue again, as a phrase (ACCEPTANCE U5): it is archived without an
/// end, or resolved in a release that need not come.
pub fn mute_of(issue: &Issue) -> Option<&'static str> {
    match issue.status {
        IssueStatus::Unresolved => None,
        IssueStatus::Ignored => {
            let until = issue.archived_until.as_deref().unwrap_or("for ever");
            let has_no_end = matches!(until, "for ever" | "until somebody changes it");
            has_no_end.then_some("archived for ever")
        }
        IssueStatus::Resolved => {
            let how = issue.resolution.as_ref()?.how.as_deref()?;
            (how == "in_next_release").then_some("resolved in the next release")
        }
    }
}

impl Watch {
    /// Looks at what arrived, in order, and at the issue as it is now.
    pub fn look(&mut self, seen: &[Seen], look: &Look<'_>, now: Time) -> Vec<Finding> {
        let issue = look.issue;
        self.mute(mute_of(issue).is_some(), issue, now);
        let mut findings = Vec::new();
        findings.extend(self.is_new(seen, look));
        for one in seen {
            findings.extend(self.see(one, look));
        }
        let count = issue.event_count();
        let mut before = self.count.replace(count);
        let is_counted = issue.sentry_event_count > 0;
        if is_counted && !self.is_counted {
            // Sentry tells its count for the first time: what it adds to ours is old.
            if let (Some(muted), Some(before)) = (&mut self.muted, before) {
                muted.count += count - before;
            }
            before = None;
        }
        self.is_counted = is_counted;
        let is_open = issue.status == IssueStatus::Unresolved;
        findings.extend(Pulse::grown(before, count).filter(|_| is_open));
        findings.truncate(limits::FINDINGS);
        findings
    }

    /// The usual gap between events in milliseconds, of the environment that was heard last.
    pub fn usual_gap_ms(&self) -> Option<i64> {
        let known = self.pulses.values().filter_map(Pulse::usual_gap);
        known.max().map(|(_, gap_ms)| gap_ms)
    }

    /// What is kept beside it.
    pub fn state(&self) -> WatchedState {
        let count = self.count.unwrap_or_default();
        WatchedState {
            muted_since: self.muted.map(|muted| muted.since),
            muted_events: self.muted.map_or(0, |muted| (count - muted.count).max(0)),
        }
    }

    fn mute(&mut self, is_muted: bool, issue: &Issue, now: Time) {
        if self.muted.is_some() == is_muted {
            return;
        }
        let count = self.count.unwrap_or_else(|| issue.event_count());
        self.muted = is_muted.then_some(Muted { since: now, count });
        for pulse in self.pulses.values_mut() {
            pulse.archive(is_muted, now);
        }
    }

    /// The first event of an issue that no hook or alert has told of.
    fn is_new(&self, seen: &[Seen], look: &Look<'_>) -> Option<Finding> {
        let is_first = self.count.is_none() && self.last_at.is_none();
        let has_events = seen.iter().any(|one| one.events > 0);
        let is_fresh = look.issue.event_count() == look.issue.stored_event_count;
        (is_first && has_events && is_fresh && !look.has_fired).then(|| {
            let reason = "The first event of a new issue, of which no alert has told".to_owned();
            Finding::new(FindingKind::NewIssue, reason)
        })
    }

    fn see(&mut self, seen: &Seen, look: &Look<'_>) -> Vec<Finding> {
        if seen.events == 0 {
            return Vec::new();
        }
        let environment = seen.environment.as_str();
        let mut findings = self.places.seen(environment, &seen.release);
        let is_known = self.pulses.contains_key(environment);
        let has_room = self.pulses.len() < limits::WATCHED_ENVIRONMENTS;
        let name = if is_known || has_room {
            environment
        } else {
            ""
        };
        let is_muted = self.muted.is_some();
        let pulse = self.pulses.entry(name.to_owned()).or_insert_with(|| {
            let mut pulse = Pulse::default();
            if is_muted {
                pulse.archive(true, seen.at);
            }
            pulse
        });
        let mut felt = pulse.observe(seen.events, look.detection, seen.at);
        if let Some(back) = self.came_back(seen.at, look) {
            felt.retain(|finding| finding.kind != FindingKind::Returned);
            felt.push(back);
        }
        self.last_at = Some(self.last_at.map_or(seen.at, |last| last.max(seen.at)));
        findings.extend(felt);
        findings
    }

    /// An event of what is resolved, after a quiet time.
    fn came_back(&self, at: Time, look: &Look<'_>) -> Option<Finding> {
        let quiet_ms = at.since_ms(self.last_at?);
        let is_resolved = look.issue.status == IssueStatus::Resolved;
        (is_resolved && quiet_ms >= look.detection.quiet_ms()).then(|| {
            let minutes = quiet_ms / MINUTE_MS;
            let reason = format!("Back after {minutes} quiet minutes, although it is resolved");
            Finding::new(FindingKind::Returned, reason)
        })
    }
}

#[cfg(test)]
mod tests;
