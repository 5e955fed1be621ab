//! What came after the error began did not cause it.

use super::ground::Ground;
use super::weights::CLOCK_SLACK_MS;
use super::{Candidate, Code, Evidence, Scene};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::TooLate,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    ground.each(|commit| f64::from(u8::from(is_late(ground.scene, commit))))
}

/// A deploy tells when it became live; else the commit's own time, which can be no later.
fn is_late(scene: &Scene, commit: &Candidate) -> bool {
    let live = commit.deployed_at.or(commit.committed_at);
    match (scene.first_seen, live) {
        (Some(seen), Some(live)) => live > seen.plus_ms(CLOCK_SLACK_MS),
        _ => false,
    }
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    match ground
        .candidates
        .get(candidate)
        .and_then(|commit| commit.deployed_at)
    {
        Some(_) => String::from("It was deployed after the error was first seen"),
        None => String::from("It was made after the error was first seen"),
    }
}
