//! A candidate changed files that mostly change together with those of the stack: the fault may sit
//! in a file that the stack does not show.

use super::ground::{Ground, raise};
use super::{Code, Evidence};
use std::collections::BTreeMap;

/// A commit with more files says nothing of what belongs together.
const MOST_FILES: usize = 25;
/// A pair that changed together once may have done so by chance.
const CHANCE: f64 = 3.0;

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Coupling,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let touched = touched(ground);
    let mut together: BTreeMap<&str, f64> = BTreeMap::new();
    for (commit, weight) in ground.candidates.iter().zip(&touched) {
        if *weight > 0.0 && commit.files.len() <= MOST_FILES {
            for file in &commit.files {
                *together.entry(file.path.as_str()).or_insert(0.0) += weight;
            }
        }
    }
    let mut all: BTreeMap<&str, f64> = together.keys().map(|path| (*path, 0.0)).collect();
    for commit in ground
        .candidates
        .iter()
        .filter(|commit| commit.files.len() <= MOST_FILES)
    {
        for file in &commit.files {
            if let Some(count) = all.get_mut(file.path.as_str()) {
                *count += 1.0;
            }
        }
    }
    let mut column = ground.nothing();
    for (index, commit) in ground.candidates.iter().enumerate() {
        for file in commit.files.iter().take(MOST_FILES) {
            let Some(weight) = together.get(file.path.as_str()) else {
                continue;
            };
            let count = all.get(file.path.as_str()).copied().unwrap_or(0.0);
            raise(&mut column, index, (weight / (count + CHANCE)).min(1.0));
        }
    }
    column
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
