//! Two databases, each query once, and no query without a test.

use crate::rust_text;
use crate::tree::{files, place, report, root, sources};
use std::collections::BTreeSet;

/// Places outside `engine.rs` that may tell the two databases apart.
const MOST_FORKS: usize = 8;

fn migrations(engine: &str) -> BTreeSet<String> {
    let folder = format!("crates/store/migrations/{engine}/");
    files()
        .into_iter()
        .filter_map(|file| file.path.strip_prefix(&folder).map(str::to_owned))
        .collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    let (sqlite, postgres) = (migrations("sqlite"), migrations("postgres"));
    let broken: Vec<_> = sqlite
        .symmetric_difference(&postgres)
        .map(|name| format!("{name} is in one folder only"))
        .collect();
    report(
        "crates/store/migrations/{sqlite,postgres} hold the same names",
        &broken,
    );
}

#[test]
fn migrations_are_numbered_without_a_gap() {
    let mut broken = Vec::new();
    for (index, name) in migrations("sqlite").iter().enumerate() {
        if !name.starts_with(&format!("{:04}_", index + 1)) {
            broken.push(format!("{name}: expected {:04}_", index + 1));
        }
    }
    report(
        "two branches made the same number, or one was lost",
        &broken,
    );
}

#[test]
fn every_store_function_has_a_contract_test() {
    let tests: String = files()
        .into_iter()
        .filter(|file| file.has_extension("rs") && file.path.starts_with("crates/store/tests/"))
        .map(|file| rust_text::strip(&file.text))
        .collect();
    if tests.is_empty() {
        return;
    }
    let mut broken = Vec::new();
    for file in sources("crates/store/src/") {
        let code = file.code();
        for (at, start) in code.match_indices("pub async fn ") {
            let name = rust_text::name_at(&code[at + start.len()..]);
            if rust_text::positions(&tests, name).is_empty() {
                broken.push(format!("{}: {name}", place(&file, &code, at)));
            }
        }
    }
    report(
        "SQL is checked by tests, not by the compiler: name it in crates/store/tests",
        &broken,
    );
}

#[test]
fn few_places_tell_the_databases_apart() {
    let mut forks = Vec::new();
    for file in sources("crates/store/src/") {
        if file.path.ends_with("/engine.rs") || file.path.contains("/engine/") {
            continue;
        }
        let code = file.code();
        for word in [".pick(", "Tx::Postgres", "Database::Postgres"] {
            for at in rust_text::positions(&code, word) {
                forks.push(format!("{}: {word}", place(&file, &code, at)));
            }
        }
    }
    assert!(
        forks.len() <= MOST_FORKS,
        "at most {MOST_FORKS} statements may be spelled twice:\n  {}",
        forks.join("\n  ")
    );
}

#[test]
fn sql_lives_in_the_store() {
    let mut broken = Vec::new();
    for file in sources("crates/server/src/") {
        let code = file.code();
        for word in ["sqlx", "Tx::Sqlite", "Tx::Postgres", "Database::Postgres"] {
            for at in rust_text::positions(&code, word) {
                broken.push(format!("{}: {word}", place(&file, &code, at)));
            }
        }
    }
    report("the server does not know which database it has", &broken);
    assert!(root().join("crates/store/migrations").is_dir());
}
