//! Faults hide in commits of some size; in a sweep over the whole tree, few files are about it.

use super::ground::Ground;
use super::weights::SIZE_FILES;
use super::{Code, Evidence, number};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Size,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    ground.each(|commit| match commit.files.len() {
        0 => 0.0,
        files => SIZE_FILES / (SIZE_FILES + number(files)),
    })
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    match ground
        .candidates
        .get(candidate)
        .map_or(0, |commit| commit.files.len())
    {
        1 => String::from("It changed this one file only"),
        files => format!("It changed few files ({files})"),
    }
}
