//! Commits, changed lines and blame out of a clone on this machine. Everything here blocks: call it
//! on a thread for that. Nothing is fetched, written or run: neither the git program nor what the
//! clone's configuration names.

mod blame;
mod commits;
mod error;
mod files;
mod function;
mod history;
mod hunks;
mod log;
mod place;
mod readers;
#[cfg(test)]
mod tests;
mod text;

pub use commits::{Commits, Range};
pub use error::GitError;
pub use place::Place;
pub use readers::Readers;

use crate::limits::{CLONE_CACHE_BYTES, CLONE_PATHS};
use epicenter_domain::change::{RepositoryName, sha};
use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use std::cell::Cell;
use std::path::Path;

/// A clone that was opened. Stays on the thread that opened it.
pub struct LocalClone {
    repository: gix::Repository,
    /// Commits whose parents were not fetched, sorted.
    shallow: Vec<ObjectId>,
    /// What comparing texts to find renames needs; made once, for it reads the whole index.
    compared: Cell<Option<gix::diff::blob::Platform>>,
}

/// Opens a bare or normal clone, or a mirror.
pub fn open(path: &str) -> Result<LocalClone, GitError> {
    let folder = Path::new(path);
    match folder.metadata() {
        Ok(found) if found.is_dir() => {}
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return Err(GitError::Forbidden(path.to_owned()));
        }
        Ok(_) | Err(_) => return Err(GitError::NoFolder(path.to_owned())),
    }
    // Reduced trust: no program that the clone's own configuration names is ever run.
    let options = gix::open::Options::isolated().with(gix::sec::Trust::Reduced);
    let opened = options.open(folder);
    let mut repository = opened
        .map_err(|error| not_opened(folder, &error))?
        .to_thread_local();
    repository.object_cache_size(CLONE_CACHE_BYTES);
    let shallow = repository
        .shallow_commits()
        .map_err(|error| GitError::damaged(&error))?;
    let mut shallow: Vec<ObjectId> =
        shallow.map_or_else(Vec::new, |list| list.iter().copied().collect());
    shallow.sort_unstable();
    Ok(LocalClone {
        repository,
        shallow,
        compared: Cell::new(None),
    })
}

/// Why a folder that is there does not open.
fn not_opened(folder: &Path, error: &gix::Error) -> GitError {
    let shown = folder.display().to_string();
    let is_forbidden = |path: &Path| {
        std::fs::read_dir(path)
            .is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
    };
    let has_head = |path: &Path| path.join("HEAD").exists();
    if is_forbidden(folder) || is_forbidden(&folder.join(".git")) {
        GitError::Forbidden(shown)
    } else if has_head(folder) || folder.join(".git").exists() {
        GitError::damaged(error)
    } else {
        GitError::NotARepository(shown)
    }
}

impl LocalClone {
    /// The repositories that it was cloned from, by the addresses of its remotes.
    pub fn remotes(&self) -> Vec<RepositoryName> {
        let snapshot = self.repository.config_snapshot();
        let Some(sections) = snapshot.plumbing().sections_by_name("remote") else {
            return Vec::new();
        };
        let urls = sections.filter_map(|section| section.value("url"));
        let mut names: Vec<RepositoryName> = urls
            .filter_map(|url| RepositoryName::parse(&url.to_str_lossy()))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// The branch that HEAD names, also when it has no commit yet; `None` when HEAD names a commit.
    pub fn head_branch(&self) -> Result<Option<String>, GitError> {
        let name = self.repository.head_name();
        let name = name.map_err(|error| GitError::damaged(&error))?;
        Ok(name.map(|name| name.shorten().to_str_lossy().into_owned()))
    }

    /// The full SHA of the commit that HEAD names.
    pub fn head(&self) -> Result<String, GitError> {
        let head = self.repository.head();
        let mut head = head.map_err(|error| GitError::damaged(&error))?;
        if head.is_unborn() {
            return Err(GitError::UnknownName("HEAD".to_owned()));
        }
        let commit = head.peel_to_commit();
        let commit = commit.map_err(|error| GitError::damaged(&error))?;
        Ok(commit.id.to_string())
    }

    /// The full SHA of a commit: by the first 7 or more digits, by a tag, or by a branch.
    pub fn resolve(&self, name: &str) -> Result<String, GitError> {
        self.find(name).map(|id| id.to_string())
    }

    /// Every file of a commit; at most as many as are ever compared with stacks.
    pub fn paths(&self, sha: &str) -> Result<Vec<String>, GitError> {
        let step = self.step(self.find(sha)?)?;
        let mut found = Vec::new();
        let mut folders = vec![(String::new(), step.tree)];
        while let Some((folder, id)) = folders.pop() {
            let tree = self.repository.find_tree(id);
            let tree = tree.map_err(|error| GitError::damaged(&error))?;
            for entry in tree.iter() {
                let entry = entry.map_err(|error| GitError::damaged(&error))?;
                let path = format!("{folder}{}", lossy(entry.filename()));
                if entry.mode().is_tree() {
                    folders.push((format!("{path}/"), entry.object_id()));
                } else if entry.mode().is_blob() {
                    found.push(path);
                }
                if found.len() >= CLONE_PATHS {
                    return Ok(found);
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// A commit's object id, by the beginning of its SHA, a tag or a branch.
    fn find(&self, name: &str) -> Result<ObjectId, GitError> {
        let digits = sha(name);
        if let Some(digits) = &digits {
            if let Ok(id) = ObjectId::from_hex(digits.as_bytes()) {
                let known = self.repository.has_object(id);
                return known
                    .then_some(id)
                    .ok_or_else(|| GitError::UnknownCommit(name.to_owned()));
            }
            if let Some(id) = self.find_prefix(digits)? {
                return Ok(id);
            }
        }
        for place in ["refs/tags/", "refs/heads/", "refs/remotes/origin/"] {
            let full = format!("{place}{name}");
            // A name that no reference may have is not found; that is all there is to say.
            let found = self.repository.try_find_reference(full.as_str());
            if let Ok(Some(mut reference)) = found {
                let commit = reference.peel_to_commit();
                return commit
                    .map(|commit| commit.id)
                    .map_err(|error| GitError::damaged(&error));
            }
        }
        Err(match digits {
            Some(digits) => GitError::UnknownCommit(digits),
            None => GitError::UnknownName(name.to_owned()),
        })
    }

    /// The commit whose SHA begins so; other objects that do are passed over.
    fn find_prefix(&self, digits: &str) -> Result<Option<ObjectId>, GitError> {
        let Ok(prefix) = gix::hash::Prefix::from_hex(digits) else {
            return Ok(None);
        };
        let mut all = std::collections::HashSet::default();
        let found = self
            .repository
            .objects
            .lookup_prefix(prefix, Some(&mut all));
        found.map_err(|error| GitError::damaged(&error))?;
        let is_commit = |id: &ObjectId| {
            let header = self.repository.find_header(*id);
            header.is_ok_and(|header| header.kind().is_commit())
        };
        let mut commits = all.into_iter().filter(is_commit);
        let first = commits.next();
        if commits.next().is_some() {
            return Err(GitError::Ambiguous(digits.to_owned()));
        }
        Ok(first)
    }
}

/// Text for people; bytes that are not UTF-8 are replaced.
fn lossy(bytes: &BStr) -> String {
    bytes.to_str_lossy().into_owned()
}
