//! The only place where Epicenter asks what time it is.

use epicenter_domain::time::Time;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The value of a manual clock that has been let go.
const RUNNING: i64 = i64::MIN;

/// The system's clock, or one that stands still until it is moved (tests, the demo's history).
#[derive(Clone, Debug)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Arc::new(AtomicI64::new(RUNNING)))
    }

    /// A clock that stands at this instant.
    pub fn manual(at: Time) -> Self {
        Self(Arc::new(AtomicI64::new(at.0)))
    }

    /// Now.
    pub fn now(&self) -> Time {
        match self.0.load(Ordering::Relaxed) {
            RUNNING => system_time(),
            at => Time(at),
        }
    }

    /// Sets a manual clock.
    pub fn set(&self, at: Time) {
        self.0.store(at.0, Ordering::Relaxed);
    }

    /// Moves a manual clock forward.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }

    /// Lets a manual clock run with the system's from now on.
    pub fn release(&self) {
        self.0.store(RUNNING, Ordering::Relaxed);
    }
}

fn system_time() -> Time {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    let now = std::time::SystemTime::now();
    let since = now
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
