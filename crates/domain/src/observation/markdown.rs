//! Small pieces of Markdown. What comes from outside stays what it is: no line, no code span of it
//! ends early.

use crate::limits::{TITLE_CHARS, cut_chars};

/// A text as one line.
pub(super) fn line(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    cut_chars(&words, TITLE_CHARS)
}

/// A text as a code span.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", line(text).replace('`', "'"))
}

/// `**Name**: value`
pub(super) fn field(name: &str, value: &str) -> String {
    format!("**{name}**: {}", line(value))
}

/// A text of several lines as a quotation.
pub(super) fn quote(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("> {line}")).collect();
    lines.join("\n")
}
