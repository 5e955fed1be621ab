//! Its issues, and how they are written.

use crate::simulator::moment::zulu;
use epicenter_domain::time::Time;
use serde_json::{Value, json};

/// What an issue is, or becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Open, never resolved.
    New,
    /// Open again.
    Regressed,
    /// Open, seen for a while.
    Ongoing,
    /// Resolved.
    Resolved,
    /// Archived until it escalates.
    Archived,
}

impl Status {
    /// Sentry's words for status and substatus.
    pub fn words(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::New => ("unresolved", Some("new")),
            Self::Regressed => ("unresolved", Some("regressed")),
            Self::Ongoing => ("unresolved", Some("ongoing")),
            Self::Resolved => ("resolved", None),
            Self::Archived => ("ignored", Some("archived_until_escalating")),
        }
    }

    /// The action of the webhook that tells of it.
    pub fn action(self) -> &'static str {
        match self {
            Self::New => "created",
            Self::Regressed | Self::Ongoing => "unresolved",
            Self::Resolved => "resolved",
            Self::Archived => "ignored",
        }
    }

    /// What a `PUT` asks for.
    pub(super) fn of_update(word: &str) -> Option<Self> {
        match word {
            "unresolved" => Some(Self::Ongoing),
            "resolved" | "resolvedInNextRelease" => Some(Self::Resolved),
            "ignored" | "muted" => Some(Self::Archived),
            _ => None,
        }
    }
}

/// One issue of the fake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FakeIssue {
    /// Id.
    pub id: u64,
    /// Slug of its project.
    pub project: String,
    /// Title.
    pub title: String,
    /// Level.
    pub level: String,
    /// Status.
    pub status: Status,
    /// First seen.
    pub first_seen_at: Time,
    /// Last seen.
    pub last_seen_at: Time,
    /// Events.
    pub count: i64,
    /// Users.
    pub user_count: i64,
    /// Environment of its latest event; empty: it has none that can be fetched.
    pub environment: String,
    /// Release of its latest event.
    pub release: String,
    /// `user:1`, as it was last asked for.
    pub assigned_to: String,
    /// Notes.
    pub notes: Vec<String>,
}

impl FakeIssue {
    /// An open issue of the project `shop`, seen once.
    pub fn new(id: u64, seen_at: Time) -> Self {
        Self {
            id,
            project: "shop".to_owned(),
            title: format!("ValueError: card {id} was refused"),
            level: "error".to_owned(),
            status: Status::New,
            first_seen_at: seen_at,
            last_seen_at: seen_at,
            count: 1,
            user_count: 1,
            environment: "production".to_owned(),
            release: "shop@1.4.2".to_owned(),
            assigned_to: String::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn become_status(&mut self, status: Status) {
        self.status = status;
    }

    /// The issue, as webhooks and the API write it.
    pub fn json(&self) -> Value {
        let (status, substatus) = self.status.words();
        let (first, last) = (zulu(self.first_seen_at.0), zulu(self.last_seen_at.0));
        json!({
            "id": self.id.to_string(),
            "shareId": null,
            "shortId": format!("{}-{}", self.project.to_uppercase(), self.id),
            "title": self.title,
            "culprit": "charge in pay",
            "permalink": format!("https://acme.sentry.example/issues/{}/", self.id),
            "logger": null,
            "level": self.level,
            "status": status,
            "statusDetails": {},
            "substatus": substatus,
            "isPublic": false,
            "platform": "python",
            "project": {"id": "4", "name": self.project, "slug": self.project, "platform": "python"},
            "type": "error",
            "metadata": {"type": "ValueError", "value": format!("card {} was refused", self.id)},
            "numComments": self.notes.len(),
            "assignedTo": null,
            "annotations": [],
            "issueType": "error",
            "issueCategory": "error",
            "priority": "high",
            "isUnhandled": true,
            "count": self.count.to_string(),
            "userCount": self.user_count,
            "firstSeen": first,
            "lastSeen": last,
        })
    }

    /// The body of its webhook.
    pub fn hook_body(&self, action: &str) -> Value {
        json!({
            "action": action,
            "installation": {"uuid": "7a485448-a9e2-4c85-8a3c-4f44175783c9"},
            "data": {"issue": self.json()},
            "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
        })
    }

    /// Its latest event, in the shape of the API.
    pub(super) fn event(&self) -> Option<Value> {
        if self.environment.is_empty() {
            return None;
        }
        let event_id = format!(
            "{:032x}",
            (u128::from(self.id) << 40) + event_number(self.count)
        );
        let frame = |file: &str, function: &str, line: i64, in_app: bool| {
            json!({"filename": file, "absPath": format!("/srv/{file}"), "module": "shop.pay",
                "function": function, "lineNo": line, "colNo": null, "inApp": in_app,
                "context": [[line, "    charge(card)"]]})
        };
        let frames = [
            frame("lib/http.py", "serve", 10, false),
            frame("shop/pay.py", "charge", 42, true),
        ];
        Some(json!({
            "id": event_id,
            "eventID": event_id,
            "groupID": self.id.to_string(),
            "projectID": "4",
            "title": self.title,
            "message": "",
            "platform": "python",
            "type": "error",
            "culprit": "charge in pay",
            "dateCreated": zulu(self.last_seen_at.0),
            "dateReceived": zulu(self.last_seen_at.0),
            "metadata": {"type": "ValueError", "value": format!("card {} was refused", self.id)},
            "tags": [
                {"key": "environment", "value": self.environment},
                {"key": "level", "value": self.level},
                {"key": "release", "value": self.release},
            ],
            "release": {"version": self.release},
            "user": {"id": "9", "email": "kim@acme.example", "ip_address": "198.51.100.7"},
            "entries": [{"type": "exception", "data": {"values": [{
                "type": "ValueError",
                "value": format!("card {} was refused", self.id),
                "stacktrace": {"frames": frames},
            }]}}],
            "nextEventID": null,
            "previousEventID": null,
        }))
    }
}

fn event_number(count: i64) -> u128 {
    u128::try_from(count).unwrap_or(0)
}
