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
    let mut rest = text.as_bytes();
    loop {
        let is_part = |byte: &u8| Shape::of(*byte) != Shape::None;
        let Some(start) = rest.iter().position(is_part) else {
            return;
        };
        rest = rest.get(start..).unwrap_or_default();
        let mut is_lower = true;
        let is_end = |byte: &u8| {
            let shape = Shape::of(*byte);
            is_lower &= shape == Shape::Lower || shape == Shape::None;
            shape == Shape::None
        };
        let end = rest.iter().position(is_end).unwrap_or(rest.len());
        let (identifier, after) = rest.split_at_checked(end).unwrap_or_default();
        rest = after;
        if !(SHORTEST..=LONGEST).contains(&identifier.len()) {
            continue;
        }
        if is_lower {
            tell(Some(identifier), visit);
        } else {
            each_part(identifier, buffer, visit);
        }
    }
}

/// The parts of an identifier with capitals or digits, and all of it.
fn each_part(identifier: &[u8], buffer: &mut Vec<u8>, visit: &mut impl FnMut(&[u8])) {
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
            (Shape::Lower, Shape::Upper | Shape::Digit)
            | (Shape::Digit, Shape::Lower | Shape::Upper)
            | (Shape::Upper, Shape::Digit) => true,
            _ => false,
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

/// What a byte is in an identifier.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    None,
    Lower,
    Upper,
    Digit,
}

/// One look for each byte: ten thousand messages are many.
static SHAPES: [Shape; 256] = shapes();

#[expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "checked by the compiler, which runs it"
)]
const fn shapes() -> [Shape; 256] {
    let mut shapes = [Shape::Lower; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        shapes[byte as usize] = match byte {
            b'a'..=b'z' => Shape::Lower,
            b'A'..=b'Z' => Shape::Upper,
            b'0'..=b'9' => Shape::Digit,
            _ => Shape::None,
        };
        byte += 1;
    }
    shapes
}

impl Shape {
    fn of(byte: u8) -> Self {
        SHAPES.get(usize::from(byte)).copied().unwrap_or(Self::None)
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
