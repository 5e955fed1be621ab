//! Deploys among the bars of a chart.

use super::Markup;
use epicenter_domain::change::judge::DeployVerdict;
use epicenter_domain::time::Time;

/// Room above the bars for the heads of the marks.
pub(super) const TOP: i64 = 8;
/// Units of a step.
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

    fn drawn(at: Time) -> String {
        let mark = DeployMark {
            id: "dep_1".to_owned(),
            name: "<b>".to_owned(),
            at,
            verdict: DeployVerdict::Suspicious,
        };
        draw_mark(Markup::new(), &mark, (Time(0), HOUR_MS), (12, 90)).to_string()
    }

    #[test]
    fn deploys_stand_where_they_happened() {
        let svg = drawn(Time(HOUR_MS * 3 / 2));
        assert!(svg.contains("x=\"6.00\" y=\"0\" width=\"0.8\""), "{svg}");
        assert!(
            svg.contains("01:30 UTC: &lt;b&gt;") && svg.contains("is-suspicious"),
            "{svg}"
        );
        let odd = drawn(Time(i64::MAX));
        assert!(odd.contains("x=\"11.20\""), "not beyond the end: {odd}");
    }
}
