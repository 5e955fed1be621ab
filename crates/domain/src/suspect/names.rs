//! Names of what was running (functions, classes, the transaction) that a candidate has in its
//! message, paths, functions or added lines.

use super::ground::Ground;
use super::wording::Source;
use super::{Code, Evidence, by_largest};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Names,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    by_largest(ground.vocabulary.scores(Source::Names))
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let shared = ground.vocabulary.shared(Source::Names, candidate);
    format!("It names what was running: {shared}")
}
