//! The way back to Sentry: whom to ask, and what is done with the answers.

mod ask;
mod check;
mod connections;
mod fetch_events;
mod sync;
mod tally;
mod tokens;

pub use ask::{Asked, sync_all, sync_one, to_the_end};
pub use check::{Checked, check};
pub use connections::{WantedConnection, delete, follow_environment, save};
pub use fetch_events::fetch_events;
pub use sync::{Report, SyncEnd, due_connections, sync};
pub use tally::last_reason;

use crate::app::App;
use crate::clients::sentry::{Pace, SentryApi};
use epicenter_domain::proof::SecretValue;
use epicenter_store::sentry::connections::ConnectionRecord;

/// Said where a connection has no token at all.
pub const NO_TOKEN: &str = "It has no token: SENTRY_AUTH_TOKEN is not set any more, or is for \
                            another organisation. Enter one.";

/// All that is needed to ask; borrowed by [`Line::api`].
#[derive(Debug)]
pub struct Line {
    token: SecretValue,
    pace: Pace,
}

/// What is needed to ask for a connection; `None`: it has no token.
pub fn line(app: &App, connection: &ConnectionRecord) -> Option<Line> {
    Some(Line {
        token: app.sentry.token(connection)?,
        pace: app.sentry.pace(connection.id),
    })
}

impl Line {
    /// The API of the connection's organisation.
    pub fn api<'a>(&'a self, app: &'a App, connection: &'a ConnectionRecord) -> SentryApi<'a> {
        SentryApi {
            outbound: &app.outbound,
            base_url: &connection.base_url,
            organization: &connection.organization,
            token: self.token.expose(),
            pace: &self.pace,
            clock: &app.clock,
        }
    }
}
