//! Who wrote the functions of the frames, at the deployed commit.

use super::ground::{Ground, add};
use super::{Code, Evidence, share_out};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::FunctionBlame,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let mut column = ground.nothing();
    let mut all = 0.0;
    for blame in &ground.blame.frames {
        let Some(place) = ground.place_of(blame.frame) else {
            continue;
        };
        let lines: u32 = blame.function.values().sum();
        if lines == 0 {
            continue;
        }
        all += place.weight;
        for (sha, count) in &blame.function {
            if let Some(index) = ground.by_sha.get(sha.as_str()) {
                add(
                    &mut column,
                    *index,
                    place.weight * f64::from(*count) / f64::from(lines),
                );
            }
        }
    }
    share_out(column, all)
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let sha = ground
        .candidates
        .get(candidate)
        .map_or("", |commit| commit.sha.as_str());
    let hit = ground.blame.frames.iter().find_map(|blame| {
        let count = blame.function.get(sha)?;
        let all: u32 = blame.function.values().sum();
        Some((ground.place_of(blame.frame)?, *count, all))
    });
    match hit {
        Some((place, count, all)) => {
            format!("It wrote {count} of the {all} lines of {}", place.title())
        }
        None => String::from("It wrote lines of a function of the stack"),
    }
}
