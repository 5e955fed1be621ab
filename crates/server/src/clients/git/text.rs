//! The text of one file of a commit.

use super::{GitError, LocalClone};
use gix::bstr::BStr;

impl LocalClone {
    /// The text of a file of a commit; none, if it has no such file.
    pub fn text_of(&self, sha: &str, path: &str) -> Result<Option<String>, GitError> {
        let step = self.step(self.find(sha)?)?;
        let path = BStr::new(path);
        let Some(file) = self.file_at(step.tree, path)? else {
            return Ok(None);
        };
        let text = self.text(file, path)?;
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }
}
