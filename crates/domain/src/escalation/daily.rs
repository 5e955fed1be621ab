//! When the next daily digest comes: once for each day of a wall clock, whatever the clocks do.

use super::calendar::{ClockTime, Date, Zone};
use super::quiet::next_digest;
use crate::time::Time;

/// The next digest after this instant, and never a second one on `last_day`, the day of the last
/// one (`2026-11-23`): not when the time of day is moved, and not when the server starts again.
pub fn next_daily(zone: &Zone, at: ClockTime, after: Time, last_day: Option<&str>) -> Time {
    let next = next_digest(zone, at, after);
    if last_day == Some(day_of(zone, next).as_str()) {
        next_digest(zone, at, next)
    } else {
        next
    }
}

/// The day that a wall clock shows at this instant.
pub fn day_of(zone: &Zone, at: Time) -> String {
    Date::of(zone, at).show()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn each_day_has_one_digest_also_when_the_clocks_change() {
        let zone = Zone::parse("Europe/Paris").unwrap();
        // In the night of 29 March 2026 there is no 02:30; on 25 October there are two.
        for (from, at, expected) in [
            (
                "2026-03-27T12:00:00Z",
                "02:30",
                [
                    "2026-03-28T01:30:00Z",
                    "2026-03-29T01:00:00Z",
                    "2026-03-30T00:30:00Z",
                ],
            ),
            (
                "2026-10-23T12:00:00Z",
                "02:30",
                [
                    "2026-10-24T00:30:00Z",
                    "2026-10-25T00:30:00Z",
                    "2026-10-26T01:30:00Z",
                ],
            ),
            (
                "2026-03-28T08:00:00Z",
                "09:00",
                [
                    "2026-03-29T07:00:00Z",
                    "2026-03-30T07:00:00Z",
                    "2026-03-31T07:00:00Z",
                ],
            ),
        ] {
            let at = ClockTime::parse(at).unwrap();
            let mut now = instant(from);
            let mut last_day: Option<String> = None;
            for expected in expected {
                now = next_daily(&zone, at, now, last_day.as_deref());
                assert_eq!(now, instant(expected));
                last_day = Some(day_of(&zone, now));
            }
        }
    }

    #[test]
    fn a_time_that_is_moved_brings_no_second_digest_on_the_same_day() {
        let zone = Zone::parse("Europe/Paris").unwrap();
        let later = ClockTime::parse("17:00").unwrap();
        let now = instant("2026-11-23T09:00:00Z");
        let next = next_daily(&zone, later, now, Some("2026-11-23"));
        assert_eq!(next, instant("2026-11-24T16:00:00Z"));
        let next = next_daily(&zone, later, now, Some("2026-11-22"));
        assert_eq!(next, instant("2026-11-23T16:00:00Z"));
    }
}
