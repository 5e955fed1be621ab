//! Buckets of time, in UTC: hours, days, weeks.

use crate::time::{DAY_MS, HOUR_MS, Time};

/// The first Monday after 1970 began, which was a Thursday.
const FIRST_MONDAY_MS: i64 = 4 * DAY_MS;

/// How long a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// An hour.
    Hour,
    /// A day, from midnight in UTC.
    Day,
    /// A week, from Monday.
    Week,
}

impl Bucket {
    /// All, shortest first.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// The word as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.as_str() == word)
    }

    /// Its length in milliseconds.
    pub fn width_ms(self) -> i64 {
        match self {
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
        }
    }

    /// The longest width of counts that fit into it: a week is put together from days.
    pub fn counted_ms(self) -> i64 {
        self.width_ms().min(DAY_MS)
    }

    /// Where the bucket begins that an instant lies in.
    pub fn start_of(self, at: Time) -> Time {
        let first = match self {
            Self::Hour | Self::Day => 0,
            Self::Week => FIRST_MONDAY_MS,
        };
        let into = at.0.saturating_sub(first).rem_euclid(self.width_ms());
        at.plus_ms(-into)
    }

    /// Where all buckets begin that have a part between two instants, at most `most`; empty when
    /// `to` is not after `from`.
    pub fn starts(self, from: Time, to: Time, most: usize) -> Vec<Time> {
        let first = self.start_of(from);
        let following = std::iter::successors(Some(first), |last| {
            let next = last.plus_ms(self.width_ms());
            (next > *last).then_some(next)
        });
        let until = if to > from { to } else { first };
        following.take_while(|at| *at < until).take(most).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn weeks_begin_on_mondays() {
        let at = |text: &str| Time::parse(text).unwrap();
        let sunday = at("2026-11-22T23:59:59Z");
        assert_eq!(Bucket::Week.start_of(sunday), at("2026-11-16"));
        assert_eq!(Bucket::Week.start_of(at("2026-11-23")), at("2026-11-23"));
        assert_eq!(Bucket::Day.start_of(sunday), at("2026-11-22"));
        let hours = Bucket::Hour.starts(at("2026-11-22T21:30:00Z"), sunday, 99);
        let expected = ["21", "22", "23"].map(|hour| at(&format!("2026-11-22T{hour}:00:00Z")));
        assert_eq!(
            hours, expected,
            "empty ones too, and the one that has begun"
        );
        assert_eq!(Bucket::Day.starts(sunday, sunday, 99), []);
        assert_eq!(Bucket::Day.starts(Time(0), sunday, 5).len(), 5);
        assert!(
            Bucket::Week
                .starts(Time(i64::MAX - 1), Time(i64::MAX), 99)
                .len()
                <= 1
        );
    }

    proptest! {
        #[test]
        fn buckets_cover_a_span_without_gaps(
            from in -1_i64 << 45..1_i64 << 45,
            long in 1..1_i64 << 32,
        ) {
            let (from, to) = (Time(from), Time(from + long));
            for bucket in Bucket::ALL {
                let starts = bucket.starts(from, to, usize::MAX);
                prop_assert!(starts[0] <= from && starts[0].plus_ms(bucket.width_ms()) > from);
                prop_assert!(starts.last().unwrap().plus_ms(bucket.width_ms()) >= to);
                for pair in starts.windows(2) {
                    prop_assert_eq!(pair[1].since_ms(pair[0]), bucket.width_ms());
                }
                // Counts of the store's widths fall into one bucket as a whole.
                let inside = bucket.start_of(Time(from.0 - from.0.rem_euclid(bucket.counted_ms())));
                prop_assert_eq!(inside, bucket.start_of(from));
            }
        }
    }
}
