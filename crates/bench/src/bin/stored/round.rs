//! Everything that is measured of one database.

use crate::ask::Asker;
use crate::fill::Size;
use crate::loads::{self, Loaded, RATE, Rows, SHORT};
use crate::program::Program;
use crate::questions;
use epicenter_bench::latency::Summary;
use epicenter_bench::{Failure, process};
use std::fs;
use std::thread;
use std::time::Duration;

/// Until what begins with the server has settled.
const IDLE: Duration = Duration::from_secs(3);
/// A request that took longer is told at once, in milliseconds: the goal of pages and lists.
const SLOW: f64 = 50.0;

/// What was found.
#[derive(Debug)]
pub(crate) struct Round {
    /// Bytes of the database.
    pub(crate) bytes: u64,
    /// From the start of the process to its readiness.
    pub(crate) start: Duration,
    /// Bytes of memory before the first request, and after the lists and pages.
    pub(crate) idle: u64,
    pub(crate) looked: u64,
    /// What was asked, and how long the answers took.
    pub(crate) answers: Vec<(&'static str, Summary)>,
    /// The loads, when there were any.
    pub(crate) loads: Option<Loads>,
}

/// The loads.
#[derive(Debug)]
pub(crate) struct Loads {
    /// Nothing else goes on.
    pub(crate) quiet: Loaded,
    /// As fast as it is answered.
    pub(crate) full: Loaded,
    /// During backups, and how many were finished.
    pub(crate) backup: (Loaded, u32),
    /// During a retention run, and what it removed.
    pub(crate) retention: (Loaded, Rows),
}

/// Measures it; loads are so long.
pub(crate) fn measure(
    program: &Program<'_>,
    size: Size,
    load: Option<Duration>,
) -> Result<Round, Failure> {
    let bytes = fs::metadata(&program.database)?.len();
    let (server, start) = program.serve(&[])?;
    thread::sleep(IDLE);
    let idle = process::resident(server.pid())?;
    tell(
        size,
        &format!("ready after {start:?}, {} MiB resident", idle >> 20),
    );
    let mut asker = Asker::new(&server)?;
    let mut answers = Vec::new();
    for (name, path) in questions::all(&mut asker)? {
        let summary = asker.time(&path)?;
        if summary.p99 > SLOW {
            tell(size, &format!("slow: {name}, {path}: {summary:?}"));
        }
        answers.push((name, summary));
    }
    drop(asker);
    let looked = process::resident(server.pid())?;
    tell(
        size,
        &format!("{} MiB resident after lists and pages", looked >> 20),
    );
    let loads = match load {
        None => {
            server.stop()?;
            None
        }
        Some(time) => {
            let quiet = loads::plain(&server, Some(RATE), time, 11)?;
            told(size, "quiet", &quiet);
            let backup = loads::during_backups(program, &server, time, 12)?;
            told(size, "backup", &backup.0);
            let full = loads::plain(&server, None, time, 13)?;
            told(size, "full load", &full);
            server.stop()?;
            let retention = retention(program, size, time)?;
            Some(Loads {
                quiet,
                full,
                backup,
                retention,
            })
        }
    };
    Ok(Round {
        bytes,
        start,
        idle,
        looked,
        answers,
        loads,
    })
}

fn retention(program: &Program<'_>, size: Size, time: Duration) -> Result<(Loaded, Rows), Failure> {
    let before = loads::rows(&program.database)?;
    let (server, _) = program.serve(&SHORT)?;
    let loaded = loads::during_retention(program, &server, time, 14)?;
    server.stop()?;
    let after = loads::rows(&program.database)?;
    told(size, "retention", &loaded);
    let gone: Rows = before
        .into_iter()
        .zip(after)
        .map(|((kind, before), (_, after))| {
            // What the load itself brought is of today, and stays.
            let brought = i64::try_from(loaded.report.accepted).unwrap_or(0);
            let new = if matches!(kind, "deliveries" | "events") {
                brought
            } else {
                0
            };
            (kind, (before + new - after).max(0))
        })
        .collect();
    tell(size, &format!("  removed {gone:?}"));
    Ok((loaded, gone))
}

#[expect(
    clippy::print_stderr,
    reason = "a measuring tool tells its progress on stderr"
)]
fn tell(size: Size, text: &str) {
    eprintln!("{} incidents: {text}", size.incidents);
}

fn told(size: Size, name: &str, loaded: &Loaded) {
    let (report, resident) = (&loaded.report, loaded.resident >> 20);
    let text = format!(
        "{name}: {:.0}/s, {:?}, {} failed, {resident} MiB resident",
        report.rate, report.times, report.failed
    );
    tell(size, &text);
}
