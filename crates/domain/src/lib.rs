//! The rules of Epicenter, as pure functions from values to values, in pipeline order:
//! `delivery` (proof) → `sources` (parse) → `signal` → `issue` / `incident` (decide).

#![warn(clippy::wildcard_enum_match_arm)]

pub mod delivery;
pub mod level;
pub mod limits;
pub mod signal;
pub mod sources;
pub mod time;
