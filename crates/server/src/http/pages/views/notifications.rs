//! `/notifications` and `/notifications/{id}`: what was sent, and what came of it.

use super::parts::{Icon, Query};
use super::shell::{Choice, Shell};
use askama::Template;
use epicenter_domain::time::Time;

/// The log.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/notifications.html")]
pub struct NotificationsPage {
    /// What is around it.
    pub shell: Shell,
    /// The filter in the address.
    pub filter: NotificationFilter,
    /// Destinations to filter by: id and name.
    pub destinations: Vec<(String, String)>,
    /// Notifications, newest first.
    pub rows: Vec<NotificationRow>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
}

/// The filter as the address says it; empty means any.
#[derive(Clone, Debug, Default)]
pub struct NotificationFilter {
    /// waiting, delivered, failed, replaced or dropped.
    pub state: String,
    /// Id of a destination.
    pub destination: String,
    /// Number of an incident.
    pub incident: String,
    /// Where the page starts.
    pub cursor: String,
}

/// One notification.
#[derive(Clone, Debug)]
pub struct NotificationRow {
    /// Id, as the address has it.
    pub id: String,
    /// When it was decided.
    pub created_at: Time,
    /// "Triggered".
    pub kind: String,
    /// What it is about.
    pub title: String,
    /// Number of the incident.
    pub incident: Option<i64>,
    /// Where it goes.
    pub place: String,
    /// waiting, delivered, failed, replaced or dropped.
    pub state: String,
    /// Attempts so far.
    pub attempt_count: i64,
    /// What the other side last answered.
    pub last_answer: Option<String>,
}

/// One notification with its attempts.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/notification.html")]
pub struct NotificationPage {
    /// What is around it.
    pub shell: Shell,
    /// It.
    pub row: NotificationRow,
    /// What happened, a sentence; may be empty.
    pub summary: String,
    /// Why the reader gets it.
    pub reason: String,
    /// When it is tried (again), while it waits.
    pub due_at: Option<Time>,
    /// Attempts, oldest first.
    pub attempts: Vec<AttemptRow>,
    /// May it be sent once more by the user?
    pub can_replay: bool,
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct AttemptRow {
    /// 1 is the first.
    pub number: i64,
    /// When.
    pub at: Time,
    /// "12 ms".
    pub took: String,
    /// "delivered".
    pub outcome: String,
    /// What the other side said.
    pub answer: String,
}

impl NotificationFilter {
    fn query(&self) -> Query {
        Query::new("/notifications")
            .set("state", &self.state)
            .set("destination", &self.destination)
            .set("incident", &self.incident)
    }

    /// Address of the same list from another place on.
    pub fn page(&self, cursor: &str) -> String {
        self.query().set("cursor", cursor).href()
    }

    /// Is anything chosen?
    pub fn is_narrowed(&self) -> bool {
        !self.query().pairs().is_empty()
    }

    /// Choices of the state filter.
    pub fn states(&self) -> Vec<Choice> {
        let words = [
            ("waiting", "Waiting"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
            ("replaced", "Replaced"),
            ("dropped", "Dropped"),
        ];
        Choice::list(words, &self.state)
    }
}

impl NotificationsPage {
    /// Choices of the destination filter.
    pub fn destination_choices(&self) -> Vec<Choice> {
        let known = self.destinations.iter().map(|(id, name)| (id, name));
        Choice::list(known, &self.filter.destination)
    }
}
