//! How soon incidents are acknowledged and resolved.
//!
//! The definition, as the page and the API tell it:
//!
//! * The clock starts when the incident opens here, not when Sentry first saw the error.
//! * **Time to acknowledge** ends with the first acknowledgement, by a person here or in Sentry
//!   (an archived issue counts, a snooze too). An incident that was resolved before anybody
//!   acknowledged it has none.
//! * **Time to resolve** ends with the last resolve, by a person or by Sentry. A reopened incident
//!   was not solved: its clock goes on from when it first opened, and while it is open it has none.
//! * Incidents that were merged into another one, or held back until they ended by themselves, are
//!   not counted: nobody had to do anything about them.

use crate::time::Time;

/// When one incident was opened, taken and solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// When it opened here.
    pub opened_at: Time,
    /// When it was first acknowledged.
    pub acknowledged_at: Option<Time>,
    /// When it was last resolved; none while it is open.
    pub resolved_at: Option<Time>,
    /// Was it merged into another one, or held back until it ended?
    pub is_aside: bool,
}

impl Spell {
    /// Milliseconds until it was first acknowledged.
    pub fn to_acknowledge(&self) -> Option<i64> {
        self.lasted(self.acknowledged_at)
    }

    /// Milliseconds until it was last resolved.
    pub fn to_resolve(&self) -> Option<i64> {
        self.lasted(self.resolved_at)
    }

    fn lasted(&self, until: Option<Time>) -> Option<i64> {
        let until = until.filter(|_| !self.is_aside)?;
        // Clocks of two nodes may differ by a moment.
        Some(until.since_ms(self.opened_at).max(0))
    }
}

/// What many durations have in common, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// How many there are.
    pub count: i64,
    /// Their mean.
    pub mean_ms: i64,
    /// Half of them are not longer.
    pub median_ms: i64,
    /// Nine of ten are not longer.
    pub p90_ms: i64,
}

impl Durations {
    /// Sums up durations; none when there are none.
    pub fn of(durations: impl IntoIterator<Item = i64>) -> Option<Self> {
        let mut sorted: Vec<i64> = durations.into_iter().collect();
        sorted.sort_unstable();
        let count = i64::try_from(sorted.len())
            .ok()
            .filter(|count| *count > 0)?;
        let sum: i128 = sorted.iter().map(|one| i128::from(*one)).sum();
        Some(Self {
            count,
            mean_ms: i64::try_from(sum / i128::from(count)).unwrap_or(i64::MAX),
            median_ms: nearest_rank(&sorted, 50)?,
            p90_ms: nearest_rank(&sorted, 90)?,
        })
    }
}

/// The smallest value that so many percent of them do not exceed: always one that occurred.
fn nearest_rank(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// How incidents that opened in one span were handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handling {
    /// Incidents that opened, without those aside.
    pub opened: i64,
    /// Of them, those that are not resolved now.
    pub still_open: i64,
    /// Until they were acknowledged.
    pub to_acknowledge: Option<Durations>,
    /// Until they were resolved.
    pub to_resolve: Option<Durations>,
}

impl Handling {
    /// Sums up spells.
    pub fn of<'a>(spells: impl IntoIterator<Item = &'a Spell>) -> Self {
        let counted = spells.into_iter().filter(|spell| !spell.is_aside);
        let counted: Vec<&Spell> = counted.collect();
        let many = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let open = counted.iter().filter(|spell| spell.resolved_at.is_none());
        Self {
            opened: many(counted.len()),
            still_open: many(open.count()),
            to_acknowledge: Durations::of(counted.iter().filter_map(|one| one.to_acknowledge())),
            to_resolve: Durations::of(counted.iter().filter_map(|one| one.to_resolve())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spell(opened: i64, acknowledged: Option<i64>, resolved: Option<i64>) -> Spell {
        Spell {
            opened_at: Time(opened),
            acknowledged_at: acknowledged.map(Time),
            resolved_at: resolved.map(Time),
            is_aside: false,
        }
    }

    #[test]
    fn cases_of_the_definition() {
        let cases = [
            ("open and not taken", spell(100, None, None), None, None),
            (
                "taken, not solved",
                spell(100, Some(160), None),
                Some(60),
                None,
            ),
            (
                "solved, never taken",
                spell(100, None, Some(400)),
                None,
                Some(300),
            ),
            (
                "both",
                spell(100, Some(160), Some(400)),
                Some(60),
                Some(300),
            ),
            (
                "a node's clock is behind",
                spell(100, Some(90), Some(95)),
                Some(0),
                Some(0),
            ),
        ];
        for (name, spell, acknowledge, resolve) in cases {
            assert_eq!(spell.to_acknowledge(), acknowledge, "{name}");
            assert_eq!(spell.to_resolve(), resolve, "{name}");
            let aside = Spell {
                is_aside: true,
                ..spell
            };
            assert_eq!(
                (aside.to_acknowledge(), aside.to_resolve()),
                (None, None),
                "{name}"
            );
        }
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        assert_eq!(Durations::of([]), None);
        let one = Durations::of([7]).unwrap();
        assert_eq!(
            (one.count, one.mean_ms, one.median_ms, one.p90_ms),
            (1, 7, 7, 7)
        );
        let ten = Durations::of((1..=10).rev().map(|number| number * 10)).unwrap();
        assert_eq!(
            (ten.count, ten.mean_ms, ten.median_ms, ten.p90_ms),
            (10, 55, 50, 90)
        );
        let two = Durations::of([1, 100]).unwrap();
        assert_eq!((two.median_ms, two.p90_ms), (1, 100));
        let odd = Durations::of([i64::MAX, i64::MAX, 0]).unwrap();
        assert_eq!(odd.median_ms, i64::MAX);
        assert_eq!(odd.mean_ms, i64::MAX / 3 * 2);
    }

    #[test]
    fn a_span_counts_what_opened_in_it() {
        let mut spells = vec![
            spell(0, Some(10), Some(100)),
            spell(5, None, None),
            spell(9, Some(39), None),
        ];
        spells.push(Spell {
            is_aside: true,
            ..spell(0, Some(1), Some(2))
        });
        let handling = Handling::of(&spells);
        assert_eq!((handling.opened, handling.still_open), (3, 2));
        let taken = handling.to_acknowledge.unwrap();
        assert_eq!((taken.count, taken.median_ms, taken.p90_ms), (2, 10, 30));
        assert_eq!(handling.to_resolve.unwrap().median_ms, 100);
        assert_eq!(Handling::of(&[]), Handling::default());
    }
}
