//! Finds and masks addresses, numbers and secrets inside texts.

mod address;
mod card;
mod secret;

use super::rules::Rule;
use crate::json::{decode, marks, marks_of};
use std::borrow::Cow;

/// A mask may join what it separated before; it never takes more than these rounds to settle.
const ROUNDS: usize = 4;

/// Something to mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hit {
    start: usize,
    end: usize,
    label: &'static str,
}

/// Masks in plain text what the rules in `bits` look for; `None`: nothing found.
pub(super) fn mask(text: &[u8], bits: u16) -> Option<Vec<u8>> {
    settle(text, |text| {
        let bits = possible(text.len(), marks_of(text), bits);
        splice(text, &hits(text, bits))
    })
}

/// The same for what stands between the quotes of a JSON string with these marks. Places that are
/// not masked keep their escapes.
pub(super) fn mask_string(raw: &[u8], seen: u8, bits: u16) -> Option<Vec<u8>> {
    let bits = possible(raw.len(), seen, bits);
    if bits == 0 {
        return None;
    }
    if seen & marks::ESCAPE == 0 {
        return settle(raw, |raw| splice(raw, &hits(raw, bits)));
    }
    settle(raw, |raw| {
        let (text, places) = decode(raw);
        let mut hits = hits(&text, bits);
        for hit in &mut hits {
            hit.start = places.get(hit.start).copied().unwrap_or(raw.len());
            hit.end = places.get(hit.end).copied().unwrap_or(raw.len());
        }
        splice(raw, &hits)
    })
}

fn settle(text: &[u8], once: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        match once(&text) {
            Some(masked) => text = Cow::Owned(masked),
            None => break,
        }
    }
    match text {
        Cow::Owned(masked) => Some(masked),
        Cow::Borrowed(_) => None,
    }
}

/// The rules of `bits` that can find anything in a text of this length with these marks.
fn possible(length: usize, seen: u8, bits: u16) -> u16 {
    let has = |mark: u8| seen & mark != 0;
    let mut possible = 0;
    if has(marks::AT) && length >= 6 {
        possible |= Rule::EmailsInText.bit();
    }
    if has(marks::DIGIT) && has(marks::POINT) && length >= 3 {
        possible |= Rule::IpsInText.bit();
    }
    if has(marks::DIGIT) && length >= 13 {
        possible |= Rule::CardNumbers.bit();
    }
    if length >= 12 && (has(marks::TOKEN) || seen & USER_INFO == USER_INFO) {
        possible |= Rule::SecretValues.bit();
    }
    let member = has(marks::POINT) && has(marks::QUOTE | marks::ESCAPE);
    if (has(marks::EQUALS) || member) && length >= 5 {
        possible |= Rule::UrlParameters.bit();
    }
    bits & possible
}

/// What `https://user:password@host` shows.
const USER_INFO: u8 = marks::AT | marks::POINT;

fn hits(text: &[u8], bits: u16) -> Vec<Hit> {
    let on = |rule: Rule| bits & rule.bit() != 0;
    let mut hits = Vec::new();
    if on(Rule::SecretValues) {
        secret::user_info(text, &mut hits);
        secret::tokens(text, &mut hits);
    }
    if on(Rule::UrlParameters) {
        secret::parameters(text, &mut hits);
    }
    if on(Rule::EmailsInText) {
        address::emails(text, &mut hits);
    }
    if on(Rule::IpsInText) {
        address::ips(text, &mut hits);
    }
    if on(Rule::CardNumbers) {
        card::cards(text, &mut hits);
    }
    // Stable: of hits with the same start the first rule above wins.
    hits.sort_by_key(|hit| hit.start);
    hits
}

/// Puts the labels in place of the hits; of overlapping hits the first stays.
fn splice(text: &[u8], hits: &[Hit]) -> Option<Vec<u8>> {
    hits.first()?;
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut copied = 0;
    for hit in hits.iter().filter(|hit| hit.start < hit.end) {
        if hit.start < copied {
            continue;
        }
        out.extend_from_slice(text.get(copied..hit.start).unwrap_or_default());
        out.extend_from_slice(hit.label.as_bytes());
        copied = hit.end;
    }
    out.extend_from_slice(text.get(copied..).unwrap_or_default());
    Some(out)
}

/// The byte before `at`.
fn before(text: &[u8], at: usize) -> Option<u8> {
    text.get(at.checked_sub(1)?).copied()
}

/// Part of a word: letters, digits, `_`.
const WORD: u8 = 1;
/// Some token begins with it.
const TOKEN_START: u8 = 1 << 1;

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "computed when compiled: an index out of bounds would not build"
)]
const SORTS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let one = byte as u8;
        if one.is_ascii_alphanumeric() || one == b'_' {
            table[byte] |= WORD;
        }
        if !secret::prefixes(one).is_empty() || matches!(one, b'e' | b'b' | b'B' | b'-') {
            table[byte] |= TOKEN_START;
        }
        byte += 1;
    }
    table
};

#[inline]
fn sort(byte: u8) -> u8 {
    SORTS.get(usize::from(byte)).copied().unwrap_or(0)
}

#[inline]
fn is_word(byte: u8) -> bool {
    sort(byte) & WORD != 0
}

/// Does a word begin at `at`? Also behind an escape such as `\n` in text that is broken JSON.
fn begins(text: &[u8], at: usize) -> bool {
    match before(text, at) {
        Some(byte) if is_word(byte) => {
            at.checked_sub(2).and_then(|at| text.get(at)) == Some(&b'\\')
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests;
