//! A commit that only joins two histories brings nothing of its own.

use super::ground::Ground;
use super::{Code, Evidence};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Merge,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    ground.each(|commit| f64::from(u8::from(commit.merge)))
}

fn explain(_: &Ground<'_>, _: usize) -> String {
    String::from("It is a merge: what it brings, other commits did")
}
