//! "Why?" on an incident's page: who was told of it, who not, and for what reason.

use super::parts::{Clock, Icon};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::time::Time;

/// The panel.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/why.html")]
pub struct WhyPanel {
    /// Now.
    pub clock: Clock,
    /// Against forged forms.
    pub csrf: String,
    /// Number of the incident.
    pub number: i64,
    /// Is it open?
    pub is_open: bool,
    /// Every destination.
    pub rows: Vec<WhyRow>,
}

impl HtmlSafe for WhyPanel {}

/// One destination.
#[derive(Clone, Debug)]
pub struct WhyRow {
    /// Id, as the address has it.
    pub id: String,
    /// Name.
    pub name: String,
    /// notify, suppress, wait, `not_addressed` or pending.
    pub verdict: &'static str,
    /// Why, a sentence.
    pub reason: String,
    /// When that may change by itself.
    pub until: Option<Time>,
    /// When it was last told anything.
    pub told_at: Option<Time>,
    /// Newest notices: id and state.
    pub sent: Vec<(String, String)>,
}

impl WhyRow {
    /// The verdict for people.
    pub fn word(&self) -> &'static str {
        match self.verdict {
            "notify" => "Told",
            "suppress" => "Not told",
            "wait" => "Waits",
            "not_addressed" => "Does not hear of it",
            _ => "Being decided",
        }
    }
}
