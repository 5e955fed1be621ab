//! JSON as pieces with their places in the bytes: no tree, nothing copied. What sits between two
//! pieces is white space and separators, so that a rewriter can copy it as it is.

mod spelling;

pub(crate) use spelling::{Spelling, decode, respell};

use crate::limits::JSON_DEPTH;

/// What was seen inside a string, so that searches which cannot succeed are skipped.
pub(crate) mod marks {
    /// `@`, or `%` which may begin `%40`.
    pub(crate) const AT: u8 = 1;
    /// A decimal digit.
    pub(crate) const DIGIT: u8 = 1 << 1;
    /// `.` or `:`
    pub(crate) const POINT: u8 = 1 << 2;
    /// `'`
    pub(crate) const QUOTE: u8 = 1 << 3;
    /// `=`
    pub(crate) const EQUALS: u8 = 1 << 4;
    /// `_`, `-` or an upper-case letter.
    pub(crate) const TOKEN: u8 = 1 << 5;
    /// A backslash: the text differs from the bytes.
    pub(crate) const ESCAPE: u8 = 1 << 6;
    /// Nothing can be ruled out.
    pub(crate) const ALL: u8 = (1 << 7) - 1;
    /// `"` or a backslash: the plain run ends. Never part of a string's marks.
    pub(super) const STOP: u8 = 1 << 7;
}

/// The marks of any bytes (text that is not a JSON string).
pub(crate) fn marks_of(text: &[u8]) -> u8 {
    let seen = text.iter().fold(0, |seen, byte| seen | mark(*byte));
    if seen & marks::STOP == 0 {
        seen
    } else {
        marks::ALL
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "computed when compiled: an index out of bounds would not build"
)]
const MARKS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'"' | b'\\' => marks::STOP,
            b'@' | b'%' => marks::AT,
            b'0'..=b'9' => marks::DIGIT,
            b'.' | b':' => marks::POINT,
            b'\'' => marks::QUOTE,
            b'=' => marks::EQUALS,
            b'_' | b'-' | b'A'..=b'Z' => marks::TOKEN,
            _ => 0,
        };
        byte += 1;
    }
    table
};

#[inline]
fn mark(byte: u8) -> u8 {
    MARKS.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Bytes that are looked at together, with one branch for all.
const CHUNK: usize = 8;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `{`
    ObjectStart,
    /// `}`
    ObjectEnd,
    /// `[`
    ArrayStart,
    /// `]`
    ArrayEnd,
    /// A member's name, quotes included.
    Key,
    /// A string, quotes included.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
}

/// One piece of JSON and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// What it is.
    pub(crate) kind: Kind,
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
    /// What was seen in it; 0 for all but keys and strings.
    pub(crate) marks: u8,
}

/// The bytes are not JSON, or nested too deeply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
    Nothing,
}

/// Reads pieces one after the other and checks the grammar. Control characters inside strings and
/// invalid UTF-8 are let through.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The open containers: is it an object?
    open: Vec<bool>,
    expect: Expect,
}

impl<'a> Reader<'a> {
    /// From the first byte, after a byte order mark if there is one.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: if bytes.starts_with(b"\xef\xbb\xbf") {
                3
            } else {
                0
            },
            open: Vec::with_capacity(24),
            expect: Expect::Value,
        }
    }

    /// The next piece; `None` at the proper end.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, Broken> {
        loop {
            self.skip_space();
            let Some(&byte) = self.bytes.get(self.at) else {
                let complete = self.expect == Expect::Nothing;
                return if complete { Ok(None) } else { Err(Broken) };
            };
            match (self.expect, byte) {
                (Expect::CommaOrEnd, b',') => {
                    self.at += 1;
                    self.expect = match self.open.last() {
                        Some(true) => Expect::Key,
                        _ => Expect::Value,
                    };
                }
                (Expect::CommaOrEnd | Expect::KeyOrEnd, b'}') => {
                    return self.close(true).map(Some);
                }
                (Expect::CommaOrEnd | Expect::ValueOrEnd, b']') => {
                    return self.close(false).map(Some);
                }
                (Expect::Key | Expect::KeyOrEnd, b'"') => return self.key().map(Some),
                (Expect::Value | Expect::ValueOrEnd, _) => return self.value(byte).map(Some),
                _ => return Err(Broken),
            }
        }
    }

    /// Goes to the end of the value that begins with `piece`; the place one past its last byte.
    pub(crate) fn skip(&mut self, piece: Piece) -> Result<usize, Broken> {
        if !matches!(piece.kind, Kind::ObjectStart | Kind::ArrayStart) {
            return Ok(piece.end);
        }
        let depth = self.open.len();
        while let Some(next) = self.next()? {
            if self.open.len() < depth {
                return Ok(next.end);
            }
        }
        Err(Broken)
    }

    /// The place of the next byte; after an error, where it broke.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn close(&mut self, object: bool) -> Result<Piece, Broken> {
        if self.open.pop() != Some(object) {
            return Err(Broken);
        }
        self.value_done();
        let kind = if object {
            Kind::ObjectEnd
        } else {
            Kind::ArrayEnd
        };
        Ok(self.take(kind, self.at + 1, 0))
    }

    fn open(&mut self, object: bool) -> Result<Piece, Broken> {
        if self.open.len() >= JSON_DEPTH {
            return Err(Broken);
        }
        self.open.push(object);
        let (kind, expect) = if object {
            (Kind::ObjectStart, Expect::KeyOrEnd)
        } else {
            (Kind::ArrayStart, Expect::ValueOrEnd)
        };
        self.expect = expect;
        Ok(self.take(kind, self.at + 1, 0))
    }

    fn key(&mut self) -> Result<Piece, Broken> {
        let (end, marks) = string_end(self.bytes, self.at)?;
        let piece = self.take(Kind::Key, end, marks);
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b':') {
            return Err(Broken);
        }
        self.at += 1;
        self.expect = Expect::Value;
        Ok(piece)
    }

    fn value(&mut self, byte: u8) -> Result<Piece, Broken> {
        let piece = match byte {
            b'{' => return self.open(true),
            b'[' => return self.open(false),
            b'"' => {
                let (end, marks) = string_end(self.bytes, self.at)?;
                self.take(Kind::String, end, marks)
            }
            b't' => self.word(b"true", Kind::Bool)?,
            b'f' => self.word(b"false", Kind::Bool)?,
            b'n' => self.word(b"null", Kind::Null)?,
            _ => {
                let end = number_end(self.bytes, self.at)?;
                self.take(Kind::Number, end, 0)
            }
        };
        self.value_done();
        Ok(piece)
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<Piece, Broken> {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) != Some(word) {
            return Err(Broken);
        }
        Ok(self.take(kind, end, 0))
    }

    fn value_done(&mut self) {
        self.expect = match self.open.last() {
            Some(_) => Expect::CommaOrEnd,
            None => Expect::Nothing,
        };
    }

    fn take(&mut self, kind: Kind, end: usize, marks: u8) -> Piece {
        let start = self.at;
        self.at = end;
        Piece {
            kind,
            start,
            end,
            marks,
        }
    }
}

/// The end of the string whose opening quote is at `start`, and what was seen in it.
fn string_end(bytes: &[u8], start: usize) -> Result<(usize, u8), Broken> {
    let mut at = start + 1;
    let mut seen = 0;
    loop {
        while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<CHUNK>) {
            let marks = chunk.iter().fold(0, |marks, byte| marks | mark(*byte));
            if marks & marks::STOP != 0 {
                break;
            }
            seen |= marks;
            at += CHUNK;
        }
        let byte = loop {
            let byte = *bytes.get(at).ok_or(Broken)?;
            let mark = mark(byte);
            if mark == marks::STOP {
                break byte;
            }
            seen |= mark;
            at += 1;
        };
        if byte == b'"' {
            return Ok((at + 1, seen));
        }
        seen |= marks::ESCAPE;
        match bytes.get(at + 1) {
            Some(b'u') => {
                let hex = bytes.get(at + 2..at + 6).ok_or(Broken)?;
                if !hex.iter().all(u8::is_ascii_hexdigit) {
                    return Err(Broken);
                }
                if hex.starts_with(b"00") {
                    seen |= marks::ALL;
                }
                at += 6;
            }
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => at += 2,
            _ => return Err(Broken),
        }
    }
}

fn number_end(bytes: &[u8], start: usize) -> Result<usize, Broken> {
    let digits = |from: usize| {
        let mut at = from;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        if at == from { Err(Broken) } else { Ok(at) }
    };
    let mut at = start + usize::from(bytes.get(start) == Some(&b'-'));
    at = match bytes.get(at) {
        Some(b'0') => at + 1,
        _ => digits(at)?,
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = matches!(bytes.get(at + 1), Some(b'+' | b'-'));
        at = digits(at + 1 + usize::from(sign))?;
    }
    Ok(at)
}
