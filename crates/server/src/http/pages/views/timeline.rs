//! What happened, by whom, and because of what.

use super::parts::{Clock, Icon};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::signal::ActorKind;
use epicenter_domain::time::Time;

/// Lines, newest first.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/timeline.html")]
pub struct Timeline {
    /// Now.
    pub clock: Clock,
    /// Lines, newest first.
    pub entries: Vec<TimelineLine>,
    /// Address of the older ones.
    pub older: Option<String>,
    /// Address of the newest ones, if these are older.
    pub newest: Option<String>,
}

impl HtmlSafe for Timeline {}

/// One line.
#[derive(Clone, Debug)]
pub struct TimelineLine {
    /// When Epicenter learnt of it.
    pub at: Time,
    /// When it happened by Sentry's clock, where that is notably earlier or later.
    pub occurred_at: Option<Time>,
    /// Dotted kind: `incident.opened`.
    pub kind: String,
    /// Who.
    pub actor: String,
    /// What sort of actor.
    pub actor_kind: ActorKind,
    /// One sentence.
    pub summary: String,
    /// More; may be empty. Shown as text.
    pub body: String,
    /// The delivery that caused it: its id, and `resource.action`.
    pub cause: Option<(String, String)>,
}

impl TimelineLine {
    /// Picture and colour class of the line.
    pub fn sign(&self) -> (Icon, &'static str) {
        let last = self.kind.rsplit('.').next().unwrap_or_default();
        match last {
            "opened" | "created" | "triggered" | "retriggered" => (Icon::Dot, "is-triggered"),
            "reopened" | "unresolved" => (Icon::Redo, "is-triggered"),
            "acknowledged" => (Icon::Half, "is-acknowledged"),
            "resolved" => (Icon::Check, "is-resolved"),
            "snoozed" | "suspended" | "archived" | "ignored" => (Icon::Moon, "is-snoozed"),
            "woke" => (Icon::Clock, "is-triggered"),
            "assigned" => (Icon::Person, "is-quiet"),
            "noted" | "updated" => (Icon::Note, "is-quiet"),
            "severity_changed" | "spike" | "returned" | "grown" | "loud_though_muted" => {
                (Icon::Triangle, "is-warning")
            }
            _ => (Icon::Info, "is-quiet"),
        }
    }

    /// The picture.
    pub fn icon(&self) -> Icon {
        self.sign().0
    }

    /// The colour class.
    pub fn class(&self) -> &'static str {
        self.sign().1
    }

    /// A person, but not one of ours?
    pub fn is_in_sentry(&self) -> bool {
        self.actor_kind == ActorKind::Person
    }
}
