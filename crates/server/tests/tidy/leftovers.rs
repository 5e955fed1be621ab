//! What should have been taken out before the commit.

use crate::rust_text;
use crate::tree::{TextFile, files, place, report, root, sources};

/// Notes to oneself. Spelled in two halves, so that this file passes its own rule.
const NOTES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// Calls and attributes that stand for something unfinished.
const UNFINISHED: [&str; 4] = [
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
    concat!("#[", "ignore"),
];

/// Written by a tool, or somebody else's words.
fn is_foreign(file: &TextFile) -> bool {
    ["json", "lock", "snap", "svg"]
        .iter()
        .any(|e| file.has_extension(e))
        || file.path == "LICENSE"
}

#[test]
fn nothing_is_left_for_later() {
    let mut broken = Vec::new();
    for file in files().iter().filter(|file| !is_foreign(file)) {
        let unfinished: &[&str] = if file.has_extension("rs") {
            &UNFINISHED
        } else {
            &[]
        };
        for word in NOTES.iter().chain(unfinished) {
            for at in rust_text::positions(&file.text, word) {
                broken.push(format!("{}: {word}", place(file, &file.text, at)));
            }
        }
    }
    report("finish it, or file an issue", &broken);
}

#[test]
fn only_commands_print() {
    let mut broken = Vec::new();
    for file in sources("crates/") {
        let may_print = [
            "/src/commands",
            "/src/main.rs",
            "/src/bin/",
            "crates/bench/",
        ];
        if may_print.iter().any(|place| file.path.contains(place)) {
            continue;
        }
        let code = file.code();
        for call in ["println!", "eprintln!", "print!", "eprint!"] {
            for at in rust_text::positions(&code, call) {
                broken.push(format!("{}: {call}", place(&file, &code, at)));
            }
        }
    }
    report(
        "a server logs with `tracing`; only commands talk to a terminal",
        &broken,
    );
}

#[test]
fn no_test_sleeps() {
    let mut broken = Vec::new();
    for file in files() {
        // `support` waits for conditions, and `faults` kills at random moments.
        let may_wait = file.path.contains("/support") || file.path.contains("/faults");
        let is_bench = file.path.contains("/benches/");
        if !file.has_extension("rs") || may_wait || is_bench {
            continue;
        }
        let code = rust_text::strip(file.tests());
        for at in rust_text::positions(&code, "sleep") {
            if code[at..].starts_with("sleep(") {
                broken.push(format!("{}: a test sleeps", file.path));
            }
        }
    }
    report(
        "wait for what must happen, or move the manual clock",
        &broken,
    );
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    let mut broken = Vec::new();
    let root = root().to_string_lossy().into_owned();
    for file in files() {
        // Stack traces in fixtures name folders of machines that never were.
        let is_fixture = file.has_extension("json") || file.has_extension("snap");
        let mut places = vec![root.as_str()];
        if !is_fixture {
            places.push(concat!("/wo", "rk/"));
        }
        if !is_fixture && !file.has_extension("rs") {
            places.push(concat!("/ho", "me/"));
        }
        for found in places.into_iter().filter(|place| place.len() > 3) {
            for (at, _) in file.text.match_indices(found) {
                broken.push(format!("{}: {found}", place(&file, &file.text, at)));
            }
        }
    }
    report("it must build anywhere", &broken);
}

#[test]
fn no_file_sends_cargo_to_another_registry() {
    let mut broken = Vec::new();
    for file in files() {
        let name = file.path.rsplit('/').next().unwrap_or("");
        let is_cargo_config = file.path.contains(".cargo/config");
        let is_client_config = [".npmrc", "pip.conf", ".netrc", "sources.list"].contains(&name);
        let redirects = is_cargo_config
            && ["[source", "[registries", "replace-with", "proxy"]
                .iter()
                .any(|word| file.text.contains(word));
        if redirects || is_client_config {
            broken.push(file.path);
        }
    }
    report(
        "where packages come from is the machine's business",
        &broken,
    );
}
