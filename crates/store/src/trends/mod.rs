//! Trends: counts of events over time, and how soon incidents were taken and solved.

pub mod events;
pub mod handling;
pub mod movers;
pub mod roll_up;
