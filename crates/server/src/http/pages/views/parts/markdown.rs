//! The little Markdown that the memory writes: labels at the beginning of a line, and code spans.
//! Everything else, above all what came from outside, is text.

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span<'a> {
    /// As it is, with its line breaks.
    Plain(&'a str),
    /// `**Location**` at the beginning of a line.
    Label(&'a str),
    /// Between two backticks on one line.
    Code(&'a str),
}

/// Cuts a text into pieces; without the marks, nothing of it is lost.
pub fn spans(text: &str) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        let label = rest
            .strip_prefix("**")
            .and_then(|rest| rest.split_once("**"));
        if let Some((name, behind)) = label.filter(|(name, _)| !name.is_empty()) {
            spans.push(Span::Label(name));
            rest = behind;
        }
        while let Some((before, (code, behind))) = code_in(rest) {
            spans.push(Span::Plain(before));
            spans.push(Span::Code(code));
            rest = behind;
        }
        spans.push(Span::Plain(rest));
    }
    spans.retain(|span| *span != Span::Plain(""));
    spans
}

/// The first code span: what is before it, in it and behind it.
fn code_in(line: &str) -> Option<(&str, (&str, &str))> {
    let (before, rest) = line.split_once('`')?;
    let (code, behind) = rest.split_once('`')?;
    (!code.is_empty()).then_some((before, (code, behind)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Span::{Code, Label, Plain};

    #[test]
    fn labels_begin_lines_and_code_ends_on_its_line() {
        let text = "**Location**: `cart`\n- `f` at `a.py:1`\na **b** `c\nd` **\n****";
        let expected = [
            Label("Location"),
            Plain(": "),
            Code("cart"),
            Plain("\n"),
            Plain("- "),
            Code("f"),
            Plain(" at "),
            Code("a.py:1"),
            Plain("\n"),
            Plain("a **b** `c\n"),
            Plain("d` **\n"),
            Plain("****"),
        ];
        assert_eq!(spans(text), expected);
    }

    #[test]
    fn nothing_but_marks_is_lost() {
        for text in [
            "",
            "``",
            "**",
            "****a",
            "**a** b\n**c**",
            "`a``b` `c\n`d`",
            "**a*`b`**c",
            "a\n\n> `b\n",
        ] {
            let back: String = spans(text)
                .into_iter()
                .map(|span| match span {
                    Plain(text) => text.to_owned(),
                    Label(text) => format!("**{text}**"),
                    Code(text) => format!("`{text}`"),
                })
                .collect();
            assert_eq!(back, text);
        }
    }
}
