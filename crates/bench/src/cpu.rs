//! Processor time, of this process and of others.

use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// User and system time that this process has used, all threads.
pub fn own() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(spent.tv_nsec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(nanos)
}

/// Processor and wall time of a stretch of work of this process.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    cpu: Duration,
    wall: Instant,
}

impl Watch {
    /// Starts it.
    pub fn start() -> Self {
        Self {
            cpu: own(),
            wall: Instant::now(),
        }
    }

    /// Processor time and wall time since the start, each divided by `count`, in microseconds.
    pub fn per(&self, count: usize) -> (f64, f64) {
        let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let cpu = own().saturating_sub(self.cpu);
        let wall = self.wall.elapsed();
        (
            cpu.as_secs_f64() * 1e6 / count,
            wall.as_secs_f64() * 1e6 / count,
        )
    }
}
