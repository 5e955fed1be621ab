//! Figures over cases: mean reciprocal rank, hits, and how sure they are.

use crate::trials::Outcome;

/// Resamples of the bootstrap; the third digit of its ends no longer moves.
const RESAMPLES: usize = 4_000;

/// What one case reached, averaged over its trials.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reached {
    pub(crate) reciprocal: f64,
    pub(crate) top_1: f64,
    pub(crate) top_3: f64,
    pub(crate) top_5: f64,
    pub(crate) top_10: f64,
    pub(crate) soft: f64,
}

impl Reached {
    pub(crate) fn of(outcomes: &[Outcome]) -> Self {
        let within = |most: f64| mean(outcomes.iter().map(|it| yes(it.rank <= most)));
        Self {
            reciprocal: mean(outcomes.iter().map(|it| 1.0 / it.rank)),
            top_1: within(1.0),
            top_3: within(3.0),
            top_5: within(5.0),
            top_10: within(10.0),
            soft: mean(outcomes.iter().map(|it| it.soft)),
        }
    }
}

pub(crate) fn yes(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

pub(crate) fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

pub(crate) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// Ends of the 95 % interval of the mean of `values`, by drawing cases with replacement.
pub(crate) fn interval(values: &[f64]) -> (f64, f64) {
    let Some(last) = values.len().checked_sub(1) else {
        return (0.0, 0.0);
    };
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            mean((0..=last).filter_map(|_| {
                let bound = u64::try_from(values.len()).unwrap_or(1);
                let drawn = usize::try_from(next(&mut state) % bound).unwrap_or(0);
                values.get(drawn).copied()
            }))
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let end = |position: usize| means.get(position).copied().unwrap_or(0.0);
    (end(RESAMPLES / 40), end(RESAMPLES - 1 - RESAMPLES / 40))
}

/// Xorshift: the same draws in each run.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state >> 11
}
