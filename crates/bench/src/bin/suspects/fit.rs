//! The search for weights: one coordinate at a time from reasoned values, held back to them.

use crate::figures::{Reached, mean};
use crate::report::{self, SLICES};
use crate::trials::{Mode, Trials};
use epicenter_domain::suspect::{Code, Effect, PointTable, Weights};
use std::collections::{BTreeMap, BTreeSet};

/// Rounds over all coordinates, at most.
const ROUNDS: usize = 4;
/// What doubling or halving one weight must win, in mean reciprocal rank, to be worth it: about what
/// one case that moves from the second place to the first wins in a half with a hundred.
const HOLD: f64 = 0.005;
/// Factors tried on points that are given.
const FACTORS: [f64; 6] = [0.0, 0.5, 0.75, 1.33, 2.0, 3.0];
/// Values tried for shares that are taken.
const SHARES: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 0.9];
/// What the cases say nothing about stays as it was reasoned.
const UNSEEN: [Code; 7] = [
    Code::Undone,
    Code::AddedText,
    Code::Release,
    Code::DeployTime,
    Code::TooLate,
    Code::Dismissed,
    Code::Confirmed,
];

/// Prints weights fitted on the development half, and what is reached on each project with weights
/// that were fitted on all others.
pub(crate) fn print(trials: &[Trials<'_>], reasoned: &Weights) {
    let names: BTreeSet<&str> = trials.iter().map(|it| it.case.project.as_str()).collect();
    let mut without: BTreeMap<&str, Weights> = BTreeMap::new();
    for name in &names {
        let others: Vec<&Trials<'_>> = trials
            .iter()
            .filter(|it| it.case.project != *name)
            .collect();
        without.insert(name, search(&others, reasoned));
    }
    println!("Each project with weights that were found without it");
    for mode in Mode::ALL {
        println!("\n{}\n{}", mode.name(), report::HEAD);
        let of = |case: &crate::cases::Case| without.get(case.project.as_str()).unwrap_or(reasoned);
        let results = report::results(trials, mode, of);
        for slice in &SLICES {
            report::line(slice.name, &results, slice.holds);
        }
        report::projects(&results);
        if mode.blame && !mode.windows {
            report::fonte(&results);
        }
    }
    let development: Vec<&Trials<'_>> = trials
        .iter()
        .filter(|it| it.case.is_development())
        .collect();
    let fitted = search(&development, reasoned);
    println!(
        "\nFitted on the development half ({} cases)",
        development.len()
    );
    table("WITH_BLAME", &fitted.with_blame);
    table("WITHOUT_BLAME", &fitted.without_blame);
}

fn table(name: &str, points: &PointTable) {
    println!("const {name}: [(Code, f64); {}] = [", Code::ALL.len());
    for code in Code::ALL {
        println!("    (Code::{code:?}, {:.2}),", points.of(code));
    }
    println!("];");
}

fn search(trials: &[&Trials<'_>], reasoned: &Weights) -> Weights {
    let mut weights = reasoned.clone();
    for blame in [false, true] {
        let prior = if blame {
            &reasoned.with_blame
        } else {
            &reasoned.without_blame
        };
        let mut best = worth(trials, &weights, prior, blame);
        for _ in 0..ROUNDS {
            let before = best;
            for code in Code::ALL.into_iter().filter(|code| !UNSEEN.contains(code)) {
                for value in values(prior.of(code), code) {
                    let mut tried = weights.clone();
                    let points = if blame {
                        &mut tried.with_blame
                    } else {
                        &mut tried.without_blame
                    };
                    points.points.insert(code, value);
                    *points = points.clone().to_hundred();
                    let reached = worth(trials, &tried, prior, blame);
                    if reached > best {
                        (best, weights) = (reached, tried);
                    }
                }
            }
            if best - before < HOLD / 4.0 {
                break;
            }
        }
    }
    weights
}

fn values(prior: f64, code: Code) -> Vec<f64> {
    match code.effect() {
        Effect::Gives => FACTORS
            .iter()
            .map(|factor| factor * prior)
            .chain([prior])
            .collect(),
        Effect::Takes | Effect::Lifts => SHARES.to_vec(),
    }
}

/// Mean over the slices that have goals, half by rank and half by the soft rank, less what the
/// distance from the reasoned weights costs.
fn worth(trials: &[&Trials<'_>], weights: &Weights, prior: &PointTable, blame: bool) -> f64 {
    let mut sum = 0.0;
    let mut count = 0.0;
    for windows in [false, true] {
        let mode = Mode { windows, blame };
        let reached: Vec<(usize, f64)> = trials
            .iter()
            .enumerate()
            .map(|(index, it)| {
                let reached = Reached::of(&it.run(mode, weights));
                (index, f64::midpoint(reached.reciprocal, reached.soft))
            })
            .collect();
        for (index, slice) in SLICES.iter().enumerate() {
            if index == PUBLISHED_PRODUCTION || (windows && index == 0) {
                continue;
            }
            let holds = |at: &usize| trials.get(*at).is_some_and(|it| (slice.holds)(it.case));
            let kept = reached
                .iter()
                .filter(|(at, _)| holds(at))
                .map(|(_, value)| *value);
            sum += mean(kept);
            count += 1.0;
        }
    }
    let points = if blame {
        &weights.with_blame
    } else {
        &weights.without_blame
    };
    sum / count - HOLD * strayed(points, prior)
}

/// A slice that is part of another, for comparison only.
const PUBLISHED_PRODUCTION: usize = 2;

/// Doublings between the weights and the reasoned ones, squared and summed.
fn strayed(points: &PointTable, prior: &PointTable) -> f64 {
    let strayed = |code: &Code| match code.effect() {
        Effect::Gives => {
            let floor = |value: f64| value.max(0.25);
            (floor(points.of(*code)) / floor(prior.of(*code)))
                .log2()
                .powi(2)
        }
        Effect::Takes | Effect::Lifts => (points.of(*code) - prior.of(*code)).powi(2),
    };
    Code::ALL.iter().map(strayed).sum()
}
