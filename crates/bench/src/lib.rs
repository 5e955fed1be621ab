//! What the measuring tools share. Nothing here is part of the shipped binary.

#[cfg(feature = "load")]
pub mod bodies;
#[cfg(feature = "load")]
pub mod cpu;
#[cfg(feature = "load")]
pub mod document;
#[cfg(feature = "load")]
pub mod latency;
#[cfg(feature = "load")]
pub mod load;
#[cfg(feature = "load")]
pub mod process;
#[cfg(feature = "load")]
pub mod sentry_hook;
#[cfg(feature = "load")]
pub mod server;
#[cfg(feature = "load")]
pub mod verdicts;
#[cfg(feature = "load")]
pub mod wire;

/// What ends a measurement early.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
