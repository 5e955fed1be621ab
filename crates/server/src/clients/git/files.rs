//! What a commit changed: files with their hunks.

use super::history::Step;
use super::hunks::changed;
use super::{GitError, LocalClone, lossy};
use crate::limits::{CLONE_RENAMES, COMMIT_DIFFS};
use epicenter_domain::change::{FileChange, FileChangeKind};
use epicenter_domain::limits::CHANGED_FILES;
use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::diff::Rewrites;
use gix::object::tree::EntryMode;
use gix::object::tree::diff::ChangeDetached;
use std::ops::ControlFlow;

/// One entry of a tree diff, before its text is looked at.
struct Touched {
    file: FileChange,
    old: Option<(ObjectId, EntryMode)>,
    new: Option<(ObjectId, EntryMode)>,
}

impl LocalClone {
    pub(super) fn tree_changes(
        &self,
        old: Option<ObjectId>,
        new: ObjectId,
    ) -> Result<Vec<ChangeDetached>, GitError> {
        let tree = |id| {
            let tree = self.repository.find_tree(id);
            tree.map_err(|error| GitError::damaged(&error))
        };
        let old = old.map(tree).transpose()?;
        let new = tree(new)?;
        let rewrites = Rewrites {
            limit: CLONE_RENAMES,
            ..Rewrites::default()
        };
        let empty = self.repository.empty_tree();
        let old = old.unwrap_or(empty);
        let mut found = Vec::new();
        let mut cache = match self.compared.take() {
            Some(cache) => cache,
            None => self
                .repository
                .diff_resource_cache_for_tree_diff()
                .map_err(|error| GitError::damaged(&error))?,
        };
        let mut changes = old.changes().map_err(|error| GitError::damaged(&error))?;
        changes.options(|options| {
            options.track_path().track_rewrites(Some(rewrites));
        });
        let done = changes.for_each_to_obtain_tree_with_cache(&new, &mut cache, |change| {
            found.push(change.detach());
            Ok(ControlFlow::Continue(()))
        });
        cache.clear_resource_cache();
        self.compared.set(Some(cache));
        done.map_err(|error| GitError::damaged(&error))?;
        Ok(found)
    }

    /// What a commit changed; `None` for merges, and where the clone does not have its parent.
    pub(super) fn files(&self, step: &Step) -> Result<Option<Vec<FileChange>>, GitError> {
        if step.parents.len() > 1 || step.is_edge {
            return Ok(None);
        }
        let parent = match step.parents.first() {
            Some(parent) => Some(self.step(*parent)?.tree),
            None => None,
        };
        let changes = self.tree_changes(parent, step.tree)?;
        let touched = changes.into_iter().filter_map(touched).take(CHANGED_FILES);
        let mut files = Vec::new();
        for (count, one) in touched.enumerate() {
            let is_compared = count < COMMIT_DIFFS;
            files.push(if is_compared {
                self.with_hunks(one)?
            } else {
                one.file
            });
        }
        Ok(Some(files))
    }

    /// Compares the texts; what is no text, or too long, is only named.
    fn with_hunks(&self, touched: Touched) -> Result<FileChange, GitError> {
        let mut file = touched.file;
        let path = file.path.as_bytes().as_bstr();
        let (old, new) = (self.side(touched.old, path)?, self.side(touched.new, path)?);
        if let (Some(old), Some(new)) = (old, new) {
            let changed = changed(&old, &new);
            file.added = Some(changed.added);
            file.removed = Some(changed.removed);
            file.hunks = changed.hunks;
        }
        Ok(file)
    }

    fn side(
        &self,
        side: Option<(ObjectId, EntryMode)>,
        path: &BStr,
    ) -> Result<Option<Vec<u8>>, GitError> {
        let Some((id, mode)) = side else {
            return Ok(Some(Vec::new()));
        };
        // A submodule is a commit of somewhere else.
        if !mode.is_blob_or_symlink() {
            return Ok(None);
        }
        match self.text(id, path) {
            Ok(text) => Ok(Some(text)),
            Err(GitError::TooLarge { .. } | GitError::NotText(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn touched(change: ChangeDetached) -> Option<Touched> {
    let file = |location: &BStr, kind| FileChange {
        path: lossy(location),
        kind,
        ..FileChange::default()
    };
    let touched = match change {
        ChangeDetached::Addition {
            location,
            entry_mode,
            id,
            ..
        } => Touched {
            file: file(location.as_bstr(), FileChangeKind::Added),
            old: None,
            new: Some((id, entry_mode)),
        },
        ChangeDetached::Deletion {
            location,
            entry_mode,
            id,
            ..
        } => Touched {
            file: file(location.as_bstr(), FileChangeKind::Removed),
            old: Some((id, entry_mode)),
            new: None,
        },
        ChangeDetached::Modification {
            location,
            previous_entry_mode,
            previous_id,
            entry_mode,
            id,
        } => Touched {
            file: file(location.as_bstr(), FileChangeKind::Modified),
            old: Some((previous_id, previous_entry_mode)),
            new: Some((id, entry_mode)),
        },
        ChangeDetached::Rewrite {
            source_location,
            source_entry_mode,
            source_id,
            entry_mode,
            id,
            location,
            ..
        } => Touched {
            file: FileChange {
                old_path: Some(lossy(source_location.as_bstr())),
                ..file(location.as_bstr(), FileChangeKind::Renamed)
            },
            old: Some((source_id, source_entry_mode)),
            new: Some((id, entry_mode)),
        },
    };
    // Folders are named by what is in them.
    let is_folder = |side: Option<(ObjectId, EntryMode)>| {
        side.is_some_and(|(_, mode): (_, EntryMode)| mode.is_tree())
    };
    let is_folder = is_folder(touched.old) || is_folder(touched.new);
    (!is_folder).then_some(touched)
}
