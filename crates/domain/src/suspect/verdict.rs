//! Whether the first suspect is worth being called the cause, and if not, what is missing.

use super::Ground;
use super::weights::{MOST_TO_CONVINCE, PointTable};

/// Is the first suspect convincing?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes: cases like it were right at least four times of five, see `docs/suspects.md`.
    Convincing,
    /// No, for these reasons.
    NoConvincing {
        /// Why; never empty.
        reasons: Vec<Doubt>,
    },
}

/// Why no suspect is convincing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// No commits are known.
    NoCandidates,
    /// The event has no release.
    NoRelease,
    /// The stack has no frames of the application.
    NoFrames,
    /// No frame has a path in the repository.
    NoPaths,
    /// The commits come without the files they changed.
    NoFiles,
    /// Nobody could be asked who wrote the code.
    NoBlame,
    /// The code of the stack was written by commits that are not among the candidates.
    WrittenElsewhere,
    /// No candidate touched the code of the stack.
    NoTouch,
    /// There are more candidates than the line of what is convincing was measured for.
    TooMany,
    /// Two candidates are about as likely.
    TooClose,
    /// The evidence is weak.
    Weak,
}

impl Doubt {
    /// The word as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoCandidates => "no_candidates",
            Self::NoRelease => "no_release",
            Self::NoFrames => "no_frames",
            Self::NoPaths => "no_paths",
            Self::NoFiles => "no_files",
            Self::NoBlame => "no_blame",
            Self::WrittenElsewhere => "written_elsewhere",
            Self::NoTouch => "no_touch",
            Self::TooMany => "too_many",
            Self::TooClose => "too_close",
            Self::Weak => "weak",
        }
    }

    /// For people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoCandidates => "No commits are known for the time before the error",
            Self::NoRelease => "The event names no release, so its commits cannot be told",
            Self::NoFrames => "The stack has no frames of your own code",
            Self::NoPaths => "No code mapping leads from the stack to files of the repository",
            Self::NoFiles => "The commits came without the list of files they changed",
            Self::NoBlame => "There is no clone to ask who wrote the lines of the stack",
            Self::WrittenElsewhere => "The lines of the stack were written by older commits",
            Self::NoTouch => "No commit changed a file of the stack",
            Self::TooMany => "Too many commits went in to be sure of one of them",
            Self::TooClose => "Two commits are about equally likely",
            Self::Weak => "The evidence points at no commit clearly",
        }
    }
}

/// `lead` is the score of the first and of the second suspect.
pub(super) fn decide(ground: &Ground<'_>, points: &PointTable, lead: (f64, f64)) -> Verdict {
    let (first, second) = lead;
    let is_clear = first - second >= points.convincing_lead;
    let is_strong = first > 0.0 && first >= points.convincing_score;
    let is_many = ground.candidates.len() > MOST_TO_CONVINCE;
    let told = &ground.feedback.confirmed;
    let is_told = ground
        .candidates
        .iter()
        .any(|commit| told.contains(&commit.sha));
    if is_told || (is_strong && is_clear && !is_many) {
        return Verdict::Convincing;
    }
    let mut reasons = missing(ground);
    if is_many {
        reasons.push(Doubt::TooMany);
    }
    if is_strong && !is_clear {
        reasons.push(Doubt::TooClose);
    } else if reasons.is_empty() {
        reasons.push(Doubt::Weak);
    }
    Verdict::NoConvincing { reasons }
}

fn missing(ground: &Ground<'_>) -> Vec<Doubt> {
    if ground.candidates.is_empty() {
        return vec![Doubt::NoCandidates];
    }
    let frames = &ground.scene.frames;
    let has_app = frames.iter().any(|frame| frame.in_app);
    let has_paths = ground.places.iter().any(|place| place.frame.path.is_some());
    let has_files = ground
        .candidates
        .iter()
        .any(|commit| !commit.files.is_empty());
    let can_touch = has_app && has_paths && has_files;
    let doubts = [
        (Doubt::NoRelease, ground.scene.release.is_none()),
        (Doubt::NoFrames, !has_app),
        (Doubt::NoPaths, has_app && !has_paths),
        (Doubt::NoFiles, !has_files),
        (Doubt::NoBlame, has_paths && ground.blame.frames.is_empty()),
        (
            Doubt::WrittenElsewhere,
            !ground.blame.frames.is_empty() && !ground.has_blame(),
        ),
        (Doubt::NoTouch, can_touch && ground.touches.is_empty()),
    ];
    doubts
        .into_iter()
        .filter(|(_, holds)| *holds)
        .map(|(doubt, _)| doubt)
        .collect()
}
