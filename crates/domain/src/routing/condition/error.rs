//! Why a condition is refused, and where.

use thiserror::Error;

/// A condition that cannot be used: a sentence, and the place in the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{sentence} (line {line}, column {column})")]
pub struct ConditionError {
    /// What is wrong, for the person who wrote it.
    pub sentence: String,
    /// Line from 1.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
}

impl ConditionError {
    pub(super) fn new(sentence: impl Into<String>, (line, column): (usize, usize)) -> Self {
        Self {
            sentence: sentence.into(),
            line,
            column,
        }
    }
}

/// Line and column of the first place where `word` stands in the text as a word of its own; the
/// beginning, if it does not.
pub(super) fn place_of(text: &str, word: &str) -> (usize, usize) {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let found = text.match_indices(word).find(|(start, _)| {
        let before = text.get(..*start).and_then(|text| text.chars().next_back());
        let after = text
            .get(start + word.len()..)
            .and_then(|text| text.chars().next());
        let is_sign = !word.contains(is_part);
        is_sign || !(before.is_some_and(is_part) || after.is_some_and(is_part))
    });
    place_at(text, found.map_or(0, |(start, _)| start))
}

/// Line and column of a byte.
pub(super) fn place_at(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}
