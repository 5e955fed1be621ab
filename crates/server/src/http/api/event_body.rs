//! Single events as the API shows them.

use epicenter_domain::id::IdKind;
use epicenter_domain::signal::{EventDetail, Exception, Frame};
use epicenter_store::events::EventRecord;
use serde::Serialize;
use utoipa::ToSchema;

/// One occurrence of an issue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventBody {
    /// `evt_…`
    pub(super) id: String,
    /// Sentry's 32 hex.
    pub(super) event_id: String,
    /// When it happened.
    pub(super) at: String,
    /// Level.
    pub(super) level: String,
    /// Title.
    pub(super) title: String,
    /// Message.
    pub(super) message: String,
    /// Environment.
    pub(super) environment: Option<String>,
    /// Release.
    pub(super) release: Option<String>,
    /// Exceptions, cause first, the raised one last.
    pub(super) exceptions: Vec<ExceptionBody>,
    /// Stack of a thread, for events without exceptions.
    pub(super) thread_frames: Vec<FrameBody>,
    /// Tags.
    pub(super) tags: Vec<TagBody>,
    /// User: id and name.
    pub(super) user: Option<UserBody>,
    /// Request: URL and method.
    pub(super) request: Option<RequestBody>,
    /// Link to Sentry.
    pub(super) web_url: Option<String>,
    /// `dlv_…` that brought it.
    pub(super) delivery_id: Option<String>,
    /// False when the detail is no longer kept.
    pub(super) has_detail: bool,
}

/// One exception of a chain.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExceptionBody {
    /// Type.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Value.
    pub(super) value: String,
    /// Module.
    pub(super) module: String,
    /// Handled?
    pub(super) handled: Option<bool>,
    /// Frames, oldest call first, crash last.
    pub(super) frames: Vec<FrameBody>,
}

/// One stack frame.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FrameBody {
    /// Function.
    pub(super) function: String,
    /// Module.
    pub(super) module: String,
    /// File.
    pub(super) filename: String,
    /// Absolute path.
    pub(super) abs_path: String,
    /// Line.
    pub(super) line: Option<i64>,
    /// Column.
    pub(super) column: Option<i64>,
    /// The application's own code?
    pub(super) in_app: bool,
    /// The source line.
    pub(super) context_line: String,
}

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TagBody {
    /// Key.
    pub(super) key: String,
    /// Value.
    pub(super) value: String,
}

/// The user it happened to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserBody {
    /// Id.
    pub(super) id: String,
    /// Name.
    pub(super) name: String,
}

/// The request it happened in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RequestBody {
    /// URL.
    pub(super) url: String,
    /// Method.
    pub(super) method: String,
}

impl EventBody {
    pub(super) fn new(record: EventRecord, detail: Option<EventDetail>) -> Self {
        let has_detail = detail.is_some();
        let detail = detail.unwrap_or_default();
        Self {
            id: IdKind::Event.show(record.id),
            event_id: record.event_id,
            at: record.at.rfc3339(),
            level: record.level.as_str().to_owned(),
            message: if detail.message.is_empty() {
                record.title.clone()
            } else {
                detail.message
            },
            title: record.title,
            environment: record.environment,
            release: record.release,
            exceptions: detail
                .exceptions
                .into_iter()
                .map(ExceptionBody::from)
                .collect(),
            thread_frames: detail
                .thread_frames
                .into_iter()
                .map(FrameBody::from)
                .collect(),
            tags: detail
                .tags
                .into_iter()
                .map(|(key, value)| TagBody { key, value })
                .collect(),
            user: detail.user.map(|user| UserBody {
                id: user.id,
                name: user.name,
            }),
            request: detail.request.map(|request| RequestBody {
                url: request.url,
                method: request.method,
            }),
            web_url: detail.web_url,
            delivery_id: record.delivery_id.map(|id| IdKind::Delivery.show(id)),
            has_detail,
        }
    }
}

impl From<Exception> for ExceptionBody {
    fn from(exception: Exception) -> Self {
        Self {
            kind: exception.kind,
            value: exception.value,
            module: exception.module,
            handled: exception.handled,
            frames: exception.frames.into_iter().map(FrameBody::from).collect(),
        }
    }
}

impl From<Frame> for FrameBody {
    fn from(frame: Frame) -> Self {
        Self {
            function: frame.function,
            module: frame.module,
            filename: frame.filename,
            abs_path: frame.abs_path,
            line: frame.line,
            column: frame.column,
            in_app: frame.in_app,
            context_line: frame.context_line,
        }
    }
}
