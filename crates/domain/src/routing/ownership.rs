//! Whose a file of a stack is: through the code mappings to a repository's CODEOWNERS (U8).

use super::owners::{Owned, Owners};
use crate::change::mapping::{self, Mapping};
use std::collections::BTreeMap;

/// What leads from a path in a stack to its owners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ownership {
    /// Code mappings by Sentry project.
    pub mappings: BTreeMap<String, Vec<Mapping>>,
    /// CODEOWNERS by repository.
    pub files: BTreeMap<i64, Owners>,
}

/// The owners of a file of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedFile {
    /// Repository.
    pub repository_id: i64,
    /// Path in the repository.
    pub path: String,
    /// Its owners, and by which line.
    pub owned: Owned,
}

impl Ownership {
    /// Who owns a file of a stack of this project.
    pub fn of(&self, project: &str, file: &str) -> Option<OwnedFile> {
        if file.is_empty() {
            return None;
        }
        let mappings = self.mappings.get(project)?;
        let (repository_id, path) = mapping::map(mappings, file)?;
        let owned = self.files.get(&repository_id)?.of(&path)?;
        Some(OwnedFile {
            repository_id,
            path,
            owned,
        })
    }

    /// The owners as the field `owner` of a subject: separated by spaces.
    pub fn field(&self, project: &str, file: &str) -> String {
        self.of(project, file)
            .map(|file| file.owned.owners.join(" "))
            .unwrap_or_default()
    }
}
