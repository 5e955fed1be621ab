//! sentry-cli from npm, installed once per major version and kept.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program of this major version.
pub(super) fn sentry_cli(major: u8) -> PathBuf {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sentry-cli-{major}"));
    std::fs::create_dir_all(&kept).unwrap();
    // Tests of other processes want the same one at the same time.
    let lock = File::create(kept.join("lock")).unwrap();
    lock.lock().unwrap();
    if let Some(found) = find(&kept) {
        return found;
    }
    // The package's scripts would only look for the program that comes as a dependency.
    let npm = std::env::var_os("EPICENTER_TEST_NPM").unwrap_or_else(|| "npm".into());
    let output = Command::new(&npm)
        .args([
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-save",
        ])
        .arg("--prefix")
        .arg(&kept)
        .arg(format!("@sentry/cli@{major}"))
        .output()
        .unwrap_or_else(|error| {
            panic!(
                "{}: {error}. scripts/test installs npm; `quick` needs none",
                npm.display()
            )
        });
    assert!(
        output.status.success(),
        "sentry-cli {major} cannot be installed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    find(&kept).unwrap_or_else(|| panic!("no sentry-cli {major} for this machine"))
}

/// The program is in a package per system: `@sentry/cli-linux-x64`.
fn find(kept: &Path) -> Option<PathBuf> {
    let packages = std::fs::read_dir(kept.join("node_modules/@sentry")).ok()?;
    packages
        .filter_map(|package| Some(package.ok()?.path().join("bin/sentry-cli")))
        .find(|program| {
            program.is_file() && !program.starts_with(kept.join("node_modules/@sentry/cli/"))
        })
}
