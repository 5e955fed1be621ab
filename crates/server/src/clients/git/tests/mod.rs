//! The clone reader, against what the git program says of the same repositories.

mod faults;
mod history;
mod lines;

use super::{GitError, LocalClone, Place, open};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// A repository made by the git program, with a clock and people of its own.
pub(super) struct Repository {
    folder: TempDir,
    seconds: i64,
}

impl Repository {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let repository = Self {
            folder,
            seconds: 1_800_000_000,
        };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    pub(super) fn path(&self) -> String {
        self.folder.path().to_str().unwrap().to_owned()
    }

    pub(super) fn file(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(super) fn open(&self) -> LocalClone {
        open(&self.path()).unwrap()
    }

    pub(super) fn git(&self, args: &[&str]) -> String {
        let date = format!("{} +0000", self.seconds);
        let output = Command::new("git")
            .current_dir(self.folder.path())
            .args([
                "-c",
                "commit.gpgsign=false",
                "-c",
                "protocol.file.allow=always",
            ])
            .args(args)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_AUTHOR_NAME", "Ann")
            .env("GIT_AUTHOR_EMAIL", "ann@harbor.example")
            .env("GIT_COMMITTER_NAME", "Bob")
            .env("GIT_COMMITTER_EMAIL", "bob@harbor.example")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {said}");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    pub(super) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.file(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Commits all that is in the folder; answers the SHA.
    pub(super) fn commit(&mut self, message: &str) -> String {
        self.seconds += 60;
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.head()
    }

    pub(super) fn merge(&mut self, branch: &str) -> String {
        self.seconds += 60;
        self.git(&["merge", "--quiet", "--no-ff", "-m", "Merge", branch]);
        self.head()
    }

    pub(super) fn set_back(&mut self, seconds: i64) {
        self.seconds -= seconds;
    }

    pub(super) fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// What `git blame` says of every line.
    pub(super) fn blamed(&self, sha: &str, path: &str) -> Vec<String> {
        let said = self.git(&["blame", "-l", "-s", "--root", sha, "--", path]);
        let first = |line: &str| line.split(' ').next().unwrap().to_owned();
        said.lines().map(first).collect()
    }
}

pub(super) fn place(path: &str, line: u32, function: &str) -> Place {
    Place {
        frame: 3,
        path: path.to_owned(),
        line,
        function: function.to_owned(),
    }
}

/// Lines that are all different, from a list of numbers.
pub(super) fn numbered(numbers: &[u32]) -> String {
    let lines: Vec<String> = numbers
        .iter()
        .map(|number| format!("line {number}\n"))
        .collect();
    lines.concat()
}
