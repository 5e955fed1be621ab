//! What pages are made of: times, links, badges, icons, numbers, little charts.
//! Everything here escapes what it is given; templates print it as it is.

mod badge;
mod chart;
mod clock;
mod deploy_mark;
mod figure;
mod icon;
mod json_text;
mod link;
mod markdown;
mod query;
mod score;
mod trend;

pub use badge::{IncidentState, Outcome, ShownDeploy, ShownLevel, ShownSeverity, ShownStatus};
pub use chart::{Chart, ChartRow, Series};
pub use clock::Clock;
pub use deploy_mark::DeployMark;
pub use figure::{bytes, compact, duration_ms, grouped, initials, plural};
pub use icon::Icon;
pub use json_text::{PrettyJson, pretty_json};
pub use link::SafeLink;
pub use markdown::{Span, spans};
pub use query::{Query, segment};
pub use score::score_bar;
pub use trend::Trend;

use askama::filters::HtmlSafe;
use std::fmt;

/// HTML that was put together here, with every foreign text in it escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// Starts empty.
    fn new() -> Self {
        Self::default()
    }

    /// Adds our own HTML.
    fn html(mut self, html: &str) -> Self {
        self.0.push_str(html);
        self
    }

    /// Adds foreign text, escaped for element content and for quoted attributes.
    fn text(mut self, text: &str) -> Self {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                _ => self.0.push(letter),
            }
        }
        self
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}
