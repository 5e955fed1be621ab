//! Which room may open which door (ARCHITECTURE.md, "Doors").

use crate::rust_text;
use crate::tree::{TextFile, place, report, sources};

/// A room of the server, the rooms it must not use, and why.
struct Room {
    name: &'static str,
    closed: &'static [&'static str],
    why: &'static str,
}

const ROOMS: [Room; 5] = [
    Room {
        name: "http",
        closed: &["channels"],
        why: "what a request sends out goes through the outbox, or a crash loses it",
    },
    Room {
        name: "workers",
        closed: &["http"],
        why: "work must go on without anybody asking over HTTP",
    },
    Room {
        name: "operations",
        closed: &["http", "workers", "channels"],
        why: "an operation is one transaction that any door may call",
    },
    Room {
        name: "channels",
        closed: &["http", "operations", "workers", "app"],
        why: "a channel turns a notification into a receipt, and knows nothing else",
    },
    Room {
        name: "clients",
        closed: &["http", "operations", "workers", "channels", "app"],
        why: "a client only speaks to somebody else's API",
    },
];

const SERVER: &str = "crates/server/src/";

fn room_of(file: &TextFile) -> &str {
    let inside = file.path.strip_prefix(SERVER).unwrap_or("");
    rust_text::name_at(inside)
}

/// How many `super::` lead from this file to the root of its crate.
fn depth_of(file: &TextFile) -> usize {
    let inside = file.path.strip_prefix(SERVER).unwrap_or("");
    let folders = inside.matches('/').count();
    folders + usize::from(!inside.ends_with("/mod.rs"))
}

#[test]
fn rooms_use_only_the_doors_they_have() {
    let mut broken = Vec::new();
    for file in sources(SERVER) {
        let Some(room) = ROOMS.iter().find(|room| room.name == room_of(&file)) else {
            continue;
        };
        let code = file.code();
        for (at, name) in rust_text::root_names(&code, depth_of(&file)) {
            if room.closed.contains(&name.as_str()) {
                let place = place(&file, &code, at);
                broken.push(format!("{place}: {} uses {name}; {}", room.name, room.why));
            }
        }
    }
    report("a room uses a door that is closed to it", &broken);
}

#[test]
fn operations_know_nothing_of_http() {
    let mut broken = Vec::new();
    for file in sources("crates/server/src/operations") {
        let code = file.code();
        for library in ["axum", "hyper", "tower_http", "reqwest"] {
            for at in rust_text::positions(&code, library) {
                broken.push(format!("{}: {library}", place(&file, &code, at)));
            }
        }
    }
    report(
        "operations are called by pages, the API and workers alike",
        &broken,
    );
}

#[test]
fn http_writes_only_through_operations() {
    let mut broken = Vec::new();
    for file in sources("crates/server/src/http") {
        let code: String = file.code().split_whitespace().collect();
        for call in [".write().await", ".write_state("] {
            if code.contains(call) {
                broken.push(format!("{}: {call}", file.path));
            }
        }
    }
    report(
        "http opens a transaction that writes; move it to a file in operations/",
        &broken,
    );
}

#[test]
fn the_inner_crates_do_not_know_the_outer_ones() {
    let mut broken = Vec::new();
    for (folder, outer) in [
        (
            "crates/domain/src/",
            ["epicenter_store::", "epicenter::"].as_slice(),
        ),
        ("crates/store/src/", &["epicenter::"]),
    ] {
        for file in sources(folder) {
            let code = file.code();
            for name in outer {
                for at in rust_text::positions(&code, name) {
                    broken.push(format!("{}: {name}", place(&file, &code, at)));
                }
            }
        }
    }
    report("the direction is server → store → domain", &broken);
}
