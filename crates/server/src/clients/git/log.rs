//! The commits that changed a range of lines, as `git log -L` says.

use super::history::Step;
use super::hunks::{changes, range_before};
use super::{GitError, LocalClone};
use crate::limits::{CLONE_WALK, FUNCTION_LOG};
use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};
use std::ops::Range;

/// A range of lines, from 0, of a file in a commit.
struct Place {
    step: Step,
    path: BString,
    range: Range<u32>,
}

/// What a commit did to the range.
struct Past {
    /// Did it change it?
    is_touched: bool,
    /// Where it was before; `None` when it began here.
    before: Option<Place>,
}

impl LocalClone {
    /// Newest first. Of a merge that changed it itself, the first parent is followed.
    pub(super) fn log_of_range(
        &self,
        start: Step,
        path: BString,
        range: Range<u32>,
    ) -> Result<Vec<ObjectId>, GitError> {
        let mut found = Vec::new();
        let mut place = Some(Place {
            step: start,
            path,
            range,
        });
        let mut walked = 0;
        while let Some(here) = place.take() {
            walked += 1;
            if walked > CLONE_WALK || found.len() >= FUNCTION_LOG {
                break;
            }
            let past = self.past(&here)?;
            let is_merge = here.step.parents.len() > 1;
            if past.is_touched && !is_merge {
                found.push(here.step.id);
            }
            place = past.before;
        }
        Ok(found)
    }

    fn past(&self, here: &Place) -> Result<Past, GitError> {
        let path = here.path.as_bstr();
        let nothing = Past {
            is_touched: false,
            before: None,
        };
        let Some(file) = self.file_at(here.step.tree, path)? else {
            return Ok(nothing);
        };
        let mut text = None;
        let mut first = None;
        for parent in &here.step.parents {
            let parent = self.step(*parent)?;
            let Some((old, old_path)) = self.file_before(&here.step, &parent, path)? else {
                continue;
            };
            let (range, is_touched) = if old == file {
                (here.range.clone(), false)
            } else {
                let Ok(old) = self.text(old, old_path.as_bstr()) else {
                    return Ok(nothing);
                };
                if text.is_none() {
                    text = Some(self.text(file, path)?);
                }
                let changes = changes(&old, text.as_deref().unwrap_or_default());
                range_before(&changes, &here.range)
            };
            let past = Past {
                is_touched,
                before: (!range.is_empty()).then_some(Place {
                    step: parent,
                    path: old_path,
                    range,
                }),
            };
            if !is_touched {
                return Ok(past);
            }
            first = first.or(Some(past));
        }
        // No parent has it: it began here, unless the rest of the history is not in the clone.
        Ok(first.unwrap_or(Past {
            is_touched: !here.step.is_edge,
            before: None,
        }))
    }
}
