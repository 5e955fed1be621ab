//! What the lock file may hold. `deny.toml` says the same to cargo-deny.

use crate::tree::{report, root};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// Licences that a company may ship without asking anybody.
const LICENCES: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Other licences, for one package each: `webdriver` drives the browser in tests and ships in
/// nothing.
const EXCEPTIONS: [(&str, &str); 1] = [("webdriver", "MPL-2.0")];

/// A package, and the packages it must never depend on.
const CLOSED: [(&str, &[&str]); 2] = [
    (
        "epicenter-domain",
        &[
            "axum",
            "getrandom",
            "hyper",
            "rand",
            "reqwest",
            "sqlx",
            "tokio",
            "tracing",
        ],
    ),
    (
        "epicenter-store",
        &["axum", "epicenter", "hyper", "reqwest"],
    ),
];

/// The store, and the tools that measure what the bare database can do.
const SPEAKS_SQL: [&str; 2] = ["epicenter-store", "epicenter-bench"];

/// Packages that must not be in the graph at all.
const BANNED: [&str; 4] = ["openssl", "openssl-sys", "native-tls", "aws-lc-sys"];

/// The packages of this machine's build, as Cargo resolved them.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .args(["--filter-platform", &host()])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn host() -> String {
    let output = Command::new(env!("CARGO")).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

/// Names of the packages that this one asks for.
fn dependencies(package: &Value) -> Vec<&str> {
    let list = package["dependencies"].as_array().unwrap();
    list.iter().map(name).collect()
}

/// Is there a choice in this expression that is all allowed? `/` is the old spelling of `OR`.
fn is_allowed(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let plain = expression.replace('/', " OR ");
    let plain = plain.replace(['(', ')'], " ");
    // Without brackets `AND` would bind closer than `OR`; then every part must be allowed.
    if expression.contains('(') {
        let parts = plain.split(" AND ").flat_map(|part| part.split(" OR "));
        return parts.map(str::trim).all(allowed);
    }
    plain
        .split(" OR ")
        .any(|choice| choice.split(" AND ").map(str::trim).all(allowed))
}

#[test]
fn only_the_store_speaks_sql() {
    let broken: Vec<_> = packages()
        .iter()
        .filter(|package| !SPEAKS_SQL.contains(&name(package)))
        .filter(|package| !name(package).starts_with("sqlx"))
        .filter(|package| dependencies(package).contains(&"sqlx"))
        .map(|package| name(package).to_owned())
        .collect();
    report(
        "SQL belongs in epicenter-store: sqlx is its dependency",
        &broken,
    );
}

#[test]
fn the_inner_crates_stay_small() {
    let packages = packages();
    let mut broken = Vec::new();
    for (inner, closed) in CLOSED {
        let package = packages.iter().find(|package| name(package) == inner);
        for dependency in dependencies(package.unwrap()) {
            if closed.contains(&dependency) {
                broken.push(format!("{inner} depends on {dependency}"));
            }
        }
    }
    report("a rule of ARCHITECTURE.md", &broken);
}

#[test]
fn nothing_banned_is_in_the_graph() {
    let broken: Vec<_> = packages()
        .iter()
        .map(name)
        .filter(|name| BANNED.contains(name))
        .map(str::to_owned)
        .collect();
    report(
        "TLS is rustls with ring; nothing links to the system's",
        &broken,
    );
}

#[test]
fn every_licence_is_on_the_list() {
    let mut broken = Vec::new();
    for package in packages() {
        let licence = package["license"].as_str().unwrap_or("none");
        let allowed =
            |one: &str| LICENCES.contains(&one) || EXCEPTIONS.contains(&(name(&package), one));
        if !is_allowed(licence, &allowed) {
            broken.push(format!("{}: {licence}", name(&package)));
        }
    }
    report("a licence nobody has looked at", &broken);
}

#[test]
fn every_package_comes_from_crates_io() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let broken: Vec<_> = lock
        .lines()
        .filter(|line| line.starts_with("source = ") && *line != registry)
        .map(str::to_owned)
        .collect();
    report("Cargo.lock names another source", &broken);
}

#[test]
fn licence_expressions_are_read_right() {
    let allowed = |one: &str| one == "MIT" || one == "ISC";
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0/MIT", true),
        ("MIT AND ISC", true),
        ("(MIT OR ISC) AND GPL-3.0", false),
        ("(MIT OR ISC) AND MIT", true),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}
