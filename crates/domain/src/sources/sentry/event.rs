//! One event, in the stored shape of webhooks and in the REST shape of service hooks and the API
//! (SENTRY-PROTOCOL §2.2, §3).

use super::hook::{Hook, Refusal};
use super::issue_object::{self, joined, level, some};
use super::{event_context, event_stack, identity, link};
use crate::level::Level;
use crate::limits;
use crate::signal::{EventDetail, EventFacts, IssueFacts, IssueKey, ProjectFacts};
use crate::sources::wire::Wire;

/// Title of an event that has nothing to make one of (OK-12).
pub const NO_TITLE: &str = "Sentry Error";

/// One of Sentry's interfaces under its three spellings.
#[derive(Clone, Copy)]
pub(super) struct Interface {
    stored: &'static str,
    ancient: &'static str,
    entry: &'static str,
}

pub(super) const EXCEPTION: Interface = Interface {
    stored: "exception",
    ancient: "sentry.interfaces.Exception",
    entry: "exception",
};
pub(super) const STACKTRACE: Interface = Interface {
    stored: "stacktrace",
    ancient: "sentry.interfaces.Stacktrace",
    entry: "stacktrace",
};
pub(super) const THREADS: Interface = Interface {
    stored: "threads",
    ancient: "sentry.interfaces.Threads",
    entry: "threads",
};
pub(super) const BREADCRUMBS: Interface = Interface {
    stored: "breadcrumbs",
    ancient: "sentry.interfaces.Breadcrumbs",
    entry: "breadcrumbs",
};
pub(super) const REQUEST: Interface = Interface {
    stored: "request",
    ancient: "sentry.interfaces.Http",
    entry: "request",
};
pub(super) const USER: Interface = Interface {
    stored: "user",
    ancient: "sentry.interfaces.User",
    entry: "user",
};
const MESSAGE: Interface = Interface {
    stored: "logentry",
    ancient: "sentry.interfaces.Message",
    entry: "message",
};

/// An interface's value, wherever this shape keeps it.
pub(super) fn interface<'w, 'a>(event: &'w Wire<'a>, of: Interface) -> &'w Wire<'a> {
    let found = event.first(&[of.stored, of.ancient]);
    if !found.is_blank() {
        return found;
    }
    event
        .get("entries")
        .list()
        .iter()
        .find(|entry| entry.get("type").str() == Some(of.entry))
        .map_or(found, |entry| entry.get("data"))
}

/// The list inside an interface: `{values: […]}`, or the list itself.
pub(super) fn values<'w, 'a>(interface: &'w Wire<'a>) -> &'w [Wire<'a>] {
    match interface.get("values").list() {
        [] => interface.list(),
        values => values,
    }
}

/// The event's id: its field, else the one in its links.
pub fn event_id(event: &Wire<'_>) -> Option<String> {
    event
        .first(&["event_id", "eventID", "id"])
        .id()
        .or_else(|| {
            ["web_url", "url"]
                .iter()
                .filter_map(|key| event.get(key).str())
                .find_map(link::event_id)
                .map(str::to_owned)
        })
}

/// The id of the issue that the event belongs to: its field, else the digits in one of its links.
pub fn issue_id(event: &Wire<'_>) -> Option<String> {
    event
        .first(&["issue_id", "groupID", "group_id"])
        .id()
        .or_else(|| {
            ["issue_url", "web_url", "url"]
                .iter()
                .filter_map(|key| event.get(key).str())
                .find_map(link::issue_id)
                .map(str::to_owned)
        })
}

/// The issue, else the event; `Err` when the delivery names neither.
pub(super) fn key(hook: &Hook<'_>, event: &Wire<'_>) -> Result<IssueKey, Refusal> {
    match (issue_id(event), event_id(event)) {
        (Some(id), _) => Ok(IssueKey::Issue(id)),
        (None, Some(id)) => Ok(IssueKey::Event(id)),
        (None, None) => hook.refuse_without("it has neither an issue id nor an event id"),
    }
}

/// Reads an event. One without an id gets the hash of its content for an id.
pub fn read(event: &Wire<'_>) -> EventFacts {
    let tags = event_context::tags(event);
    let tag = |name: &str| {
        let found = tags
            .iter()
            .find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.clone())
    };
    let message = message(event);
    let exceptions = event_stack::exceptions(event);
    let release = match event.get("release") {
        object if object.is_map() => object.get("version").name(),
        word => word.name(),
    };
    let environment = event
        .get("environment")
        .name()
        .or_else(|| tag("environment"));
    let release = release.or_else(|| tag("release"));
    let told = level(event.get("level")).or_else(|| tag("level").map(|t| Level::from_sentry(&t)));
    let mut facts = EventFacts {
        event_id: event_id(event).unwrap_or_else(|| identity::of_values(&[event])),
        at: event
            .first(&["datetime", "dateCreated", "timestamp"])
            .time()
            .or_else(|| event.get("timestamp").time())
            .or_else(|| event.first(&["received", "dateReceived"]).time()),
        level: told.unwrap_or(Level::Error),
        title: String::new(),
        environment,
        release,
        detail: EventDetail {
            thread_frames: event_stack::thread_frames(event, &exceptions),
            message,
            exceptions,
            user: event_context::user(event),
            request: event_context::request(event),
            breadcrumbs: event_context::breadcrumbs(event),
            contexts: event_context::contexts(event),
            culprit: event
                .get("culprit")
                .line(limits::TITLE_CHARS)
                .unwrap_or_default(),
            platform: event.get("platform").name().unwrap_or_default(),
            web_url: link::page(event, &["web_url", "webUrl", "url"]),
            hashes: event_context::hashes(event),
            sdk: event_context::sdk(event),
            trace_id: event.path(&["contexts", "trace", "trace_id"]).id(),
            tags,
        },
    };
    facts.title = title(event, &facts.detail);
    facts
}

fn message(event: &Wire<'_>) -> String {
    let entry = interface(event, MESSAGE);
    let formatted = entry.first(&["formatted", "message"]);
    let message = if formatted.is_blank() {
        event.get("message")
    } else {
        formatted
    };
    match message {
        object if object.is_map() => object.first(&["formatted", "message"]).message(),
        text => text.message(),
    }
}

fn title(event: &Wire<'_>, detail: &EventDetail) -> String {
    let raised = detail.raised();
    event
        .get("title")
        .line(limits::TITLE_CHARS)
        .or_else(|| joined(&raised?.kind, &raised?.value))
        .or_else(|| joined("", &detail.message))
        .or_else(|| issue_object::title_of(event.get("metadata")))
        .unwrap_or_else(|| NO_TITLE.to_owned())
}

/// What an event says about its issue.
pub fn issue_facts(event: &Wire<'_>, read: &EventFacts, key: IssueKey) -> IssueFacts {
    let metadata = event.get("metadata");
    let raised = read.detail.raised();
    let mut facts = IssueFacts::bare(key);
    facts.title = Some(read.title.clone());
    facts.culprit = some(read.detail.culprit.clone());
    let told = !event.get("level").is_blank() || read.detail.tags.iter().any(|(k, _)| k == "level");
    facts.level = told.then_some(read.level);
    facts.platform = some(read.detail.platform.clone());
    facts.project = project(event);
    facts.error_type = raised
        .and_then(|raised| some(limits::cut_chars(&raised.kind, limits::TITLE_CHARS)))
        .or_else(|| metadata.get("type").line(limits::TITLE_CHARS));
    facts.error_value = raised
        .and_then(|raised| some(raised.value.clone()))
        .or_else(|| some(metadata.get("value").message()));
    facts.environment.clone_from(&read.environment);
    facts.release.clone_from(&read.release);
    facts.permalink = link::issue_page(event);
    facts.logger = event.get("logger").name();
    facts
}

fn project(event: &Wire<'_>) -> ProjectFacts {
    let mut facts = issue_object::project(event.first(&["project", "projectID"]));
    if facts.slug.is_none() {
        facts.slug = ["url", "issue_url"]
            .iter()
            .filter_map(|key| event.get(key).str())
            .find_map(link::project)
            .map(str::to_owned);
    }
    facts
}
