//! `epicenter serve` in a process of its own.

use crate::support::{ADMIN_TOKEN, Api, SECRET};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A running server.
pub(super) struct Process {
    child: Child,
    pub(super) api: Api,
}

fn command(database_url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_epicenter"));
    command
        .arg("serve")
        .env_clear()
        .env("EPICENTER_LISTEN", "127.0.0.1:0")
        .env("EPICENTER_METRICS_LISTEN", "")
        .env("EPICENTER_DATABASE_URL", database_url)
        .env("EPICENTER_ADMIN_TOKEN", ADMIN_TOKEN)
        .env("EPICENTER_LOG_FORMAT", "json")
        .env("SENTRY_WEBHOOK_SECRET", SECRET)
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null());
    command
}

/// Starts a server that must not start. Answers its status and what it said.
pub(super) fn refuses_to_start(database_url: &str) -> (ExitStatus, String) {
    let output = command(database_url).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status, String::from_utf8(said).unwrap())
}

impl Process {
    /// Starts it and waits until it listens. Blocks, like all of `std::process`.
    pub(super) fn start(database_url: &str) -> Self {
        Self::start_with(database_url, &[])
    }

    /// The same with more in its environment.
    pub(super) fn start_with(database_url: &str, environment: &[(&str, &str)]) -> Self {
        let mut child = command(database_url)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (found, address) = std::sync::mpsc::channel();
        let logs: [Box<dyn BufRead + Send>; 2] = [Box::new(stderr), Box::new(stdout)];
        for mut log in logs {
            let found = found.clone();
            // Reads to the end, or the server would stand still when the pipe is full.
            std::thread::spawn(move || {
                let mut line = String::new();
                while log.read_line(&mut line).is_ok_and(|count| count > 0) {
                    if let Some((_, rest)) = line.split_once("is ready on http://") {
                        let address = rest.split(['"', '\n', ' ']).next().unwrap_or_default();
                        drop(found.send(address.to_owned()));
                    }
                    line.clear();
                }
            });
        }
        let address = address.recv_timeout(Duration::from_secs(30)).unwrap();
        Self {
            child,
            api: Api::new(format!("http://{address}"), Some(ADMIN_TOKEN)),
        }
    }

    /// SIGKILL: it gets no chance to do anything.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "it had ended before: {status}");
    }

    /// SIGSTOP: it stands still.
    pub(super) fn freeze(&self) {
        self.signal("-STOP");
    }

    /// SIGTERM, and the end.
    pub(super) fn terminate(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.child.wait().unwrap()
    }

    /// Waits until it ends by itself.
    pub(super) fn ends(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Gone already, unless the test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
