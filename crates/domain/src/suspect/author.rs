//! How much of the changes to the stack's files the candidate's author made.

use super::ground::{Ground, Touch};
use super::{Candidate, Code, Evidence};
use std::collections::BTreeMap;

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Author,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let all: f64 = ground.changes_by_author.values().sum();
    ground.each(|commit| {
        let mine = ground.changes_by_author.get(commit.author_key.as_str());
        if all > 0.0 {
            mine.copied().unwrap_or(0.0) / all
        } else {
            0.0
        }
    })
}

/// Counts the commits of each author that touched the stack's files.
pub(super) fn changes<'a>(
    touches: &[Touch<'a>],
    candidates: &'a [Candidate],
) -> BTreeMap<&'a str, f64> {
    let mut touching: Vec<usize> = touches.iter().map(|touch| touch.candidate).collect();
    touching.dedup();
    let mut changes = BTreeMap::new();
    for commit in touching
        .into_iter()
        .filter_map(|index| candidates.get(index))
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
        .map_or("", |commit| &commit.author_key);
    let count = ground.changes_by_author.get(author).copied().unwrap_or(0.0);
    format!("Its author made {count} of the changes to these files")
}
