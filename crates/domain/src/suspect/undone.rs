//! What was taken back before the error began was not live; and what takes back restores old code.

use super::ground::{Ground, raise};
use super::weights::IS_REVERT;
use super::{Candidate, Code, Evidence};
use crate::change::link::same_sha;

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Undone,
    measure,
    explain,
};

/// Newest first: a revert that was itself reverted takes nothing back.
fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let mut column = ground.each(|commit| f64::from(u8::from(commit.rolled_back)));
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
        if let Some(undone) = find(ground, target) {
            raise(&mut column, undone, 1.0);
        }
    }
    column
}

/// A revert after the error began is its repair, and makes nobody innocent.
fn was_live(ground: &Ground<'_>, revert: &Candidate) -> bool {
    match (ground.scene.first_seen, revert.deployed_at.or(revert.at())) {
        (Some(seen), Some(live)) => live <= seen,
        _ => true,
    }
}

/// Reverts name commits in full or in short.
fn find(ground: &Ground<'_>, sha: &str) -> Option<usize> {
    ground
        .candidates
        .iter()
        .position(|commit| same_sha(&commit.sha, sha))
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
