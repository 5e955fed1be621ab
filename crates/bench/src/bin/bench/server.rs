//! The measured programs as processes.

use crate::store::Store;
use clap::ValueEnum;
use epicenter_bench::Failure;
use epicenter_bench::server::{SECRET, Server, free_address};
use std::path::Path;
use std::process::Command;

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
        let metrics = (self.program == Program::Epicenter).then_some(metrics);
        let mut server = Server::start(command, (self.scratch, self.name), address, metrics)?;
        server.processes.extend(self.store.process());
        Ok(server)
    }
}

fn engine(store: &Store<'_>) -> &'static str {
    match store.process() {
        None => "sqlite",
        Some(_) => "postgres",
    }
}
