//! `/error-log`: the mirror of Sentry's issues.

use super::event::EventView;
use super::parts::{
    Clock, Icon, Query, SafeLink, ShownLevel, ShownStatus, Trend, compact, grouped,
};
use super::shell::{Choice, Shell, Tab};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/error_log.html")]
pub struct ErrorLogPage {
    /// What is around it.
    pub shell: Shell,
    /// The list, which is also the fragment `rows`.
    pub list: IssueList,
    /// Projects to filter by: slug and name.
    pub projects: Vec<(String, String)>,
}

/// Tabs and rows: what `X-Fragment: rows` is answered with.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/issue_list.html")]
pub struct IssueList {
    /// Now.
    pub clock: Clock,
    /// The filter in the address.
    pub filter: IssueFilter,
    /// Issues per status (unresolved, resolved, ignored) whatever the filter, if they were counted.
    pub counts: Option<(i64, i64, i64)>,
    /// Rows, 50 a page.
    pub rows: Vec<IssueRow>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
    /// Is there any issue at all?
    pub has_issues: bool,
}

impl HtmlSafe for IssueList {}

/// The filter as the address says it; empty means any.
#[derive(Clone, Debug, Default)]
pub struct IssueFilter {
    /// `unresolved` (also when empty), `resolved`, `ignored`, `all`.
    pub status: String,
    /// `fatal`, `error`, `warning`, `info`, `debug`.
    pub level: String,
    /// Project slug.
    pub project: String,
    /// Last seen on or after this day, `2026-01-06`.
    pub from: String,
    /// Last seen on or before this day.
    pub to: String,
    /// Words of the title.
    pub q: String,
    /// `last_seen` (also when empty), `count`, `first_seen`.
    pub sort: String,
    /// Where the page starts.
    pub cursor: String,
}

/// One issue in the list.
#[derive(Clone, Debug)]
pub struct IssueRow {
    /// Our id, as the address has it.
    pub id: String,
    /// Title.
    pub title: String,
    /// Sentry's short id.
    pub short_id: Option<String>,
    /// Level.
    pub level: ShownLevel,
    /// Status.
    pub status: ShownStatus,
    /// `regressed`, `escalating`…
    pub substatus: Option<String>,
    /// Where in the code.
    pub culprit: Option<String>,
    /// Project.
    pub project: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
    /// Events.
    pub event_count: i64,
    /// Users.
    pub user_count: i64,
    /// First seen.
    pub first_seen_at: Time,
    /// Last seen.
    pub last_seen_at: Time,
    /// Events of the last 24 hours; may be empty.
    pub trend: Trend,
    /// When it last changed.
    pub updated_at: Time,
}

/// What a row opens to: `GET /error-log/{id}` with `X-Fragment: detail`.
#[derive(Clone, Debug, Template)]
#[template(path = "partials/issue_detail.html")]
pub struct IssueDetail {
    /// Now.
    pub clock: Clock,
    /// Against forged forms.
    pub csrf: String,
    /// Our id.
    pub id: String,
    /// Status.
    pub status: ShownStatus,
    /// In Sentry.
    pub sentry: Option<SafeLink>,
    /// Number of its latest incident.
    pub incident: Option<i64>,
    /// Its latest event.
    pub event: Option<EventView>,
    /// Where to return to after a change of status.
    pub back: String,
}

impl HtmlSafe for IssueDetail {}

impl IssueFilter {
    fn query(&self) -> Query {
        Query::new("/error-log")
            .set("status", &self.status)
            .set("level", &self.level)
            .set("project", &self.project)
            .set("from", &self.from)
            .set("to", &self.to)
            .set("q", &self.q)
            .set("sort", &self.sort)
    }

    /// Address of the same list from another place on.
    pub fn page(&self, cursor: &str) -> String {
        self.query().set("cursor", cursor).href()
    }

    /// Is anything but the tab and the order chosen?
    pub fn is_narrowed(&self) -> bool {
        [&self.level, &self.project, &self.from, &self.to, &self.q]
            .into_iter()
            .any(|value| !value.is_empty())
    }

    /// Address of the same tab without the other filters.
    pub fn widened(&self) -> String {
        Query::new("/error-log")
            .set("status", &self.status)
            .set("sort", &self.sort)
            .href()
    }

    /// Choices of the level filter.
    pub fn levels(&self) -> Vec<Choice> {
        let words = [
            ("fatal", "Fatal"),
            ("error", "Error"),
            ("warning", "Warning"),
            ("info", "Info"),
            ("debug", "Debug"),
        ];
        Choice::list(words, &self.level)
    }

    /// Choices of the order.
    pub fn sorts(&self) -> Vec<Choice> {
        let words = [
            ("", "Last seen"),
            ("count", "Most events"),
            ("first_seen", "First seen"),
        ];
        Choice::list(
            words,
            if self.sort == "last_seen" {
                ""
            } else {
                &self.sort
            },
        )
    }

    fn tab(&self, value: &str, label: &str, count: Option<i64>) -> Tab {
        let full = |word: &str| {
            if word.is_empty() {
                "unresolved".to_owned()
            } else {
                word.to_owned()
            }
        };
        Tab {
            href: self.query().set("status", value).href(),
            label: label.to_owned(),
            count,
            is_current: full(value) == full(&self.status),
        }
    }
}

impl ErrorLogPage {
    /// Choices of the project filter.
    pub fn project_choices(&self) -> Vec<Choice> {
        let projects = self.projects.iter().map(|(slug, name)| (slug, name));
        Choice::list(projects, &self.list.filter.project)
    }
}

impl IssueList {
    /// The tabs over the list.
    pub fn tabs(&self) -> Vec<Tab> {
        let counts = self.counts;
        vec![
            self.filter.tab("", "Open", counts.map(|(open, _, _)| open)),
            self.filter.tab(
                "resolved",
                "Resolved",
                counts.map(|(_, resolved, _)| resolved),
            ),
            self.filter
                .tab("ignored", "Ignored", counts.map(|(_, _, ignored)| ignored)),
            self.filter.tab("all", "All", None),
        ]
    }
}

impl IssueRow {
    /// Events, short.
    pub fn events(&self) -> String {
        compact(&self.event_count)
    }

    /// Events, exact.
    pub fn all_events(&self) -> String {
        grouped(&self.event_count)
    }

    /// "1 user", "1.2k users".
    pub fn users(&self) -> String {
        let words = if self.user_count == 1 {
            "user"
        } else {
            "users"
        };
        format!("{} {words}", compact(&self.user_count))
    }
}
