//! Several alerts in one incident, on its page: which, why, and how they are taken out again.

use super::parts::{Clock, Icon, plural};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::time::Time;

/// The panel.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/group.html")]
pub struct GroupPanel {
    /// Now.
    pub clock: Clock,
    /// Against forged forms.
    pub csrf: String,
    /// Number of the incident.
    pub number: i64,
    /// May the visitor merge and split here?
    pub can_act: bool,
    /// Number of the incident that has its alerts now, and its title.
    pub merged_into: Option<(i64, String)>,
    /// The alerts, when there are several.
    pub rows: Vec<GroupRow>,
    /// Open incidents that it can be merged into: number and title.
    pub others: Vec<(i64, String)>,
}

impl HtmlSafe for GroupPanel {}

/// One alert.
#[derive(Clone, Debug)]
pub struct GroupRow {
    /// `alr_…`
    pub id: String,
    /// Short id and title.
    pub name: String,
    /// Its entry in the error log.
    pub issue_id: Option<String>,
    /// Does it still fire?
    pub is_open: bool,
    /// Does the incident look like this one?
    pub leads: bool,
    /// Its events.
    pub event_count: i64,
    /// When it was last seen.
    pub last_seen_at: Time,
    /// The incident it was merged from.
    pub from: Option<i64>,
    /// Why it joined by itself.
    pub why: Option<String>,
}

impl GroupPanel {
    /// Is there nothing to show?
    pub fn is_empty(&self) -> bool {
        self.merged_into.is_none() && self.rows.is_empty() && !self.can_merge()
    }

    /// May it be merged into another one?
    pub fn can_merge(&self) -> bool {
        self.can_act && !self.others.is_empty()
    }
}

impl GroupRow {
    /// "3 events".
    pub fn events(&self) -> String {
        plural(&self.event_count, "event", "events")
    }
}
