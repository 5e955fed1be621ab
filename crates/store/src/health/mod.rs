//! What Epicenter knows of its own health: few rows, read in milliseconds.

pub mod alarms;
pub mod beats;
pub mod canary;
pub mod capture;
pub mod counts;
pub mod queues;
pub mod samples;
