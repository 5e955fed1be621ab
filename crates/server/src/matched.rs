//! When each secret last proved a request; kept in memory, since every webhook changes it.

use epicenter_domain::time::Time;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// The last time each secret matched, since the start.
#[derive(Debug, Default)]
pub struct Matched(RwLock<HashMap<i64, Time>>);

/// Within this many milliseconds a second match is not worth writing down.
const PRECISION_MS: i64 = 1_000;

impl Matched {
    /// A secret proved a request.
    pub fn note(&self, secret_id: i64, at: Time) {
        if self
            .last(secret_id)
            .is_some_and(|last| at.since_ms(last) < PRECISION_MS)
        {
            return;
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(secret_id, at);
    }

    /// When a secret last proved a request.
    pub fn last(&self, secret_id: i64) -> Option<Time> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&secret_id).copied()
    }
}
