//! When each worker last did its work, in memory until the watch writes it down.

use epicenter_domain::time::Time;
use epicenter_store::health::beats::Beat;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What the workers of this process did since it was last written down.
#[derive(Debug, Default)]
pub struct Beats(Mutex<BTreeMap<&'static str, Beat>>);

impl Beats {
    /// A worker did its work.
    pub fn done(&self, name: &'static str, at: Time) {
        self.change(name, |beat| beat.done_at = Some(at.0));
    }

    /// A worker failed.
    pub fn failed(&self, name: &'static str, at: Time, why: &str) {
        self.change(name, |beat| {
            beat.failed_at = Some(at.0);
            beat.failure = Some(why.to_owned());
        });
    }

    /// Takes what is known, to be written down as this node's.
    pub fn take(&self, node: i64) -> Vec<Beat> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = std::mem::take(&mut *all).into_values();
        all.map(|beat| Beat { node, ..beat }).collect()
    }

    fn change(&self, name: &'static str, change: impl FnOnce(&mut Beat)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let beat = all.entry(name).or_insert_with(|| Beat {
            node: 0,
            name: name.to_owned(),
            done_at: None,
            failed_at: None,
            failure: None,
        });
        change(beat);
    }
}
