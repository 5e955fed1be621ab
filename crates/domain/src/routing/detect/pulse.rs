//! How loud an issue is in one environment.

use super::{Detection, Finding, FindingKind};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What is left of the baseline after a minute without events: half after an hour.
const KEEP: f64 = 0.988_514_020_352_896_1;
/// Weight of a new week in the usual rate of an hour of the week.
const WEEK_WEIGHT: f64 = 0.3;
/// Weight of a new gap in the usual gap.
const GAP_WEIGHT: f64 = 0.2;
/// Weight of a new minute in what the last minutes were like (the number that teams used before).
const FAST_WEIGHT: f64 = 0.3;
/// Minutes without a spike after which the next one is a new one.
const SPIKE_CALM_MS: i64 = 10 * MINUTE_MS;
/// Before so long nothing is usual yet.
const WARM_MS: i64 = HOUR_MS;
/// Before so long an hour of the week has no history worth the name.
const WEEKS_MS: i64 = 14 * DAY_MS;
/// Times the usual gap that are a quiet time.
const QUIET_TIMES: f64 = 10.0;
/// Gaps that must be known before a usual one is.
const QUIET_GAPS: u32 = 3;
/// The first count of events that is growth (ACCEPTANCE U13); then each tenfold.
const GROWN_FIRST: i64 = 10;
/// Times the rate at archiving that are loud, and the least events in an hour.
const ARCHIVED_TIMES: f64 = 10.0;
const ARCHIVED_FLOOR: u32 = 10;
/// Hours of a week.
const WEEK_HOURS: i64 = 168;

/// The memory of one issue in one environment. All times are those of the events' arrival.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pulse {
    /// The minute that is being counted, by its number since 1970, and its events.
    minute: i64,
    in_minute: u32,
    /// Events of the hour of that minute.
    in_hour: u32,
    /// Exponentially weighted events per minute over all minutes, empty ones too.
    baseline: f64,
    /// The same with a memory of a few minutes: what the last ones were like.
    lately: f64,
    /// Usual events per hour by hour of the week; hours without events are left out.
    week: BTreeMap<i64, f64>,
    first_at: Option<Time>,
    last_at: Option<Time>,
    /// Usual gap between events in milliseconds, and how many gaps it comes from.
    gap_ms: f64,
    gaps: u32,
    /// When it was last a spike.
    spike_at: Option<Time>,
    /// While it is archived: events per hour then, and whether it was told that it is loud.
    archived: Option<Archived>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Archived {
    per_hour: f64,
    is_told: bool,
}

impl Pulse {
    /// So many events arrived. Late ones count for the minute that is being counted.
    pub fn observe(&mut self, events: u32, detection: &Detection, now: Time) -> Vec<Finding> {
        if events == 0 {
            return Vec::new();
        }
        let returned = self.returned(detection, now);
        self.advance(now);
        self.first_at.get_or_insert(now);
        self.last_at = Some(self.last_at.map_or(now, |last_at| last_at.max(now)));
        self.in_minute = self.in_minute.saturating_add(events);
        self.in_hour = self.in_hour.saturating_add(events);
        [
            returned,
            self.spike(detection, now),
            self.loud_though_archived(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The usual gap between events in milliseconds, if enough are known, and when it was last heard.
    pub(super) fn usual_gap(&self) -> Option<(Time, i64)> {
        if self.gaps < QUIET_GAPS {
            return None;
        }
        let gap = Duration::try_from_secs_f64(self.gap_ms / 1_000.0).ok()?;
        let gap_ms = i64::try_from(gap.as_millis()).ok()?;
        self.last_at.map(|last_at| (last_at, gap_ms))
    }

    /// It was archived (true) or is no longer.
    pub fn archive(&mut self, is_archived: bool, now: Time) {
        self.advance(now);
        let per_hour = (self.baseline * 60.0).max(1.0);
        self.archived = is_archived.then_some(Archived {
            per_hour,
            is_told: false,
        });
    }

    /// The count of events of an open issue went up, by Sentry's hooks or its API: growth is told at
    /// 10, 100, 1,000… A count that was not known before is none.
    pub fn grown(before: Option<i64>, after: i64) -> Option<Finding> {
        let before = before?;
        let mut step = GROWN_FIRST;
        let mut passed = None;
        while step <= after {
            if before < step {
                passed = Some(step);
            }
            step = step.checked_mul(10)?;
        }
        passed.map(|step| {
            let reason = format!("It has {after} events now, and passed {step} while it was open");
            Finding {
                passed: Some(step),
                ..Finding::new(FindingKind::Grown, reason)
            }
        })
    }

    /// Usual events per minute now: the highest of the last minutes, the last hours and this hour of
    /// the week.
    fn usual(&self, now: Time) -> f64 {
        let is_known = self
            .first_at
            .is_some_and(|first_at| now.since_ms(first_at) >= WEEKS_MS);
        let hour_of_week = now.0.div_euclid(HOUR_MS).rem_euclid(WEEK_HOURS);
        let minutes = self.baseline.max(self.lately);
        match self.week.get(&hour_of_week) {
            Some(per_hour) if is_known => minutes.max(per_hour / 60.0),
            _ => minutes,
        }
    }

    fn spike(&mut self, detection: &Detection, now: Time) -> Option<Finding> {
        let usual = self.usual(now);
        let is_warm = self
            .first_at
            .is_some_and(|first_at| now.since_ms(first_at) >= WARM_MS);
        let is_spike = is_warm
            && self.in_minute >= detection.spike_floor
            && f64::from(self.in_minute) >= usual * f64::from(detection.spike_times);
        if !is_spike {
            return None;
        }
        let goes_on = self
            .spike_at
            .is_some_and(|at| now.since_ms(at) <= SPIKE_CALM_MS);
        self.spike_at = Some(now);
        (!goes_on).then(|| {
            let count = self.in_minute;
            let reason = format!("{count} events in this minute; usual are {usual:.1}");
            Finding::new(FindingKind::Spike, reason)
        })
    }

    fn returned(&mut self, detection: &Detection, now: Time) -> Option<Finding> {
        let gap_ms = now.since_ms(self.last_at?).max(0);
        if gap_ms == 0 {
            // Arrival is known by the minute: what comes in the same one is one occurrence.
            return None;
        }
        let gap = u32::try_from(gap_ms).map_or(f64::from(u32::MAX), f64::from);
        let usual = self.gap_ms;
        let quiet_ms = detection.quiet_ms();
        let is_quiet = self.gaps >= QUIET_GAPS && gap_ms >= quiet_ms && gap >= usual * QUIET_TIMES;
        self.gap_ms = if self.gaps == 0 {
            gap
        } else {
            rounded(usual + (gap - usual) * GAP_WEIGHT, 1.0)
        };
        self.gaps = self.gaps.saturating_add(1);
        is_quiet.then(|| {
            let minutes = gap_ms / MINUTE_MS;
            let often = usual / 60_000.0;
            let reason =
                format!("Back after {minutes} quiet minutes; it used to come every {often:.1}");
            Finding::new(FindingKind::Returned, reason)
        })
    }

    fn loud_though_archived(&mut self) -> Option<Finding> {
        let in_hour = self.in_hour;
        let archived = self.archived.as_mut()?;
        let is_loud =
            in_hour >= ARCHIVED_FLOOR && f64::from(in_hour) >= archived.per_hour * ARCHIVED_TIMES;
        if archived.is_told || !is_loud {
            return None;
        }
        archived.is_told = true;
        let then = archived.per_hour;
        let reason = format!("Muted, but {in_hour} events this hour; {then:.0} when it was muted");
        Some(Finding::new(FindingKind::LoudThoughArchived, reason))
    }

    /// Closes the minutes and hours that are over. Empty ones count as such, in one step each.
    fn advance(&mut self, now: Time) {
        let minute = now.0.div_euclid(MINUTE_MS);
        if self.first_at.is_none() {
            self.minute = minute;
        }
        if minute <= self.minute {
            return;
        }
        self.baseline = self.baseline * KEEP + f64::from(self.in_minute) * (1.0 - KEEP);
        self.lately += (f64::from(self.in_minute) - self.lately) * FAST_WEIGHT;
        let empty = i32::try_from(minute - self.minute - 1).unwrap_or(i32::MAX);
        self.baseline = rounded(self.baseline * KEEP.powi(empty), 10_000.0);
        self.lately = rounded(self.lately * (1.0 - FAST_WEIGHT).powi(empty), 10_000.0);
        let (hour, this_hour) = (self.minute.div_euclid(60), minute.div_euclid(60));
        if this_hour > hour {
            self.close_hours(hour, this_hour);
        }
        self.minute = minute;
        self.in_minute = 0;
    }

    /// The counted hour, and the empty ones up to the current one.
    fn close_hours(&mut self, hour: i64, this_hour: i64) {
        let counted = hour.rem_euclid(WEEK_HOURS);
        let known = self.week.get(&counted).copied().unwrap_or_default();
        let per_hour = known + (f64::from(self.in_hour) - known) * WEEK_WEIGHT;
        self.week.insert(counted, rounded(per_hour, 100.0));
        self.in_hour = 0;
        let empty = this_hour - hour - 1;
        self.week.retain(|hour_of_week, per_hour| {
            // How often this hour of the week lies among the empty ones.
            let first = (hour_of_week - counted - 1).rem_euclid(WEEK_HOURS);
            let times = (empty - first + WEEK_HOURS - 1)
                .div_euclid(WEEK_HOURS)
                .max(0);
            let kept = (1.0 - WEEK_WEIGHT).powi(i32::try_from(times).unwrap_or(i32::MAX));
            *per_hour = rounded(*per_hour * kept, 100.0);
            *per_hour >= 0.01
        });
    }
}

/// To so many parts of one: short numbers in the store, which come back as they were.
fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
