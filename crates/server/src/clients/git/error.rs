//! Why a clone could not answer, in sentences for the page and the API.

use thiserror::Error;

/// Why a clone could not answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GitError {
    /// Nothing is there.
    #[error("There is no folder {0} on the machine that Epicenter runs on.")]
    NoFolder(String),
    /// A folder is there, but no repository.
    #[error("{0} is not a Git repository.")]
    NotARepository(String),
    /// It is there, but may not be read.
    #[error("Epicenter's user may not read {0}.")]
    Forbidden(String),
    /// The commit is not in the clone.
    #[error(
        "The commit {0} is not in the clone: it was not fetched yet, the clone is shallow, or a \
         forced push removed it."
    )]
    UnknownCommit(String),
    /// No commit, tag or branch is called so.
    #[error("The clone has no commit, tag or branch {0}.")]
    UnknownName(String),
    /// Several commits begin like this.
    #[error("Several commits of the clone begin with {0}; write more digits.")]
    Ambiguous(String),
    /// The commit has no such file.
    #[error("The commit {sha} has no file {path}.")]
    NoPath {
        /// Path in the repository.
        path: String,
        /// The commit.
        sha: String,
    },
    /// The file ends before that line.
    #[error("{path} has {lines} lines in the deployed commit, fewer than the stack's line {line}.")]
    NoLine {
        /// Path in the repository.
        path: String,
        /// The line that was asked for, from 1.
        line: u32,
        /// Lines that there are.
        lines: usize,
    },
    /// The file is larger than what is looked at.
    #[error("{path} has {bytes} bytes, more than are compared.")]
    TooLarge {
        /// Path in the repository.
        path: String,
        /// Its size.
        bytes: u64,
    },
    /// The file is binary.
    #[error("{0} is no text.")]
    NotText(String),
    /// Something in it cannot be read.
    #[error("The clone is damaged: {0}")]
    Damaged(String),
}

impl GitError {
    /// What the library says of something that should be readable.
    pub(super) fn damaged(error: &impl std::fmt::Display) -> Self {
        Self::Damaged(error.to_string())
    }
}
