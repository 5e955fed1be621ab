//! A measured program as a process.

use crate::Failure;
use crate::wire::{Wire, get};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// What signs the bodies.
pub const SECRET: &str = "a secret of the measurement, and of nothing else";
/// Where Sentry's webhooks go.
pub const DOOR: &str = "/api/webhooks/sentry";
/// Longest start, and longest clean stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running program; it ends with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pid_file: PathBuf,
    log: PathBuf,
    /// Where webhooks go.
    pub address: SocketAddr,
    /// Where its counters are, if it has any.
    pub metrics: Option<SocketAddr>,
    /// Processes whose time counts.
    pub processes: Vec<u32>,
}

impl Server {
    /// Starts `command`, which listens at `address`, and waits until it takes webhooks. Its log and
    /// its process id are kept in `folder`, under `name`.
    pub fn start(
        mut command: Command,
        (folder, name): (&Path, &str),
        address: SocketAddr,
        metrics: Option<SocketAddr>,
    ) -> Result<Self, Failure> {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log)?;
        let child = command
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let mut server = Self {
            processes: vec![child.id()],
            child,
            pid_file: folder.join(format!("{name}.pid")),
            log,
            address,
            metrics,
        };
        // The script ends what is named there, should this program be ended before its time.
        fs::write(&server.pid_file, format!("{}\n", server.child.id()))?;
        server.wait_until_ready()?;
        Ok(server)
    }

    /// Its own process.
    pub fn pid(&self) -> u32 {
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
            thread::sleep(Duration::from_millis(5));
        }
        Err(self.complaint("did not become ready").into())
    }

    /// Ends it as an operator would, and waits for the end.
    pub fn stop(mut self) -> Result<(), Failure> {
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
    pub fn complaint(&self, what: &str) -> String {
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

/// An address of this machine that nobody listens at.
pub fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
