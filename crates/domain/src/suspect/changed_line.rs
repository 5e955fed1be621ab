//! A candidate changed the line of a frame, or lines near it, as far as the candidates' own hunks
//! tell. Walks back from the newest: each commit shifts the line that the older ones are asked for.
//! No clone is needed; where commits are missing in between, the line is right but for their shift.

use super::ground::{Ground, Touch, raise};
use super::weights::{NEAR_LINES, REWRITTEN_DECAY};
use super::{CandidateFile, Code, Evidence, FileStatus, Hunk};
use std::collections::BTreeMap;

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::ChangedLine,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    ground.gather(reaches(ground).into_iter())
}

fn reaches(ground: &Ground<'_>) -> Vec<(usize, usize, f64)> {
    let mut age = ground.nothing();
    for (rank, index) in ground.newest_first.iter().enumerate() {
        raise(&mut age, *index, super::number(rank));
    }
    let mut by_place: BTreeMap<usize, Vec<&Touch<'_>>> = BTreeMap::new();
    for touch in &ground.touches {
        by_place.entry(touch.place).or_default().push(touch);
    }
    let mut found = Vec::new();
    for (index, mut touches) in by_place {
        let Some(place) = ground.places.get(index) else {
            continue;
        };
        let Some(line) = place.frame.lineno else {
            continue;
        };
        let rank = |touch: &Touch<'_>| age.get(touch.candidate).copied().unwrap_or(0.0);
        touches.sort_by(|one, other| rank(one).total_cmp(&rank(other)));
        let mut line = i64::from(line);
        let mut trust = 1.0;
        for touch in touches {
            let Some(step) = step(touch.file, line) else {
                continue;
            };
            found.push((touch.candidate, index, trust * touch.nearness * step.reach));
            if step.wrote {
                trust *= REWRITTEN_DECAY;
            }
            match step.before {
                Some(before) => line = before,
                None => break,
            }
        }
    }
    found
}

/// What one change of the file has to do with a line of it.
struct Step {
    /// 1 when it wrote the line, less the farther away it changed something.
    reach: f64,
    wrote: bool,
    /// Where the line was before; `None` when the file began here.
    before: Option<i64>,
}

fn step(file: &CandidateFile, line: i64) -> Option<Step> {
    if file.kind == FileStatus::Added {
        return Some(Step {
            reach: 1.0,
            wrote: true,
            before: None,
        });
    }
    let nearest = file.hunks.iter().map(|hunk| distance(hunk, line)).min()?;
    let lines = f64::from(u32::try_from(nearest).unwrap_or(u32::MAX));
    Some(Step {
        reach: NEAR_LINES / (NEAR_LINES + lines),
        wrote: nearest == 0,
        before: Some(before(&file.hunks, line)),
    })
}

/// Lines between a line and the hunk's result; 0 inside.
fn distance(hunk: &Hunk, line: i64) -> i64 {
    let first = i64::from(hunk.new_start);
    let last = first + i64::from(hunk.new_lines.max(1)) - 1;
    let inside = hunk.new_lines > 0 && (first..=last).contains(&line);
    if inside {
        0
    } else {
        (first - line).max(line - last).max(1)
    }
}

/// Where a line was before the hunks.
fn before(hunks: &[Hunk], line: i64) -> i64 {
    let mut shift = 0;
    for hunk in hunks {
        let (start, lines) = (i64::from(hunk.new_start), i64::from(hunk.new_lines));
        if lines > 0 && (start..start + lines).contains(&line) {
            let within = (line - start).min(i64::from(hunk.old_lines) - 1).max(0);
            return i64::from(hunk.old_start) + within;
        }
        let is_above = start + lines <= line || (lines == 0 && start < line);
        if is_above {
            shift += lines - i64::from(hunk.old_lines);
        }
    }
    (line - shift).max(1)
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let touches = ground.touches_of(candidate);
    let place = touches
        .first()
        .and_then(|touch| ground.places.get(touch.place));
    match place {
        Some(place) => format!(
            "Its changes reach to the line that ran in {}",
            place.title()
        ),
        None => String::from("Its changes reach to a line of the stack"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunk(old_start: u32, old_lines: u32, new_start: u32, new_lines: u32) -> Hunk {
        Hunk {
            old_start,
            old_lines,
            new_start,
            new_lines,
            ..Hunk::default()
        }
    }

    #[test]
    fn a_line_is_followed_back_through_hunks() {
        let cases: [(&[Hunk], i64, i64); 6] = [
            (&[], 40, 40),
            (&[hunk(10, 0, 11, 5)], 40, 35),
            (&[hunk(10, 5, 9, 0)], 40, 45),
            (&[hunk(50, 5, 50, 9)], 40, 40),
            (&[hunk(38, 3, 38, 4)], 41, 40),
            (&[hunk(10, 0, 11, 5), hunk(30, 1, 36, 2)], 40, 34),
        ];
        for (hunks, line, expected) in cases {
            assert_eq!(before(hunks, line), expected, "{hunks:?}");
        }
    }

    #[test]
    fn distance_is_zero_only_inside() {
        assert_eq!(distance(&hunk(1, 1, 10, 3), 12), 0);
        assert_eq!(distance(&hunk(1, 1, 10, 3), 13), 1);
        assert_eq!(distance(&hunk(1, 1, 10, 3), 7), 3);
        assert_eq!(distance(&hunk(1, 1, 10, 0), 10), 1);
    }
}
