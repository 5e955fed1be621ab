//! The rules of Epicenter, as pure functions from values to values, in pipeline order:
//! `delivery` → `proof` (who sent it) → `scrub` (what may be kept) → `sources` (parse) → `signal`
//! → `issue` / `incident` (decide).

#![warn(clippy::wildcard_enum_match_arm)]

pub mod delivery;
mod json;
pub mod level;
pub mod limits;
pub mod proof;
pub mod scrub;
pub mod signal;
pub mod sources;
pub mod time;
