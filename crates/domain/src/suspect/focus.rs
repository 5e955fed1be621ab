//! How much of what a candidate changed is in the files of the stack.

use super::ground::{Ground, add};
use super::volume::lines;
use super::{CandidateFile, Code, Evidence, upkeep};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Focus,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let mut hit = ground.nothing();
    let mut best: Option<(usize, &CandidateFile, f64)> = None;
    let mut settle = |best: Option<(usize, &CandidateFile, f64)>| {
        if let Some((candidate, file, weight)) = best {
            add(&mut hit, candidate, weight * heft(file));
        }
    };
    // Touches come by candidate and file: of the frames in one file the heaviest counts.
    for touch in &ground.touches {
        let weight = ground
            .places
            .get(touch.place)
            .map_or(0.0, |place| place.weight);
        let weight = weight * touch.nearness;
        best = match best {
            Some((candidate, file, most)) if std::ptr::eq(file, touch.file) => {
                Some((candidate, file, most.max(weight)))
            }
            other => {
                settle(other);
                Some((touch.candidate, touch.file, weight))
            }
        };
    }
    settle(best);
    for (hit, commit) in hit.iter_mut().zip(ground.candidates) {
        if *hit > 0.0 {
            let runs = commit.files.iter().filter(|file| upkeep::runs(&file.path));
            *hit /= runs.map(heft).sum::<f64>().max(1.0);
            *hit = hit.min(1.0);
        }
    }
    hit
}

/// Changed lines, dampened: ten times the lines is not ten times the matter.
fn heft(file: &CandidateFile) -> f64 {
    f64::from(lines(file).saturating_add(1)).sqrt()
}

fn explain(_: &Ground<'_>, _: usize) -> String {
    String::from("Much of what it changed is in the files of the stack")
}
