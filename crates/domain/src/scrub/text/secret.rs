//! Tokens and passwords in text.

use super::super::SCRUBBED;
use super::super::names::{Secrecy, secrecy};
use super::{Hit, TOKEN_START, WORD, before, is_word, sort};

const SECRET: &str = "[secret]";

/// What stands there when a sender has filtered already.
const FILTERED: [&[u8]; 4] = [b"[Filtered]", b"[filtered]", b"[REDACTED]", SCRUBBED];

/// How far back a name or the user part of a URL is looked for.
const REACH: usize = 128;

/// How a token begins, and how many characters follow at least.
type Prefix = (&'static [u8], usize);

pub(super) const fn prefixes(first: u8) -> &'static [Prefix] {
    match first {
        b's' => &[
            (b"sntrys_", 16),
            (b"sntryu_", 16),
            (b"sntrya_", 16),
            (b"sntryi_", 16),
            (b"sk_live_", 10),
            (b"sk_test_", 10),
            (b"shpat_", 20),
            (b"sk-", 20),
        ],
        b'g' => &[
            (b"ghp_", 20),
            (b"gho_", 20),
            (b"ghu_", 20),
            (b"ghs_", 20),
            (b"ghr_", 20),
            (b"github_pat_", 20),
            (b"glpat-", 16),
        ],
        b'x' => &[
            (b"xoxb-", 10),
            (b"xoxp-", 10),
            (b"xoxa-", 10),
            (b"xoxr-", 10),
            (b"xoxs-", 10),
            (b"xapp-", 10),
        ],
        b'r' => &[(b"rk_live_", 10), (b"rk_test_", 10)],
        b'w' => &[(b"whsec_", 10)],
        b'n' => &[(b"npm_", 30)],
        b'p' => &[(b"pypi-", 20)],
        b'd' => &[(b"dop_v1_", 20)],
        b'h' => &[(b"hf_", 20), (b"hvs.", 20)],
        b'y' => &[(b"ya29.", 20)],
        b'A' => &[(b"AKIA", 16), (b"ASIA", 16), (b"AIza", 30)],
        b'S' => &[(b"SG.", 20)],
        _ => &[],
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=')
}

pub(super) fn tokens(text: &[u8], hits: &mut Vec<Hit>) {
    let mut in_word = false;
    let mut escaped = false;
    let mut taken = 0;
    for (at, &byte) in text.iter().enumerate() {
        let starts = !in_word;
        // Behind an escape such as `\n` (in text that is broken JSON) a word begins.
        let sort = sort(byte);
        in_word = sort & WORD != 0 && !escaped;
        escaped = byte == b'\\';
        let begins = starts && sort & TOKEN_START != 0;
        if !begins || at < taken || !may_begin(byte, text.get(at + 1)) {
            continue;
        }
        if let Some((start, end)) = token(text, at, byte) {
            hits.push(Hit {
                start,
                end,
                label: SECRET,
            });
            taken = end;
        }
    }
}

/// The first two bytes of everything that `token` knows.
fn may_begin(first: u8, second: Option<&u8>) -> bool {
    let Some(second) = second else {
        return false;
    };
    match first {
        b's' => matches!(second, b'n' | b'k' | b'h'),
        b'g' => matches!(second, b'h' | b'i' | b'l'),
        b'x' => matches!(second, b'o' | b'a'),
        b'A' => matches!(second, b'K' | b'S' | b'I'),
        b'h' => matches!(second, b'f' | b'v'),
        b'B' | b'b' => matches!(second, b'e' | b'E' | b'a' | b'A'),
        b'-' => *second == b'-',
        b'e' | b'p' => *second == b'y',
        b'r' => *second == b'k',
        b'w' => *second == b'h',
        b'n' => *second == b'p',
        b'd' => *second == b'o',
        b'y' => *second == b'a',
        b'S' => *second == b'G',
        _ => false,
    }
}

/// The secret part of the token that begins at `at`, if one does.
fn token(text: &[u8], at: usize, first: u8) -> Option<(usize, usize)> {
    match first {
        b'e' if text.get(at..)?.starts_with(b"eyJ") => json_web_token(text, at),
        b'B' | b'b' => authorization(text, at),
        b'-' => private_key(text, at),
        _ => {
            let rest = text.get(at..)?;
            let (prefix, least) = prefixes(first)
                .iter()
                .find(|(prefix, _)| rest.starts_with(prefix))?;
            let body = rest.get(prefix.len()..)?;
            let length = run(body, |byte| is_token(byte) && byte != b'.' && byte != b'~');
            let length = if *prefix == b"SG." || *prefix == b"ya29." {
                run(body, is_token)
            } else {
                length
            };
            (length >= *least).then_some((at, at + prefix.len() + length))
        }
    }
}

/// How many bytes of this sort there are from the start on.
pub(super) fn run(text: &[u8], sort: impl Fn(u8) -> bool) -> usize {
    let end = text.iter().position(|byte| !sort(*byte));
    end.unwrap_or(text.len())
}

fn json_web_token(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    // Only from where a run of these characters begins, so that none is gone over twice.
    if let Some(b'-' | b'.') = before(text, at) {
        return None;
    }
    let rest = text.get(at..)?;
    let length = run(rest, part);
    let dots = rest.get(..length)?.iter().filter(|byte| **byte == b'.');
    (length >= 20 && dots.count() >= 1).then_some((at, at + length))
}

/// `Bearer …` and `Basic …`; but not "bearer token" in a sentence.
fn authorization(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let scheme = [&b"bearer "[..], b"basic "].into_iter().find(|scheme| {
        rest.get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    })?;
    let body = rest.get(scheme.len()..)?;
    let length = run(body, is_token);
    let token = body.get(..length)?;
    let telling = token.iter().any(u8::is_ascii_digit)
        || token.ends_with(b"=")
        || token.iter().skip(1).any(u8::is_ascii_uppercase)
        || length >= 20;
    let start = at + scheme.len();
    (length >= 8 && telling).then_some((start, start + length))
}

fn private_key(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    if !rest.starts_with(b"-----BEGIN ") {
        return None;
    }
    let line = rest.get(..rest.len().min(64))?;
    find(line, b"PRIVATE KEY")?;
    let Some(end) = find(rest, b"-----END ") else {
        return Some((at, text.len()));
    };
    let tail = rest.get(end + 9..)?;
    let close = find(tail, b"-----").map_or(tail.len(), |close| close + 5);
    Some((at, at + end + 9 + close))
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// `https://user:password@host`.
pub(super) fn user_info(text: &[u8], hits: &mut Vec<Hit>) {
    if !text.contains(&b'@') {
        return;
    }
    let signs = text.iter().enumerate().filter(|(_, byte)| **byte == b'@');
    for (at, _) in signs {
        let reach = at.saturating_sub(REACH);
        let head = text.get(reach..at).unwrap_or_default();
        let stops = |byte: &u8| {
            byte.is_ascii_whitespace()
                || matches!(byte, b'/' | b'?' | b'#' | b'@' | b'"' | b'\'' | b'<')
        };
        let Some(slash) = head.iter().rposition(stops) else {
            continue;
        };
        let start = reach + slash + 1;
        let user = text.get(start..at).unwrap_or_default();
        let in_url = head
            .get(..=slash)
            .is_some_and(|head| head.ends_with(b"://"));
        if in_url && !user.is_empty() && user != b"git" && user != SECRET.as_bytes() {
            hits.push(Hit {
                start,
                end: at,
                label: SECRET,
            });
        }
    }
}

/// `token=…`, `password='…'`, `"password": "…"`.
pub(super) fn parameters(text: &[u8], hits: &mut Vec<Hit>) {
    for (at, byte) in text.iter().enumerate() {
        let value = match byte {
            b'=' => assigned(text, at),
            b':' => member(text, at),
            _ => None,
        };
        let Some((start, end)) = value else {
            continue;
        };
        let value = text.get(start..end).unwrap_or_default();
        let done = FILTERED.contains(&value) || value == SECRET.as_bytes();
        if !value.is_empty() && !done {
            hits.push(Hit {
                start,
                end,
                label: SECRET,
            });
        }
    }
}

/// The value behind the `=` at `at`, if the name before it is a secret one.
fn assigned(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let reach = at.saturating_sub(REACH);
    let head = text.get(reach..at)?;
    let in_name = |byte: &u8| is_word(*byte) || matches!(byte, b'-' | b'.' | b'[' | b']' | b'%');
    let start = head.iter().rposition(|byte| !in_name(byte));
    let name = head.get(start.map_or(0, |start| start + 1)..)?;
    if secrecy(name) == Secrecy::Open {
        return None;
    }
    match text.get(at + 1)? {
        quote @ (b'"' | b'\'') => quoted(text, at + 2, *quote),
        b'=' => None,
        b'[' => bracketed(text, at + 1),
        _ => {
            let rest = text.get(at + 1..)?;
            let length = run(rest, |byte| {
                !byte.is_ascii_whitespace()
                    && byte >= b' '
                    && !matches!(
                        byte,
                        b'&' | b';'
                            | b','
                            | b'"'
                            | b'\''
                            | b'<'
                            | b'>'
                            | b'#'
                            | b'\\'
                            | b')'
                            | b'}'
                            | b']'
                            | b'['
                    )
            });
            Some((at + 1, at + 1 + length))
        }
    }
}

/// `[Filtered]` and its like are left alone; a list is not understood.
fn bracketed(text: &[u8], start: usize) -> Option<(usize, usize)> {
    let rest = text.get(start..)?;
    let end = rest.iter().position(|byte| *byte == b']')?;
    Some((start, start + end + 1))
}

/// The quoted value behind `"name":`, if the name is a secret one.
fn member(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let quote = before(text, at).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let reach = at.saturating_sub(REACH);
    let head = text.get(reach..at - 1)?;
    let start = head.iter().rposition(|byte| *byte == quote)?;
    if secrecy(head.get(start + 1..)?) == Secrecy::Open {
        return None;
    }
    let rest = text.get(at + 1..)?;
    let space = run(rest, |byte| byte == b' ');
    match rest.get(space)? {
        quote @ (b'"' | b'\'') => quoted(text, at + 1 + space + 1, *quote),
        _ => None,
    }
}

/// From `start` to the closing quote, or to the end of the text.
fn quoted(text: &[u8], start: usize, quote: u8) -> Option<(usize, usize)> {
    let rest = text.get(start..)?;
    let mut escaped = false;
    let end = rest.iter().position(|byte| {
        let closes = *byte == quote && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    });
    Some((start, start + end.unwrap_or(rest.len())))
}
