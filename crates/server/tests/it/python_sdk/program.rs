//! Python with packages from `PyPI`, installed once and kept.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python that has these packages, each at a version that its test was written with. Panics with
/// what is missing.
pub(crate) fn python_with(packages: &[&str]) -> PathBuf {
    let name = format!("python-{}", packages.join("-"));
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&kept).unwrap();
    // Tests of other processes want the same one at the same time.
    let lock = File::create(kept.join("lock")).unwrap();
    lock.lock().unwrap();
    let python = kept.join("bin/python3");
    if !kept.join("whole").exists() {
        let system = std::env::var_os("EPICENTER_TEST_PYTHON").unwrap_or_else(|| "python3".into());
        let place = kept.to_string_lossy();
        run(
            Command::new(&system).args(["-m", "venv", &place]),
            "Python 3.10 or newer with `venv` is missing (Debian: python3-venv); \
             EPICENTER_TEST_PYTHON names another one; `scripts/test quick` needs none",
        );
        run(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet"])
                .args(packages),
            &format!("{packages:?} cannot be installed from PyPI"),
        );
        File::create(kept.join("whole")).unwrap();
    }
    python
}

fn run(command: &mut Command, missing: &str) {
    match command.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!("{missing}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => panic!("{missing}: {error}"),
    }
}
