//! It shipped with the release, and to the environment, that the error came from.

use super::ground::Ground;
use super::weights::RELEASE_ELSEWHERE;
use super::{Candidate, Code, Evidence, Scene};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Release,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    ground.each(|commit| fit(ground.scene, commit))
}

fn fit(scene: &Scene, commit: &Candidate) -> f64 {
    if scene.release.is_none() || scene.release != commit.release {
        return 0.0;
    }
    match (&scene.environment, &commit.environment) {
        (Some(mine), Some(theirs)) if mine != theirs => RELEASE_ELSEWHERE,
        _ => 1.0,
    }
}

fn explain(ground: &Ground<'_>, _: usize) -> String {
    let release = ground.scene.release.as_deref().unwrap_or("the release");
    format!("It shipped with {release}, the release of the first event")
}
