//! Webhooks that come while something else goes on.

use crate::program::Program;
use epicenter_bench::load::{self, Plan, Report};
use epicenter_bench::server::{DOOR, SECRET, Server};
use epicenter_bench::verdicts::drain;
use epicenter_bench::{Failure, process};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Requests per second.
pub(crate) const RATE: u32 = 1_000;
/// Issues that the events belong to: those of the first webhooks, and stored ones of all ages.
const ISSUES: u32 = 2_000;
/// Connections of the open loop, so that a request is not late for want of one; of the closed one.
const MANY: usize = 128;
const FEW: usize = 64;
/// Longest wait for the retention to begin: it looks once a minute.
const PATIENCE: Duration = Duration::from_secs(150);

/// A load, and what it cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loaded {
    /// What the load generator saw.
    pub(crate) report: Report,
    /// Bytes of memory at its end.
    pub(crate) resident: u64,
}

/// How many rows there are of each kind.
pub(crate) type Rows = Vec<(&'static str, i64)>;

/// Settings under which a day of each kind is too old.
pub(crate) const SHORT: [(&str, u32); 5] = [
    ("EPICENTER_RETENTION__DELIVERIES_DAYS", 13),
    ("EPICENTER_RETENTION__EVENTS_DAYS", 89),
    ("EPICENTER_RETENTION__CLOSED_ISSUES_DAYS", 60),
    ("EPICENTER_RETENTION__INCIDENTS_DAYS", 89),
    ("EPICENTER_RETENTION__OBSERVATIONS_DAYS", 89),
];

/// So many requests a second, or as many as are answered.
pub(crate) fn plain(
    server: &Server,
    rate: Option<u32>,
    time: Duration,
    run: u64,
) -> Result<Loaded, Failure> {
    let report = load::run(&Plan {
        target: server.address,
        path: DOOR.to_owned(),
        secret: SECRET.to_owned(),
        connections: rate.map_or(FEW, |_| MANY),
        time,
        rate,
        issues: ISSUES,
        run,
    })?;
    let resident = process::resident(server.pid())?;
    if report.accepted == 0 {
        let status = report.failed_status;
        return Err(server
            .complaint(&format!("accepted nothing ({status})"))
            .into());
    }
    drain(server)?;
    Ok(Loaded { report, resident })
}

/// The same while backups are made, one after the other; answers how many were finished.
pub(crate) fn during_backups(
    program: &Program<'_>,
    server: &Server,
    time: Duration,
    run: u64,
) -> Result<(Loaded, u32), Failure> {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let copies = scope.spawn(|| back_up(program, &is_over));
        // The first one has begun.
        thread::sleep(Duration::from_millis(500));
        let loaded = plain(server, Some(RATE), time, run);
        is_over.store(true, Ordering::Relaxed);
        let copies = copies.join().map_err(|_| "the backups ended early")??;
        Ok((loaded?, copies))
    })
}

fn back_up(program: &Program<'_>, is_over: &AtomicBool) -> Result<u32, Failure> {
    let file = program.database.with_extension("copy");
    let mut finished = 0;
    while !is_over.load(Ordering::Relaxed) {
        let mut child = program.backup(&file)?;
        let status = loop {
            if is_over.load(Ordering::Relaxed) {
                child.kill()?;
            }
            if let Some(status) = child.try_wait()? {
                break status;
            }
            thread::sleep(Duration::from_millis(20));
        };
        finished += u32::from(status.success());
        if !status.success() && !is_over.load(Ordering::Relaxed) {
            let log = fs::read_to_string(program.folder.join("backup.log"))?;
            return Err(format!("the backup failed: {log}").into());
        }
        fs::remove_file(&file)?;
    }
    Ok(finished)
}

/// The same from the moment at which the retention begins to remove.
pub(crate) fn during_retention(
    program: &Program<'_>,
    server: &Server,
    time: Duration,
    run: u64,
) -> Result<Loaded, Failure> {
    let began = Instant::now();
    let first = oldest(&program.database)?;
    while oldest(&program.database)? == first {
        if began.elapsed() > PATIENCE {
            return Err(server.complaint("removes nothing").into());
        }
        thread::sleep(Duration::from_millis(100));
    }
    plain(server, Some(RATE), time, run)
}

/// Rows that the retention removes, of each kind.
pub(crate) fn rows(database: &Path) -> Result<Rows, Failure> {
    let kinds = [
        "deliveries",
        "events",
        "issues",
        "incidents",
        "observations",
    ];
    let mut counted = Vec::new();
    for kind in kinds {
        let text = format!("SELECT count(*) FROM {kind}");
        counted.push((kind, number(database, text)?));
    }
    Ok(counted)
}

fn oldest(database: &Path) -> Result<i64, Failure> {
    number(database, "SELECT min(id) FROM deliveries".to_owned())
}

fn number(database: &Path, statement: String) -> Result<i64, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let options = SqliteConnectOptions::new()
                .filename(database)
                .read_only(true)
                .busy_timeout(Duration::from_secs(10))
                .disable_statement_logging();
            let mut conn = options.connect().await?;
            // The statements are this program's own.
            let query = sqlx::query_scalar(sqlx::AssertSqlSafe(statement));
            let found = query.fetch_one(&mut conn).await?;
            conn.close().await?;
            Ok(found)
        })
}
