//! JSON laid out for reading without changing what it says: only the white space between tokens
//! differs, so that long numbers, repeated keys and odd escapes stay as they were sent.

/// Text laid out, or cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrettyJson {
    /// The text.
    pub text: String,
    /// Was it JSON? Otherwise the text is the body as it came.
    pub is_json: bool,
    /// Was the rest left out?
    pub is_cut: bool,
}

/// Deeper levels are not indented further, so that hostile nesting stays small.
const DEEPEST_INDENT: usize = 40;

/// Lays a body out, up to about `limit` bytes.
pub fn pretty_json(body: &[u8], limit: usize) -> PrettyJson {
    let text = String::from_utf8_lossy(body);
    if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_err() {
        let shown: String = text.chars().take(limit).collect();
        let is_cut = shown.len() < text.len();
        return PrettyJson {
            text: shown,
            is_json: false,
            is_cut,
        };
    }
    let mut layout = Layout::default();
    let mut is_cut = false;
    for letter in text.chars() {
        if layout.out.len() > limit {
            is_cut = true;
            break;
        }
        layout.take(letter);
    }
    PrettyJson {
        text: layout.out,
        is_json: true,
        is_cut,
    }
}

#[derive(Default)]
struct Layout {
    out: String,
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    just_opened: bool,
}

impl Layout {
    fn take(&mut self, letter: char) {
        if self.in_string {
            self.out.push(letter);
            self.in_string = self.is_escaped || letter != '"';
            self.is_escaped = !self.is_escaped && letter == '\\';
            return;
        }
        match letter {
            ' ' | '\t' | '\r' | '\n' => {}
            '}' | ']' => {
                self.depth = self.depth.saturating_sub(1);
                if !std::mem::take(&mut self.just_opened) {
                    self.break_line();
                }
                self.out.push(letter);
            }
            _ => {
                if std::mem::take(&mut self.just_opened) {
                    self.break_line();
                }
                self.token(letter);
            }
        }
    }

    fn token(&mut self, letter: char) {
        self.out.push(letter);
        match letter {
            '"' => self.in_string = true,
            '{' | '[' => {
                self.depth += 1;
                self.just_opened = true;
            }
            ',' => self.break_line(),
            ':' => self.out.push(' '),
            _ => {}
        }
    }

    fn break_line(&mut self) {
        self.out.push('\n');
        for _ in 0..self.depth.min(DEEPEST_INDENT) {
            self.out.push_str("  ");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_changes() {
        let body = br#"{"a":[1,{"b":"x\",{[\\"},[],{}],"n":12345678901234567890123,"n":1e400}"#;
        let pretty = pretty_json(body, 10_000);
        assert_eq!(
            pretty.text,
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\\\",{[\\\\\"\n    },\n    [],\n    {}\n  ],\n  \
             \"n\": 12345678901234567890123,\n  \"n\": 1e400\n}"
        );
        assert!(pretty.is_json && !pretty.is_cut);
    }

    #[test]
    fn what_is_not_json_is_shown_as_it_came() {
        let pretty = pretty_json(b"not { json \xff", 100);
        assert_eq!(pretty.text, "not { json \u{fffd}");
        assert!(!pretty.is_json && !pretty.is_cut);
        assert!(pretty_json("ééé".as_bytes(), 2).is_cut);
    }

    #[test]
    fn hostile_bodies_stay_small() {
        let long = format!("[{}1]", "1,".repeat(50_000));
        let pretty = pretty_json(long.as_bytes(), 1_000);
        assert!(pretty.is_cut && pretty.text.len() < 1_100);
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(pretty_json(deep.as_bytes(), 100_000).text.len() < 20_000);
    }
}
