//! A sweep over many files is about none of them.

use super::ground::Ground;
use super::weights::SIZE_FILES;
use super::{Code, Evidence, number};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Size,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    ground.each(|commit| {
        let more = number(commit.files.len().saturating_sub(1));
        more / (SIZE_FILES + more)
    })
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let files = ground
        .candidates
        .get(candidate)
        .map_or(0, |commit| commit.files.len());
    format!("It changed {files} files, so it is less about these")
}
