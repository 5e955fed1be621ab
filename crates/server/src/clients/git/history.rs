//! One step back in time: a commit, its parents, and what a path was there.

use super::{GitError, LocalClone, lossy};
use crate::limits::CLONE_FILE_BYTES;
use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};

/// A commit on the way back.
pub(super) struct Step {
    pub(super) id: ObjectId,
    /// Parents that the clone has.
    pub(super) parents: Vec<ObjectId>,
    pub(super) tree: ObjectId,
    /// By the committer's clock, in seconds.
    pub(super) seconds: i64,
    /// The history goes on, but not in this clone.
    pub(super) is_edge: bool,
}

/// A file in a parent.
pub(super) struct Old {
    pub(super) step: Step,
    pub(super) file: ObjectId,
    pub(super) path: BString,
}

/// What a file was before a commit.
pub(super) enum Before {
    /// The same, in this parent, by this path.
    Same(Step, BString),
    /// Something else in these parents; in none, if it began with the commit.
    Changed(Vec<Old>),
}

impl LocalClone {
    pub(super) fn step(&self, id: ObjectId) -> Result<Step, GitError> {
        let unknown = || GitError::UnknownCommit(id.to_string());
        let commit = self.repository.find_commit(id).map_err(|_| unknown())?;
        let decoded = commit.decode().map_err(|error| GitError::damaged(&error))?;
        let named: Vec<ObjectId> = decoded.parents().collect();
        let parents: Vec<ObjectId> = if self.shallow.binary_search(&id).is_ok() {
            Vec::new()
        } else {
            let has = |id: &ObjectId| self.repository.has_object(*id);
            named.iter().copied().filter(has).collect()
        };
        Ok(Step {
            id,
            is_edge: parents.len() < named.len(),
            parents,
            tree: decoded.tree(),
            // A commit that names no time is as old as can be.
            seconds: decoded.time().map_or(0, |time| time.seconds),
        })
    }

    /// The file at a path: not a folder, a symbolic link or a submodule.
    pub(super) fn file_at(
        &self,
        tree: ObjectId,
        path: &BStr,
    ) -> Result<Option<ObjectId>, GitError> {
        let mut folder = tree;
        let mut names = path.split(|byte| *byte == b'/').peekable();
        while let Some(name) = names.next() {
            let tree = self.repository.find_tree(folder);
            let tree = tree.map_err(|error| GitError::damaged(&error))?;
            let Some(entry) = tree.find_entry(name) else {
                return Ok(None);
            };
            let is_last = names.peek().is_none();
            if is_last && entry.mode().is_blob() {
                return Ok(Some(entry.object_id()));
            }
            if !entry.mode().is_tree() {
                return Ok(None);
            }
            folder = entry.object_id();
        }
        Ok(None)
    }

    /// The text of a file, if it is one and not too long.
    pub(super) fn text(&self, file: ObjectId, path: &BStr) -> Result<Vec<u8>, GitError> {
        let header = self.repository.find_header(file);
        let bytes = header.map_err(|error| GitError::damaged(&error))?.size();
        if bytes > CLONE_FILE_BYTES {
            return Err(GitError::TooLarge {
                path: lossy(path),
                bytes,
            });
        }
        let object = self.repository.find_object(file);
        let mut object = object.map_err(|error| GitError::damaged(&error))?;
        if super::hunks::is_binary(&object.data) {
            return Err(GitError::NotText(lossy(path)));
        }
        Ok(std::mem::take(&mut object.data))
    }

    /// The path that a file had in the parent, if the commit renamed it.
    fn old_path(
        &self,
        step: &Step,
        parent: &Step,
        path: &BStr,
    ) -> Result<Option<BString>, GitError> {
        let changes = self.tree_changes(Some(parent.tree), step.tree)?;
        Ok(changes.into_iter().find_map(|change| match change {
            gix::object::tree::diff::ChangeDetached::Rewrite {
                source_location,
                location,
                copy: false,
                ..
            } if location == path => Some(source_location),
            _ => None,
        }))
    }

    /// What a file was before a commit. Renames are looked for last, for that is dear: not where a
    /// merge has the file from one side as it was.
    pub(super) fn before(
        &self,
        step: &Step,
        path: &BStr,
        file: ObjectId,
    ) -> Result<Before, GitError> {
        let mut parents = Vec::new();
        for id in &step.parents {
            let parent = self.step(*id)?;
            let old = self.file_at(parent.tree, path)?;
            if old == Some(file) {
                return Ok(Before::Same(parent, path.to_owned()));
            }
            parents.push((parent, old));
        }
        let mut others = Vec::new();
        for (parent, old) in parents {
            let found = match old {
                Some(old) => Some((old, path.to_owned())),
                None => self.renamed(step, &parent, path)?,
            };
            match found {
                Some((old, path)) if old == file => return Ok(Before::Same(parent, path)),
                Some((old, path)) => others.push(Old {
                    step: parent,
                    file: old,
                    path,
                }),
                None => {}
            }
        }
        Ok(Before::Changed(others))
    }

    /// The file and its path in a parent, if the commit renamed it.
    fn renamed(
        &self,
        step: &Step,
        parent: &Step,
        path: &BStr,
    ) -> Result<Option<(ObjectId, BString)>, GitError> {
        let Some(before) = self.old_path(step, parent, path)? else {
            return Ok(None);
        };
        let file = self.file_at(parent.tree, before.as_bstr())?;
        Ok(file.map(|file| (file, before)))
    }
}
