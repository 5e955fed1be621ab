//! What is known of an incident, of the commits that may have caused it, and of the code's past.

use super::CandidateFile;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of an incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// The stack, **crash frame first** (the reverse of Sentry's order).
    pub frames: Vec<SceneFrame>,
    /// The exceptions, the one that was raised last first, then its causes.
    pub exceptions: Vec<SceneException>,
    /// Title.
    pub title: String,
    /// What ran: a route, a task, a screen.
    pub transaction: Option<String>,
    /// Where Sentry says it went wrong.
    pub culprit: Option<String>,
    /// Release of the first event.
    pub release: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// When it was first seen.
    pub first_seen: Option<Time>,
    /// When that release was deployed there.
    pub deployed_at: Option<Time>,
    /// The commit that was deployed.
    pub deployed_sha: Option<String>,
}

/// One frame of the stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SceneFrame {
    /// Module, package or class.
    pub module: Option<String>,
    /// Function.
    pub function: Option<String>,
    /// Path in the repository, after the code mapping.
    pub path: Option<String>,
    /// Line, from 1.
    pub lineno: Option<u32>,
    /// Is it the application's own code?
    pub in_app: bool,
    /// The text of that line.
    pub context_line: Option<String>,
    /// Which of the scene's exceptions it belongs to.
    pub exception_index: usize,
}

/// One exception of a chain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SceneException {
    /// Type.
    pub kind: String,
    /// What it says.
    pub value: String,
}

/// A commit that may have done it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidate {
    /// Full SHA, lower-case hex.
    pub sha: String,
    /// Message, subject first.
    pub message: String,
    /// What tells one author from another.
    pub author_key: String,
    /// When it was written.
    pub authored_at: Option<Time>,
    /// When it became part of the history.
    pub committed_at: Option<Time>,
    /// Does it join two histories?
    pub merge: bool,
    /// What it changed.
    pub files: Vec<CandidateFile>,
    /// The deploy that it shipped with: our id.
    pub deploy: Option<i64>,
    /// When that deploy was live.
    pub deployed_at: Option<Time>,
    /// The release of that deploy.
    pub release: Option<String>,
    /// Where that deploy went.
    pub environment: Option<String>,
    /// The commit that it takes back.
    pub reverts: Option<String>,
    /// Was its deploy rolled back before the error began? What it did was then not live.
    pub rolled_back: bool,
}

impl Candidate {
    /// When it counts as made: in the history, else by its author's clock.
    pub(super) fn at(&self) -> Option<Time> {
        self.committed_at.or(self.authored_at)
    }
}

/// Who wrote the code of the stack, as a clone of the repository tells. May be empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blame {
    /// For the frames that could be looked up.
    pub frames: Vec<FrameBlame>,
}

/// Who wrote the code of one frame, all at the deployed commit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameBlame {
    /// Index in the scene's frames.
    pub frame: usize,
    /// Commit of the frame's line, with the number of lines.
    pub line: BTreeMap<String, u32>,
    /// Commits of the function's lines, with the number of lines of each.
    pub function: BTreeMap<String, u32>,
    /// Commits that changed the function, newest first.
    pub log: Vec<String>,
}

/// What people said of suspects of this incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feedback {
    /// "Not this one."
    pub dismissed: BTreeSet<String>,
    /// "This was it."
    pub confirmed: BTreeSet<String>,
}
