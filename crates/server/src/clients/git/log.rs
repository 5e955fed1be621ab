//! The commits that changed a range of lines, as `git log -L` says.

use super::history::{Before, Step};
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
        let before = match self.before(&here.step, path, file)? {
            Before::Same(step, path) => {
                return Ok(Past {
                    is_touched: false,
                    before: Some(Place {
                        step,
                        path,
                        range: here.range.clone(),
                    }),
                });
            }
            Before::Changed(before) => before,
        };
        let text = self.text(file, path)?;
        let mut first = None;
        for parent in before {
            let Ok(old) = self.text(parent.file, parent.path.as_bstr()) else {
                return Ok(nothing);
            };
            let (range, is_touched) = range_before(&changes(&old, &text), &here.range);
            let past = Past {
                is_touched,
                before: (!range.is_empty()).then_some(Place {
                    step: parent.step,
                    path: parent.path,
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
