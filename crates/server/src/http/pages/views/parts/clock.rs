//! Times as people read them. The server writes UTC and a distance from now; the page's script
//! writes them anew in the reader's zone and keeps the distances fresh.

use super::Markup;
use epicenter_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};

/// The instant a page was made at; distances are counted from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock(pub Time);

impl Clock {
    /// "3 min ago", with the exact time on hover.
    pub fn ago(&self, at: &Time) -> Markup {
        element("ago", *at, &distance(self.0, *at))
    }

    /// "3 min": how long it has been so.
    pub fn age(&self, at: &Time) -> Markup {
        element("age", *at, &span(self.0.since_ms(*at).max(0)))
    }

    /// Date and time of day.
    pub fn at(&self, at: &Time) -> Markup {
        element("full", *at, &utc(*at))
    }

    /// Time of day with seconds.
    pub fn time_of_day(&self, at: &Time) -> Markup {
        let text = utc(*at);
        element("clock", *at, text.get(11..19).unwrap_or(&text))
    }

    /// How long from one instant to another, as plain text.
    pub fn between(&self, from: &Time, to: &Time) -> String {
        span(to.since_ms(*from).max(0))
    }
}

fn element(format: &str, at: Time, text: &str) -> Markup {
    Markup::new()
        .html("<time datetime=\"")
        .text(&at.rfc3339())
        .html("\" data-time=\"")
        .text(format)
        .html("\" title=\"")
        .text(&utc(at))
        .html("\">")
        .text(text)
        .html("</time>")
}

/// `2026-01-06 10:00:01 UTC`.
fn utc(at: Time) -> String {
    let text = at.rfc3339();
    let day = text.get(..10).unwrap_or_default();
    let time = text.get(11..19).unwrap_or_default();
    format!("{day} {time} UTC")
}

/// "just now", "3 min ago", "in 2 h".
fn distance(now: Time, at: Time) -> String {
    let ms = now.since_ms(at);
    if ms.abs() < 10_000 {
        "just now".to_owned()
    } else if ms < 0 {
        format!("in {}", span(ms.saturating_neg()))
    } else {
        format!("{} ago", span(ms))
    }
}

const TWO_DAYS_MS: i64 = 2 * DAY_MS;
const TWO_MONTHS_MS: i64 = 60 * DAY_MS;
const TWO_YEARS_MS: i64 = 730 * DAY_MS;

/// "40 s", "3 min", "2 h", "5 d", "3 mo", "3 yr".
fn span(ms: i64) -> String {
    match ms {
        ..MINUTE_MS => format!("{} s", ms / 1_000),
        MINUTE_MS..HOUR_MS => format!("{} min", ms / MINUTE_MS),
        HOUR_MS..TWO_DAYS_MS => format!("{} h", ms / HOUR_MS),
        TWO_DAYS_MS..TWO_MONTHS_MS => format!("{} d", ms / DAY_MS),
        TWO_MONTHS_MS..TWO_YEARS_MS => format!("{} mo", ms / (30 * DAY_MS)),
        _ => format!("{} yr", ms / (365 * DAY_MS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_read_as_people_say_them() {
        let now = Time(1_767_693_601_904);
        for (ms, expected) in [
            (0, "just now"),
            (9_000, "just now"),
            (-9_000, "just now"),
            (40_000, "40 s ago"),
            (200_000, "3 min ago"),
            (-3_700_000, "in 1 h"),
            (47 * HOUR_MS, "47 h ago"),
            (50 * HOUR_MS, "2 d ago"),
            (59 * DAY_MS, "59 d ago"),
            (70 * DAY_MS, "2 mo ago"),
            (800 * DAY_MS, "2 yr ago"),
            (i64::MIN, "in 292471152 yr"),
        ] {
            assert_eq!(
                distance(now, Time(now.0.saturating_sub(ms))),
                expected,
                "{ms}"
            );
        }
    }

    #[test]
    fn a_time_carries_the_exact_instant() {
        let html = Clock(Time(1_767_693_661_904))
            .ago(&Time(1_767_693_601_904))
            .to_string();
        assert_eq!(
            html,
            "<time datetime=\"2026-01-06T10:00:01.904Z\" data-time=\"ago\" \
             title=\"2026-01-06 10:00:01 UTC\">1 min ago</time>"
        );
    }
}
