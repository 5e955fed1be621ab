//! Events per hour with the deploys among them.

use super::{Markup, Trend, grouped};
use epicenter_domain::change::judge::DeployVerdict;
use epicenter_domain::time::Time;

/// Height of the drawing; its width is 4 units an hour.
const HEIGHT: i64 = 90;
/// Room above the bars for the heads of the marks.
pub(super) const TOP: i64 = 8;
/// Units of an hour.
pub(super) const WIDTH: i64 = 4;

/// A deploy in the chart.
#[derive(Clone, Debug)]
pub struct DeployMark {
    /// Id, as the address has it.
    pub id: String,
    /// What was deployed where.
    pub name: String,
    /// When.
    pub at: Time,
    /// What became of it.
    pub verdict: DeployVerdict,
}

/// Events per hour with the deploys among them.
#[derive(Clone, Debug, Default)]
pub struct RateChart {
    /// Events per hour.
    pub trend: Trend,
    /// Deploys, newest first.
    pub marks: Vec<DeployMark>,
}

/// One line of the table behind the chart.
#[derive(Clone, Debug)]
pub struct RateRow {
    /// The hour.
    pub at: Time,
    /// Events in it.
    pub count: i64,
    /// Deploys in it: id and name.
    pub deploys: Vec<(String, String)>,
}

impl RateChart {
    /// Nothing to draw?
    pub fn is_empty(&self) -> bool {
        self.trend.is_empty() && self.marks.is_empty()
    }

    /// End of the last hour.
    pub fn to(&self) -> Time {
        self.trend.to()
    }

    /// The hours in which something was, newest first.
    pub fn rows(&self) -> Vec<RateRow> {
        let hours = (0_i64..).zip(&self.trend.counts).map(|(index, count)| {
            let at = self.trend.from.plus_ms(index * self.trend.bucket_ms);
            let end = at.plus_ms(self.trend.bucket_ms);
            let inside = |mark: &&DeployMark| mark.at >= at && mark.at < end;
            let deploys = self.marks.iter().filter(inside);
            RateRow {
                at,
                count: *count,
                deploys: deploys
                    .map(|mark| (mark.id.clone(), mark.name.clone()))
                    .collect(),
            }
        });
        let mut rows: Vec<RateRow> = hours
            .filter(|row| row.count > 0 || !row.deploys.is_empty())
            .collect();
        rows.reverse();
        rows
    }

    /// "1,204 events and 3 deploys in 72 hours".
    pub fn label(&self) -> String {
        let deploys = i64::try_from(self.marks.len()).unwrap_or(i64::MAX);
        format!(
            "{} and {} in {} hours",
            super::plural(&self.trend.total(), "event", "events"),
            super::plural(&deploys, "deploy", "deploys"),
            self.trend.counts.len()
        )
    }

    /// The drawing.
    pub fn svg(&self) -> Markup {
        let hours = i64::try_from(self.trend.counts.len()).unwrap_or(1).max(1);
        let width = hours * WIDTH;
        let mut svg = Markup::new()
            .html(&format!(
                "<svg class=\"spark is-rate\" viewBox=\"0 0 {width} {HEIGHT}\" \
                 preserveAspectRatio=\"none\" role=\"img\" aria-label=\""
            ))
            .text(&self.label())
            .html("\">");
        let peak = i128::from(self.trend.peak().max(1));
        for (index, count) in (0_i64..).zip(&self.trend.counts) {
            let room = i128::from(HEIGHT - TOP - 1);
            let scaled = i128::from((*count).max(0)) * room / peak;
            let tall = i64::try_from(scaled).unwrap_or(0) + 1;
            let class = if *count > 0 { "" } else { " class=\"z\"" };
            let at = self.trend.from.plus_ms(index * self.trend.bucket_ms);
            svg = svg
                .html(&format!(
                    "<rect{class} x=\"{}\" y=\"{}\" width=\"3\" height=\"{tall}\"><title>",
                    index * WIDTH,
                    HEIGHT - tall
                ))
                .text(&format!("{}: {}", hour(at), grouped(count)))
                .html("</title></rect>");
        }
        for mark in self.marks.iter().rev() {
            svg = draw_mark(
                svg,
                mark,
                (self.trend.from, self.trend.bucket_ms),
                (width, HEIGHT),
            );
        }
        svg.html("</svg>")
    }
}

/// Draws a deploy as a link; the drawing is `WIDTH` units a step wide.
pub(super) fn draw_mark(
    svg: Markup,
    mark: &DeployMark,
    (from, step_ms): (Time, i64),
    (width, height): (i64, i64),
) -> Markup {
    let since = mark.at.since_ms(from).max(0);
    // In hundredths of a unit, so that two deploys of one hour stand apart.
    let x = since.saturating_mul(WIDTH * 100) / step_ms.max(1);
    let x = x.min(width * 100 - 80);
    let place = format!("{}.{:02}", x / 100, x % 100);
    svg.html("<a class=\"mark is-")
        .text(mark.verdict.as_str())
        .html("\" href=\"/changes/deploys/")
        .text(&mark.id)
        .html("\"><title>")
        .text(&format!("{}: {}", hour(mark.at), mark.name))
        .html(&format!(
            "</title><rect class=\"reach\" x=\"{place}\" y=\"0\" width=\"3\" \
             height=\"{height}\"/><rect x=\"{place}\" y=\"0\" width=\"0.8\" \
             height=\"{height}\"/><rect x=\"{place}\" y=\"0\" width=\"2.4\" \
             height=\"{TOP}\"/></a>"
        ))
}

/// `2026-01-06 10:00 UTC`.
pub(super) fn hour(at: Time) -> String {
    let text = at.rfc3339();
    format!(
        "{} UTC",
        text.get(..16).unwrap_or_default().replace('T', " ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicenter_domain::time::HOUR_MS;

    fn chart() -> RateChart {
        RateChart {
            trend: Trend {
                counts: vec![0, 5, 10],
                from: Time(0),
                bucket_ms: HOUR_MS,
            },
            marks: vec![DeployMark {
                id: "dep_1".to_owned(),
                name: "<b>".to_owned(),
                at: Time(HOUR_MS * 3 / 2),
                verdict: DeployVerdict::Suspicious,
            }],
        }
    }

    #[test]
    fn deploys_stand_where_they_happened() {
        let svg = chart().svg().to_string();
        assert!(svg.contains("viewBox=\"0 0 12 90\""), "{svg}");
        assert!(
            svg.contains("x=\"8\" y=\"8\" width=\"3\" height=\"82\""),
            "{svg}"
        );
        assert!(svg.contains("x=\"6.00\" y=\"0\" width=\"0.8\""), "{svg}");
        assert!(
            svg.contains("01:30 UTC: &lt;b&gt;") && svg.contains("is-suspicious"),
            "{svg}"
        );
        assert!(svg.contains("15 events and 1 deploy in 3 hours"), "{svg}");
    }

    #[test]
    fn the_table_says_the_same() {
        let rows = chart().rows();
        assert_eq!(rows.len(), 2, "empty hours are left out");
        assert_eq!((rows[0].count, rows[1].count), (10, 5));
        assert_eq!(rows[1].deploys.len(), 1);
        let mut odd = chart();
        odd.marks[0].at = Time(i64::MAX);
        odd.trend.counts = vec![i64::MAX, -1];
        assert!(odd.svg().to_string().ends_with("</a></svg>"));
        assert!(RateChart::default().is_empty());
        assert!(RateChart::default().svg().to_string().contains("<svg"));
    }
}
