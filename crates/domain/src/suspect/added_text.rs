//! A candidate added the very text of a frame's line.

use super::ground::{Ground, Touch};
use super::{Code, Evidence};

/// Shorter lines (`}`, `return x;`) are in every commit.
const SHORTEST: usize = 12;

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::AddedText,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    ground.over_places(|touch, place| {
        f64::from(u8::from(adds(touch, place.frame.context_line.as_deref())))
    })
}

fn adds(touch: &Touch<'_>, line: Option<&str>) -> bool {
    let Some(line) = line.map(str::trim).filter(|line| line.len() >= SHORTEST) else {
        return false;
    };
    touch
        .file
        .hunks
        .iter()
        .flat_map(|hunk| &hunk.added)
        .any(|added| added.trim() == line)
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let touches = ground.touches_of(candidate);
    let hit = touches.iter().find_map(|touch| {
        let place = ground.places.get(touch.place)?;
        adds(touch, place.frame.context_line.as_deref()).then_some(place)
    });
    match hit {
        Some(place) => format!(
            "It added the text of the line that ran in {}",
            place.title()
        ),
        None => String::from("It added the text of a line of the stack"),
    }
}
