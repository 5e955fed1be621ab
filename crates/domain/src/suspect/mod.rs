//! Which commit probably caused an incident, and why we think so: a pure ranking of candidates by
//! evidence, one file for each kind, in the order of `EVIDENCE`.

mod added_text;
mod author;
mod changed_line;
mod coupling;
mod deploy_time;
mod focus;
mod frame_path;
mod function_blame;
mod function_log;
mod function_name;
mod ground;
mod hit_rate;
mod line_blame;
mod merge;
mod names;
mod paths;
mod plumbing;
mod ranking;
mod recency;
mod release;
mod scene;
mod size;
mod told;
mod too_late;
mod transaction;
mod undone;
mod upkeep;
mod verdict;
mod volume;
mod weights;
mod wording;
mod words;

pub use crate::change::{FileChange as CandidateFile, FileChangeKind as FileStatus, Hunk};
pub use hit_rate::{HitRate, Hits, Said, hit_rate};
pub use ranking::{Ranking, Reason, Suspect, Table, measure, rank};
pub use scene::{Blame, Candidate, Feedback, FrameBlame, Scene, SceneException, SceneFrame};
pub use verdict::{Doubt, Verdict};
pub use weights::{PointTable, Weights};

use ground::Ground;
use weights::AGAINST_LARGEST;

/// What a reason speaks of. Its word is part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// It wrote the very line of a frame, at the deployed commit.
    LineBlame,
    /// It wrote lines of a frame's function.
    FunctionBlame,
    /// It is in the history of a frame's function.
    FunctionLog,
    /// It changed a frame's file.
    FramePath,
    /// It changed many lines of a frame's file.
    Volume,
    /// Most of what it changed is in the files of the stack.
    Focus,
    /// It changed files that mostly change together with those of the stack.
    Coupling,
    /// It changed the line of a frame, or lines near it, as far as its own hunks tell.
    ChangedLine,
    /// It changed the function of a frame, as the hunk headers name it.
    FunctionName,
    /// It added the text of a frame's line.
    AddedText,
    /// Its message, paths or lines share words with the error's message.
    Wording,
    /// Its message, paths or lines share words with the functions of the stack.
    Names,
    /// It changed the file that the transaction names.
    Transaction,
    /// It shipped with the release that the error came from.
    Release,
    /// The error began soon after it was deployed.
    DeployTime,
    /// It is newer than others.
    Recency,
    /// Its author wrote much of the code that failed.
    Author,
    /// It sweeps over many files.
    Size,
    /// It only joins two histories.
    Merge,
    /// It changed documents, tests or looks only.
    Upkeep,
    /// Its effect was taken back before the error began, or it only takes something back.
    Undone,
    /// It came after the error began.
    TooLate,
    /// A person said: not this one.
    Dismissed,
    /// A person said: this was it.
    Confirmed,
}

impl Code {
    /// All, in the order in which evidence is weighed.
    pub const ALL: [Self; 24] = [
        Self::LineBlame,
        Self::FunctionBlame,
        Self::FunctionLog,
        Self::FramePath,
        Self::Volume,
        Self::Focus,
        Self::Coupling,
        Self::ChangedLine,
        Self::FunctionName,
        Self::AddedText,
        Self::Wording,
        Self::Names,
        Self::Transaction,
        Self::Release,
        Self::DeployTime,
        Self::Recency,
        Self::Author,
        Self::Size,
        Self::Merge,
        Self::Upkeep,
        Self::Undone,
        Self::TooLate,
        Self::Dismissed,
        Self::Confirmed,
    ];

    /// The word as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LineBlame => "line_blame",
            Self::FunctionBlame => "function_blame",
            Self::FunctionLog => "function_log",
            Self::FramePath => "frame_path",
            Self::Volume => "volume",
            Self::Focus => "focus",
            Self::Coupling => "coupling",
            Self::ChangedLine => "changed_line",
            Self::FunctionName => "function_name",
            Self::AddedText => "added_text",
            Self::Wording => "wording",
            Self::Names => "names",
            Self::Transaction => "transaction",
            Self::Release => "release",
            Self::DeployTime => "deploy_time",
            Self::Recency => "recency",
            Self::Author => "author",
            Self::Size => "size",
            Self::Confirmed => "confirmed",
            Self::Merge => "merge",
            Self::Upkeep => "upkeep",
            Self::Undone => "undone",
            Self::TooLate => "too_late",
            Self::Dismissed => "dismissed",
        }
    }

    /// What its weight means.
    pub fn effect(self) -> Effect {
        match self {
            Self::Size
            | Self::Merge
            | Self::Upkeep
            | Self::Undone
            | Self::TooLate
            | Self::Dismissed => Effect::Takes,
            Self::Confirmed => Effect::Lifts,
            Self::LineBlame
            | Self::FunctionBlame
            | Self::FunctionLog
            | Self::FramePath
            | Self::Volume
            | Self::Focus
            | Self::Coupling
            | Self::ChangedLine
            | Self::FunctionName
            | Self::AddedText
            | Self::Wording
            | Self::Names
            | Self::Transaction
            | Self::Release
            | Self::DeployTime
            | Self::Recency
            | Self::Author => Effect::Gives,
        }
    }
}

/// What the weight of a kind of evidence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The most points that it gives.
    Gives,
    /// The share (0 to 1) that it takes of what was given so far.
    Takes,
    /// The share (0 to 1) that it adds of what is missing to 100.
    Lifts,
}

/// One kind of evidence: how strong it is for each candidate (0 to 1), and its sentence.
struct Evidence {
    code: Code,
    measure: fn(&Ground<'_>) -> Vec<f64>,
    explain: fn(&Ground<'_>, usize) -> String,
}

/// All kinds, in the order in which they are weighed: what gives first, what takes last.
const EVIDENCE: [Evidence; 24] = [
    line_blame::EVIDENCE,
    function_blame::EVIDENCE,
    function_log::EVIDENCE,
    frame_path::EVIDENCE,
    volume::EVIDENCE,
    focus::EVIDENCE,
    coupling::EVIDENCE,
    changed_line::EVIDENCE,
    function_name::EVIDENCE,
    added_text::EVIDENCE,
    wording::EVIDENCE,
    names::EVIDENCE,
    transaction::EVIDENCE,
    release::EVIDENCE,
    deploy_time::EVIDENCE,
    recency::EVIDENCE,
    author::EVIDENCE,
    size::EVIDENCE,
    merge::EVIDENCE,
    upkeep::EVIDENCE,
    undone::EVIDENCE,
    too_late::EVIDENCE,
    told::DISMISSED,
    told::CONFIRMED,
];

/// A count as a number to reckon with; counts beyond four thousand million are all the same.
fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Divides by the largest, so that the strongest of the set has 1.
fn by_largest(mut column: Vec<f64>) -> Vec<f64> {
    let largest = column.iter().copied().fold(0.0_f64, f64::max);
    if largest > 0.0 {
        for value in &mut column {
            *value /= largest;
        }
    }
    column
}

/// From weights of blamed places to shares of the stack, partly against the largest.
fn share_out(column: Vec<f64>, all: f64) -> Vec<f64> {
    if all <= 0.0 {
        return column;
    }
    let against = by_largest(column.clone());
    let mix = |(value, against): (f64, f64)| {
        (1.0 - AGAINST_LARGEST) * value / all + AGAINST_LARGEST * against
    };
    column.into_iter().zip(against).map(mix).collect()
}

#[cfg(test)]
mod tests;
