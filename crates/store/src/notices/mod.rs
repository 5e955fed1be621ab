//! Who is told of incidents, what they were told, and what is still to be said.

pub mod destinations;
pub mod digests;
pub mod expiry;
pub mod feeds;
pub mod holds;
pub mod inhibitions;
pub mod maintenance;
pub mod outbox;
pub mod plans;
pub mod proofs;
pub mod silences;
pub mod storms;
pub mod turns;

use crate::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value as the JSON text of a row.
fn write<T: Serialize>(table: &'static str, id: i64, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Row {
        table,
        id,
        reason: error.to_string(),
    })
}

/// A value from the JSON text of a row.
fn read<T: DeserializeOwned>(table: &'static str, id: i64, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Row {
        table,
        id,
        reason: error.to_string(),
    })
}
