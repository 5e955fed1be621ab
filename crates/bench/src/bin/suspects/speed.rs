//! How long a ranking takes: the real cases, and ten thousand commits with a hundred frames.

use crate::cases::Project;
use crate::figures::{mean, number};
use epicenter_domain::suspect::{Blame, Candidate, Feedback, Scene, Weights, rank};
use std::time::{Duration, Instant};

const COMMITS: usize = 10_000;
const FRAMES: usize = 100;
const ROUNDS: usize = 9;

pub(crate) fn print(projects: &[Project], weights: &Weights) {
    let mut times = Vec::new();
    let mut counts = Vec::new();
    for project in projects {
        for case in &project.cases {
            let candidates = case.candidates(project);
            times.push(once(&case.scene, &candidates, &case.blame, weights));
            counts.push(number(candidates.len()));
        }
    }
    times.sort();
    println!(
        "\nTime of a ranking over the whole history ({:.0} commits on average):",
        mean(counts.into_iter())
    );
    let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1)));
    println!(
        "  median {:.1?}, 95 % {:.1?}",
        at(50).copied().unwrap_or_default(),
        at(95).copied().unwrap_or_default()
    );
    let Some(largest) = projects.iter().max_by_key(|project| project.commits.len()) else {
        return;
    };
    let Some(case) = largest.cases.first() else {
        return;
    };
    let commits: Vec<Candidate> = largest.commits.iter().take(COMMITS).cloned().collect();
    let mut scene = case.scene.clone();
    scene.frames = case
        .scene
        .frames
        .iter()
        .cycle()
        .take(FRAMES)
        .cloned()
        .collect();
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| once(&scene, &commits, &case.blame, weights))
        .collect();
    rounds.sort();
    println!(
        "  {} commits, {} frames: median of {ROUNDS} {:.1?}",
        commits.len(),
        scene.frames.len(),
        rounds.get(ROUNDS / 2).copied().unwrap_or_default()
    );
}

fn once(scene: &Scene, commits: &[Candidate], blame: &Blame, weights: &Weights) -> Duration {
    let began = Instant::now();
    let ranking = rank(scene, commits, blame, &Feedback::default(), weights);
    let took = began.elapsed();
    drop(ranking);
    took
}
