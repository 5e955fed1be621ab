//! Little bar charts of counts over time.

use super::{Markup, grouped};
use epicenter_domain::time::Time;

/// Counts per bucket, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trend {
    /// Counts.
    pub counts: Vec<i64>,
    /// Start of the first bucket.
    pub from: Time,
    /// Length of a bucket in milliseconds.
    pub bucket_ms: i64,
}

/// Bars narrower than this cannot be told apart.
const MOST_BARS: usize = 240;
/// Height of the drawing.
const HEIGHT: i64 = 24;

impl Trend {
    /// Nothing to draw?
    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|count| *count <= 0)
    }

    /// Sum of the counts.
    pub fn total(&self) -> i64 {
        self.counts
            .iter()
            .fold(0_i64, |sum, count| sum.saturating_add(*count))
    }

    /// The highest count.
    pub fn peak(&self) -> i64 {
        self.counts.iter().copied().max().unwrap_or_default().max(0)
    }

    /// End of the last bucket.
    pub fn to(&self) -> Time {
        let steps = i64::try_from(self.counts.len()).unwrap_or(i64::MAX);
        self.from.plus_ms(self.bucket_ms.saturating_mul(steps))
    }

    /// A small chart for a row.
    pub fn sparkline(&self) -> Markup {
        let shown = self.counts.len().min(MOST_BARS);
        let skipped = self.counts.len() - shown;
        let width = i64::try_from(shown).unwrap_or(1).max(1) * 4;
        let label = format!(
            "{} events, at most {} in one bar",
            grouped(&self.total()),
            grouped(&self.peak())
        );
        let mut svg = Markup::new()
            .html(&format!(
                "<svg class=\"spark\" viewBox=\"0 0 {width} {HEIGHT}\" \
                 preserveAspectRatio=\"none\" role=\"img\" aria-label=\""
            ))
            .text(&label)
            .html("\">");
        let peak = i128::from(self.peak().max(1));
        for (index, count) in self.counts.iter().skip(skipped).enumerate() {
            let x = index * 4;
            let scaled = i128::from((*count).max(0)) * i128::from(HEIGHT - 1) / peak;
            let tall = i64::try_from(scaled).unwrap_or(HEIGHT - 1) + 1;
            let top = HEIGHT - tall;
            let class = if *count > 0 { "" } else { " class=\"z\"" };
            svg = svg.html(&format!(
                "<rect{class} x=\"{x}\" y=\"{top}\" width=\"3\" height=\"{tall}\"/>"
            ));
        }
        svg.html("</svg>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_scaled_to_the_peak() {
        let trend = Trend {
            counts: vec![0, 5, 10],
            from: Time(0),
            bucket_ms: 3_600_000,
        };
        let svg = trend.sparkline().to_string();
        assert!(svg.contains("viewBox=\"0 0 12 24\""), "{svg}");
        assert!(
            svg.contains("x=\"8\" y=\"0\" width=\"3\" height=\"24\""),
            "{svg}"
        );
        assert!(
            svg.contains("aria-label=\"15 events, at most 10 in one bar\""),
            "{svg}"
        );
        assert_eq!(trend.to(), Time(10_800_000));
    }

    #[test]
    fn odd_counts_do_no_harm() {
        let trend = Trend {
            counts: vec![i64::MAX, i64::MIN, -1],
            from: Time(i64::MAX),
            bucket_ms: i64::MAX,
        };
        assert!(trend.sparkline().to_string().contains("height=\"24\""));
        assert!(Trend::default().is_empty());
        let many = Trend {
            counts: vec![1; 100_000],
            from: Time(0),
            bucket_ms: 1,
        };
        assert!(many.sparkline().to_string().len() < 40_000);
    }
}
