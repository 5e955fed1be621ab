//! What grew or fell most against the time before.

/// Fewest events, both times together, of something that can be said to move.
const LEAST_EVENTS: i64 = 10;
/// A change counts from three standard deviations of what chance alone would do: two counts of
/// events that come at random differ by more in three of a thousand cases.
const LEAST_DEVIATIONS: f64 = 3.0;

/// Events of one thing, in a time and in the equally long time before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move<T> {
    /// What it is.
    pub what: T,
    /// Events in the time before.
    pub before: i64,
    /// Events in the time.
    pub after: i64,
}

impl<T> Move<T> {
    /// How far the change is from chance, in standard deviations; negative when it fell. A growth
    /// from 12 to 240 stands above one from 10,000 to 10,300.
    fn deviations(&self) -> f64 {
        let (before, after) = (count(self.before), count(self.after));
        (after - before) / (after + before).max(1.0).sqrt()
    }

    fn is_told(&self) -> bool {
        self.before.saturating_add(self.after) >= LEAST_EVENTS
            && self.deviations().abs() >= LEAST_DEVIATIONS
    }

    /// The change in words: "20 times as many", "new", "gone".
    pub fn told(&self) -> String {
        match (self.before, self.after) {
            (..=0, _) => "new".to_owned(),
            (_, ..=0) => "gone".to_owned(),
            (before, after) if after / 2 >= before => {
                format!("{} times as many", ratio(after, before))
            }
            (before, after) if after >= before => {
                format!("{} % more", percent(after - before, before))
            }
            (before, after) => format!("{} % fewer", percent(before - after, before)),
        }
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a rank needs no exact digits beyond 2^53 events"
)]
fn count(number: i64) -> f64 {
    number.max(0) as f64
}

/// `2.5`, or `20` from ten on.
fn ratio(after: i64, before: i64) -> String {
    let tenths = after.saturating_mul(10) / before.max(1);
    if tenths >= 100 || tenths % 10 == 0 {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

fn percent(part: i64, whole: i64) -> i64 {
    part.saturating_mul(100) / whole.max(1)
}

/// What grew most and what fell most, at most `most` of each; what changed no more than chance
/// changes it is left out. Equal ones keep their order.
pub fn movers<T: Clone>(all: &[Move<T>], most: usize) -> (Vec<Move<T>>, Vec<Move<T>>) {
    let mut told: Vec<&Move<T>> = all.iter().filter(|one| one.is_told()).collect();
    told.sort_by(|left, right| right.deviations().total_cmp(&left.deviations()));
    let grew = told.iter().take_while(|one| one.after > one.before);
    let fell = told.iter().rev().take_while(|one| one.after < one.before);
    let taken = |list: Vec<&&Move<T>>| list.into_iter().map(|one| (*one).clone()).collect();
    (
        taken(grew.take(most).collect()),
        taken(fell.take(most).collect()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(what: &str, before: i64, after: i64) -> Move<String> {
        Move {
            what: what.to_owned(),
            before,
            after,
        }
    }

    fn names(list: &[Move<String>]) -> Vec<&str> {
        list.iter().map(|one| one.what.as_str()).collect()
    }

    #[test]
    fn large_changes_come_first_and_chance_is_left_out() {
        let all = [
            moved("steady", 1_000, 1_040),
            moved("tiny", 1, 8),
            moved("tenfold", 12, 240),
            moved("large", 10_000, 10_900),
            moved("new", 0, 400),
            moved("gone", 90, 0),
            moved("halved", 200, 100),
        ];
        let (grew, fell) = movers(&all, 10);
        assert_eq!(names(&grew), ["new", "tenfold", "large"]);
        assert_eq!(names(&fell), ["gone", "halved"]);
        let (grew, fell) = movers(&all, 1);
        assert_eq!((names(&grew), names(&fell)), (vec!["new"], vec!["gone"]));
        assert_eq!(movers::<String>(&[], 5), (vec![], vec![]));
    }

    #[test]
    fn changes_are_told_in_words() {
        for (before, after, expected) in [
            (12, 240, "20 times as many"),
            (10, 25, "2.5 times as many"),
            (100, 150, "50 % more"),
            (200, 50, "75 % fewer"),
            (0, 40, "new"),
            (40, 0, "gone"),
            (i64::MAX, i64::MAX, "0 % more"),
        ] {
            assert_eq!(moved("x", before, after).told(), expected);
        }
    }
}
