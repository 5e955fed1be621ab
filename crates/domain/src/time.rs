//! Instants. The domain never asks for the time; `now` is always an argument.

use serde::{Deserialize, Serialize};

/// An instant in milliseconds since 1970 UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(pub i64);

/// One second in milliseconds.
pub const SECOND_MS: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// One hour in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

impl Time {
    /// Reads RFC 3339 in Sentry's spellings (`Z`, `+00:00`, microseconds). A time without a zone
    /// counts as UTC. `None` when it is not a time.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Some(Self(at.as_millisecond()));
        }
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self(zoned.timestamp().as_millisecond()))
    }

    /// From seconds since 1970, with fractions. `None` outside the years 1970 to 9999.
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        if !(0.0..253_402_300_800.0).contains(&seconds) {
            return None;
        }
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            reason = "the range is checked above"
        )]
        let ms = (seconds * 1_000.0).round() as i64;
        Some(Self(ms))
    }

    /// RFC 3339 in UTC with milliseconds, as the API writes it.
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => format!("{at:.3}"),
            Err(_) => String::from("1970-01-01T00:00:00.000Z"),
        }
    }

    /// This instant moved by milliseconds (negative: back), saturating.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant.
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The start of the hour this instant lies in.
    #[must_use]
    pub fn hour(self) -> Self {
        Self(self.0 - self.0.rem_euclid(HOUR_MS))
    }

    /// The start of the day this instant lies in, in UTC.
    #[must_use]
    pub fn day(self) -> Self {
        Self(self.0 - self.0.rem_euclid(DAY_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentrys_spellings_of_one_instant_are_equal() {
        let expected = Some(Time(1_767_693_601_904));
        for text in [
            "2026-01-06T10:00:01.904000Z",
            "2026-01-06T10:00:01.904Z",
            "2026-01-06T10:00:01.904000+00:00",
            "2026-01-06T11:00:01.904+01:00",
            "2026-01-06T10:00:01.904",
            " 2026-01-06 10:00:01.904Z ",
        ] {
            assert_eq!(Time::parse(text), expected, "{text}");
        }
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "12"] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_outside_the_calendar_are_refused() {
        assert_eq!(
            Time::from_seconds(1_767_693_601.904),
            Some(Time(1_767_693_601_904))
        );
        for seconds in [f64::NAN, f64::INFINITY, -1.0, 1e30] {
            assert_eq!(Time::from_seconds(seconds), None);
        }
    }

    #[test]
    fn hours_and_days_begin_in_utc() {
        let at = Time(2 * DAY_MS + 3 * HOUR_MS + 4);
        assert_eq!(at.hour(), Time(2 * DAY_MS + 3 * HOUR_MS));
        assert_eq!(at.day(), Time(2 * DAY_MS));
        assert_eq!(Time(-1).day(), Time(-DAY_MS), "before 1970, too");
    }

    #[test]
    fn the_api_writes_milliseconds_in_utc() {
        assert_eq!(
            Time(1_767_693_601_904).rfc3339(),
            "2026-01-06T10:00:01.904Z"
        );
        assert_eq!(Time(0).rfc3339(), "1970-01-01T00:00:00.000Z");
    }
}
