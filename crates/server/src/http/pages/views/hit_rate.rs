//! `/changes/hit-rate`: how often the ranking was right here.

use super::parts::{Icon, Markup, plural, score_bar};
use super::shell::Shell;
use askama::Template;
use epicenter_domain::suspect::{HitRate, Hits};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/hit_rate.html")]
pub struct HitRatePage {
    /// What is around it.
    pub shell: Shell,
    /// The last 30 and 90 days: days and what was counted.
    pub spans: Vec<(i64, HitRate)>,
    /// Were there more judgements than are read?
    pub is_cut: bool,
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct HitLine {
    /// Which rankings.
    pub label: &'static str,
    /// What was counted.
    pub hits: Hits,
}

/// Fewer judged incidents than this say little.
const FEW: i64 = 20;

impl HitRatePage {
    /// Did nobody say anything yet?
    pub fn is_empty(&self) -> bool {
        self.spans
            .iter()
            .all(|(_, rate)| rate.convincing.judged + rate.unsure.judged == 0)
    }

    /// The lines of one span.
    pub fn lines(&self, rate: &HitRate) -> Vec<HitLine> {
        let line = |label, hits| HitLine { label, hits };
        vec![
            line("Called convincing", rate.convincing),
            line("Not called convincing", rate.unsure),
        ]
    }
}

impl HitLine {
    /// "12 incidents".
    pub fn judged(&self) -> String {
        plural(&self.hits.judged, "incident", "incidents")
    }

    /// "75 % (9 of 12)".
    pub fn told(&self, hits: &i64) -> String {
        match self.hits.percent(*hits) {
            Some(percent) => format!("{percent} % ({hits} of {})", self.hits.judged),
            None => "nothing said yet".to_owned(),
        }
    }

    /// The same as a bar.
    pub fn bar(&self, hits: &i64) -> Markup {
        score_bar(self.hits.percent(*hits).unwrap_or(0))
    }

    /// Is that too few to say much?
    pub fn is_few(&self) -> bool {
        (1..FEW).contains(&self.hits.judged)
    }
}
