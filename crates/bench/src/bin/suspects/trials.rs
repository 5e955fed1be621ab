//! The trials that a case gives: one over its whole history, ten over windows of fifty commits. The
//! evidence of each is measured once; weights are tried on what was measured.

use crate::cases::{Case, Project};
use epicenter_domain::suspect::{Candidate, Feedback, Table, Weights, measure};

/// Commits of a window: those of one release.
const WINDOW: usize = 50;
/// Steps of the guilty commit's place in the window.
const STEP: usize = 5;

/// A case with all its trials.
pub(crate) struct Trials<'a> {
    pub(crate) case: &'a Case,
    pub(crate) history: Trial,
    pub(crate) windows: Vec<Trial>,
}

/// One list of candidates.
pub(crate) struct Trial {
    table: Table,
    guilty: Vec<usize>,
}

/// How one trial ended.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    /// The best rank of a guilty commit; ties take the worst rank of their group.
    pub(crate) rank: f64,
    /// Score of the first, and of the second.
    pub(crate) first: f64,
    pub(crate) second: f64,
    /// The same without jumps: moves with the distance to those before it.
    pub(crate) soft: f64,
}

/// What the ranking may know and how much it has to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mode {
    pub(crate) windows: bool,
    pub(crate) blame: bool,
}

impl Mode {
    pub(crate) const ALL: [Self; 4] = [
        Self {
            windows: false,
            blame: true,
        },
        Self {
            windows: false,
            blame: false,
        },
        Self {
            windows: true,
            blame: true,
        },
        Self {
            windows: true,
            blame: false,
        },
    ];

    pub(crate) fn name(self) -> &'static str {
        match (self.windows, self.blame) {
            (false, true) => "history, with blame",
            (false, false) => "history, without blame",
            (true, true) => "window 50, with blame",
            (true, false) => "window 50, without blame",
        }
    }
}

/// Measures the evidence of all cases.
pub(crate) fn all(projects: &[Project]) -> Vec<Trials<'_>> {
    let of = |project| move |case| trials(project, case);
    projects
        .iter()
        .flat_map(|project| project.cases.iter().map(of(project)))
        .collect()
}

fn trials<'a>(project: &Project, case: &'a Case) -> Trials<'a> {
    let candidates = case.candidates(project);
    let is_guilty = |commit: &Candidate| case.guilty.contains(&commit.sha);
    let place = candidates.iter().position(is_guilty).unwrap_or_default();
    let windows = (0..WINDOW).step_by(STEP).map(|offset| {
        let last = candidates.len().saturating_sub(WINDOW);
        let start = place.saturating_sub(offset).min(last);
        let end = (start + WINDOW).min(candidates.len());
        trial(case, candidates.get(start..end).unwrap_or_default())
    });
    Trials {
        case,
        windows: windows.collect(),
        history: trial(case, &candidates),
    }
}

fn trial(case: &Case, candidates: &[Candidate]) -> Trial {
    let feedback = Feedback::default();
    let table = measure(&case.scene, candidates, &case.blame, &feedback);
    let is_guilty = |(_, commit): &(usize, &Candidate)| case.guilty.contains(&commit.sha);
    let guilty = candidates
        .iter()
        .enumerate()
        .filter(is_guilty)
        .map(|(index, _)| index)
        .collect();
    Trial { table, guilty }
}

impl Trial {
    /// With the table that the ranking itself would take.
    pub(crate) fn run(&self, blame: bool, weights: &Weights) -> Outcome {
        let knows = blame && self.table.has_blame();
        let points = if knows {
            &weights.with_blame
        } else {
            &weights.without_blame
        };
        let scores = self.table.scores(points);
        let score = |index: &usize| scores.get(*index).copied().unwrap_or(0.0);
        let best = self.guilty.iter().map(score).fold(0.0, f64::max);
        let (mut first, mut second) = (0.0_f64, 0.0_f64);
        let (mut rank, mut soft) = (0.0, 0.5);
        for score in &scores {
            if *score > first {
                second = first;
                first = *score;
            } else if *score > second {
                second = *score;
            }
            if *score >= best {
                rank += 1.0;
            }
            let distance = (best - score) / SOFTNESS;
            if distance < 6.0 {
                soft += 1.0 / (1.0 + distance.exp());
            }
        }
        Outcome {
            rank,
            first,
            second,
            soft: 1.0 / soft,
        }
    }
}

/// Points within which two scores are nearly a tie for the soft rank.
const SOFTNESS: f64 = 1.5;

impl Trials<'_> {
    /// All outcomes of one mode.
    pub(crate) fn run(&self, mode: Mode, weights: &Weights) -> Vec<Outcome> {
        if mode.windows {
            self.windows
                .iter()
                .map(|trial| trial.run(mode.blame, weights))
                .collect()
        } else {
            vec![self.history.run(mode.blame, weights)]
        }
    }
}
