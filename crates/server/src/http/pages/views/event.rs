//! One event, as the incident, the error log and the issue page show it.

use super::parts::{Clock, Icon, SafeLink};
use super::stack::{ExceptionView, FrameGroup, groups};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::signal::{Breadcrumb, EventDetail, EventRequest, EventUser};
use epicenter_domain::time::Time;

/// Breadcrumbs that are shown: the newest.
const BREADCRUMBS: usize = 60;

/// One event.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/event.html")]
pub struct EventView {
    /// Now.
    pub clock: Clock,
    /// Sentry's 32 hex.
    pub event_id: String,
    /// When it happened.
    pub at: Time,
    /// Message, if it is not only the exception's.
    pub message: String,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
    /// Exceptions, the raised one first.
    pub exceptions: Vec<ExceptionView>,
    /// Frames of the thread, for an event without exceptions.
    pub thread: Vec<FrameGroup>,
    /// Tags in the sender's order.
    pub tags: Vec<(String, String)>,
    /// User: id and name.
    pub user: Option<EventUser>,
    /// Request: method and URL.
    pub request: Option<EventRequest>,
    /// The request's URL where it may be clicked.
    pub request_link: Option<SafeLink>,
    /// Breadcrumbs, oldest first.
    pub breadcrumbs: Vec<Breadcrumb>,
    /// Breadcrumbs that are left out.
    pub hidden_breadcrumbs: usize,
    /// Runtime, system, browser…
    pub contexts: Vec<(String, String)>,
    /// SDK name and version.
    pub sdk: String,
    /// Trace id.
    pub trace_id: Option<String>,
    /// The event in Sentry.
    pub web_link: Option<SafeLink>,
    /// The stored event as JSON, laid out.
    pub raw_json: String,
}

impl HtmlSafe for EventView {}

/// What the store knows about an event besides its detail.
#[derive(Clone, Debug, Default)]
pub struct EventFrame {
    /// Sentry's 32 hex.
    pub event_id: String,
    /// When it happened.
    pub at: Time,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
}

impl EventView {
    /// From what the store keeps.
    pub fn new(clock: Clock, frame: EventFrame, detail: &EventDetail) -> Self {
        let request = detail.request.clone();
        let hidden = detail.breadcrumbs.len().saturating_sub(BREADCRUMBS);
        Self {
            clock,
            event_id: frame.event_id,
            at: frame.at,
            message: detail.message.clone(),
            environment: frame.environment,
            release: frame.release,
            exceptions: ExceptionView::chain(&detail.exceptions),
            thread: groups(&detail.thread_frames),
            tags: detail.tags.clone(),
            user: detail.user.clone(),
            request_link: SafeLink::from_option(
                request.as_ref().map(|request| request.url.as_str()),
            ),
            request,
            breadcrumbs: detail.breadcrumbs.iter().skip(hidden).cloned().collect(),
            hidden_breadcrumbs: hidden,
            contexts: detail.contexts.clone(),
            sdk: detail.sdk.clone(),
            trace_id: detail.trace_id.clone(),
            web_link: SafeLink::from_option(detail.web_url.as_deref()),
            raw_json: serde_json::to_string_pretty(detail).unwrap_or_default(),
        }
    }

    /// Has it anything but a message?
    pub fn has_stack(&self) -> bool {
        !self.exceptions.is_empty() || !self.thread.is_empty()
    }

    /// The chain as plain text, for pasting elsewhere.
    pub fn plain_text(&self) -> String {
        let mut lines = Vec::new();
        if !self.message.is_empty() {
            lines.push(self.message.clone());
        }
        for exception in &self.exceptions {
            let lead = if exception.is_raised {
                ""
            } else {
                "Caused by: "
            };
            lines.push(format!(
                "{lead}{}: {}",
                exception.heading(),
                exception.value
            ));
            lines.extend(frame_lines(&exception.groups));
        }
        lines.extend(frame_lines(&self.thread));
        lines.join("\n")
    }
}

fn frame_lines(groups: &[FrameGroup]) -> impl Iterator<Item = String> {
    groups
        .iter()
        .flat_map(|group| &group.frames)
        .map(super::stack::FrameView::line)
}

/// Which event is shown, and the way to the others.
#[derive(Clone, Debug, Default)]
pub struct EventChooser {
    /// "Latest event", "Event of 6 January"…: words for where one is.
    pub is_latest: bool,
    /// Address of the newest.
    pub latest: Option<String>,
    /// Address of the next newer one.
    pub newer: Option<String>,
    /// Address of the next older one.
    pub older: Option<String>,
    /// How many events are stored.
    pub stored_count: i64,
}
