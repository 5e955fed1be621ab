//! Load: closed loop (every connection sends as soon as it has its answer) and open loop (at a
//! fixed rate, measured from the moment at which the request was due).
//!
//! Every body has an event id of its own, and is signed just before it is sent.

use crate::Failure;
use crate::bodies::{Template, event_id, templates};
use crate::cpu::Watch;
use crate::latency::{Summary, Times};
use crate::sentry_hook::Signer;
use crate::wire::Wire;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Most connections.
pub const MOST_CONNECTIONS: usize = 1_024;
/// Longest run.
pub const LONGEST: Duration = Duration::from_mins(15);
/// Most requests of a run.
const MOST_REQUESTS: u64 = 20_000_000;

/// What to send, where, and how fast.
#[derive(Clone, Debug)]
pub struct Plan {
    /// A loopback address.
    pub target: SocketAddr,
    /// Path of the door.
    pub path: String,
    /// Secret of the integration.
    pub secret: String,
    /// Connections that stay open.
    pub connections: usize,
    /// How long.
    pub time: Duration,
    /// Requests per second; `None` for as fast as they are answered.
    pub rate: Option<u32>,
    /// Issues that the events belong to.
    pub issues: u32,
    /// Distinguishes the event ids of this run from those of another.
    pub run: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Requests that were sent and answered, or not.
    pub sent: u64,
    /// Answered 202.
    pub accepted: u64,
    /// Answered otherwise, or not at all.
    pub failed: u64,
    /// Status of one of those; 0 if there was no answer.
    pub failed_status: u16,
    /// Seconds.
    pub seconds: f64,
    /// Accepted per second.
    pub rate: f64,
    /// Times of the accepted ones.
    pub times: Summary,
    /// Processor time of the generator itself per request, in microseconds.
    pub own_cpu: f64,
    /// Mean bytes of a body.
    pub body_bytes: u64,
}

struct Shared<'a> {
    plan: &'a Plan,
    templates: Vec<Template>,
    signer: Signer,
    next: AtomicU64,
    start: Instant,
}

#[derive(Default)]
struct Tally {
    sent: u64,
    accepted: u64,
    failed: u64,
    failed_status: u16,
    times: Times,
}

/// Sends it all, and waits for the answers.
pub fn run(plan: &Plan) -> Result<Report, Failure> {
    if !plan.target.ip().is_loopback() {
        return Err("only this machine may be loaded (a loopback address)".into());
    }
    if plan.time > LONGEST || !(1..=MOST_CONNECTIONS).contains(&plan.connections) {
        return Err("too long, or too many connections".into());
    }
    let templates = templates(plan.issues.max(1));
    let bytes: usize = templates.iter().map(Template::size).sum();
    let body_bytes = u64::try_from(bytes / templates.len())?;
    let shared = Shared {
        plan,
        templates,
        signer: Signer::new(&plan.secret)?,
        next: AtomicU64::new(0),
        start: Instant::now(),
    };
    let watch = Watch::start();
    let mut total = Tally::default();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.connections)
            .map(|_| scope.spawn(|| connection(&shared)))
            .collect();
        for one in threads {
            let tally = one.join().unwrap_or_default();
            total.sent += tally.sent;
            total.accepted += tally.accepted;
            total.failed += tally.failed;
            total.failed_status = total.failed_status.max(tally.failed_status);
            total.times.append(tally.times);
        }
    });
    let seconds = shared.start.elapsed().as_secs_f64();
    let (own_cpu, _) = watch.per(usize::try_from(total.sent.max(1))?);
    Ok(Report {
        sent: total.sent,
        accepted: total.accepted,
        failed: total.failed,
        failed_status: total.failed_status,
        seconds,
        rate: f64::from(u32::try_from(total.accepted)?) / seconds,
        times: total.times.summary(),
        own_cpu,
        body_bytes,
    })
}

fn connection(shared: &Shared<'_>) -> Tally {
    let mut tally = Tally {
        times: Times::with_capacity(65_536),
        ..Tally::default()
    };
    let mut wire = None;
    let mut request = Vec::with_capacity(16_384);
    let mut body = Vec::with_capacity(16_384);
    loop {
        let count = shared.next.fetch_add(1, Ordering::Relaxed);
        let due = due(shared, count);
        if matches!(due, Due::Never) {
            return tally;
        }
        // Built before it is due: building is no part of the answer.
        build(shared, count, &mut body, &mut request);
        let started = match due {
            Due::At(due) => {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                due
            }
            Due::Now | Due::Never => Instant::now(),
        };
        tally.sent += 1;
        match exchange(shared, &mut wire, &request) {
            Some(202) => {
                tally.accepted += 1;
                tally.times.add(started.elapsed());
            }
            other => {
                tally.failed += 1;
                tally.failed_status = tally.failed_status.max(other.unwrap_or(0));
                // A server that is down is asked again, but not in a busy loop.
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// When a request may go.
enum Due {
    Now,
    At(Instant),
    /// The run is over.
    Never,
}

fn due(shared: &Shared<'_>, count: u64) -> Due {
    if count >= MOST_REQUESTS {
        return Due::Never;
    }
    let Some(rate) = shared.plan.rate else {
        let is_over = shared.start.elapsed() >= shared.plan.time;
        return if is_over { Due::Never } else { Due::Now };
    };
    let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let after = Duration::from_secs_f64(count / f64::from(rate.max(1)));
    if after < shared.plan.time {
        Due::At(shared.start + after)
    } else {
        Due::Never
    }
}

fn build(shared: &Shared<'_>, count: u64, body: &mut Vec<u8>, request: &mut Vec<u8>) {
    let id = event_id(shared.plan.run, count);
    let kinds = u64::try_from(shared.templates.len()).unwrap_or(1);
    // Neighbours belong to different issues, as in life.
    let kind = usize::try_from((count * 7_919) % kinds).unwrap_or(0);
    body.clear();
    if let Some(template) = shared.templates.get(kind) {
        template.write(&id, body);
    }
    let plan = shared.plan;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
         sentry-hook-resource: event_alert\r\nsentry-hook-timestamp: 1767693602\r\n\
         request-id: {count:032x}\r\nsentry-hook-signature: {}\r\ncontent-length: {}\r\n\r\n",
        plan.path,
        plan.target,
        shared.signer.sign(body),
        body.len(),
    );
    request.clear();
    request.extend_from_slice(head.as_bytes());
    request.extend_from_slice(body);
}

fn exchange(shared: &Shared<'_>, slot: &mut Option<Wire>, request: &[u8]) -> Option<u16> {
    let mut wire = match slot.take() {
        Some(wire) => wire,
        None => Wire::open(shared.plan.target).ok()?,
    };
    let answer = wire.exchange(request).ok()?;
    if !answer.closes {
        *slot = Some(wire);
    }
    Some(answer.status)
}
