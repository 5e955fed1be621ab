//! All SQL of Epicenter, each statement once, for SQLite and PostgreSQL.
//!
//! `engine` is the only file that knows that two databases exist. Every function takes a [`Tx`].

#[macro_use]
mod engine;
pub mod alerts;
mod batch;
pub mod deliveries;
pub mod events;
pub mod inbox;
pub mod incidents;
pub mod integrations;
pub mod issues;
pub mod packing;
mod page;
pub mod retention;
mod rows;
pub mod services;
pub mod sessions;
pub mod slice;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timeline;
pub mod tokens;
pub mod users;

pub use engine::{Database, StoreError, Tx};
pub use page::Page;
