//! The way back to Sentry: whom to ask, what was asked, and events that are still to be fetched.

pub mod connections;
pub mod runs;
pub mod wanted_events;
