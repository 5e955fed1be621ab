//! The rules of Epicenter, as pure functions from values to values, in pipeline order:
//! `proof` (who sent it) → `scrub` (what may be kept) → `delivery` → `sources` (parse) → `signal` → `issue` / `incident` (decide).

#![warn(clippy::wildcard_enum_match_arm)]

mod json;
pub mod limits;

pub mod proof;

pub mod scrub;

pub mod delivery;
pub mod level;
pub mod signal;
pub mod sources;
pub mod time;
