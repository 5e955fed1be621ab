//! Commits of a range, and one alone.

use super::{GitError, LocalClone, lossy};
use crate::limits::CLONE_WALK;
use epicenter_domain::change::{CommitFact, FileChange, author_key};
use epicenter_domain::limits::{MESSAGE_BYTES, NAME_CHARS, cut_bytes, cut_chars};
use epicenter_domain::time::Time;
use gix::ObjectId;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;
use std::cell::Cell;

/// The commits of a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// Newest first, by the committers' clocks.
    pub commits: Vec<CommitFact>,
    /// Are there more than were asked for, or than the clone has?
    pub is_cut: bool,
}

/// The names of the commits of a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Full SHAs, newest first.
    pub shas: Vec<String>,
    /// Are there more than were asked for, or than the clone has?
    pub is_cut: bool,
}

impl LocalClone {
    /// What `git log after..until` shows, newest first, `most` of them. Merges have no files.
    pub fn commits_between(
        &self,
        after_exclusive: Option<&str>,
        until_inclusive: &str,
        most: usize,
    ) -> Result<Commits, GitError> {
        let range = self.range(after_exclusive, until_inclusive, most)?;
        let commits = range.shas.iter().map(|sha| self.commit(sha));
        Ok(Commits {
            commits: commits.collect::<Result<_, _>>()?,
            is_cut: range.is_cut,
        })
    }

    /// The SHAs of such a range, without reading what each commit changed.
    pub fn range(
        &self,
        after_exclusive: Option<&str>,
        until_inclusive: &str,
        most: usize,
    ) -> Result<Range, GitError> {
        let until = self.find(until_inclusive)?;
        let after = after_exclusive.map(|name| self.find(name)).transpose()?;
        let walked = Cell::new(0_usize);
        let walk = self
            .repository
            .rev_walk([until])
            .with_hidden(after)
            .sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst))
            .selected(|_| {
                walked.set(walked.get() + 1);
                walked.get() <= CLONE_WALK
            })
            .map_err(|error| GitError::damaged(&error))?;
        let mut found = Range::default();
        for info in walk {
            let id = info.map_err(|error| GitError::damaged(&error))?.id;
            if found.shas.len() >= most {
                found.is_cut = true;
                break;
            }
            found.is_cut |= self.shallow.binary_search(&id).is_ok();
            found.shas.push(id.to_string());
        }
        found.is_cut |= walked.get() > CLONE_WALK;
        Ok(found)
    }

    /// One commit with what it changed.
    pub fn commit(&self, name: &str) -> Result<CommitFact, GitError> {
        let step = self.step(self.find(name)?)?;
        let files = self.files(&step)?;
        self.fact(step.id, files)
    }

    /// One commit without what it changed, which is what takes long.
    pub fn brief(&self, name: &str) -> Result<CommitFact, GitError> {
        self.fact(self.find(name)?, None)
    }

    fn fact(&self, id: ObjectId, files: Option<Vec<FileChange>>) -> Result<CommitFact, GitError> {
        let commit = self.commit_object(id)?;
        let decoded = commit.decode().map_err(|error| GitError::damaged(&error))?;
        let author = decoded.author().ok();
        let name = author.map_or_else(String::new, |author| lossy(author.name));
        let email = author.map(|author| lossy(author.email));
        let seconds = |time: gix::date::Time| Time(time.seconds.saturating_mul(1_000));
        Ok(CommitFact {
            sha: id.to_string(),
            message: cut_bytes(lossy(decoded.message).trim_end(), MESSAGE_BYTES),
            author_key: author_key(email.as_deref(), &name),
            author: cut_chars(&name, NAME_CHARS),
            authored_at: author.and_then(|author| author.time().ok()).map(seconds),
            committed_at: decoded.time().ok().map(seconds),
            url: None,
            is_merge: Some(decoded.parents().count() > 1),
            files,
        })
    }

    fn commit_object(&self, id: ObjectId) -> Result<gix::Commit<'_>, GitError> {
        let commit = self.repository.find_commit(id);
        commit.map_err(|_| GitError::UnknownCommit(id.to_string()))
    }
}
