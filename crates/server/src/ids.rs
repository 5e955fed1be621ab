//! The process's source of ids, shared by the door and the engine.

use epicenter_domain::id::IdSource;
use epicenter_domain::time::Time;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A shared [`IdSource`].
#[derive(Clone, Debug)]
pub struct Ids(Arc<Mutex<IdSource>>);

impl Ids {
    /// Continues after `last` on this node.
    pub fn new(node: u16, last: i64) -> Self {
        Self(Arc::new(Mutex::new(IdSource::new(i64::from(node), last))))
    }

    /// The next id.
    pub fn next(&self, now: Time) -> i64 {
        self.lock().next(now)
    }

    /// The source itself, for as long as a batch is decided.
    pub fn lock(&self) -> MutexGuard<'_, IdSource> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
