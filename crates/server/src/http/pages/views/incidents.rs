//! `/incidents`: the list that people work from.

use super::parts::{
    Clock, Icon, IncidentState, Query, ShownSeverity, Trend, compact, grouped, initials,
};
use super::shell::{Choice, Shell, Tab};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::level::Severity;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/incidents.html")]
pub struct IncidentsPage {
    /// What is around it.
    pub shell: Shell,
    /// The list, which is also the fragment `rows`.
    pub list: IncidentList,
    /// Services to filter by: id and name.
    pub services: Vec<(String, String)>,
}

/// Tabs and rows: what `X-Fragment: rows` is answered with.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/incident_list.html")]
pub struct IncidentList {
    /// Now.
    pub clock: Clock,
    /// The filter in the address.
    pub filter: IncidentFilter,
    /// Incidents per tab.
    pub counts: IncidentCounts,
    /// Rows, newest first.
    pub rows: Vec<IncidentRow>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
    /// Has any delivery ever arrived?
    pub has_deliveries: bool,
}

impl HtmlSafe for IncidentList {}

/// The filter as the address says it; empty means any.
#[derive(Clone, Debug, Default)]
pub struct IncidentFilter {
    /// `open` (also when empty), `triggered`, `acknowledged`, `snoozed`, `resolved`, `all`.
    pub status: String,
    /// `critical`, `error`, `warning`, `info`.
    pub severity: String,
    /// Id of a service.
    pub service: String,
    /// Words of the title, a number, a short id.
    pub q: String,
    /// Where the page starts.
    pub cursor: String,
}

/// How many incidents each tab holds, whatever the other filters.
#[derive(Clone, Copy, Debug, Default)]
pub struct IncidentCounts {
    /// Triggered and acknowledged.
    pub open: i64,
    /// Triggered.
    pub triggered: i64,
    /// Acknowledged.
    pub acknowledged: i64,
    /// Snoozed.
    pub snoozed: i64,
    /// Resolved, if it was counted.
    pub resolved: Option<i64>,
    /// All, if they were counted.
    pub all: Option<i64>,
}

/// One incident in the list.
#[derive(Clone, Debug)]
pub struct IncidentRow {
    /// Number.
    pub number: i64,
    /// Title.
    pub title: String,
    /// Severity.
    pub severity: ShownSeverity,
    /// Where it stands.
    pub state: IncidentState,
    /// Snoozed until then.
    pub snoozed_until: Option<Time>,
    /// Service.
    pub service: Option<String>,
    /// `Sentry - shop-api`.
    pub source: String,
    /// Sentry's short id.
    pub short_id: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
    /// Where in the code.
    pub culprit: Option<String>,
    /// Events.
    pub event_count: i64,
    /// Users.
    pub user_count: i64,
    /// First seen.
    pub first_seen_at: Time,
    /// Last seen.
    pub last_seen_at: Time,
    /// Opened; the age counts from here.
    pub opened_at: Time,
    /// Resolved at; the age ends here.
    pub resolved_at: Option<Time>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// Events of the last 24 hours; may be empty.
    pub trend: Trend,
    /// When it last changed; a row whose instant grew is shown as changed.
    pub updated_at: Time,
}

impl IncidentFilter {
    fn query(&self) -> Query {
        Query::new("/incidents")
            .set("status", &self.status)
            .set("severity", &self.severity)
            .set("service", &self.service)
            .set("q", &self.q)
    }

    /// Address of the same list from another place on.
    pub fn page(&self, cursor: &str) -> String {
        self.query().set("cursor", cursor).href()
    }

    /// Address of this very list.
    pub fn here(&self) -> String {
        self.page(&self.cursor)
    }

    /// Is anything but the tab chosen?
    pub fn is_narrowed(&self) -> bool {
        [&self.severity, &self.service, &self.q]
            .into_iter()
            .any(|value| !value.is_empty())
    }

    /// Address of the same tab without the other filters.
    pub fn widened(&self) -> String {
        Query::new("/incidents").set("status", &self.status).href()
    }

    /// Choices of the severity filter.
    pub fn severities(&self) -> Vec<Choice> {
        let words = Severity::ALL.map(|severity| (severity.as_str(), capital(severity.as_str())));
        Choice::list(words, &self.severity)
    }

    fn tab(&self, value: &str, label: &str, count: Option<i64>) -> Tab {
        let open = |word: &str| {
            if word.is_empty() {
                "open".to_owned()
            } else {
                word.to_owned()
            }
        };
        Tab {
            href: self.query().set("status", value).href(),
            label: label.to_owned(),
            count,
            is_current: open(value) == open(&self.status),
        }
    }
}

impl IncidentsPage {
    /// Choices of the service filter.
    pub fn service_choices(&self) -> Vec<Choice> {
        Choice::list(
            self.services.iter().map(|(id, name)| (id, name)),
            &self.list.filter.service,
        )
    }
}

impl IncidentList {
    /// The tabs over the list.
    pub fn tabs(&self) -> Vec<Tab> {
        let counts = self.counts;
        vec![
            self.filter.tab("", "Open", Some(counts.open)),
            self.filter
                .tab("triggered", "Triggered", Some(counts.triggered)),
            self.filter
                .tab("acknowledged", "Acknowledged", Some(counts.acknowledged)),
            self.filter.tab("snoozed", "Snoozed", Some(counts.snoozed)),
            self.filter.tab("resolved", "Resolved", counts.resolved),
            self.filter.tab("all", "All", counts.all),
        ]
    }
}

impl IncidentRow {
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

    /// Users, exact.
    pub fn all_users(&self) -> String {
        grouped(&self.user_count)
    }

    /// Letters of the assignee.
    pub fn assignee_initials(&self) -> String {
        self.assignee.as_deref().map(initials).unwrap_or_default()
    }
}

/// `critical` → `Critical`.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect()
}
