//! Counts per bucket, empty ones included.

use epicenter_domain::time::Time;

/// Sums hourly counts into buckets of `width_ms` that cover `from` to `to`.
pub fn buckets(hours: &[(Time, i64)], from: Time, to: Time, width_ms: i64) -> Vec<(Time, i64)> {
    let start = from.0 - from.0.rem_euclid(width_ms);
    let mut buckets = Vec::new();
    let mut at = start;
    while at < to.0.max(start + 1) {
        buckets.push((Time(at), 0));
        at += width_ms;
    }
    for (hour, count) in hours {
        let index = usize::try_from((hour.0 - start).div_euclid(width_ms));
        if let Some(bucket) = index.ok().and_then(|index| buckets.get_mut(index)) {
            bucket.1 += count;
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicenter_domain::time::{DAY_MS, HOUR_MS};

    #[test]
    fn empty_buckets_are_there_and_hours_add_up_to_days() {
        let hours = [
            (Time(0), 2),
            (Time(23 * HOUR_MS), 3),
            (Time(49 * HOUR_MS), 5),
        ];
        let days = buckets(&hours, Time(0), Time(3 * DAY_MS), DAY_MS);
        assert_eq!(
            days,
            [(Time(0), 5), (Time(DAY_MS), 0), (Time(2 * DAY_MS), 5)]
        );
        assert_eq!(buckets(&hours, Time(0), Time(DAY_MS), HOUR_MS).len(), 24);
    }
}
