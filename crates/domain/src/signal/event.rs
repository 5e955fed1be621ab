//! What a sender says of one occurrence of an issue.

use crate::level::Level;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// One occurrence of an issue, with what people need to see.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFacts {
    /// Sentry's 32 hex (kept as sent when it is something else).
    pub event_id: String,
    /// When it happened.
    pub at: Option<Time>,
    /// Level.
    pub level: Level,
    /// Title of the event.
    pub title: String,
    /// The detail that is stored packed and shown on the event's page.
    pub detail: EventDetail,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
}

impl EventFacts {
    /// What the row of an event has; its detail stays in the body of its delivery.
    #[must_use]
    pub fn without_detail(&self) -> Self {
        Self {
            event_id: self.event_id.clone(),
            at: self.at,
            level: self.level,
            title: self.title.clone(),
            detail: EventDetail::default(),
            environment: self.environment.clone(),
            release: self.release.clone(),
        }
    }
}

/// What is shown of one event. Stored as JSON; every field has a default, so that old rows stay
/// readable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventDetail {
    /// The message, if it is not only the exception's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Exceptions, cause first, the raised one last (SENTRY-PROTOCOL §2.2).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
    /// Stack of a thread, for events without exceptions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thread_frames: Vec<Frame>,
    /// Tags in the sender's order, keys may repeat.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<(String, String)>,
    /// User: id and name only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<EventUser>,
    /// Request: URL and method only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<EventRequest>,
    /// Breadcrumbs, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub breadcrumbs: Vec<Breadcrumb>,
    /// Runtime, OS, browser, trace… as short `name: value` lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<(String, String)>,
    /// Where Sentry thinks it comes from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub culprit: String,
    /// Runtime.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// Web link to the event; only `http` and `https`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_url: Option<String>,
    /// Sentry's grouping hashes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<String>,
    /// SDK name and version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sdk: String,
    /// Trace id, 32 hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

/// One exception of a chain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exception {
    /// Type: `ValueError`.
    pub kind: String,
    /// Value: the message.
    pub value: String,
    /// Module the type lives in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub module: String,
    /// Was it handled? Absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handled: Option<bool>,
    /// Frames, oldest call first, crash last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Frame>,
}

/// One stack frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Frame {
    /// Function name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub function: String,
    /// Module.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub module: String,
    /// File relative to the application.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub filename: String,
    /// Absolute path, when it differs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub abs_path: String,
    /// Line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<i64>,
    /// Column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<i64>,
    /// Is it the application's own code?
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub in_app: bool,
    /// Source lines before the line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre_context: Vec<String>,
    /// The source line itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub context_line: String,
    /// Source lines after it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_context: Vec<String>,
}

/// The user an event happened to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventUser {
    /// Id in the application.
    pub id: String,
    /// User name.
    pub name: String,
}

/// The HTTP request an event happened in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventRequest {
    /// URL.
    pub url: String,
    /// Method.
    pub method: String,
}

/// One breadcrumb.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Breadcrumb {
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// Category.
    pub category: String,
    /// Level word.
    pub level: String,
    /// Message, or a short rendering of its data.
    pub message: String,
}

impl EventDetail {
    /// Does it say where in the code it happened?
    pub fn has_stack(&self) -> bool {
        !self.thread_frames.is_empty()
            || self
                .exceptions
                .iter()
                .any(|exception| !exception.frames.is_empty())
    }

    /// The exception that was raised: the last of the chain.
    pub fn raised(&self) -> Option<&Exception> {
        self.exceptions.last()
    }

    /// The frame where it crashed: the last in-app frame of the raised exception, else its last
    /// frame, else the same of the thread.
    pub fn crash_frame(&self) -> Option<&Frame> {
        let frames = match self.raised() {
            Some(raised) if !raised.frames.is_empty() => &raised.frames,
            _ => &self.thread_frames,
        };
        frames
            .iter()
            .rev()
            .find(|frame| frame.in_app)
            .or(frames.last())
    }
}
