//! All SQL of Epicenter, each statement once, for SQLite and PostgreSQL.
//!
//! `engine` is the only file that knows that two databases exist. Every function takes a [`Tx`].

#[macro_use]
mod engine;
#[macro_use]
mod rows;
pub mod alerts;
mod batch;
pub mod changes;
mod damage;
pub mod deliveries;
pub mod detection;
pub mod dictionaries;
pub mod events;
pub mod groups;
pub mod health;
pub mod inbox;
pub mod incidents;
pub mod integrations;
pub mod issues;
pub mod look;
pub mod notices;
pub mod observations;
pub mod packing;
mod page;
pub mod people;
pub mod quiet;
pub mod rates;
pub mod retention;
pub mod routing;
pub mod sentry;
pub mod services;
pub mod sessions;
pub mod slice;
pub mod suspects;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timeline;
pub mod tokens;
pub mod trends;
pub mod users;
pub mod write_backs;

pub use engine::{Database, StoreError, Turn, Tx};
pub use page::Page;
