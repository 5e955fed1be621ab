//! Who wrote lines, as `git blame` says: each line goes back in time as long as a parent has it too.

use super::history::{Before, Step};
use super::hunks::{changes, line_before};
use super::{GitError, LocalClone};
use crate::limits::CLONE_WALK;
use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};
use std::collections::{BTreeMap, BinaryHeap};

/// A file of a commit that some lines are looked for in.
type Suspect = (ObjectId, BString);
/// Lines: in the blamed file, and in the suspect's.
type Lines = Vec<(u32, u32)>;

/// Who wrote which lines, counted from 0. Lines that are older than what the clone has or than is
/// walked are missing.
pub(super) type Written = BTreeMap<u32, ObjectId>;

#[derive(Default)]
struct Search {
    waiting: BTreeMap<Suspect, Lines>,
    /// By time, so that a commit comes after all that descend from it.
    queue: BinaryHeap<(i64, ObjectId, BString)>,
    written: Written,
}

impl Search {
    fn pass(&mut self, step: &Step, path: BString, lines: Lines) {
        if lines.is_empty() {
            return;
        }
        self.queue.push((step.seconds, step.id, path.clone()));
        let waiting = self.waiting.entry((step.id, path)).or_default();
        waiting.extend(lines);
    }
}

impl LocalClone {
    /// Blames lines of a file in a commit.
    pub(super) fn blame_lines(
        &self,
        start: &Step,
        path: &BString,
        lines: impl IntoIterator<Item = u32>,
    ) -> Result<Written, GitError> {
        let mut search = Search::default();
        let lines = lines.into_iter().map(|line| (line, line)).collect();
        search.pass(start, path.clone(), lines);
        let mut walked = 0;
        while let Some((_, id, path)) = search.queue.pop() {
            let Some(lines) = search.waiting.remove(&(id, path.clone())) else {
                continue;
            };
            walked += 1;
            if walked > CLONE_WALK {
                break;
            }
            let step = self.step(id)?;
            self.pass_on(&mut search, &step, &path, lines)?;
        }
        Ok(search.written)
    }

    /// Gives the parents what they have too; the rest was written here.
    fn pass_on(
        &self,
        search: &mut Search,
        step: &Step,
        path: &BString,
        mut lines: Lines,
    ) -> Result<(), GitError> {
        let Some(file) = self.file_at(step.tree, path.as_bstr())? else {
            return Ok(());
        };
        let before = match self.before(step, path.as_bstr(), file)? {
            Before::Same(parent, path) => {
                search.pass(&parent, path, lines);
                return Ok(());
            }
            Before::Changed(before) => before,
        };
        let text = self.text(file, path.as_bstr())?;
        for parent in before {
            // Where it was no text, nobody can say who wrote the lines before.
            let Ok(old) = self.text(parent.file, parent.path.as_bstr()) else {
                return Ok(());
            };
            let changes = changes(&old, &text);
            let mut passed = Vec::new();
            lines.retain(|(blamed, line)| match line_before(&changes, *line) {
                Some(old) => {
                    passed.push((*blamed, old));
                    false
                }
                None => true,
            });
            search.pass(&parent.step, parent.path, passed);
        }
        if !step.is_edge {
            let here = lines.into_iter().map(|(blamed, _)| (blamed, step.id));
            search.written.extend(here);
        }
        Ok(())
    }
}
