//! All SQL of Epicenter, each statement once, for SQLite and PostgreSQL.
//!
//! `engine` is the only file that knows that two databases exist. Every function takes a [`Tx`].

#[macro_use]
mod engine;
mod batch;
pub mod inbox;
pub mod packing;
mod rows;
pub mod slice;

pub use engine::{Database, StoreError, Tx};
