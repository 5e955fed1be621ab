//! Whether an incident that has gone quiet is over (ACCEPTANCE §3 row 37, FIELD §1.8). It is
//! Epicenter's own view: what Sentry thinks of the issue stays as it is.

use super::{Incident, IncidentStatus, Mark, MarkKind};
use crate::health::span;
use crate::limits::{
    AUTO_RESOLVE_FLOOR_MS, AUTO_RESOLVE_KNOWN_GAPS, AUTO_RESOLVE_LONGEST_MS, AUTO_RESOLVE_LOOK_MS,
};
use crate::signal::is_metric_key;
use crate::time::{MINUTE_MS, Time};
use serde::{Deserialize, Serialize};

/// When an incident that has gone quiet is resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoResolve {
    /// Never.
    #[default]
    Off,
    /// After a fixed quiet time.
    Quiet,
    /// After so many times the usual gap between its signals.
    Gaps,
}

impl AutoResolve {
    /// All, in the order of the settings.
    pub const ALL: [Self; 3] = [Self::Off, Self::Quiet, Self::Gaps];

    /// The word as the API and the page write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Quiet => "quiet",
            Self::Gaps => "gaps",
        }
    }

    /// Reads that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }
}

/// The rule that a service, or its workspace, has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietRule {
    /// Which of the ways.
    pub mode: AutoResolve,
    /// The fixed quiet time; also while no usual gap is known.
    pub quiet_ms: i64,
    /// Times the usual gap.
    pub times: i64,
}

/// One alert of the incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietAlert {
    /// Its dedup key.
    pub dedup_key: String,
    /// Does it fire?
    pub is_open: bool,
    /// When its issue was last seen, also by ways that move no incident.
    pub issue_seen_at: Option<Time>,
    /// The last trigger and the last change of status that were applied.
    pub marks: [Option<Mark>; 2],
}

impl QuietAlert {
    /// When it last gave a sign. That Sentry called it unresolved again is one, too, even if nothing
    /// changed here.
    fn last_signal_at(&self) -> Option<Time> {
        let marks = self.marks.iter().flatten();
        let fired = marks.filter(|mark| match mark.kind {
            MarkKind::Trigger | MarkKind::Unresolved => true,
            MarkKind::Resolved | MarkKind::Archived => false,
        });
        self.issue_seen_at.max(fired.filter_map(Mark::latest).max())
    }
}

/// What is known of an incident that may have gone quiet.
#[derive(Clone, Copy, Debug)]
pub struct Calm<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Its alerts.
    pub alerts: &'a [QuietAlert],
    /// Is it about Epicenter itself?
    pub is_own: bool,
    /// Has its source stopped sending, although it usually does not?
    pub is_source_silent: bool,
    /// The gap between events that detection has learnt, in milliseconds.
    pub watched_gap_ms: Option<i64>,
}

/// What comes of looking at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is not resolved by itself, as a sentence.
    Stays(&'static str),
    /// It is resolved then, unless it happens again; why then, as a phrase.
    At(Time, String),
    /// It is over; how, as a phrase.
    Over(String),
}

impl Ending {
    /// When it is resolved by itself, if nothing happens.
    pub fn at(&self) -> Option<Time> {
        match self {
            Self::At(at, _) => Some(*at),
            Self::Stays(_) | Self::Over(_) => None,
        }
    }

    /// One sentence.
    pub fn says(&self) -> String {
        match self {
            Self::Stays(why) => (*why).to_owned(),
            Self::At(_, because) => format!("Unless it happens again: {because}."),
            Self::Over(how) => format!("Any moment now, {how}."),
        }
    }
}

impl Calm<'_> {
    /// Is it over, or when will it be? An acknowledged incident ends like one that nobody has taken,
    /// as with PagerDuty: it has stopped for whoever works on it, too.
    pub fn look(&self, rule: QuietRule, now: Time) -> Ending {
        if let Some(why) = self.stays(rule) {
            return Ending::Stays(why);
        }
        let (wait_ms, because) = self.wait(rule);
        let last = self.last_signal_at();
        let due = last.plus_ms(wait_ms);
        if due > now {
            return Ending::At(due, because);
        }
        let quiet = span(now.since_ms(last));
        Ending::Over(format!("by itself: quiet for {quiet}; {because}"))
    }

    /// When it last gave a sign: an event by Sentry's clock, or by ours when it opened, came back or
    /// was woken.
    pub fn last_signal_at(&self) -> Time {
        let seen = self.alerts.iter().filter_map(QuietAlert::last_signal_at);
        let incident = self.incident;
        let mine = incident.last_seen_at.max(incident.triggered_at);
        seen.fold(mine, Time::max)
    }

    /// When to look again, by the minute: a signal moves the end away, and a burst may bring it
    /// nearer.
    pub fn look_again_at(ending: &Ending, now: Time) -> Time {
        let latest = now.plus_ms(AUTO_RESOLVE_LOOK_MS);
        let at = match ending {
            Ending::At(due, _) => latest.min(*due),
            Ending::Stays(_) => latest,
            // Soon, in case it has come back meanwhile; what is over is not looked at.
            Ending::Over(_) => now.plus_ms(1),
        };
        let minute = at.0.saturating_add(MINUTE_MS - 1).div_euclid(MINUTE_MS);
        Time(minute.saturating_mul(MINUTE_MS))
    }

    /// Why it is not resolved by itself at all.
    fn stays(&self, rule: QuietRule) -> Option<&'static str> {
        if rule.mode == AutoResolve::Off {
            return Some("Nothing is resolved by itself in its service.");
        }
        if let Some(why) = self.incident.keeps_when_quiet() {
            return Some(why);
        }
        let ends_itself = |alert: &QuietAlert| alert.is_open && is_metric_key(&alert.dedup_key);
        if self.is_own {
            Some("It is about Epicenter itself, which ends it when the cause is gone.")
        } else if self.is_source_silent {
            Some("Its source has stopped sending, so that its silence tells nothing.")
        } else if self.alerts.iter().any(ends_itself) {
            Some("A metric alert of it is open, which Sentry itself ends.")
        } else {
            None
        }
    }

    /// How long it has to be quiet, and why so long.
    fn wait(&self, rule: QuietRule) -> (i64, String) {
        let fixed = span(rule.quiet_ms);
        let gap_ms = match rule.mode {
            AutoResolve::Off | AutoResolve::Quiet => {
                return (rule.quiet_ms, format!("{fixed} are enough"));
            }
            AutoResolve::Gaps => self.usual_gap_ms(),
        };
        let Some(gap_ms) = gap_ms else {
            let because =
                format!("{fixed} are enough while too few signals came to know a usual gap");
            return (rule.quiet_ms, because);
        };
        let gap = span(gap_ms);
        let wanted_ms = gap_ms.saturating_mul(rule.times);
        let times = rule.times;
        if wanted_ms < AUTO_RESOLVE_FLOOR_MS {
            let floor = span(AUTO_RESOLVE_FLOOR_MS);
            let because = format!("its usual gap is {gap}, and at least {floor} are waited");
            (AUTO_RESOLVE_FLOOR_MS, because)
        } else if wanted_ms > AUTO_RESOLVE_LONGEST_MS {
            let longest = span(AUTO_RESOLVE_LONGEST_MS);
            let because = format!("its usual gap is {gap}, and more than {longest} are not waited");
            (AUTO_RESOLVE_LONGEST_MS, because)
        } else {
            (
                wanted_ms,
                format!("{times} times its usual gap of {gap} are enough"),
            )
        }
    }

    /// The usual gap between its signals: the longer of the mean over the episode and what detection
    /// has learnt lately, so that neither a burst at the beginning nor one a moment ago makes it
    /// short. None: too few came.
    fn usual_gap_ms(&self) -> Option<i64> {
        let incident = self.incident;
        // A later episode counts its own events only.
        let from = match incident.previous_incident_id {
            None => incident.first_seen_at.min(incident.opened_at),
            Some(_) => incident.opened_at,
        };
        let gaps = incident.event_count.saturating_sub(1);
        let span_ms = self.last_signal_at().since_ms(from).max(0);
        let mean = (gaps >= AUTO_RESOLVE_KNOWN_GAPS)
            .then(|| span_ms.checked_div(gaps))
            .flatten();
        mean.max(self.watched_gap_ms)
    }
}

impl Incident {
    /// Why its state keeps it open however quiet it is, as a sentence.
    pub(super) fn keeps_when_quiet(&self) -> Option<&'static str> {
        match self.status {
            IncidentStatus::Resolved => return Some("It is over."),
            IncidentStatus::Suspended => return Some("It is held back for a moment."),
            IncidentStatus::Triggered | IncidentStatus::Acknowledged => {}
        }
        if self.merged.is_some() {
            Some("Its alerts are with another incident.")
        } else if self.snoozed_until.is_some() {
            Some("It is snoozed, and somebody wants to see it again.")
        } else if self.archived_until.is_some() {
            Some("It is archived in Sentry, which tells nothing of it meanwhile.")
        } else if self.tells_of_storm() {
            Some("It tells of a storm, which ends by itself when it is calm.")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests;
