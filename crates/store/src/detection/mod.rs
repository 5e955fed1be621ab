//! Detection of our own: what arrived and is to be looked at, what is kept of each issue, what is
//! wanted, and what was said of regressions.

mod queue;
mod regressions;
mod settings;
mod watches;

pub(crate) use queue::save as save_queue;
pub use queue::{Waiting, done, waiting};
pub use regressions::regression_of;
pub(crate) use regressions::save as save_regressions;
pub use settings::{forget_settings, set_settings, settings};
pub use watches::{MutedIssue, load_watches, muted, muted_count, save_watches};
