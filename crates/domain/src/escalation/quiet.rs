//! When a person wants to be left alone, and when the daily summary comes.

use super::calendar::{ClockTime, Date, Span, Window, Zone, open_spans};
use super::schedule::check_windows;
use crate::level::Severity;
use crate::sources::{Fault, Faults};
use crate::time::{DAY_MS, Time};
use serde::{Deserialize, Serialize};

/// A person's quiet hours, on the wall clock of their zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// When they are.
    pub windows: Vec<Window>,
    /// What is at least so severe comes through.
    pub breaks_through: Severity,
}

/// When somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// At once.
    Now,
    /// At the end of the quiet hours.
    Later(Time),
}

impl QuietHours {
    /// What is wrong with them, with the path of each field.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_windows(&self.windows, "quiet_hours.windows", &mut faults);
        let week = Span {
            from: Time(0),
            until: Time(7 * DAY_MS),
        };
        let spans = open_spans(&self.windows, &Zone::utc(), week);
        if spans.iter().any(|span| span.meet(week) == Some(week)) {
            faults.add("quiet_hours.windows", "must leave a part of the week open");
        }
        faults.found()
    }

    /// When the person is told of something of this severity that happens now.
    pub fn tell(&self, zone: &Zone, severity: Severity, now: Time) -> Tell {
        if severity >= self.breaks_through {
            return Tell::Now;
        }
        let ahead = Span {
            from: now,
            until: now.plus_ms(8 * DAY_MS),
        };
        open_spans(&self.windows, zone, ahead)
            .into_iter()
            .find(|span| span.covers(now))
            .map_or(Tell::Now, |span| Tell::Later(span.until))
    }
}

/// The next daily summary after this instant: every day at that time of the wall clock.
pub fn next_digest(zone: &Zone, at: ClockTime, after: Time) -> Time {
    let today = Date::of(zone, after);
    (0..=2)
        .map(|days| zone.instant(at.on(today.plus_days(days))))
        .find(|digest| *digest > after)
        .unwrap_or_else(|| after.plus_ms(DAY_MS))
}

#[cfg(test)]
mod tests;
