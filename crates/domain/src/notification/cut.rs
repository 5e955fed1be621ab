//! Texts made to fit: valid, whole characters as people see them, with a link to the rest.

use unicode_segmentation::UnicodeSegmentation;

/// How much a channel takes, and how it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    size: usize,
    measure: Measure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Chars,
    /// As JavaScript and Java count: an emoji is two.
    Utf16,
    Bytes,
}

impl Room {
    /// So many Unicode characters.
    pub const fn chars(size: usize) -> Self {
        Self {
            size,
            measure: Measure::Chars,
        }
    }

    /// So many UTF-16 units: what services written in JavaScript or Java count.
    pub const fn utf16(size: usize) -> Self {
        Self {
            size,
            measure: Measure::Utf16,
        }
    }

    /// So many bytes of UTF-8.
    pub const fn bytes(size: usize) -> Self {
        Self {
            size,
            measure: Measure::Bytes,
        }
    }

    /// How much of the room the text takes.
    pub fn of(self, text: &str) -> usize {
        match self.measure {
            Measure::Chars => text.chars().count(),
            Measure::Utf16 => text.encode_utf16().count(),
            Measure::Bytes => text.len(),
        }
    }

    /// Does the text fit?
    pub fn holds(self, text: &str) -> bool {
        self.of(text) <= self.size
    }

    /// What is left beside the text.
    #[must_use]
    pub fn beside(self, text: &str) -> Self {
        Self {
            size: self.size.saturating_sub(self.of(text)),
            measure: self.measure,
        }
    }
}

/// A way to write a piece of foreign text in a channel's markup, so that it is shown literally.
/// It is given one character as people see it at a time.
pub type Escape = fn(&str) -> String;

/// No markup.
pub fn as_it_is(text: &str) -> String {
    text.to_owned()
}

/// The text, escaped and made to fit. What does not fit ends in `rest`, which is already in the
/// channel's markup (`… (full text: link)`), or in `…` where even that is too long.
pub fn cut(text: &str, room: Room, escape: Escape, rest: &str) -> String {
    // Each character takes some room: of more than fit, nothing could be kept.
    let text: String = cleaned(text).take(room.size.saturating_add(1)).collect();
    let whole = text.graphemes(true).map(escape).collect::<String>();
    if room.holds(&whole) {
        return whole;
    }
    let rest = [rest, "…"].into_iter().find(|rest| room.holds(rest));
    let rest = rest.unwrap_or_default();
    let mut kept = fill(text.graphemes(true), room.beside(rest), escape);
    if kept.is_empty() {
        // One letter with thousands of marks on it: better a part of it than nothing.
        let letters = text.split("").filter(|letter| !letter.is_empty());
        kept = fill(letters, room.beside(rest), escape);
    }
    kept.truncate(kept.trim_end().len());
    kept.push_str(rest);
    kept
}

/// The end of a cut text: `… (full text: link)`; only `…` without a link.
pub fn rest_at(link: Option<&str>) -> String {
    match link {
        Some(link) => format!("… (full text: {link})"),
        None => "…".to_owned(),
    }
}

fn fill<'a>(pieces: impl Iterator<Item = &'a str>, room: Room, escape: Escape) -> String {
    let mut kept = String::new();
    let mut used = 0;
    for piece in pieces {
        let piece = escape(piece);
        used += room.of(&piece);
        if used > room.size {
            break;
        }
        kept.push_str(&piece);
    }
    kept
}

/// As many parts as fit, in their order, with `between` in between. A part that does not fit is
/// left out whole: half a link is worse than none.
pub fn gather(parts: impl IntoIterator<Item = String>, between: &str, room: Room) -> String {
    let mut kept = String::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        let longer = match kept.as_str() {
            "" => part,
            before => format!("{before}{between}{part}"),
        };
        if room.holds(&longer) {
            kept = longer;
        }
    }
    kept
}

/// Without what no message should carry: control characters except line ends and tabs, and those
/// that turn the direction of all that follows, our own words included.
pub fn clean(text: &str) -> String {
    cleaned(text).collect()
}

fn cleaned(text: &str) -> impl Iterator<Item = char> {
    let is_turn = |letter| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|letter| matches!(letter, '\n' | '\t') || !letter.is_control())
        .filter(move |letter| !is_turn(*letter))
}

/// On one line: what separates lines becomes a space.
pub fn one_line(text: &str) -> String {
    let is_break =
        |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{85}');
    let parts = text.split(is_break).filter(|part| !part.trim().is_empty());
    let joined = parts.map(str::trim).collect::<Vec<_>>().join(" ");
    clean(&joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REST: &str = "… (full text: https://e.test/1)";

    fn html(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;")
    }

    #[test]
    fn what_fits_is_whole_and_what_does_not_leads_to_the_rest() {
        // FIELD case 40
        let rest = rest_at(Some("https://e.test/1"));
        assert_eq!(rest, REST);
        for (text, room, expected) in [
            ("harbor", Room::chars(6), "harbor".to_owned()),
            ("harbor", Room::chars(5), "harb…".to_owned()),
            ("a harbor", Room::chars(3), "a…".to_owned()),
            ("👩‍🚀👩‍🚀", Room::utf16(10), "👩‍🚀👩‍🚀".to_owned()),
            ("👩‍🚀👩‍🚀", Room::utf16(9), "👩‍🚀…".to_owned()),
            ("🇺🇦🇺🇦", Room::bytes(14), "🇺🇦…".to_owned()),
            ("e\u{301}e\u{301}", Room::chars(3), "e\u{301}…".to_owned()),
            ("מגדלור", Room::bytes(9), "מגד…".to_owned()),
            ("\u{202e}evil", Room::chars(20), "evil".to_owned()),
            ("x", Room::chars(0), String::new()),
        ] {
            assert_eq!(cut(text, room, as_it_is, "…"), expected, "{text}");
        }
        let long = "long ".repeat(20);
        let short = cut(&long, Room::chars(40), as_it_is, REST);
        assert_eq!(short, format!("long long{REST}"));
    }

    #[test]
    fn escapes_count_and_stay_whole() {
        assert_eq!(cut("a<b", Room::chars(6), html, "…"), "a&lt;b");
        assert_eq!(cut("a<b", Room::chars(5), html, "…"), "a…");
        assert_eq!(cut("<<<<", Room::chars(9), html, "…"), "&lt;&lt;…");
    }

    #[test]
    fn a_letter_under_a_mountain_of_marks_is_shown_in_part() {
        let zalgo = format!("a{}", "\u{301}".repeat(5_000));
        let short = cut(&zalgo, Room::chars(10), as_it_is, "…");
        assert!(short.starts_with('a') && short.ends_with('…'), "{short}");
    }

    #[test]
    fn lines_and_controls_cannot_break_a_header() {
        assert_eq!(one_line("a\r\nBcc: b\u{2028}c\0d\n\n"), "a Bcc: b c d");
        assert_eq!(clean("a\r\nb\u{7}\tc\r"), "a\nb\tc");
    }

    #[test]
    fn parts_that_do_not_fit_are_left_out_whole() {
        let parts = ["one", "", "a long one", "two"].map(str::to_owned);
        assert_eq!(gather(parts.clone(), "\n", Room::chars(8)), "one\ntwo");
        assert_eq!(gather(parts, "\n", Room::chars(99)), "one\na long one\ntwo");
    }

    proptest! {
        #[test]
        fn every_cut_fits(text in "(?s).{0,60}", size in 0_usize..80, kind in 0..3) {
            let room = match kind {
                0 => Room::chars(size),
                1 => Room::utf16(size),
                _ => Room::bytes(size),
            };
            let short = cut(&text, room, html, REST);
            prop_assert!(room.holds(&short), "{short:?}");
        }
    }
}
