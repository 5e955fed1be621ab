//! The text inside strings, and the same JSON in another spelling.

use super::{Kind, Reader};

/// One character of a string's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// Bytes of UTF-8 as they stand (also when they are invalid).
    Byte(u8),
    /// A character that was escaped.
    Char(char),
    /// Half of a surrogate pair without its other half.
    Lone(u16),
}

/// Splits the text between a string's quotes into units with their places.
struct Units<'a> {
    raw: &'a [u8],
    at: usize,
}

impl<'a> Units<'a> {
    /// `raw`: what stands between the quotes.
    fn new(raw: &'a [u8]) -> Self {
        Self { raw, at: 0 }
    }

    fn hex(&self, at: usize) -> Option<u16> {
        if self.raw.get(at..at + 2)? != br"\u" {
            return None;
        }
        let digits = self.raw.get(at + 2..at + 6)?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    }

    fn escaped(&mut self, start: usize) -> Unit {
        if let Some(first) = self.hex(start) {
            self.at = start + 6;
            let pair = [first, self.hex(self.at).unwrap_or(0)];
            if let Some(Ok(one)) = char::decode_utf16(pair).next() {
                self.at = start + 6 * one.len_utf16();
                return Unit::Char(one);
            }
            return Unit::Lone(first);
        }
        self.at = start + 2;
        match self.raw.get(start + 1) {
            Some(b'n') => Unit::Char('\n'),
            Some(b'r') => Unit::Char('\r'),
            Some(b't') => Unit::Char('\t'),
            Some(b'b') => Unit::Char('\u{8}'),
            Some(b'f') => Unit::Char('\u{c}'),
            Some(&other) => Unit::Char(char::from(other)),
            None => Unit::Char('\\'),
        }
    }
}

impl Iterator for Units<'_> {
    type Item = (usize, Unit);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let byte = *self.raw.get(start)?;
        if byte == b'\\' {
            return Some((start, self.escaped(start)));
        }
        self.at += 1;
        Some((start, Unit::Byte(byte)))
    }
}

/// The text of a string given what stands between its quotes, and for every byte of the text (and
/// for its end) the place it comes from.
pub(crate) fn decode(raw: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let mut text = Vec::with_capacity(raw.len());
    let mut places = Vec::with_capacity(raw.len() + 1);
    for (place, unit) in Units::new(raw) {
        match unit {
            Unit::Byte(byte) => text.push(byte),
            Unit::Char(one) => text.extend_from_slice(one.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Lone(_) => text.extend_from_slice("\u{fffd}".as_bytes()),
        }
        places.resize(text.len(), place);
    }
    places.push(raw.len());
    (text, places)
}

/// How a JSON writer spells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spelling {
    /// Everything but ASCII is escaped.
    pub(crate) ascii: bool,
    /// `, ` and `: ` instead of `,` and `:`.
    pub(crate) spaced: bool,
}

/// Writes the same JSON in another spelling: order, numbers and duplicate keys stay as they are.
/// `None` when the bytes are not JSON.
pub(crate) fn respell(body: &[u8], spelling: Spelling) -> Option<Vec<u8>> {
    let mut reader = Reader::new(body);
    let mut out = Vec::with_capacity(body.len() + body.len() / 8);
    let mut first = true;
    let mut after_key = false;
    while let Some(piece) = reader.next().ok()? {
        let closing = matches!(piece.kind, Kind::ObjectEnd | Kind::ArrayEnd);
        if !first && !after_key && !closing {
            out.extend_from_slice(if spelling.spaced { b", " } else { b"," });
        }
        let raw = body.get(piece.start..piece.end)?;
        if matches!(piece.kind, Kind::Key | Kind::String) {
            respell_string(raw.get(1..raw.len() - 1)?, spelling.ascii, &mut out);
        } else {
            out.extend_from_slice(raw);
        }
        after_key = piece.kind == Kind::Key;
        if after_key {
            out.extend_from_slice(if spelling.spaced { b": " } else { b":" });
        }
        first = matches!(piece.kind, Kind::ObjectStart | Kind::ArrayStart);
    }
    Some(out)
}

fn respell_string(raw: &[u8], ascii: bool, out: &mut Vec<u8>) {
    let mut text = Vec::with_capacity(raw.len());
    out.push(b'"');
    for (_, unit) in Units::new(raw) {
        match unit {
            Unit::Byte(byte) => text.push(byte),
            Unit::Char(one) => text.extend_from_slice(one.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Lone(half) => {
                spell_text(&text, ascii, out);
                text.clear();
                spell_unit(half, out);
            }
        }
    }
    spell_text(&text, ascii, out);
    out.push(b'"');
}

fn spell_text(text: &[u8], ascii: bool, out: &mut Vec<u8>) {
    for one in String::from_utf8_lossy(text).chars() {
        match one {
            '"' => out.extend_from_slice(br#"\""#),
            '\\' => out.extend_from_slice(br"\\"),
            '\n' => out.extend_from_slice(br"\n"),
            '\r' => out.extend_from_slice(br"\r"),
            '\t' => out.extend_from_slice(br"\t"),
            '\u{8}' => out.extend_from_slice(br"\b"),
            '\u{c}' => out.extend_from_slice(br"\f"),
            _ if one < ' ' || (ascii && !(' '..='~').contains(&one)) => {
                for unit in one.encode_utf16(&mut [0; 2]) {
                    spell_unit(*unit, out);
                }
            }
            _ => out.extend_from_slice(one.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

fn spell_unit(unit: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
}
