//! Bars over time with an axis, a legend, deploys, and the same as a table.
//!
//! The drawing is stretched to the width there is, so that its words stand beside it in HTML: the
//! ticks are evenly spaced, and no style has to be computed per page.

use super::deploy_mark::{TOP, WIDTH, draw_mark, hour};
use super::{Clock, DeployMark, Icon, Markup, Trend, compact, grouped, plural};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::escalation::calendar::Zone;
use epicenter_domain::time::{DAY_MS, Time};

/// Height of the drawing.
const HEIGHT: i64 = 100;
/// Height of the highest bar: above it are the heads of the deploys.
const ROOM: i64 = HEIGHT - TOP;
/// Bars that are drawn; more could not be told apart.
const MOST_STEPS: usize = 400;

/// One kind of bar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// What it is, for people; may be foreign.
    pub name: String,
    /// Its colour: a class of the style sheet.
    pub class: &'static str,
    /// Counts per step.
    pub counts: Vec<i64>,
}

/// Bars over time.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/chart.html")]
pub struct Chart {
    /// Its id in the page.
    pub id: &'static str,
    /// What is counted: one and many.
    pub what: (&'static str, &'static str),
    /// Now.
    pub clock: Clock,
    /// Where the first step begins.
    pub from: Time,
    /// Length of a step in milliseconds.
    pub step_ms: i64,
    /// What stands on each other, or, unless `is_stacked`, beside each other.
    pub series: Vec<Series>,
    /// Do the counts of a step add up?
    pub is_stacked: bool,
    /// Deploys, newest first.
    pub marks: Vec<DeployMark>,
}

impl HtmlSafe for Chart {}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct ChartRow {
    /// Where the step begins.
    pub at: Time,
    /// Counts per series.
    pub counts: Vec<String>,
    /// Deploys in it: id and name.
    pub deploys: Vec<(String, String)>,
}

impl Chart {
    /// The events of one thing, without kinds.
    pub fn of_trend(id: &'static str, clock: Clock, trend: &Trend, marks: &[DeployMark]) -> Self {
        Self {
            id,
            what: ("event", "events"),
            clock,
            from: trend.from,
            step_ms: trend.bucket_ms,
            series: vec![Series {
                name: "Events".to_owned(),
                class: "s-one",
                counts: trend.counts.clone(),
            }],
            is_stacked: true,
            marks: marks.to_vec(),
        }
    }

    fn steps(&self) -> usize {
        let longest = self.series.iter().map(|one| one.counts.len()).max();
        longest.unwrap_or(0).min(MOST_STEPS)
    }

    fn start_of(&self, index: usize) -> Time {
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        self.from.plus_ms(self.step_ms.saturating_mul(index))
    }

    fn count(series: &Series, index: usize) -> i64 {
        series.counts.get(index).copied().unwrap_or(0).max(0)
    }

    /// Nothing to draw?
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
            && self
                .series
                .iter()
                .all(|one| one.counts.iter().all(|n| *n <= 0))
    }

    /// Is there more than one kind of bar, so that they need names?
    pub fn has_legend(&self) -> bool {
        self.series.len() > 1
    }

    /// The highest bar.
    fn peak(&self) -> i64 {
        let height = |index| {
            let counts = self.series.iter().map(|one| Self::count(one, index));
            if self.is_stacked {
                counts.fold(0_i64, i64::saturating_add)
            } else {
                counts.max().unwrap_or(0)
            }
        };
        (0..self.steps()).map(height).max().unwrap_or(0)
    }

    /// The step of the axis: 1, 2 or 5 and zeros, so that at most five of them cover the peak.
    fn tick(&self) -> i64 {
        let wanted = self.peak().max(1).saturating_add(3) / 4;
        let mut unit = 1_i64;
        loop {
            for factor in [1, 2, 5] {
                let tick = unit.saturating_mul(factor);
                if tick >= wanted {
                    return tick;
                }
            }
            unit = unit.saturating_mul(10);
        }
    }

    fn tick_count(&self) -> i64 {
        let (peak, tick) = (self.peak().max(1), self.tick());
        peak.div_euclid(tick) + i64::from(peak % tick > 0)
    }

    /// Numbers of the axis, highest first, down to 0.
    pub fn numbers(&self) -> Vec<String> {
        let ticks = (0..=self.tick_count()).rev();
        ticks
            .map(|index| compact(&self.tick().saturating_mul(index)))
            .collect()
    }

    /// Times below the bars: as many as divide the steps evenly, at most seven.
    pub fn times(&self) -> Vec<String> {
        let steps = self.steps();
        let fits = |parts: &usize| steps > 0 && steps.is_multiple_of(*parts);
        let parts = (2..=7).rev().find(fits).unwrap_or(1);
        let span_ms = self.start_of(steps).since_ms(self.from);
        let format = match self.step_ms {
            DAY_MS.. => "%-d %b",
            _ if span_ms > 2 * DAY_MS => "%a %-d",
            _ => "%H:%M",
        };
        let zone = Zone::utc();
        (0..parts)
            .map(|part| zone.wall(self.start_of(steps / parts * part)))
            .map(|wall| wall.strftime(format).to_string())
            .collect()
    }

    /// "1,204 events from … to …, 3 deploys".
    pub fn label(&self) -> String {
        let total = self
            .series
            .iter()
            .flat_map(|one| &one.counts)
            .fold(0_i64, |sum, count| sum.saturating_add((*count).max(0)));
        let (one, many) = self.what;
        let mut label = format!(
            "{} from {} to {}",
            plural(&total, one, many),
            hour(self.from),
            hour(self.start_of(self.steps()))
        );
        let deploys = i64::try_from(self.marks.len()).unwrap_or(i64::MAX);
        if deploys > 0 {
            label.push_str(", ");
            label.push_str(&plural(&deploys, "deploy", "deploys"));
        }
        label
    }

    /// Sum of a series.
    pub fn total(&self, series: &Series) -> String {
        let sum = |sum: i64, count: &i64| sum.saturating_add(*count);
        grouped(&series.counts.iter().fold(0, sum))
    }

    /// The steps in which something was, newest first.
    pub fn rows(&self) -> Vec<ChartRow> {
        let row = |index: usize| {
            let (at, end) = (self.start_of(index), self.start_of(index + 1));
            let counts: Vec<i64> = self
                .series
                .iter()
                .map(|one| Self::count(one, index))
                .collect();
            let inside = self
                .marks
                .iter()
                .filter(|mark| mark.at >= at && mark.at < end);
            let deploys: Vec<(String, String)> = inside
                .map(|mark| (mark.id.clone(), mark.name.clone()))
                .collect();
            let is_told = counts.iter().any(|count| *count > 0) || !deploys.is_empty();
            is_told.then(|| ChartRow {
                at,
                counts: counts.iter().map(grouped).collect(),
                deploys,
            })
        };
        (0..self.steps()).rev().filter_map(row).collect()
    }

    /// The drawing.
    pub fn svg(&self) -> Markup {
        let steps = i64::try_from(self.steps()).unwrap_or(1).max(1);
        let width = steps * WIDTH;
        let mut svg = Markup::new()
            .html(&format!(
                "<svg class=\"bars\" viewBox=\"0 0 {width} {HEIGHT}\" \
                 preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"{0}-title\" \
                 aria-describedby=\"{0}-desc\">\
                 <title id=\"{0}-title\">",
                self.id
            ))
            .text(&self.label())
            .html(&format!("</title><desc id=\"{}-desc\">", self.id))
            .text("The same numbers are in the table below the chart.")
            .html("</desc>");
        for tick in 1..=self.tick_count() {
            let y = HEIGHT - ROOM * tick / self.tick_count().max(1);
            svg = svg.html(&format!(
                "<line class=\"grid\" x1=\"0\" y1=\"{y}\" x2=\"{width}\" y2=\"{y}\"/>"
            ));
        }
        for index in 0..self.steps() {
            svg = self.step(svg, index);
        }
        let end = self.start_of(self.steps());
        let inside = self
            .marks
            .iter()
            .filter(|mark| mark.at >= self.from && mark.at < end);
        for mark in inside.rev() {
            svg = draw_mark(svg, mark, (self.from, self.step_ms), (width, HEIGHT));
        }
        svg.html("</svg>")
    }

    /// The bars of one step, with what they say when pointed at.
    fn step(&self, svg: Markup, index: usize) -> Markup {
        let counts = || self.series.iter().map(|one| (one, Self::count(one, index)));
        if counts().all(|(_, count)| count == 0) {
            return svg;
        }
        let mut told = hour(self.start_of(index));
        for (series, count) in counts().filter(|(_, count)| *count > 0) {
            for part in [", ", &series.name, " ", &grouped(&count)] {
                told.push_str(part);
            }
        }
        let top = i128::from(self.tick().saturating_mul(self.tick_count()).max(1));
        // In tenths of a unit, so that small parts of high bars do not vanish.
        let scaled = |count: i64| {
            let tall = i128::from(count) * i128::from(ROOM * 10) / top;
            i64::try_from(tall).unwrap_or(ROOM * 10).max(8)
        };
        let places = if self.is_stacked {
            1
        } else {
            i64::try_from(self.series.len()).unwrap_or(1).max(1)
        };
        let thick = 30 / places;
        let mut x = i64::try_from(index).unwrap_or(0) * WIDTH * 10;
        let mut y = HEIGHT * 10;
        let mut svg = svg.html("<g><title>").text(&told).html("</title>");
        for (series, count) in counts() {
            if count > 0 {
                let tall = scaled(count).min(y);
                let bottom = if self.is_stacked { y } else { HEIGHT * 10 };
                svg = svg.html(&format!(
                    "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                    series.class,
                    tenths(x),
                    tenths(bottom - tall),
                    tenths(thick),
                    tenths(tall)
                ));
                if self.is_stacked {
                    y = bottom - tall;
                }
            }
            if !self.is_stacked {
                x += thick;
            }
        }
        svg.html("</g>")
    }
}

/// `12.5` from 125.
fn tenths(number: i64) -> String {
    format!("{}.{}", number / 10, number % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicenter_domain::change::judge::DeployVerdict;
    use epicenter_domain::time::HOUR_MS;

    fn chart(counts: [&[i64]; 2], is_stacked: bool) -> Chart {
        let series = |name: &str, class, counts: &[i64]| Series {
            name: name.to_owned(),
            class,
            counts: counts.to_vec(),
        };
        Chart {
            id: "events",
            what: ("event", "events"),
            step_ms: HOUR_MS,
            series: vec![
                series("error", "s-error", counts[0]),
                series("<warning>", "s-warning", counts[1]),
            ],
            is_stacked,
            marks: vec![DeployMark {
                id: "dep_1".to_owned(),
                name: "<b>shop@2".to_owned(),
                at: Time(HOUR_MS * 3 / 2),
                verdict: DeployVerdict::Suspicious,
            }],
            ..Chart::default()
        }
    }

    #[test]
    fn bars_stand_on_each_other_below_a_round_number() {
        let chart = chart([&[0, 40, 20, 0], &[0, 40, 0, 0]], true);
        assert_eq!(chart.numbers(), ["80", "60", "40", "20", "0"]);
        assert_eq!(chart.times(), ["00:00", "01:00", "02:00", "03:00"]);
        let svg = chart.svg().to_string();
        let bar = |class, y, tall| {
            format!("<rect class=\"{class}\" x=\"4.0\" y=\"{y}\" width=\"3.0\" height=\"{tall}\"/>")
        };
        assert!(svg.contains(&bar("s-error", "54.0", "46.0")), "{svg}");
        assert!(svg.contains(&bar("s-warning", "8.0", "46.0")), "{svg}");
        assert!(
            svg.contains("01:00 UTC, error 40, &lt;warning&gt; 40</title>"),
            "{svg}"
        );
        assert!(
            svg.contains("is-suspicious") && svg.contains("&lt;b&gt;shop@2"),
            "{svg}"
        );
        assert!(
            svg.contains("100 events from 1970-01-01 00:00 UTC"),
            "{svg}"
        );
        assert!(svg.contains(", 1 deploy</title>"), "{svg}");
        let rows = chart.rows();
        assert_eq!(rows.len(), 2, "empty steps are left out");
        assert_eq!(
            (rows[0].at, &rows[0].counts[..]),
            (Time(2 * HOUR_MS), &["20", "0"].map(str::to_owned)[..])
        );
        assert_eq!(rows[1].deploys.len(), 1);
    }

    #[test]
    fn bars_beside_each_other_share_a_step() {
        let chart = chart([&[3], &[2]], false);
        assert_eq!(chart.numbers(), ["3", "2", "1", "0"]);
        let svg = chart.svg().to_string();
        assert!(
            svg.contains("x=\"0.0\" y=\"8.0\" width=\"1.5\" height=\"92.0\""),
            "{svg}"
        );
        assert!(
            svg.contains("x=\"1.5\" y=\"38.7\" width=\"1.5\" height=\"61.3\""),
            "{svg}"
        );
    }

    #[test]
    fn ticks_are_round_and_few() {
        for peak in [0, 1, 4, 5, 7, 99, 101, 12_345, i64::MAX] {
            let numbers = chart([&[peak], &[]], true).numbers();
            assert!((2..=7).contains(&numbers.len()), "{peak}: {numbers:?}");
        }
        let days = Chart {
            step_ms: DAY_MS,
            ..chart([&[1; 90], &[]], true)
        };
        assert_eq!(
            days.times(),
            ["1 Jan", "16 Jan", "31 Jan", "15 Feb", "2 Mar", "17 Mar"]
        );
        let week = chart([&[1; 168], &[]], true);
        assert_eq!(week.times().len(), 7);
        assert_eq!(week.times()[0], "Thu 1");
    }

    #[test]
    fn odd_counts_do_no_harm() {
        let odd = chart([&[i64::MAX, i64::MIN, -1], &[i64::MAX]], true);
        assert!(odd.svg().to_string().ends_with("</svg>"));
        assert!(Chart::default().is_empty() && Chart::default().rows().is_empty());
        assert!(Chart::default().render().is_ok());
        let many = chart([&vec![1; 100_000], &[]], true);
        assert!(many.svg().to_string().len() < 80_000);
    }
}
