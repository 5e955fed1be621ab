//! What Sentry was told of what was done here, on the pages of incidents and issues.

use super::parts::Clock;
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::time::Time;
use epicenter_domain::writeback::WriteState;

/// The panel; empty where nothing was done here.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/write_backs.html")]
pub struct WriteBackPanel {
    /// Now.
    pub clock: Clock,
    /// Newest first.
    pub rows: Vec<WriteBackLine>,
}

impl HtmlSafe for WriteBackPanel {}

/// One thing that was done, to one issue or to several at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteBackLine {
    /// How far it came.
    pub state: WriteState,
    /// What, and by whom.
    pub what: String,
    /// When.
    pub asked_at: Time,
    /// To how many issues.
    pub count: usize,
    /// When Sentry took it.
    pub told_at: Option<Time>,
    /// When it is tried (again), if it waits.
    pub next_at: Option<Time>,
    /// Why it stands so; may be empty.
    pub reason: String,
}
