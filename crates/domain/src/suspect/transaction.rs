//! A candidate changed the file that the transaction or the culprit names.

use super::ground::Ground;
use super::weights::NAMED_NEARLY;
use super::{Code, Evidence, paths};
use std::collections::BTreeMap;

/// What the names of classes and files end or begin with, that says their part and not their theme.
const PARTS: [&str; 8] = [
    "controller",
    "handler",
    "tests",
    "test",
    "view",
    "service",
    "resource",
    "task",
];
/// Shorter names (`api`, `run`) are everywhere.
const SHORTEST: usize = 4;

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Transaction,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let named = named(ground);
    if named.is_empty() {
        return ground.nothing();
    }
    ground.each(|commit| {
        let strength = |path: &str| {
            let stem = paths::stem(path);
            let may_be = stem.len() >= SHORTEST;
            may_be.then(|| named.get(&plain(stem)).copied()).flatten()
        };
        commit
            .files
            .iter()
            .filter_map(|file| strength(&file.path))
            .fold(0.0, f64::max)
    })
}

/// Lower case, nothing between: `orders_controller` and `OrdersController` are one name.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Stems of files that the names speak of, in lower case, with how surely.
fn named(ground: &Ground<'_>) -> BTreeMap<String, f64> {
    let mut named = BTreeMap::new();
    let mut put = |stem: &str, strength: f64| {
        if stem.len() >= SHORTEST {
            let most = named.entry(stem.to_owned()).or_insert(strength);
            *most = most.max(strength);
        }
    };
    for text in [&ground.scene.transaction, &ground.scene.culprit]
        .into_iter()
        .flatten()
    {
        for name in text.split(|letter: char| !letter.is_alphanumeric() && letter != '_') {
            let name = plain(name);
            for part in PARTS {
                let bare = name.strip_suffix(part).or_else(|| name.strip_prefix(part));
                put(bare.unwrap_or_default(), NAMED_NEARLY);
            }
            put(&name, 1.0);
        }
    }
    named
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let named = named(ground);
    let files = ground
        .candidates
        .get(candidate)
        .map_or(&[][..], |commit| &commit.files);
    let hit = files
        .iter()
        .find(|file| named.contains_key(&plain(paths::stem(&file.path))));
    match hit {
        Some(file) => format!("It changed {}, which the transaction names", file.path),
        None => String::from("It changed a file that the transaction names"),
    }
}
