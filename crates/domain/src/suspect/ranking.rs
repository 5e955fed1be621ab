//! From evidence to an order: points are added, discounts take their share, and each step leaves a
//! reason.

use super::ground::side_by_side;
use super::verdict::{self, Verdict};
use super::weights::PointTable;
use super::{Blame, Candidate, Code, EVIDENCE, Effect, Feedback, Ground, Scene, Weights};
use crate::limits::SUSPECTS;

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// The likeliest first; at most [`SUSPECTS`], none without a reason.
    pub suspects: Vec<Suspect>,
    /// Whether the first is worth being called the cause.
    pub verdict: Verdict,
}

/// A candidate with its score.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspect {
    /// Index in the candidates.
    pub candidate: usize,
    /// 0 to 100.
    pub score: f64,
    /// Why; their points sum to the score.
    pub reasons: Vec<Reason>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// What it speaks of.
    pub code: Code,
    /// Points that it gave, or took (negative).
    pub points: f64,
    /// For people.
    pub text: String,
}

/// How strong each kind of evidence is (0 to 1) for each candidate, before any weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    columns: Vec<(Code, Vec<f64>)>,
    rows: usize,
    has_blame: bool,
}

/// Ranks candidates.
pub fn rank(
    scene: &Scene,
    candidates: &[Candidate],
    blame: &Blame,
    feedback: &Feedback,
    weights: &Weights,
) -> Ranking {
    let ground = Ground::new(scene, candidates, blame, feedback);
    let table = Table::of(&ground);
    let points = if table.has_blame {
        &weights.with_blame
    } else {
        &weights.without_blame
    };
    let scores = table.scores(points);
    let mut order: Vec<(f64, usize)> = scores
        .into_iter()
        .zip(0..)
        .filter(|(score, _)| *score > 0.0)
        .collect();
    let sha = |index: usize| candidates.get(index).map(|commit| commit.sha.as_str());
    order.sort_by(|one, other| {
        other
            .0
            .total_cmp(&one.0)
            .then_with(|| sha(one.1).cmp(&sha(other.1)))
    });
    let lead = (
        order.first().map_or(0.0, |first| first.0),
        order.get(1).map_or(0.0, |it| it.0),
    );
    order.truncate(SUSPECTS);
    let suspect = |(score, candidate): (f64, usize)| Suspect {
        candidate,
        score,
        reasons: table.reasons(&ground, candidate, points),
    };
    Ranking {
        suspects: order.into_iter().map(suspect).collect(),
        verdict: verdict::decide(&ground, points, lead),
    }
}

/// Measures all evidence without weighing it: for the benchmark that finds the weights.
pub fn measure(
    scene: &Scene,
    candidates: &[Candidate],
    blame: &Blame,
    feedback: &Feedback,
) -> Table {
    Table::of(&Ground::new(scene, candidates, blame, feedback))
}

impl Table {
    fn of(ground: &Ground<'_>) -> Self {
        let column = |evidence: &super::Evidence| (evidence.code, (evidence.measure)(ground));
        let (first, second) = EVIDENCE.split_at(EVIDENCE.len() / 2);
        let (mut columns, rest): (Vec<_>, Vec<_>) = side_by_side(
            ground.candidates.len(),
            || first.iter().map(column).collect(),
            || second.iter().map(column).collect(),
        );
        columns.extend(rest);
        Self {
            columns,
            rows: ground.candidates.len(),
            has_blame: ground.has_blame(),
        }
    }

    /// Does somebody know who wrote the code, and is it one of the candidates? Then
    /// [`Weights::with_blame`] holds.
    pub fn has_blame(&self) -> bool {
        self.has_blame
    }

    /// The column of one kind.
    pub fn column(&self, code: Code) -> &[f64] {
        let column = self.columns.iter().find(|(known, _)| *known == code);
        column.map_or(&[], |(_, values)| values)
    }

    /// Scores of all candidates, 0 to 100, in their order.
    pub fn scores(&self, points: &PointTable) -> Vec<f64> {
        let mut scores = vec![0.0; self.rows];
        for (code, values) in &self.columns {
            let weight = points.of(*code);
            if weight > 0.0 {
                for (score, strength) in scores.iter_mut().zip(values) {
                    *score += step(*score, code.effect(), weight * strength);
                }
            }
        }
        scores
    }

    fn reasons(&self, ground: &Ground<'_>, row: usize, points: &PointTable) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let mut score = 0.0;
        for (evidence, (code, values)) in EVIDENCE.iter().zip(&self.columns) {
            let strength = values.get(row).copied().unwrap_or(0.0);
            let change = step(score, code.effect(), points.of(*code) * strength);
            if change == 0.0 {
                continue;
            }
            score += change;
            let text = (evidence.explain)(ground, row);
            reasons.push(Reason {
                code: *code,
                points: change,
                text,
            });
        }
        reasons
    }
}

/// What one kind of evidence changes in a score.
fn step(score: f64, effect: Effect, amount: f64) -> f64 {
    match effect {
        Effect::Gives => amount.min(100.0 - score),
        Effect::Takes => -score * amount.min(1.0),
        Effect::Lifts => (100.0 - score) * amount.min(1.0),
    }
}
