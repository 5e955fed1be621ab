//! What Epicenter knows of its own health: few rows, read in milliseconds.

pub mod alarms;
pub mod beats;
pub mod canary;
pub mod counts;
pub mod queues;
pub mod samples;
