//! What was done: repositories, commits, pushes, releases, deploys.

pub mod code_hosts;
pub mod commits;
pub mod cut_pushes;
pub mod deploys;
pub mod mappings;
pub mod pushes;
pub mod releases;
pub mod repositories;
pub mod shipped;
pub mod tallies;

/// Where ids for new rows come from.
pub type NextId<'a> = &'a (dyn Fn() -> i64 + Send + Sync);
