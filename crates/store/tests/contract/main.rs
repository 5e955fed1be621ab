//! What every function of the store promises, on each database that it knows.
//!
//! A case is an async function that takes an open database; `store_contract!` makes one test of it
//! per database.

#[cfg(test)]
#[macro_use]
mod support;

#[cfg(test)]
mod capture;
#[cfg(test)]
mod ceilings;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod completion;
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod detection;
#[cfg(test)]
mod dictionaries;
#[cfg(test)]
mod digests;
#[cfg(test)]
mod endless;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod escalation_runs;
#[cfg(test)]
mod events;
#[cfg(test)]
mod expiry;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod health;
#[cfg(test)]
mod holds;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod integrations;
#[cfg(test)]
mod issues;
#[cfg(test)]
mod look;
#[cfg(test)]
mod memory_feeds;
#[cfg(test)]
mod memory_queue;
#[cfg(test)]
mod noise;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod notices_owed;
#[cfg(test)]
mod observations;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod people;
#[cfg(test)]
mod people_on_call;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod quiet;
#[cfg(test)]
mod rates;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod routing;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod sentry_connections;
#[cfg(test)]
mod sentry_runs;
#[cfg(test)]
mod services;
#[cfg(test)]
mod shipped;
#[cfg(test)]
mod slice;
#[cfg(test)]
mod sqlite_file;
#[cfg(test)]
mod suspects;
#[cfg(test)]
mod timeline;
#[cfg(test)]
mod trends;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod windows;
#[cfg(test)]
mod write_backs;
