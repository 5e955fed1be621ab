//! The rules of Epicenter, as pure functions from values to values, in pipeline order:
//! `proof` (who sent it) → `scrub` (what may be kept) → `sources` (parse) → `signal` → `issue` and
//! `incident` (decide), driven by `engine` over the rows that a batch touches → `routing` (who is told,
//! and why not) and `escalation` (who is told if nobody answers) → `notification` (what they read).

#![cfg_attr(not(test), warn(clippy::wildcard_enum_match_arm))]

pub mod action_link;
pub mod change;
pub mod delivery;
pub mod engine;
pub mod escalation;
pub mod health;
pub mod id;
pub mod incident;
pub mod issue;
mod json;
pub mod level;
pub mod limits;
pub mod notification;
pub mod observation;
pub mod proof;
pub mod routing;
pub mod scrub;
pub mod signal;
pub mod sources;
pub mod suspect;
pub mod time;
pub mod trend;
pub mod writeback;
