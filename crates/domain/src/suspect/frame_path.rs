//! A candidate changed files that the stack runs through.

use super::ground::Ground;
use super::{Code, Evidence};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::FramePath,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    ground.over_places(|_, _| 1.0)
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let touches = ground.touches_of(candidate);
    let Some(first) = touches.first() else {
        return String::from("It changed a file of the stack");
    };
    match ground.places.get(first.place) {
        Some(place) if place.index == 0 => {
            format!("It changed {}, where the error was raised", first.file.path)
        }
        Some(place) => format!(
            "It changed {}, which the stack runs through in {}",
            first.file.path,
            place.frame.function.as_deref().unwrap_or("one frame")
        ),
        None => format!("It changed {}", first.file.path),
    }
}
