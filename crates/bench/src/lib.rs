//! What the measuring tools share. Nothing here is part of the shipped binary.

pub mod bodies;
pub mod cpu;
pub mod latency;
pub mod load;
pub mod process;
pub mod sentry_hook;
pub mod wire;

/// What ends a measurement early.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
