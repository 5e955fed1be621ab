//! Second chance for a body that is almost JSON: bytes that are no UTF-8, halves of surrogate
//! pairs, bare control characters, `NaN`, numbers beyond all floats. Never used on a good body.

use std::iter::Peekable;
use std::str::Chars;

/// The same text with each of those faults replaced by something JSON allows.
pub(crate) fn repaired(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(char) = chars.next() {
        match char {
            '"' => {
                out.push('"');
                string(&mut chars, &mut out);
            }
            '-' | '0'..='9' | 'N' | 'I' => number(char, &mut chars, &mut out),
            _ => out.push(char),
        }
    }
    out
}

fn number(start: char, chars: &mut Peekable<Chars<'_>>, out: &mut String) {
    let mut token = String::from(start);
    while let Some(next) = chars.next_if(|c| c.is_ascii_alphanumeric() || "+-.".contains(*c)) {
        token.push(next);
    }
    let endless = |number: f64| !number.is_finite();
    if token.parse().is_ok_and(endless) {
        out.push_str("null");
    } else {
        out.push_str(&token);
    }
}

fn string(chars: &mut Peekable<Chars<'_>>, out: &mut String) {
    while let Some(char) = chars.next() {
        match char {
            '"' => {
                out.push('"');
                return;
            }
            '\\' => escape(chars, out),
            '\n' => out.push_str("\\n"),
            '\0'..='\u{1f}' => out.push(' '),
            _ => out.push(char),
        }
    }
}

fn escape(chars: &mut Peekable<Chars<'_>>, out: &mut String) {
    if chars.next_if_eq(&'u').is_none() {
        out.push('\\');
        out.extend(chars.next());
        return;
    }
    let (unit, digits) = code_unit(chars);
    match unit {
        Some(0xd800..=0xdbff) => {
            let mut ahead = chars.clone();
            let escaped = ahead.next() == Some('\\') && ahead.next() == Some('u');
            let (low, low_digits) = code_unit(&mut ahead);
            if escaped && matches!(low, Some(0xdc00..=0xdfff)) {
                out.extend(["\\u", &digits, "\\u", &low_digits]);
                *chars = ahead;
            } else {
                out.push('\u{fffd}');
            }
        }
        Some(0xdc00..=0xdfff) => out.push('\u{fffd}'),
        Some(_) | None => out.extend(["\\u", &digits]),
    }
}

fn code_unit(chars: &mut Peekable<Chars<'_>>) -> (Option<u32>, String) {
    let mut digits = String::with_capacity(4);
    while digits.len() < 4 {
        match chars.next_if(char::is_ascii_hexdigit) {
            Some(digit) => digits.push(digit),
            None => return (None, digits),
        }
    }
    (u32::from_str_radix(&digits, 16).ok(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_become_json() {
        for (broken, whole) in [
            (&br#"{"a":"\ud83d"}"#[..], "{\"a\":\"\u{fffd}\"}"),
            (br#"{"a":"\ud83dx\udca5"}"#, "{\"a\":\"\u{fffd}x\u{fffd}\"}"),
            (
                br#"{"a":"\ud83d\udca5\"\\"}"#,
                r#"{"a":"\ud83d\udca5\"\\"}"#,
            ),
            (b"{\"a\":\"x\ny\x01\"}", r#"{"a":"x\ny "}"#),
            (b"\xef\xbb\xbf{\"a\":\"\xff\"}", "{\"a\":\"\u{fffd}\"}"),
            (
                b"[NaN,-Infinity,1e999,-1.5e3,true,null]",
                "[null,null,null,-1.5e3,true,null]",
            ),
            (br#"{"NaN":"1e999"}"#, r#"{"NaN":"1e999"}"#),
            (br#""\ud83d\u12"#, "\"\u{fffd}\\u12"),
        ] {
            assert_eq!(repaired(broken), whole);
        }
    }
}
