//! The tables of what is reached: for each mode and slice, and for each project.

use crate::cases::Case;
use crate::figures::{Reached, interval, mean};
use crate::trials::{Mode, Trials};
use epicenter_domain::suspect::{Code, PointTable, Weights};
use std::collections::BTreeMap;

/// A part of the cases that is reported on its own.
pub(crate) struct Slice {
    pub(crate) name: &'static str,
    pub(crate) holds: fn(&Case) -> bool,
}

/// The slices.
pub(crate) const SLICES: [Slice; 4] = [
    Slice {
        name: "Java, all published",
        holds: |case| case.is_java && case.is_published,
    },
    Slice {
        name: "Java, production frames",
        holds: |case| case.is_java && case.has_production_frame,
    },
    Slice {
        name: "  of these, published",
        holds: |case| case.is_java && case.has_production_frame && case.is_published,
    },
    Slice {
        name: "native",
        holds: |case| !case.is_java,
    },
];

/// What each case reached.
pub(crate) type Results<'a> = Vec<(&'a Case, Reached)>;

pub(crate) fn print(trials: &[Trials<'_>], weights: &Weights) {
    println!("Weights as they are in the code. Of each slice: all cases, then each half.");
    for mode in Mode::ALL {
        println!("\n{}\n{HEAD}", mode.name());
        let results = results(trials, mode, |_| weights);
        for slice in &SLICES {
            line(slice.name, &results, |case| (slice.holds)(case));
            line("    development half", &results, |it| {
                (slice.holds)(it) && it.is_development()
            });
            line("    other half", &results, |it| {
                (slice.holds)(it) && !it.is_development()
            });
        }
        projects(&results);
        if mode.blame && !mode.windows {
            fonte(&results);
        }
    }
    baselines(trials);
}

pub(crate) const HEAD: &str =
    "                          cases   MRR  [95 %]           top 1  top 3  top 5  top 10";

pub(crate) fn results<'a, 'b>(
    trials: &[Trials<'a>],
    mode: Mode,
    weights: impl Fn(&Case) -> &'b Weights,
) -> Results<'a> {
    let reached = |it: &Trials<'a>| (it.case, Reached::of(&it.run(mode, weights(it.case))));
    trials.iter().map(reached).collect()
}

pub(crate) fn line(name: &str, results: &Results<'_>, holds: impl Fn(&Case) -> bool) {
    let kept: Vec<Reached> = results
        .iter()
        .filter(|(case, _)| holds(case))
        .map(|(_, reached)| *reached)
        .collect();
    let of = |value: fn(&Reached) -> f64| mean(kept.iter().map(value));
    let reciprocals: Vec<f64> = kept.iter().map(|it| it.reciprocal).collect();
    let (low, high) = interval(&reciprocals);
    println!(
        "{name:<25} {:>5}  {:.3}  [{low:.3}, {high:.3}]  {:>4.0} %  {:>3.0} %  {:>3.0} %  {:>4.0} %",
        kept.len(),
        of(|it| it.reciprocal),
        100.0 * of(|it| it.top_1),
        100.0 * of(|it| it.top_3),
        100.0 * of(|it| it.top_5),
        100.0 * of(|it| it.top_10),
    );
}

/// Each project's cases with production frames.
pub(crate) fn projects(results: &Results<'_>) {
    let mut by_project: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (case, reached) in results.iter().filter(|(case, _)| case.has_production_frame) {
        by_project
            .entry(&case.project)
            .or_default()
            .push(reached.reciprocal);
    }
    let words = by_project.iter().map(|(name, values)| {
        format!(
            "{name} {:.2} ({})",
            mean(values.iter().copied()),
            values.len()
        )
    });
    println!(
        "  by project, production frames: {}",
        words.collect::<Vec<_>>().join(", ")
    );
}

/// Beside the ranks that Fonte reports for the same bugs, with the coverage of the failing test.
pub(crate) fn fonte(results: &Results<'_>) {
    let pairs: Vec<(f64, f64)> = results
        .iter()
        .filter(|(case, _)| case.has_production_frame)
        .filter_map(|(case, reached)| Some((reached.reciprocal, 1.0 / case.fonte?)))
        .collect();
    let differences: Vec<f64> = pairs.iter().map(|(ours, theirs)| ours - theirs).collect();
    let (low, high) = interval(&differences);
    println!(
        "  beside Fonte on {} cases with production frames: {:.3} against {:.3}, difference {:+.3} [{low:+.3}, {high:+.3}]",
        pairs.len(),
        mean(pairs.iter().map(|pair| pair.0)),
        mean(pairs.iter().map(|pair| pair.1)),
        mean(differences.iter().copied()),
    );
}

/// One kind of evidence alone, ties broken by recency.
fn baselines(trials: &[Trials<'_>]) {
    let alone = [
        ("most recent first", Code::Recency),
        ("line blame alone", Code::LineBlame),
        ("function blame alone", Code::FunctionBlame),
        ("function log alone", Code::FunctionLog),
        ("files alone", Code::FramePath),
        ("hunks near the line alone", Code::ChangedLine),
        ("function names alone", Code::FunctionName),
        ("message words alone", Code::Wording),
        ("names alone", Code::Names),
        ("transaction alone", Code::Transaction),
    ];
    println!("\nOne kind of evidence, then recency: MRR");
    println!(
        "                           history: 130  production  native   window: production  native"
    );
    for (name, code) in alone {
        let table = PointTable {
            points: [(code, 99.0), (Code::Recency, 0.01)].into(),
            convincing_score: 0.0,
            convincing_lead: 0.0,
        };
        let weights = Weights {
            with_blame: table.clone(),
            without_blame: table,
        };
        let of = |windows, slice: usize| {
            let mode = Mode {
                windows,
                blame: true,
            };
            let holds = |case| SLICES.get(slice).is_some_and(|slice| (slice.holds)(case));
            let kept = trials.iter().filter(|it| holds(it.case));
            mean(kept.map(|it| Reached::of(&it.run(mode, &weights)).reciprocal))
        };
        println!(
            "{name:<25}        {:.3}       {:.3}   {:.3}                {:.3}   {:.3}",
            of(false, 0),
            of(false, 1),
            of(false, 3),
            of(true, 1),
            of(true, 3)
        );
    }
}
