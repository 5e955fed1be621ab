//! The API for programs (DESIGN §4.2).

mod deploys_api;
mod document;
mod first_start;
mod lists;
pub(crate) mod mcp;
mod memory;
mod notices;
mod people;
mod roles;
mod secrets;
mod sentry_api;
mod stream;
