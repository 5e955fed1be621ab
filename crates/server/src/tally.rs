//! Requests per integration, hour and outcome, in memory until the watch writes them down: webhooks
//! pay nothing for it, and a crash costs a minute of counts.

use epicenter_domain::engine::Origin;
use epicenter_domain::time::Time;
use epicenter_store::health::counts::NewCount;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Integration, hour, outcome.
type Key = (i64, Time, &'static str);

/// What was counted since it was last written down.
#[derive(Debug, Default)]
pub struct Tally(Mutex<BTreeMap<Key, NewCount>>);

impl Tally {
    /// One request of this outcome, received at an instant.
    pub fn note(&self, origin: &Origin, outcome: &'static str, at: Time) {
        self.add(NewCount {
            workspace_id: origin.workspace_id,
            integration_id: origin.integration_id,
            hour_at: at.hour(),
            outcome,
            request_count: 1,
            last_at: at,
        });
    }

    /// Takes what was counted, to be written down.
    pub fn take(&self) -> Vec<NewCount> {
        std::mem::take(&mut *self.lock()).into_values().collect()
    }

    /// Puts back what could not be written down.
    pub fn put_back(&self, counts: Vec<NewCount>) {
        for count in counts {
            self.add(count);
        }
    }

    fn add(&self, count: NewCount) {
        let key = (count.integration_id, count.hour_at, count.outcome);
        let mut all = self.lock();
        match all.get_mut(&key) {
            Some(known) => {
                known.request_count += count.request_count;
                known.last_at = known.last_at.max(count.last_at);
            }
            None => {
                all.insert(key, count);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, NewCount>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
