//! The measured program and its commands.

use epicenter_bench::Failure;
use epicenter_bench::server::{SECRET, Server, free_address};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// An administrator's token for the API.
pub(crate) const TOKEN: &str = "token-of-the-measurement-and-of-nothing-else";

/// Which program, and on which database.
#[derive(Debug)]
pub(crate) struct Program<'a> {
    /// Its file.
    pub(crate) binary: &'a Path,
    /// For logs.
    pub(crate) folder: &'a Path,
    /// Its database.
    pub(crate) database: PathBuf,
}

impl Program<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new(self.binary);
        // Nothing of the caller's environment or folder may change what is measured.
        command
            .env_clear()
            .current_dir(self.folder)
            .env("EPICENTER_DATABASE_URL", self.url())
            .env("EPICENTER_LOG", "warn");
        command
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.database.display())
    }

    /// Starts it with these settings besides; answers how long it took until it was ready.
    pub(crate) fn serve(&self, settings: &[(&str, u32)]) -> Result<(Server, Duration), Failure> {
        let address = free_address()?;
        let metrics = free_address()?;
        let mut command = self.command();
        command
            .arg("serve")
            .env("EPICENTER_LISTEN", address.to_string())
            .env("EPICENTER_METRICS_LISTEN", metrics.to_string())
            .env("EPICENTER_ADMIN_TOKEN", TOKEN)
            .env("SENTRY_WEBHOOK_SECRET", SECRET);
        for (name, value) in settings {
            command.env(name, value.to_string());
        }
        let started = Instant::now();
        let server = Server::start(command, (self.folder, "stored"), address, Some(metrics))?;
        Ok((server, started.elapsed()))
    }

    /// Begins a backup to a new file.
    pub(crate) fn backup(&self, file: &Path) -> Result<Child, Failure> {
        let log = File::create(self.folder.join("backup.log"))?;
        let child = self
            .command()
            .arg("backup")
            .arg(file)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        Ok(child)
    }
}
