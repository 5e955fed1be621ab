//! A folder with a git repository in which CI works.

use super::program::sentry_cli;
use crate::support::TestApp;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The author's address, which nobody may find again.
pub(super) const EMAIL: &str = "ann@harbor.example";

pub(super) struct Workplace {
    folder: TempDir,
    program: PathBuf,
    major: u8,
    token: String,
}

impl Workplace {
    /// A repository, and a token of the command line.
    pub(super) fn new(app: &TestApp, major: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self {
            program: sentry_cli(major),
            token: make_token(app),
            folder,
            major,
        };
        std::fs::create_dir(place.repository()).unwrap();
        place.git(&["init", "--quiet", "--initial-branch=main"]);
        place.git(&["remote", "add", "origin", "git@github.com:Acme/Shop.git"]);
        let said = place.succeeds(&["--version"]);
        assert!(said.starts_with(&format!("sentry-cli {major}.")), "{said}");
        place
    }

    /// The same with a token that looks like ours.
    pub(super) fn with_another_secret(&self) -> Self {
        let (says, _) = self.token.rsplit_once('_').unwrap();
        let folder = tempfile::tempdir().unwrap();
        let place = Self {
            folder,
            program: self.program.clone(),
            major: self.major,
            token: format!("{says}_{}", "A".repeat(43)),
        };
        std::fs::create_dir(place.repository()).unwrap();
        place
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    /// A command that finds no settings but those of the test.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .current_dir(self.repository())
            .stdin(Stdio::null());
        command
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = self
            .command(Path::new("git"))
            .args([
                "-c",
                "user.name=Ann Dev",
                "-c",
                &format!("user.email={EMAIL}"),
            ])
            .args(arguments)
            .output()
            .unwrap();
        let text = text_of(&output);
        assert!(output.status.success(), "git {arguments:?}: {text}");
        text.trim().to_owned()
    }

    /// Commits files, and what is gone.
    pub(super) fn commit(&self, message: &str, files: &[(&str, &str)], gone: &[&str]) {
        for (path, text) in files {
            let path = self.repository().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        for path in gone {
            std::fs::remove_file(self.repository().join(path)).unwrap();
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    /// The newest commit.
    pub(super) fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = self.command(&self.program);
        command
            .args(arguments)
            .env("SENTRY_AUTH_TOKEN", &self.token)
            .env("SENTRY_PROJECT", "shop")
            .env("SENTRY_DISABLE_UPDATE_CHECK", "1");
        let output = tokio::task::block_in_place(|| command.output().unwrap());
        (output.status.success(), text_of(&output))
    }

    /// It must end well. Answers what it printed.
    #[track_caller]
    pub(super) fn succeeds(&self, arguments: &[&str]) -> String {
        let (is_well, said) = self.run(arguments);
        assert!(is_well, "sentry-cli {} {arguments:?}: {said}", self.major);
        said
    }

    /// It must not end well. Answers what it printed.
    #[track_caller]
    pub(super) fn fails(&self, arguments: &[&str]) -> String {
        let (is_well, said) = self.run(arguments);
        assert!(!is_well, "sentry-cli {} {arguments:?}: {said}", self.major);
        said
    }
}

fn text_of(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// `epicenter token create`, as an operator calls it.
fn make_token(app: &TestApp) -> String {
    let url = format!("http://{}", app.running().address);
    let mut command = Command::new(env!("CARGO_BIN_EXE_epicenter"));
    command
        .args([
            "token",
            "create",
            "--sentry-cli",
            "--name",
            "build",
            "--public-url",
            &url,
        ])
        .env_clear()
        .env("EPICENTER_DATABASE_URL", &app.config.database_url)
        .current_dir(std::env::temp_dir());
    let output = tokio::task::block_in_place(|| command.output().unwrap());
    assert!(output.status.success(), "{}", text_of(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
