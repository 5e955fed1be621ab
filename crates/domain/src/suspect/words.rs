//! The words of a text: identifiers of any common style, taken apart.

/// Shorter words say nothing (`of`, `id`, loop variables).
const SHORTEST: usize = 3;
/// Longer ones are hashes and encoded data.
const LONGEST: usize = 40;

/// Words that errors and commit messages share without being about the same thing.
const EMPTY_WORDS: [&str; 42] = [
    "and", "any", "are", "but", "can", "cannot", "com", "does", "for", "from", "get", "has",
    "have", "http", "https", "into", "its", "java", "javax", "junit", "lang", "line", "main",
    "not", "null", "org", "set", "should", "src", "test", "tests", "that", "the", "then", "this",
    "was", "when", "which", "will", "with", "without", "you",
];

/// Calls `visit` with each word, in lower case: the identifiers of the text, and the parts of those
/// that have several (`parseHTTPDate` gives `parse`, `http`, `date` and `parsehttpdate`). The buffer
/// is the caller's, so that ten thousand messages share one.
pub(super) fn each_word(text: &str, buffer: &mut Vec<u8>, visit: &mut impl FnMut(&[u8])) {
    let bytes = text.as_bytes();
    for identifier in bytes.split(|byte| !is_letter(*byte) && !byte.is_ascii_digit()) {
        if identifier.len() < SHORTEST || identifier.len() > LONGEST {
            continue;
        }
        if identifier
            .iter()
            .all(|byte| Shape::of(*byte) == Shape::Lower)
        {
            tell(Some(identifier), visit);
            continue;
        }
        buffer.clear();
        let mut start = 0;
        let mut parts = 0_u32;
        let mut before = Shape::Digit;
        let mut rest = identifier.iter().copied().peekable();
        while let Some(byte) = rest.next() {
            let shape = Shape::of(byte);
            let next = rest.peek().map_or(Shape::Digit, |byte| Shape::of(*byte));
            let begins = match (before, shape) {
                (Shape::Upper, Shape::Upper) => next == Shape::Lower,
                (Shape::Lower | Shape::Upper, Shape::Lower) | (Shape::Digit, Shape::Digit) => false,
                (Shape::Lower, Shape::Upper) | (Shape::Digit, _) | (_, Shape::Digit) => true,
            };
            if begins && buffer.len() > start {
                parts += 1;
                tell(buffer.get(start..), visit);
                start = buffer.len();
            }
            buffer.push(byte.to_ascii_lowercase());
            before = shape;
        }
        tell(buffer.get(start..), visit);
        if parts > 0 {
            tell(Some(buffer), visit);
        }
    }
}

/// Refuses most of what is not among some words, by a small hash of their ends and length.
pub(super) struct Gate {
    open: [u64; 64],
}

impl Gate {
    pub(super) fn new<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut open = [0; 64];
        for (slot, bit) in words.map(|word| Self::place(word.as_bytes())) {
            if let Some(slot) = open.get_mut(slot) {
                *slot |= 1 << bit;
            }
        }
        Self { open }
    }

    /// May it be one of the words?
    pub(super) fn lets(&self, word: &[u8]) -> bool {
        let (slot, bit) = Self::place(word);
        self.open
            .get(slot)
            .is_some_and(|slot| slot & (1 << bit) != 0)
    }

    fn place(word: &[u8]) -> (usize, usize) {
        let (first, last, before) = match word {
            [first, .., before, last] => (*first, *last, *before),
            [first, rest @ ..] => (*first, rest.last().copied().unwrap_or(0), 0),
            [] => (0, 0, 0),
        };
        let ends = usize::from(first) * 37 + usize::from(last) * 11 + usize::from(before) * 101;
        let hash = ends + word.len() * 613;
        ((hash >> 6) & 63, hash & 63)
    }
}

/// The words of a text, for questions about a few of them.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut buffer = Vec::new();
    each_word(text, &mut buffer, &mut |word| {
        found.push(String::from_utf8_lossy(word).into_owned());
    });
    found
}

/// Does it say something?
pub(super) fn is_telling(word: &str) -> bool {
    EMPTY_WORDS.binary_search(&word).is_err()
}

fn tell(word: Option<&[u8]>, visit: &mut impl FnMut(&[u8])) {
    let Some(word) = word else { return };
    let is_number = word.first().is_some_and(u8::is_ascii_digit);
    if word.len() < SHORTEST || is_number {
        return;
    }
    visit(singular(word));
}

/// `dates` and `date` are one word; `class` and `status` stay.
fn singular(word: &[u8]) -> &[u8] {
    match word {
        [start @ .., before, b's'] if start.len() > 1 && !matches!(before, b's' | b'u' | b'i') => {
            word.get(..word.len() - 1).unwrap_or(word)
        }
        _ => word,
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || !byte.is_ascii()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Lower,
    Upper,
    Digit,
}

impl Shape {
    fn of(byte: u8) -> Self {
        match byte {
            b'A'..=b'Z' => Self::Upper,
            b'0'..=b'9' => Self::Digit,
            _ => Self::Lower,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_taken_apart() {
        let cases: [(&str, &[&str]); 7] = [
            ("parseHTTPDate", &["parse", "http", "date", "parsehttpdate"]),
            ("snake_case_name", &["snake", "case", "name"]),
            ("kebab-case", &["kebab", "case"]),
            (
                "a.b.CartService#add",
                &["cart", "service", "cartservice", "add"],
            ),
            ("utf8 of 12 x", &["utf", "utf8"]),
            ("dates class status", &["date", "class", "status"]),
            ("préfixe", &["préfixe"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn the_empty_words_are_sorted_for_the_search() {
        assert!(EMPTY_WORDS.is_sorted());
        assert!(!is_telling("null") && is_telling("cart"));
    }
}
