//! How much of a frame's file a candidate changed: more lines, more room for a fault.

use super::ground::Ground;
use super::weights::VOLUME_LINES;
use super::{CandidateFile, Code, Evidence};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Volume,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    ground.over_places(|touch, _| {
        let lines = f64::from(lines(touch.file));
        lines / (VOLUME_LINES + lines)
    })
}

/// Lines of a file that a commit changed.
pub(super) fn lines(file: &CandidateFile) -> u32 {
    file.added
        .unwrap_or(0)
        .saturating_add(file.removed.unwrap_or(0))
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let touches = ground.touches_of(candidate);
    match touches.iter().max_by_key(|touch| lines(touch.file)) {
        Some(touch) => format!(
            "It changed {} lines of {}",
            lines(touch.file),
            touch.file.path
        ),
        None => String::from("It changed many lines of a file of the stack"),
    }
}
