//! The figures behind the lines, for programs.

use epicenter_domain::health::{Capture, Growth, TrafficFacts};
use epicenter_domain::time::Time;

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Webhooks of 24 hours, and what waits.
    pub traffic: TrafficFacts,
    /// Bytes of the database.
    pub database_bytes: i64,
    /// What the daily sizes say; `None`: too few.
    pub growth: Option<Growth>,
    /// Free bytes on the disk of a SQLite database.
    pub disk_free_bytes: Option<i64>,
    /// How much of what was new in 24 hours webhooks told; `None`: Sentry's API is not asked.
    pub capture: Option<Capture>,
    /// The same day by day, oldest first.
    pub capture_days: Vec<(Time, Capture)>,
}
