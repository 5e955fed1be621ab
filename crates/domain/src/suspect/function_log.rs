//! Which commits are in the history of the frames' functions; the newest weigh most.

use super::ground::Ground;
use super::weights::LOG_DECAY;
use super::{Code, Evidence};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::FunctionLog,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let mut reaches = Vec::new();
    for blame in &ground.blame.frames {
        let place = ground
            .places
            .iter()
            .position(|place| place.index == blame.frame);
        let Some(place) = place else { continue };
        let mut worth = 1.0;
        for sha in &blame.log {
            if let Some(index) = ground.by_sha.get(sha.as_str()) {
                reaches.push((*index, place, worth));
                worth *= LOG_DECAY;
            }
        }
    }
    ground.gather(reaches.into_iter())
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let sha = ground
        .candidates
        .get(candidate)
        .map_or("", |commit| commit.sha.as_str());
    let hit = ground.blame.frames.iter().find_map(|blame| {
        let changes_since = blame.log.iter().position(|known| known == sha)?;
        Some((ground.place_of(blame.frame)?, changes_since))
    });
    match hit {
        Some((place, 0)) => format!("It is the last change of {}", place.title()),
        Some((place, since)) => {
            format!("It changed {}, {since} changes ago", place.title())
        }
        None => String::from("It is in the history of a function of the stack"),
    }
}
