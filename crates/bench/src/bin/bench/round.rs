//! One round of one program: start, idle, load of three kinds, stop.

use crate::server::{SECRET, Server, Start};
use epicenter_bench::load::{self, Plan, Report};
use epicenter_bench::wire::get;
use epicenter_bench::{Failure, process};
use serde::Serialize;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

/// The gentle rate, per second.
pub(crate) const GENTLE: u32 = 1_000;
/// Issues that the events belong to.
pub(crate) const ISSUES: u32 = 200;
/// Connections of the open loop: enough that a request is not late for want of one.
const MANY: usize = 128;
/// Longest wait until everything is applied.
const PATIENCE: Duration = Duration::from_mins(10);
/// Nothing decided for so long: it will not come.
const STUCK: Duration = Duration::from_secs(30);

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
            path: server.path.to_owned(),
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
    let left = match server.metrics {
        None => 0,
        Some(address) => drain(server, address)?,
    };
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

/// Waits until everything that was received has its verdict; returns how much was left.
fn drain(server: &Server, metrics: SocketAddr) -> Result<u64, Failure> {
    let start = Instant::now();
    let mut first = None;
    let mut last = (Instant::now(), 0);
    while start.elapsed() < PATIENCE {
        let answer = get(metrics, "/metrics", "")?;
        let text = String::from_utf8_lossy(&answer.body);
        let received = counter(&text, "epicenter_deliveries_received_total");
        let decided = counter(&text, "epicenter_deliveries_decided_total");
        let left = received.saturating_sub(decided);
        let at_first = *first.get_or_insert(left);
        if left == 0 {
            return Ok(at_first);
        }
        if decided != last.1 {
            last = (Instant::now(), decided);
        } else if last.0.elapsed() > STUCK {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(server.complaint("does not apply what it accepted").into())
}

/// Sum of a counter over its labels.
fn counter(text: &str, name: &str) -> u64 {
    text.lines()
        .filter_map(|line| line.strip_prefix(name))
        .filter(|rest| rest.starts_with([' ', '{']))
        .filter_map(|rest| rest.rsplit(' ').next()?.parse::<u64>().ok())
        .sum()
}

/// Half of a rate, as a whole number.
fn half_of(rate: f64) -> u32 {
    format!("{:.0}", rate / 2.0).parse().unwrap_or(GENTLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_summed_over_its_labels() {
        let text = "# TYPE a counter\na_total{outcome=\"x\"} 3\na_total{outcome=\"y\"} 4\n\
            a_total_other 9\n";
        assert_eq!(counter(text, "a_total"), 7);
        assert_eq!(counter("a_total 12\n", "a_total"), 12);
    }

    #[test]
    fn half_a_rate_is_whole() {
        assert_eq!(half_of(12_345.6), 6_173);
    }
}
