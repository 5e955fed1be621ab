//! Who wrote the very line of a frame, at the deployed commit.

use super::ground::{Ground, add};
use super::{Code, Evidence, share_out};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::LineBlame,
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
        let lines: u32 = blame.line.values().sum();
        if lines == 0 {
            continue;
        }
        all += place.weight;
        for (sha, count) in &blame.line {
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
    let hits = ground
        .blame
        .frames
        .iter()
        .filter(|blame| blame.line.contains_key(sha));
    let mut places = hits.filter_map(|blame| ground.place_of(blame.frame));
    let Some(first) = places.next() else {
        return String::from("It wrote a line of the stack");
    };
    match places.count() {
        0 => format!("It wrote the line that ran in {}", first.title()),
        more => format!(
            "It wrote the lines that ran in {} and {more} more of the stack",
            first.title()
        ),
    }
}
