//! Newer commits are likelier, if only a little.

use super::ground::{Ground, raise};
use super::weights::RECENT_HALF;
use super::{Code, Evidence, number};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Recency,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let mut column = ground.nothing();
    for (rank, index) in ground.newest_first.iter().enumerate() {
        raise(
            &mut column,
            *index,
            RECENT_HALF / (RECENT_HALF + number(rank)),
        );
    }
    column
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    match ground
        .newest_first
        .iter()
        .position(|index| *index == candidate)
    {
        Some(0) => String::from("It is the newest commit"),
        Some(newer) => format!("Only {newer} of {} are newer", ground.candidates.len()),
        None => String::from("It is new"),
    }
}
