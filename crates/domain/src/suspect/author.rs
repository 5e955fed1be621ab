//! How much of the changes to the stack's files the candidate's author made.

use super::ground::Ground;
use super::{Code, Evidence};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Author,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let changes = changes(ground);
    let all: f64 = changes.values().sum();
    ground.each(|commit| {
        let mine = changes
            .get(commit.author_key.as_str())
            .copied()
            .unwrap_or(0.0);
        if all > 0.0 { mine / all } else { 0.0 }
    })
}

fn changes<'a>(ground: &Ground<'a>) -> BTreeMap<&'a str, f64> {
    let touching: BTreeSet<usize> = ground.touches.iter().map(|touch| touch.candidate).collect();
    let mut changes = BTreeMap::new();
    for commit in touching
        .into_iter()
        .filter_map(|index| ground.candidates.get(index))
    {
        if !commit.author_key.is_empty() {
            *changes.entry(commit.author_key.as_str()).or_insert(0.0) += 1.0;
        }
    }
    changes
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let author = ground
        .candidates
        .get(candidate)
        .map_or("", |commit| commit.author_key.as_str());
    let count = changes(ground).get(author).copied().unwrap_or(0.0);
    format!("Its author made {count} of the changes to these files")
}
