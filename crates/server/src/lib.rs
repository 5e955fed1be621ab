//! The shell around the domain: HTTP, workers, commands. The binary is `epicenter`.

pub mod app;
mod beats;
pub mod channels;
pub mod clients;
pub mod clock;
mod cloud_event;
pub mod commands;
pub mod config;
pub mod http;
mod inbox;
pub mod limits;
mod live;
mod matched;
mod metrics;
pub mod operations;
mod refused;
mod registry;
mod replies;
mod routing;
pub mod sentry_desk;
pub mod simulator;
mod tally;
pub mod telemetry;
pub mod workers;
