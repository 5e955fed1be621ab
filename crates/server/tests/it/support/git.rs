//! A repository made by the git program, as an operator's clone would be.

use std::fs;
use std::process::Command;
use tempfile::TempDir;

pub(crate) struct GitRepository {
    folder: TempDir,
    seconds: i64,
}

impl GitRepository {
    pub(crate) fn new() -> Self {
        let repository = Self {
            folder: TempDir::new().unwrap(),
            seconds: 1_772_440_000,
        };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.git(&["remote", "add", "origin", "git@host.example:acme/shop.git"]);
        repository
    }

    pub(crate) fn path(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let date = format!("{} +0000", self.seconds);
        let output = Command::new("git")
            .current_dir(self.folder.path())
            .args(args)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_AUTHOR_NAME", "Robin Roe")
            .env("GIT_AUTHOR_EMAIL", "robin@acme.example")
            .env("GIT_COMMITTER_NAME", "Robin Roe")
            .env("GIT_COMMITTER_EMAIL", "robin@acme.example")
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

    /// Writes one file and commits it; answers the SHA.
    pub(crate) fn commit(&mut self, message: &str, path: &str, text: &str) -> String {
        let file = self.folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        self.seconds += 60;
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
}
