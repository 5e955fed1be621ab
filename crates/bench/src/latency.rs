//! Times of answers, exact: every one is kept.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Times in microseconds.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<u32>);

/// What people read, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Half are faster.
    pub p50: f64,
    /// Nine of ten are faster.
    pub p90: f64,
    /// All but one of a hundred are faster.
    pub p99: f64,
    /// All but one of a thousand are faster.
    pub p999: f64,
    /// The slowest.
    pub max: f64,
}

impl Times {
    /// Room for so many.
    pub fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// One more.
    pub fn add(&mut self, time: Duration) {
        self.0
            .push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
    }

    /// Those of another thread.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Sorts them, and picks.
    pub fn summary(mut self) -> Summary {
        self.0.sort_unstable();
        Summary {
            p50: self.at(500),
            p90: self.at(900),
            p99: self.at(990),
            p999: self.at(999),
            max: self.at(1_000),
        }
    }

    fn at(&self, thousandths: usize) -> f64 {
        let place = (self.0.len() * thousandths)
            .div_ceil(1_000)
            .saturating_sub(1);
        self.0
            .get(place)
            .map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_exact() {
        let mut times = Times::default();
        for millis in (1..=1_000).rev() {
            times.add(Duration::from_millis(millis));
        }
        let summary = times.summary();
        let all = [
            summary.p50,
            summary.p90,
            summary.p99,
            summary.p999,
            summary.max,
        ];
        let expected = [500.0, 900.0, 990.0, 999.0, 1_000.0];
        assert!(
            all.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9),
            "{all:?}"
        );
    }

    #[test]
    fn no_times_are_zero() {
        assert!(Times::default().summary().max.abs() < 1e-9);
    }
}
