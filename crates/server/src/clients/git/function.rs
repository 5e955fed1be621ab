//! Which function a line is in, in any language that is indented: the nearest line above that is
//! indented less and looks like the head of a function. A guess, good enough to count who wrote it.

use super::hunks::index;
use crate::limits::FUNCTION_LINES;
use epicenter_domain::limits::cut_chars;
use gix::bstr::ByteSlice;
use std::ops::Range;

/// Characters of a head that are kept; git's hunk headers have as many.
const SIGNATURE_CHARS: usize = 80;

/// Words that begin a function, whatever else is in the line.
const BEGINNINGS: [&str; 8] = [
    "def", "fn", "func", "function", "fun", "sub", "proc", "async",
];

/// Words that begin a statement, never a function.
const STATEMENTS: [&str; 28] = [
    "if",
    "elif",
    "else",
    "for",
    "foreach",
    "while",
    "loop",
    "do",
    "switch",
    "match",
    "case",
    "when",
    "unless",
    "until",
    "try",
    "catch",
    "except",
    "finally",
    "with",
    "using",
    "lock",
    "synchronized",
    "select",
    "return",
    "await",
    "throw",
    "raise",
    "assert",
];

/// A line as far as its indentation matters.
struct Line<'a> {
    indent: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    /// `None` for what is indented as it likes: blank lines, comments, labels, attributes.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let text = bytes.to_str().ok()?;
        let bare = text.trim();
        let is_label = bare.ends_with(':') && !bare.contains([' ', '(']) && bare != "else:";
        let is_aside = ["#", "//", "/*", "*", "--", "@"];
        if bare.is_empty() || is_label || is_aside.iter().any(|mark| bare.starts_with(mark)) {
            return None;
        }
        let front = text.chars().take_while(|letter| letter.is_whitespace());
        let widths = front.map(|letter| if letter == '\t' { 8 } else { 1 });
        Some(Self {
            indent: widths.sum(),
            text: bare,
        })
    }

    /// `} else {`, `) -> X {`, `{`: belongs to a line above that is indented as much.
    fn is_tail(&self) -> bool {
        self.text.starts_with([')', ']', '}', '{'])
    }

    fn words(&self) -> impl Iterator<Item = &'a str> {
        let is_border = |letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '$';
        self.text.split(is_border).filter(|word| !word.is_empty())
    }

    fn has_word(&self, name: &str) -> bool {
        !name.is_empty() && self.words().any(|word| word == name)
    }

    /// Could this be the head of a function, given that lines below are indented more?
    fn may_be_head(&self) -> bool {
        let first = self.words().next().unwrap_or_default();
        if STATEMENTS.contains(&first) || self.text.ends_with(';') {
            return false;
        }
        if self.is_named_so() {
            return true;
        }
        let Some((front, _)) = self.text.split_once('(') else {
            return false;
        };
        if front.contains('=') || front.contains('.') {
            return self.text.contains("=>");
        }
        // `send(` begins a call over several lines, `void send(` a function.
        !self.text.ends_with('(') || front.split_whitespace().count() > 1
    }

    fn is_named_so(&self) -> bool {
        self.words().any(|word| BEGINNINGS.contains(&word)) && !self.is_tail()
    }

    /// Is this the head of a function, whatever is below?
    fn is_head(&self) -> bool {
        self.may_be_head() && (self.is_named_so() || self.text.ends_with(['{', ':']))
    }
}

fn read<'a>(lines: &[&'a [u8]], at: usize) -> Option<Line<'a>> {
    lines.get(at).and_then(|bytes| Line::read(bytes))
}

/// The head of the function that a line is in: the nearest that has the name, else the nearest.
fn head(lines: &[&[u8]], at: usize, name: &str) -> Option<usize> {
    let from = at.saturating_sub(FUNCTION_LINES);
    if let Some(line) = read(lines, at)
        && line.is_head()
        && (name.is_empty() || line.has_word(name))
    {
        return Some(at);
    }
    let mut least = usize::MAX;
    let mut nearest = None;
    for place in (from..=at).rev() {
        let Some(line) = read(lines, place) else {
            continue;
        };
        if place == at {
            least = line.indent + usize::from(line.is_tail());
            continue;
        }
        if line.indent >= least {
            continue;
        }
        let is_head = line.may_be_head() && !line.is_tail();
        if is_head && (name.is_empty() || line.has_word(name)) {
            return Some(place);
        }
        if is_head {
            nearest = nearest.or(Some(place));
        }
        least = line.indent + usize::from(line.is_tail());
        if least == 0 {
            break;
        }
    }
    nearest
}

/// The first line after a function.
fn end(lines: &[&[u8]], head: usize) -> usize {
    let indent = read(lines, head).map_or(0, |line| line.indent);
    let most = lines.len().min(head.saturating_add(FUNCTION_LINES));
    let mut last = head;
    for place in head + 1..most {
        let Some(line) = read(lines, place) else {
            continue;
        };
        if line.indent <= indent {
            if !line.is_tail() {
                break;
            }
            last = place;
            if line.text.starts_with('}') {
                break;
            }
        }
        last = place;
    }
    last + 1
}

/// The lines, from 0, of the function that a line is in. `name` is the function's name alone; it
/// may be empty.
pub(super) fn around(lines: &[&[u8]], line: u32, name: &str) -> Option<Range<u32>> {
    let at = index(line);
    let head = head(lines, at, name)?;
    let end = end(lines, head);
    let range = u32::try_from(head).ok()?..u32::try_from(end).ok()?;
    range.contains(&line).then_some(range)
}

/// The head of the function that a change is in, which begins at this line of the old text; else
/// what git's hunk headers show: the nearest line above that begins with a letter.
pub(super) fn signature(lines: &[&[u8]], start: u32) -> Option<String> {
    let at = index(start).min(lines.len().checked_sub(1)?);
    let head = head(lines, at, "").or_else(|| {
        let begins = |line: &&[u8]| {
            let first = line.first().copied().unwrap_or_default();
            first.is_ascii_alphabetic() || first == b'_' || first == b'$'
        };
        lines.get(..at)?.iter().rposition(begins)
    })?;
    let text = lines.get(head)?.to_str_lossy();
    Some(cut_chars(text.trim(), SIGNATURE_CHARS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: &str = "\
import os

class Cart:
    def total(self):
        return 1

    def pay(
        self,
        amount,
    ):
        if amount:
            send(
                amount,
            )
        # a comment
        return 2

limit = 5
";

    const C: &str = "\
static int
pay(struct cart *cart)
{
#ifdef FAST
    int sum = 0;
#endif
    if (cart == NULL)
        goto out;
    sum += cart->sum;
out:
    return sum;
}

int other(void) {
    return 1;
}
";

    const SCRIPT: &str = "\
export const pay = async (cart) => {
  const sum = cart.lines.map((line) => {
    return line.price;
  });
  return sum;
};

class Cart {
  pay(amount) {
    if (amount > 1) {
      log(amount);
    } else {
      return;
    }
  }
}
";

    fn found(text: &str, line: u32, name: &str) -> Option<(u32, u32)> {
        let lines = super::super::hunks::lines(text.as_bytes());
        let range = around(&lines, line - 1, name)?;
        Some((range.start + 1, range.end))
    }

    #[test]
    fn a_line_is_in_the_function_above_it() {
        let cases = [
            (PYTHON, 5, "total", Some((4, 5))),
            (PYTHON, 11, "pay", Some((7, 16))),
            (PYTHON, 13, "pay", Some((7, 16))),
            (PYTHON, 16, "", Some((7, 16))),
            (PYTHON, 18, "<module>", None),
            (C, 9, "pay", Some((2, 12))),
            (C, 11, "pay", Some((2, 12))),
            (C, 15, "other", Some((14, 16))),
            (SCRIPT, 3, "", Some((2, 4))),
            (SCRIPT, 3, "pay", Some((1, 6))),
            (SCRIPT, 13, "pay", Some((9, 15))),
            ("", 1, "pay", None),
        ];
        for (text, line, name, expected) in cases {
            assert_eq!(
                found(text, line, name),
                expected,
                "{line} {name} of\n{text}"
            );
        }
    }

    #[test]
    fn a_change_is_named_by_its_function() {
        let cases = [
            (PYTHON, 10, Some("def pay(")),
            (PYTHON, 4, Some("def total(self):")),
            (PYTHON, 3, Some("def total(self):")),
            (PYTHON, 17, Some("class Cart:")),
            (C, 8, Some("pay(struct cart *cart)")),
            (SCRIPT, 10, Some("pay(amount) {")),
            ("", 0, None),
        ];
        for (text, start, expected) in cases {
            let lines = super::super::hunks::lines(text.as_bytes());
            let signature = signature(&lines, start);
            assert_eq!(signature.as_deref(), expected, "{start} of\n{text}");
        }
    }
}
