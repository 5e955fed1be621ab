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

    /// Start of the bucket with the highest count.
    pub fn peak_at(&self) -> Time {
        let peak = self.peak();
        let index = self
            .counts
            .iter()
            .position(|count| *count == peak)
            .unwrap_or_default();
        self.start_of(index)
    }

    /// End of the last bucket.
    pub fn to(&self) -> Time {
        self.start_of(self.counts.len())
    }

    fn start_of(&self, index: usize) -> Time {
        let steps = i64::try_from(index).unwrap_or(i64::MAX);
        self.from.plus_ms(self.bucket_ms.saturating_mul(steps))
    }

    /// A small chart for a row, 24 units high.
    pub fn sparkline(&self) -> Markup {
        self.chart("spark", 24, false)
    }

    /// The chart of a page, 72 units high.
    pub fn large(&self) -> Markup {
        self.chart("spark is-large", 72, true)
    }

    /// What a bar says when pointed at.
    fn told(&self, index: usize, count: i64) -> String {
        let at = self.start_of(index).rfc3339();
        let at = at.get(..16).unwrap_or_default().replace('T', " ");
        format!("{at} UTC: {}", grouped(&count))
    }

    fn chart(&self, class: &str, height: i64, is_told: bool) -> Markup {
        let shown = self.counts.len().min(MOST_BARS);
        let skipped = self.counts.len() - shown;
        let width = i64::try_from(shown).unwrap_or(1).max(1) * 4;
        let label = format!(
            "{} events, at most {} in one bar",
            grouped(&self.total()),
            grouped(&self.peak())
        );
        let mut svg = Markup::new()
            .html("<svg class=\"")
            .text(class)
            .html(&format!(
                "\" viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\" "
            ))
            .html("role=\"img\" aria-label=\"")
            .text(&label)
            .html("\">");
        let peak = i128::from(self.peak().max(1));
        for (index, count) in self.counts.iter().skip(skipped).enumerate() {
            let x = index * 4;
            let scaled = i128::from((*count).max(0)) * i128::from(height - 1) / peak;
            let tall = i64::try_from(scaled).unwrap_or(height - 1) + 1;
            let top = height - tall;
            let class = if *count > 0 { "" } else { " class=\"z\"" };
            svg = svg.html(&format!(
                "<rect{class} x=\"{x}\" y=\"{top}\" width=\"3\" height=\"{tall}\""
            ));
            svg = if is_told {
                let told = self.told(index + skipped, *count);
                svg.html("><title>").text(&told).html("</title></rect>")
            } else {
                svg.html("/>")
            };
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
        let svg = trend.large().to_string();
        assert!(svg.contains("viewBox=\"0 0 12 72\""), "{svg}");
        assert!(
            svg.contains("x=\"8\" y=\"0\" width=\"3\" height=\"72\""),
            "{svg}"
        );
        assert!(svg.contains("1970-01-01 02:00 UTC: 10"), "{svg}");
        assert!(
            svg.contains("aria-label=\"15 events, at most 10 in one bar\""),
            "{svg}"
        );
        assert_eq!(trend.peak_at(), Time(7_200_000));
    }

    #[test]
    fn odd_counts_do_no_harm() {
        let trend = Trend {
            counts: vec![i64::MAX, i64::MIN, -1],
            from: Time(i64::MAX),
            bucket_ms: i64::MAX,
        };
        assert!(trend.large().to_string().contains("height=\"72\""));
        assert!(Trend::default().is_empty());
        let many = Trend {
            counts: vec![1; 100_000],
            from: Time(0),
            bucket_ms: 1,
        };
        assert!(many.sparkline().to_string().len() < 40_000);
    }
}
