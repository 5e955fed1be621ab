//! Who wrote the code of one frame.

use super::{GitError, LocalClone, blame, function, hunks};
use epicenter_domain::suspect::FrameBlame;
use gix::bstr::{BString, ByteSlice};
use std::collections::BTreeMap;

/// A frame, as the clone is asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index in the scene's frames.
    pub frame: usize,
    /// Path in the repository.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// The function's name as the stack has it; may be empty.
    pub function: String,
}

impl Place {
    /// The name alone: `pay` of `Cart.pay(int)`, `shop::Cart::pay`, `Cart#pay`.
    fn bare_function(&self) -> &str {
        let front = self.function.split(['(', '<']).next().unwrap_or_default();
        let is_border = |letter: char| matches!(letter, '.' | ':' | '#' | '/' | ' ' | '\\');
        front.rsplit(is_border).next().unwrap_or_default()
    }
}

impl LocalClone {
    /// Blames a frame's line and function at a commit. Lines that the walk does not reach (see the
    /// limits, and shallow clones) count for the SHA of nothing, forty zeros.
    pub fn blame(&self, sha: &str, place: &Place) -> Result<FrameBlame, GitError> {
        let step = self.step(self.find(sha)?)?;
        let path = BString::from(place.path.as_str());
        let no_path = || GitError::NoPath {
            path: place.path.clone(),
            sha: sha.to_owned(),
        };
        let file = self.file_at(step.tree, path.as_bstr())?;
        let text = self.text(file.ok_or_else(no_path)?, path.as_bstr())?;
        let lines = hunks::lines(&text);
        let at = place.line.checked_sub(1);
        let Some(at) = at.filter(|at| hunks::index(*at) < lines.len()) else {
            return Err(GitError::NoLine {
                path: place.path.clone(),
                line: place.line,
                lines: lines.len(),
            });
        };
        let function = function::around(&lines, at, place.bare_function());
        let range = function.clone().unwrap_or(at..at + 1);
        let written = self.blame_lines(&step, &path, range.clone())?;
        let log = self.log_of_range(step, path, range.clone())?;
        Ok(FrameBlame {
            frame: place.frame,
            line: counted(&written, at..at + 1),
            function: function.map_or_else(BTreeMap::new, |range| counted(&written, range)),
            log: log.iter().map(ToString::to_string).collect(),
        })
    }
}

/// Lines by who wrote them.
fn counted(written: &blame::Written, range: std::ops::Range<u32>) -> BTreeMap<String, u32> {
    let nothing = gix::ObjectId::null(gix::hash::Kind::Sha1);
    let mut counted = BTreeMap::new();
    for line in range {
        let writer = written.get(&line).unwrap_or(&nothing);
        *counted.entry(writer.to_string()).or_insert(0) += 1;
    }
    counted
}
