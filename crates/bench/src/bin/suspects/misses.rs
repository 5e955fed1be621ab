//! The cases whose guilty commit is not first, with the reasons for it and for the first.

use crate::cases::{Case, Project};
use epicenter_domain::suspect::{
    Blame, Candidate, Feedback, PointTable, Ranking, Weights, measure, rank,
};

pub(crate) fn print(projects: &[Project], weights: &Weights) {
    for project in projects {
        for case in project.cases.iter().filter(|case| case.is_development()) {
            let candidates = case.candidates(project);
            let nobody = Blame::default();
            show(case, &candidates, &case.blame, weights);
            show(case, &candidates, &nobody, weights);
        }
    }
}

fn show(case: &Case, candidates: &[Candidate], blame: &Blame, weights: &Weights) {
    let feedback = Feedback::default();
    let ranking = rank(&case.scene, candidates, blame, &feedback, weights);
    let table = measure(&case.scene, candidates, blame, &feedback);
    let knows = table.has_blame();
    let points = if knows {
        &weights.with_blame
    } else {
        &weights.without_blame
    };
    let scores = table.scores(points);
    let guilty = candidates
        .iter()
        .position(|commit| case.guilty.contains(&commit.sha));
    let Some(guilty) = guilty else { return };
    let score = scores.get(guilty).copied().unwrap_or(0.0);
    let rank = scores.iter().filter(|other| **other >= score).count();
    if rank == 1 || !case.has_production_frame {
        return;
    }
    let means = if knows { "with blame" } else { "without blame" };
    println!(
        "\n{} {means}: rank {rank}, place {guilty} of {}",
        case.id,
        candidates.len()
    );
    if let Some(exception) = case.scene.exceptions.first() {
        println!("  {}: {}", exception.kind, subject(&exception.value));
    }
    for frame in case
        .scene
        .frames
        .iter()
        .filter(|frame| frame.in_app)
        .take(6)
    {
        println!(
            "  at {:?} {:?}:{:?}",
            frame.function, frame.path, frame.lineno
        );
    }
    first(&ranking, candidates);
    guilty_line(&table, guilty, candidates, points);
}

fn first(ranking: &Ranking, candidates: &[Candidate]) {
    for suspect in ranking.suspects.iter().take(2) {
        let message = candidates
            .get(suspect.candidate)
            .map_or("", |it| it.message.as_str());
        println!("  {:5.1} {}", suspect.score, subject(message));
        for reason in &suspect.reasons {
            println!("        {:+5.1} {}", reason.points, reason.code.as_str());
        }
    }
}

fn guilty_line(
    table: &epicenter_domain::suspect::Table,
    guilty: usize,
    candidates: &[Candidate],
    points: &PointTable,
) {
    let Some(commit) = candidates.get(guilty) else {
        return;
    };
    println!(
        "  GUILTY {} ({} files)",
        subject(&commit.message),
        commit.files.len()
    );
    for code in epicenter_domain::suspect::Code::ALL {
        let value = table.column(code).get(guilty).copied().unwrap_or(0.0);
        if value > 0.0 {
            println!(
                "        {:+5.1} {} ({value:.2})",
                value * points.of(code),
                code.as_str()
            );
        }
    }
}

fn subject(message: &str) -> String {
    message
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(100)
        .collect()
}
