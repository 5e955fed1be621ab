//! The figures behind the lines, for programs.

use epicenter_domain::health::{Growth, TrafficFacts};

/// What was measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Webhooks of 24 hours, and what waits.
    pub traffic: TrafficFacts,
    /// Bytes of the database.
    pub database_bytes: i64,
    /// What the daily sizes say; `None`: too few.
    pub growth: Option<Growth>,
    /// Free bytes on the disk of a SQLite database.
    pub disk_free_bytes: Option<i64>,
}
