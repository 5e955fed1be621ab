//! The measured programs as processes.

use crate::store::Store;
use clap::ValueEnum;
use epicenter_bench::Failure;
use epicenter_bench::wire::{Wire, get};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// What signs the bodies.
pub(crate) const SECRET: &str = "a secret of the measurement, and of nothing else";
/// Longest start, and longest clean stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// A measured program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Program {
    /// The bare limit.
    Limit,
    /// The product.
    Epicenter,
}

/// How to start it.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    /// Which one.
    pub(crate) program: Program,
    /// Its file.
    pub(crate) binary: &'a Path,
    /// Where it keeps what it receives.
    pub(crate) store: &'a Store<'a>,
    /// For its log.
    pub(crate) scratch: &'a Path,
    /// Of the round.
    pub(crate) name: &'a str,
}

/// A running program; it ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pid_file: PathBuf,
    log: PathBuf,
    /// Where webhooks go.
    pub(crate) address: SocketAddr,
    /// Their path.
    pub(crate) path: &'static str,
    /// Where its counters are, if it has any.
    pub(crate) metrics: Option<SocketAddr>,
    /// Processes whose time counts.
    pub(crate) processes: Vec<u32>,
}

impl Program {
    /// For people and files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Epicenter => "epicenter",
        }
    }
}

impl Start<'_> {
    /// Starts it, and waits until it takes webhooks.
    pub(crate) fn run(&self) -> Result<Server, Failure> {
        let address = free_address()?;
        let metrics = free_address()?;
        let log = self.scratch.join(format!("{}.log", self.name));
        let url = self.store.url();
        let mut command = Command::new(self.binary);
        // Nothing of the caller's environment or folder may change what is measured.
        command.env_clear().current_dir(self.scratch);
        match self.program {
            Program::Limit => command
                .args(["--engine", engine(self.store), "--db", &url])
                .args(["--listen", &address.to_string(), "--secret", SECRET]),
            Program::Epicenter => command
                .arg("serve")
                .env("EPICENTER_DATABASE_URL", &url)
                .env("EPICENTER_LISTEN", address.to_string())
                .env("EPICENTER_METRICS_LISTEN", metrics.to_string())
                .env("SENTRY_WEBHOOK_SECRET", SECRET)
                .env("EPICENTER_LOG", "warn"),
        };
        let output = File::create(&log)?;
        let child = command
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .map_err(|error| format!("{}: {error}", self.binary.display()))?;
        let pid_file = self.scratch.join(format!("{}.pid", self.name));
        let mut server = Server {
            processes: [Some(child.id()), self.store.process()]
                .into_iter()
                .flatten()
                .collect(),
            child,
            pid_file,
            log,
            address,
            path: "/api/webhooks/sentry",
            metrics: (self.program == Program::Epicenter).then_some(metrics),
        };
        // The script ends what is named there, should this program be ended before its time.
        fs::write(&server.pid_file, format!("{}\n", server.child.id()))?;
        server.wait_until_ready()?;
        Ok(server)
    }
}

impl Server {
    /// Its own process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_ready(&mut self) -> Result<(), Failure> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Err(self.complaint("ended at once").into());
            }
            let is_ready = match self.metrics {
                None => Wire::open(self.address).is_ok(),
                Some(_) => get(self.address, "/readyz", "").is_ok_and(|it| it.status == 200),
            };
            if is_ready {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(self.complaint("did not become ready").into())
    }

    /// Ends it as an operator would, and waits for the end.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                let ended = status.success();
                return ended
                    .then_some(())
                    .ok_or_else(|| self.complaint("failed").into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(self.complaint("did not stop").into())
    }

    /// What to say with the end of its log.
    pub(crate) fn complaint(&self, what: &str) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(20).collect();
        let lines: Vec<&str> = lines.into_iter().rev().collect();
        format!("the server {what}\n{}", lines.join("\n"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already unless something failed; then there is nobody left to tell.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _killed = self.child.kill();
            let _status = self.child.wait();
        }
        let _removed = fs::remove_file(&self.pid_file);
    }
}

fn engine(store: &Store<'_>) -> &'static str {
    match store.process() {
        None => "sqlite",
        Some(_) => "postgres",
    }
}

fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
