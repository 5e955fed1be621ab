//! What was taken back before the error began was not live; and what takes back restores old code.

use super::ground::{Ground, raise};
use super::weights::IS_REVERT;
use super::words::Gate;
use super::{Candidate, Code, Evidence};
use crate::change::link::same_sha;
use std::collections::BTreeSet;

/// Digits of the shortest name that counts as naming a commit.
const SHORT_SHA: usize = 7;

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Undone,
    measure,
    explain,
};

/// Newest first: a revert that was itself reverted takes nothing back.
fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let mut column = ground.each(|commit| f64::from(u8::from(commit.rolled_back)));
    let reverted = reverted(ground);
    for index in &ground.newest_first {
        let Some(commit) = ground.candidates.get(*index) else {
            continue;
        };
        let Some(target) = commit
            .reverts
            .as_deref()
            .filter(|_| was_live(ground, commit))
        else {
            continue;
        };
        let stands = column.get(*index).is_some_and(|undone| *undone < 1.0);
        if !stands {
            continue;
        }
        raise(&mut column, *index, IS_REVERT);
        for (sha, undone) in &reverted {
            if same_sha(sha, target) {
                raise(&mut column, *undone, 1.0);
            }
        }
    }
    column
}

/// Candidates that some revert may name: reverts name commits in full or in short.
fn reverted<'a>(ground: &Ground<'a>) -> Vec<(&'a str, usize)> {
    let start = |sha: &'a str| sha.get(..SHORT_SHA).unwrap_or(sha);
    let targets = ground
        .candidates
        .iter()
        .filter_map(|commit| commit.reverts.as_deref());
    let named: BTreeSet<&str> = targets.map(start).collect();
    let gate = Gate::new(named.iter().copied());
    let shas = ground
        .candidates
        .iter()
        .map(|commit| commit.sha.as_str())
        .zip(0..);
    let is_named = |sha| gate.lets(start(sha).as_bytes()) && named.contains(start(sha));
    shas.filter(|(sha, _)| is_named(sha)).collect()
}

/// A revert after the error began is its repair, and makes nobody innocent.
fn was_live(ground: &Ground<'_>, revert: &Candidate) -> bool {
    match (ground.scene.first_seen, revert.deployed_at.or(revert.at())) {
        (Some(seen), Some(live)) => live <= seen,
        _ => true,
    }
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let Some(commit) = ground.candidates.get(candidate) else {
        return String::from("It was taken back before the error began");
    };
    if commit.rolled_back {
        String::from("Its deploy was rolled back before the error began")
    } else if commit.reverts.is_some() {
        String::from("It only takes an earlier commit back")
    } else {
        String::from("It was reverted before the error began")
    }
}
