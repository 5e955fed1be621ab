//! One round of one program: start, idle, load of three kinds, stop.

use crate::server::Start;
use epicenter_bench::load::{self, Plan, Report};
use epicenter_bench::server::{DOOR, SECRET, Server};
use epicenter_bench::verdicts::drain;
use epicenter_bench::{Failure, process};
use serde::Serialize;
use std::thread;
use std::time::{Duration, Instant};

/// The gentle rate, per second.
pub(crate) const GENTLE: u32 = 1_000;
/// Issues that the events belong to.
pub(crate) const ISSUES: u32 = 200;
/// Connections of the open loop: enough that a request is not late for want of one.
const MANY: usize = 128;

/// How long, and how wide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// Of every load.
    pub(crate) seconds: Duration,
    /// Of the closed loop.
    pub(crate) connections: usize,
}

/// A load, and the time until everything of it is applied.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Phase {
    /// What the load generator saw.
    pub(crate) report: Report,
    /// Processor seconds of the server while it was loaded.
    pub(crate) load_cpu: f64,
    /// Webhooks that were answered but not applied when the load ended.
    pub(crate) left: u64,
    /// Seconds until they were applied.
    pub(crate) left_seconds: f64,
    /// Processor seconds of the server in that time.
    pub(crate) left_cpu: f64,
}

/// What a round found.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Round {
    /// As fast as it answers.
    pub(crate) full: Phase,
    /// [`GENTLE`] a second.
    pub(crate) gentle: Phase,
    /// Half of what `full` reached.
    pub(crate) half: Phase,
    /// Bytes of memory before the first request.
    pub(crate) resident_idle: u64,
    /// Bytes of memory after the last one.
    pub(crate) resident_end: u64,
    /// Bytes on the disk per accepted webhook.
    pub(crate) disk: u64,
}

/// Runs it.
pub(crate) fn measure(start: &Start<'_>, timing: Timing, number: u64) -> Result<Round, Failure> {
    let server = start.run()?;
    thread::sleep(Duration::from_secs(1));
    let resident_idle = process::resident(server.pid())?;
    let empty = start.store.bytes()?;
    let mut run = number * 10;
    let mut phase = |rate: Option<u32>, time: Duration| {
        run += 1;
        let plan = Plan {
            target: server.address,
            path: DOOR.to_owned(),
            secret: SECRET.to_owned(),
            connections: rate.map_or(timing.connections, |_| MANY),
            time,
            rate,
            issues: ISSUES,
            run,
        };
        load_and_drain(&server, &plan)
    };
    let warm = phase(None, timing.seconds / 5)?;
    let full = phase(None, timing.seconds)?;
    let gentle = phase(Some(GENTLE), timing.seconds)?;
    let half = phase(Some(half_of(full.report.rate)), timing.seconds)?;
    let resident_end = process::resident(server.pid())?;
    server.stop()?;
    let accepted: u64 = [warm, full, gentle, half]
        .iter()
        .map(|phase| phase.report.accepted)
        .sum();
    let grown = start.store.bytes()?.saturating_sub(empty);
    Ok(Round {
        full,
        gentle,
        half,
        resident_idle,
        resident_end,
        disk: grown / accepted.max(1),
    })
}

fn load_and_drain(server: &Server, plan: &Plan) -> Result<Phase, Failure> {
    let before = process::cpu(&server.processes)?;
    let report = load::run(plan)?;
    let ended = Instant::now();
    let loaded = process::cpu(&server.processes)?;
    let left = drain(server)?;
    let left_seconds = if left == 0 {
        0.0
    } else {
        ended.elapsed().as_secs_f64()
    };
    let drained = process::cpu(&server.processes)?;
    if report.accepted == 0 {
        let status = report.failed_status;
        return Err(server
            .complaint(&format!("accepted nothing ({status})"))
            .into());
    }
    Ok(Phase {
        report,
        load_cpu: (loaded.saturating_sub(before)).as_secs_f64(),
        left,
        left_seconds,
        left_cpu: (drained.saturating_sub(loaded)).as_secs_f64(),
    })
}

/// Half of a rate, as a whole number.
fn half_of(rate: f64) -> u32 {
    format!("{:.0}", rate / 2.0).parse().unwrap_or(GENTLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_rate_is_whole() {
        assert_eq!(half_of(12_345.6), 6_173);
    }
}
