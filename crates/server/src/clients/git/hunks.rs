//! What changed between two texts, and where lines were before.

use crate::limits::{CLONE_HUNK_LINES, CLONE_HUNKS};
use epicenter_domain::change::Hunk;
use epicenter_domain::limits::{SOURCE_LINE_CHARS, cut_chars};
use gix::bstr::ByteSlice;
use gix::diff::blob::{Algorithm, InternedInput, diff_with_slider_heuristics, sources::byte_lines};
use std::ops::Range;

/// One changed place, in lines counted from 0.
pub(super) use gix::diff::blob::Hunk as Change;

/// Bytes that are looked at to tell text from the rest; git looks at as many.
const SNIFFED_BYTES: usize = 8_000;

pub(super) fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(SNIFFED_BYTES).any(|byte| *byte == 0)
}

/// The changed places, in the order of the file.
pub(super) fn changes(old: &[u8], new: &[u8]) -> Vec<Change> {
    let input = InternedInput::new(byte_lines(old), byte_lines(new));
    diff_with_slider_heuristics(Algorithm::Myers, &input)
        .hunks()
        .collect()
}

/// Lines of a text, without their ends.
pub(super) fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.lines().collect()
}

/// What changed in a file: lines added, lines removed, and the places, as `git diff -U0` cuts them.
pub(super) struct Changed {
    pub(super) added: u32,
    pub(super) removed: u32,
    pub(super) hunks: Vec<Hunk>,
}

pub(super) fn changed(old: &[u8], new: &[u8]) -> Changed {
    let changes = changes(old, new);
    let (before, after) = (lines(old), lines(new));
    let sum = |of: fn(&Change) -> &Range<u32>| {
        let lines = changes
            .iter()
            .map(|change| of(change).end - of(change).start);
        lines.fold(0_u32, u32::saturating_add)
    };
    Changed {
        added: sum(|change| &change.after),
        removed: sum(|change| &change.before),
        hunks: changes
            .iter()
            .take(CLONE_HUNKS)
            .map(|change| Hunk {
                old_start: shown_start(&change.before),
                old_lines: change.before.end - change.before.start,
                new_start: shown_start(&change.after),
                new_lines: change.after.end - change.after.start,
                signature: super::function::signature(&before, change.before.start),
                added: texts(&after, &change.after),
                removed: texts(&before, &change.before),
            })
            .collect(),
    }
}

/// From 1; of an empty range the line before it, as git shows it.
fn shown_start(range: &Range<u32>) -> u32 {
    if range.is_empty() {
        range.start
    } else {
        range.start + 1
    }
}

fn texts(lines: &[&[u8]], range: &Range<u32>) -> Vec<String> {
    part(lines, range)
        .iter()
        .take(CLONE_HUNK_LINES)
        .map(|line| cut_chars(&line.to_str_lossy(), SOURCE_LINE_CHARS))
        .collect()
}

/// The lines of a range, as far as there are any.
pub(super) fn part<'a, 'b>(lines: &'a [&'b [u8]], range: &Range<u32>) -> &'a [&'b [u8]] {
    let from = index(range.start).min(lines.len());
    let until = index(range.end).min(lines.len());
    lines.get(from..until).unwrap_or_default()
}

/// A line as an index.
pub(super) fn index(line: u32) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}

/// Where an unchanged line was before; `None` when a change wrote it.
pub(super) fn line_before(changes: &[Change], line: u32) -> Option<u32> {
    let mut before = line;
    for change in changes {
        if change.after.contains(&line) {
            return None;
        }
        if change.after.start > line {
            break;
        }
        before = change.before.end + (line - change.after.end);
    }
    Some(before)
}

/// Where a range of lines was before, and whether something in it changed.
pub(super) fn range_before(changes: &[Change], range: &Range<u32>) -> (Range<u32>, bool) {
    let touches = |change: &Change| {
        if change.after.is_empty() {
            range.start < change.after.start && change.after.start < range.end
        } else {
            change.after.start < range.end && range.start < change.after.end
        }
    };
    let start = changes.iter().find(|one| one.after.contains(&range.start));
    let last = range.end.saturating_sub(1);
    let end = changes.iter().find(|one| one.after.contains(&last));
    let start = match start {
        Some(change) => change.before.start,
        None => line_before(changes, range.start).unwrap_or(range.start),
    };
    let end = match end {
        Some(change) => change.before.end,
        None => line_before(changes, last).map_or(range.end, |line| line + 1),
    };
    (start..end.max(start), changes.iter().any(touches))
}
