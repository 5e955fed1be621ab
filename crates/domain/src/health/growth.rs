//! How fast the database grows, and when there will be no room.

use crate::time::{DAY_MS, Time};

/// Samples must be this far apart before anything is said.
const LEAST_MS: i64 = 2 * DAY_MS;

/// What the daily sizes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Bytes a day; negative when it shrinks.
    pub per_day: i64,
    /// Bytes in 30 days, if it goes on like this.
    pub in_30_days: i64,
    /// Days until `room` more bytes are used; `None`: never, or not in ten years.
    pub days_left: Option<i64>,
}

/// Growth from the daily sizes (oldest first) between the first and the last. `room`: bytes that are
/// left, if it is known.
pub fn growth(samples: &[(Time, i64)], room: Option<i64>) -> Option<Growth> {
    let (first, last) = (samples.first()?, samples.last()?);
    let span_ms = last.0.since_ms(first.0);
    if span_ms < LEAST_MS {
        return None;
    }
    let grown = i128::from(last.1 - first.1) * i128::from(DAY_MS) / i128::from(span_ms);
    let per_day = i64::try_from(grown).unwrap_or(i64::MAX);
    let days_left = room
        .filter(|_| per_day > 0)
        .and_then(|room| room.max(0).checked_div(per_day))
        .filter(|days| *days < 3_650);
    Some(Growth {
        per_day,
        in_30_days: last.1.saturating_add(per_day.saturating_mul(30)).max(0),
        days_left,
    })
}
