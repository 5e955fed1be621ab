//! The rules of Epicenter, as pure functions from values to values, in pipeline order:
//! `delivery` (proof) → `sources` (parse) → `signal` → `issue` / `incident` (decide), driven by
//! `engine` over the rows that a batch touches.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod delivery;
pub mod engine;
pub mod id;
pub mod incident;
pub mod issue;
pub mod level;
pub mod signal;
pub mod sources;
pub mod time;
