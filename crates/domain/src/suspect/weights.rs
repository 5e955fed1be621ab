//! The only file with numbers: what each kind of evidence is worth, and what makes a suspect
//! convincing. The points are what `scripts/bench suspects DIR --fit` printed, see
//! `docs/suspects.md`.

use super::{Code, Effect};
use crate::time::MINUTE_MS;
use std::collections::BTreeMap;

/// A frame of the application counts this much of the one that it was called from.
pub(super) const DEPTH_DECAY: f64 = 0.88;
/// Frames of the application that are looked at; those farther out count for nothing any more.
pub(super) const DEPTH_FRAMES: usize = 25;
/// Frames of a cause count this much of those of the exception that it caused.
pub(super) const CHAIN_DECAY: f64 = 0.8;
/// Each later entry of a function's history counts this much of the one before.
pub(super) const LOG_DECAY: f64 = 0.8;
/// How far from the frame's line, in lines, a hunk still counts half.
pub(super) const NEAR_LINES: f64 = 10.0;
/// Candidates after which recency is worth half.
pub(super) const RECENT_HALF: f64 = 20.0;
/// Hours after a deploy within which an error that begins counts half.
pub(super) const DEPLOY_HALF_HOURS: f64 = 12.0;
/// How quickly a word that repeats stops adding (the usual value of BM25).
pub(super) const BM25_K1: f64 = 1.2;
/// How much long texts are held back (the usual value of BM25).
pub(super) const BM25_B: f64 = 0.75;
/// Changed files at which a commit is half a sweep.
pub(super) const SIZE_FILES: f64 = 40.0;
/// Changed lines of a file that count half as many as it can.
pub(super) const VOLUME_LINES: f64 = 60.0;
/// Frames that report, check or allocate (`assert`, `xmalloc`, a signal handler) count this much:
/// the fault is with who called them.
pub(super) const PLUMBING: f64 = 0.25;
/// What reaches several frames: this share counts how much of the stack it reaches, the rest how
/// near the crash the heaviest frame is.
pub(super) const SPREAD: f64 = 0.3;
/// Blame is a share of the stack's lines; this part of it is measured against the candidate with
/// the largest share instead, so that older commits outside the set do not drown it.
pub(super) const AGAINST_LARGEST: f64 = 0.8;
/// A commit that moves, renames or tidies code, by its subject, is upkeep this much.
pub(super) const SAYS_TIDYING: f64 = 0.5;
/// A match of the file's name alone is worth this much of one that matches whole.
pub(super) const NAME_ONLY: f64 = 0.15;
/// Clocks of build machines, hosts and Sentry differ by this much, in milliseconds.
pub(super) const CLOCK_SLACK_MS: i64 = 5 * MINUTE_MS;
/// The right release in another environment is worth this much.
pub(super) const RELEASE_ELSEWHERE: f64 = 0.4;
/// A commit that takes back is undone this much: most restore what worked, some break.
pub(super) const IS_REVERT: f64 = 0.6;
/// How much of upkeep a commit is: only documents, only tests, and one whose subject says so.
pub(super) const ONLY_DOCUMENTS: f64 = 1.0;
/// See [`ONLY_DOCUMENTS`].
pub(super) const ONLY_TESTS: f64 = 0.9;
/// See [`ONLY_DOCUMENTS`].
pub(super) const SAYS_UPKEEP: f64 = 0.9;
/// A file that is named like the transaction without its `Test` or `Controller` counts this much.
pub(super) const NAMED_NEARLY: f64 = 0.8;
/// A later writer of a line found by the candidates' own hunks counts this much of the last one.
pub(super) const REWRITTEN_DECAY: f64 = 0.5;

/// Candidates among which a suspect may be convincing. The line was measured for the fifty commits
/// of a release; over thousands the first is right too seldom, whatever its score.
pub(super) const MOST_TO_CONVINCE: usize = 200;

/// Points of each kind of evidence, and the lines above which a suspect is convincing.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Where a clone can say who wrote the code.
    pub with_blame: PointTable,
    /// Where it cannot.
    pub without_blame: PointTable,
}

/// One table of points.
#[derive(Clone, Debug, PartialEq)]
pub struct PointTable {
    /// The weight of each kind, in the sense of its [`Effect`]. What is not named is worth
    /// nothing.
    pub points: BTreeMap<Code, f64>,
    /// Score of the first suspect from which it is convincing.
    pub convincing_score: f64,
    /// Its lead over the second from which it is convincing.
    pub convincing_lead: f64,
}

impl PointTable {
    /// What `code` is worth.
    pub fn of(&self, code: Code) -> f64 {
        self.points.get(&code).copied().unwrap_or(0.0)
    }

    /// Scales the points that are given so that they sum to 100: then no score exceeds it.
    #[must_use]
    pub fn to_hundred(mut self) -> Self {
        let gives = |code: &Code| code.effect() == Effect::Gives;
        let sum: f64 = self
            .points
            .iter()
            .filter(|(code, _)| gives(code))
            .map(|(_, p)| p)
            .sum();
        if sum > 0.0 {
            for (code, points) in &mut self.points {
                if gives(code) {
                    *points *= 100.0 / sum;
                }
            }
        }
        self
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            with_blame: table(&WITH_BLAME, WITH_BLAME_CONVINCING),
            without_blame: table(&WITHOUT_BLAME, WITHOUT_BLAME_CONVINCING),
        }
    }
}

fn table(points: &[(Code, f64)], (score, lead): (f64, f64)) -> PointTable {
    PointTable {
        points: points.iter().copied().collect(),
        convincing_score: score,
        convincing_lead: lead,
    }
    .to_hundred()
}

const WITH_BLAME_CONVINCING: (f64, f64) = (35.0, 8.0);
const WITH_BLAME: [(Code, f64); 24] = [
    (Code::LineBlame, 12.67),
    (Code::FunctionBlame, 29.63),
    (Code::FunctionLog, 8.10),
    (Code::FramePath, 8.05),
    (Code::Volume, 2.41),
    (Code::Focus, 2.41),
    (Code::Coupling, 2.27),
    (Code::ChangedLine, 2.49),
    (Code::FunctionName, 4.16),
    (Code::AddedText, 3.78),
    (Code::Wording, 6.14),
    (Code::Names, 4.02),
    (Code::Transaction, 4.19),
    (Code::Release, 3.02),
    (Code::DeployTime, 3.02),
    (Code::Recency, 3.23),
    (Code::Author, 0.40),
    (Code::Size, 0.75),
    (Code::Merge, 0.70),
    (Code::Upkeep, 0.50),
    (Code::Undone, 0.90),
    (Code::TooLate, 1.00),
    (Code::Dismissed, 1.00),
    (Code::Confirmed, 1.00),
];

const WITHOUT_BLAME_CONVINCING: (f64, f64) = (35.0, 8.0);
const WITHOUT_BLAME: [(Code, f64); 24] = [
    (Code::LineBlame, 0.00),
    (Code::FunctionBlame, 0.00),
    (Code::FunctionLog, 0.00),
    (Code::FramePath, 14.63),
    (Code::Volume, 13.15),
    (Code::Focus, 2.39),
    (Code::Coupling, 3.73),
    (Code::ChangedLine, 14.97),
    (Code::FunctionName, 8.78),
    (Code::AddedText, 5.98),
    (Code::Wording, 8.07),
    (Code::Names, 7.83),
    (Code::Transaction, 7.99),
    (Code::Release, 2.99),
    (Code::DeployTime, 2.99),
    (Code::Recency, 6.12),
    (Code::Author, 0.40),
    (Code::Size, 0.25),
    (Code::Merge, 0.70),
    (Code::Upkeep, 0.25),
    (Code::Undone, 0.90),
    (Code::TooLate, 1.00),
    (Code::Dismissed, 1.00),
    (Code::Confirmed, 1.00),
];
