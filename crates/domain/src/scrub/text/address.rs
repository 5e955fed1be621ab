//! E-mail and IP addresses in text.

use super::{Hit, before, begins, is_word};
use std::net::Ipv6Addr;

/// Endings of file names that look like a domain behind an `@`: `logo@2x.png`, `vendor@main.js`.
const FILE_ENDINGS: [&[u8]; 18] = [
    b"js", b"jsx", b"mjs", b"cjs", b"ts", b"tsx", b"css", b"scss", b"json", b"map", b"html",
    b"png", b"jpg", b"jpeg", b"svg", b"gif", b"webp", b"vue",
];

/// Longest top-level domain that is looked for.
const TOP_DOMAIN_MAX: usize = 24;

pub(super) fn emails(text: &[u8], hits: &mut Vec<Hit>) {
    let mut from = 0;
    while let Some((at, domain)) = next_at(text, from) {
        from = domain;
        let start = local_start(text, at);
        if start == at || text.get(start..at) == Some(b"git") {
            continue;
        }
        if let Some(end) = domain_end(text, domain) {
            hits.push(Hit {
                start,
                end,
                label: "[email]",
            });
            from = end;
        }
    }
}

/// The next `@` or `%40`, and the place behind it.
fn next_at(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut from = from;
    loop {
        let rest = text.get(from..)?;
        let at = from + rest.iter().position(|byte| matches!(byte, b'@' | b'%'))?;
        if text.get(at) == Some(&b'@') {
            return Some((at, at + 1));
        }
        if is_encoded_at(text, at) {
            return Some((at, at + 3));
        }
        from = at + 1;
    }
}

fn is_encoded_at(text: &[u8], at: usize) -> bool {
    text.get(at..at + 3) == Some(b"%40")
}

/// Where the part before the `@` begins.
fn local_start(text: &[u8], at: usize) -> usize {
    let mut start = at;
    while let Some(byte) = before(text, start) {
        let local = byte.is_ascii_alphanumeric()
            || byte >= 0x80
            || matches!(byte, b'.' | b'_' | b'+' | b'-')
            || (byte == b'%' && !is_encoded_at(text, start - 1));
        if !local {
            break;
        }
        start -= 1;
    }
    // In text that is broken JSON the letters of an escape must not be taken from it.
    if start < at && before(text, start) == Some(b'\\') {
        let hex = text.get(start + 1..start + 5).unwrap_or_default();
        let unicode = text.get(start) == Some(&b'u')
            && hex.len() == 4
            && hex.iter().all(u8::is_ascii_hexdigit);
        start += if unicode { 5 } else { 1 };
    }
    start.min(at)
}

/// The end of the domain that begins at `start`, if it is one.
fn domain_end(text: &[u8], start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let is_domain =
        |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || matches!(byte, b'.' | b'-');
    let length = rest.iter().position(|byte| !is_domain(byte));
    let mut domain = rest.get(..length.unwrap_or(rest.len()))?;
    let mut numbers = domain.split(|byte| *byte == b'.').map(is_number);
    if numbers.next() == Some(true) && numbers.next() == Some(true) {
        return None;
    }
    while let Some(dot) = domain.iter().rposition(|byte| *byte == b'.') {
        let (head, top) = (domain.get(..dot)?, domain.get(dot + 1..)?);
        if let Some(length) = top_domain(top)
            && head.last().is_some_and(|byte| *byte != b'.')
        {
            return Some(start + dot + 1 + length);
        }
        domain = head;
    }
    None
}

fn is_number(label: &[u8]) -> bool {
    !label.is_empty() && label.iter().all(u8::is_ascii_digit)
}

fn top_domain(label: &[u8]) -> Option<usize> {
    if label.starts_with(b"xn--") {
        return Some(label.len());
    }
    let letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0x80;
    let length = label.iter().position(|byte| !letter(byte));
    let length = length.unwrap_or(label.len());
    let lower = label.get(..length)?.to_ascii_lowercase();
    let file = FILE_ENDINGS.iter().any(|ending| *ending == lower);
    ((2..=TOP_DOMAIN_MAX).contains(&length) && !file).then_some(length)
}

pub(super) fn ips(text: &[u8], hits: &mut Vec<Hit>) {
    let mut at = 0;
    let mut colons_from = 0;
    while let Some(&byte) = text.get(at) {
        // Digits and the colon stand before all letters.
        if !(b'0'..=b':').contains(&byte) {
            at += 1;
            continue;
        }
        if byte == b':' && at >= colons_from {
            let (found, end) = v6(text, at, colons_from);
            colons_from = end;
            if let Some((start, end)) = found {
                while hits
                    .last()
                    .is_some_and(|hit| hit.label == "[ip]" && hit.start >= start)
                {
                    hits.pop();
                }
                hits.push(Hit {
                    start,
                    end,
                    label: "[ip]",
                });
                at = end;
                continue;
            }
        }
        let starts = byte.is_ascii_digit() && begins(text, at) && before(text, at) != Some(b'.');
        if let Some(end) = if starts { v4(text, at) } else { None } {
            hits.push(Hit {
                start: at,
                end,
                label: "[ip]",
            });
            at = end;
            continue;
        }
        at += 1;
    }
}

/// The end of the IPv4 address that begins at `start`, if it is one and no version.
fn v4(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    let mut parts = [0_u16; 4];
    for (index, part) in parts.iter_mut().enumerate() {
        if index > 0 {
            if text.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let from = at;
        while let Some(byte @ b'0'..=b'9') = text.get(at) {
            if at - from == 3 {
                return None;
            }
            *part = *part * 10 + u16::from(byte - b'0');
            at += 1;
        }
        if at == from || *part > 255 {
            return None;
        }
    }
    let (next, after) = (text.get(at).copied(), text.get(at + 1).copied());
    let goes_on = match next {
        Some(b'.') => {
            after.is_some_and(|byte| byte.is_ascii_digit())
                || (before(text, start) == Some(b'-')
                    && after.is_some_and(|byte| byte.is_ascii_alphabetic()))
        }
        Some(b'-') => after.is_some_and(|byte| byte.is_ascii_alphabetic()),
        Some(byte) => is_word(byte),
        None => false,
    };
    (!goes_on && !is_version(text, start, parts)).then_some(at)
}

/// `Chrome/120.0.0.0`, `Chrome 120.0.0.0`, `version 1.2.3.4`.
fn is_version(text: &[u8], start: usize, parts: [u16; 4]) -> bool {
    let head = text.get(..start).unwrap_or_default();
    let product = matches!(parts, [major, 0, 0, 0] if major > 0) && names_product(head);
    let tail = head.get(head.len().saturating_sub(8)..);
    product || tail.is_some_and(|tail| tail.eq_ignore_ascii_case(b"version "))
}

/// Does a capitalised word with a slash or a space stand at the end?
fn names_product(head: &[u8]) -> bool {
    let Some((b'/' | b' ', head)) = head.split_last() else {
        return false;
    };
    let begin = head.iter().rposition(|byte| !byte.is_ascii_alphabetic());
    let word = head.get(begin.map_or(0, |begin| begin + 1)..);
    word.and_then(<[u8]>::first)
        .is_some_and(u8::is_ascii_uppercase)
}

/// Looks at the run of hex digits, colons and dots around the colon at `colon`: the address in it,
/// and the end of the run.
fn v6(text: &[u8], colon: usize, from: usize) -> (Option<(usize, usize)>, usize) {
    let part = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let mut start = colon;
    while start > from && before(text, start).is_some_and(part) {
        start -= 1;
    }
    let mut end = colon;
    while text.get(end).is_some_and(|byte| part(*byte)) {
        end += 1;
    }
    let run_end = end;
    if before(text, start).is_some_and(is_word) {
        start = colon + 1;
    }
    let run = text.get(start..end).unwrap_or_default();
    if run.starts_with(b":") && !run.starts_with(b"::") {
        start += 1;
    }
    let goes_on = text.get(end).is_some_and(|byte| is_word(*byte));
    while !goes_on && end > start {
        let run = text.get(start..end).unwrap_or_default();
        if is_v6(run) {
            return (Some((start, end)), run_end);
        }
        // A port, a full stop, a colon that belongs to the sentence.
        let cut = run.iter().rposition(|byte| matches!(byte, b':' | b'.'));
        match cut {
            Some(cut) if run_end - (start + cut) <= 7 => end = start + cut,
            _ => break,
        }
    }
    (None, run_end)
}

fn is_v6(run: &[u8]) -> bool {
    (3..=45).contains(&run.len())
        && run.iter().any(u8::is_ascii_digit)
        && std::str::from_utf8(run).is_ok_and(|run| run.parse::<Ipv6Addr>().is_ok())
}
