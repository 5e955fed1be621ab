//! A candidate changed files that mostly change together with those of the stack: the fault may sit
//! in a file that the stack does not show.

use super::ground::{Ground, raise};
use super::{Code, Evidence};
use std::collections::BTreeMap;

/// A commit with more files says nothing of what belongs together.
const MOST_FILES: usize = 25;
/// Commits that are looked at, the newest: what belonged together before may no longer.
const MOST_COMMITS: usize = 5_000;
/// A pair that changed together once may have done so by chance.
const CHANCE: f64 = 3.0;

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Coupling,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let touched = touched(ground);
    let mut pairs: BTreeMap<u64, Pair> = BTreeMap::new();
    for (commit, weight) in ground.candidates.iter().zip(&touched) {
        if *weight > 0.0 && commit.files.len() <= MOST_FILES {
            for file in &commit.files {
                pairs.entry(key(&file.path)).or_default().together += weight;
            }
        }
    }
    let mut column = ground.nothing();
    if pairs.is_empty() {
        return column;
    }
    let mut hits = Vec::new();
    for index in ground.newest_first.iter().take(MOST_COMMITS) {
        let Some(commit) = ground.candidates.get(*index) else {
            continue;
        };
        for file in commit.files.iter().take(MOST_FILES) {
            let key = key(&file.path);
            if let Some(pair) = pairs.get_mut(&key) {
                pair.times += f64::from(u8::from(commit.files.len() <= MOST_FILES));
                hits.push((*index, key));
            }
        }
    }
    for (index, key) in hits {
        let worth = pairs
            .get(&key)
            .map_or(0.0, |pair| pair.together / (pair.times + CHANCE));
        raise(&mut column, index, worth.min(1.0));
    }
    column
}

/// How often a file changed together with the stack's, and how often in all.
#[derive(Default)]
struct Pair {
    together: f64,
    times: f64,
}

/// A number for a path (FNV-1a): compared more quickly than the path, ten thousand times over.
fn key(path: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    path.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}

/// How much of the stack each candidate touched.
fn touched(ground: &Ground<'_>) -> Vec<f64> {
    let mut touched = ground.nothing();
    for touch in &ground.touches {
        let weight = ground
            .places
            .get(touch.place)
            .map_or(0.0, |place| place.weight);
        raise(&mut touched, touch.candidate, weight * touch.nearness);
    }
    touched
}

fn explain(_: &Ground<'_>, _: usize) -> String {
    String::from("It changed files that mostly change together with those of the stack")
}
