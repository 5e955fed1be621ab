//! Sizes and names.

use crate::rust_text;
use crate::tree::{files, place, report, sources};

/// Lines of code per file, without blank lines, comments and tests.
const LONGEST_FILE: usize = 400;

/// Names that say nothing, and so collect everything.
const DRAWERS: [&str; 9] = [
    "common", "core", "helper", "helpers", "manager", "misc", "util", "utils", "shared",
];

#[test]
fn no_file_outgrows_a_sitting() {
    let mut broken = Vec::new();
    for file in sources("crates/") {
        let lines = file
            .code()
            .lines()
            .filter(|line| !line.trim().is_empty())
            .count();
        if lines > LONGEST_FILE {
            broken.push(format!("{}: {lines} lines", file.path));
        }
    }
    let rule = format!("a file holds at most {LONGEST_FILE} lines of code; split it");
    report(&rule, &broken);
}

#[test]
fn no_module_is_a_drawer() {
    let mut broken = Vec::new();
    for file in files() {
        if !file.has_extension("rs") {
            continue;
        }
        let path = file.path.trim_end_matches(".rs");
        if let Some(drawer) = path.split('/').find(|part| DRAWERS.contains(part)) {
            broken.push(format!("{}: {drawer}", file.path));
        }
        let code = rust_text::strip(&file.text);
        for at in rust_text::positions(&code, "mod") {
            let name = rust_text::name_at(code[at + 3..].trim_start());
            if DRAWERS.contains(&name) {
                broken.push(format!("{}: mod {name}", place(&file, &code, at)));
            }
        }
    }
    report("name a module after what it does", &broken);
}

#[test]
fn every_limit_says_why() {
    let mut broken = Vec::new();
    for file in files() {
        if !file.path.ends_with("/limits.rs") {
            continue;
        }
        let mut above = "";
        for line in file.production().lines().map(str::trim) {
            let is_constant = line.starts_with("const ") || line.contains("pub const ");
            if is_constant && !above.starts_with("///") {
                broken.push(format!("{}: {line}", file.path));
            }
            if !line.starts_with("#[") {
                above = line;
            }
        }
    }
    report(
        "a limit without a sentence about it cannot be judged",
        &broken,
    );
}

#[cfg(unix)]
#[test]
fn scripts_can_be_run() {
    use std::os::unix::fs::PermissionsExt;
    let mut broken = Vec::new();
    for file in files() {
        let is_script = file.path.starts_with("scripts/") && file.text.starts_with("#!");
        if !is_script && file.path != ".ci/run" {
            continue;
        }
        let status = std::fs::metadata(crate::tree::root().join(&file.path)).unwrap();
        if status.permissions().mode() & 0o111 == 0 {
            broken.push(format!("{}: chmod +x", file.path));
        }
        if file.text.contains("bash") && !file.text.contains("set -euo pipefail") {
            broken.push(format!("{}: set -euo pipefail", file.path));
        }
    }
    report(
        "a script is executable and stops at its first error",
        &broken,
    );
}
