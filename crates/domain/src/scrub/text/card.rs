//! Numbers of payment cards in text.

use super::secret::run;
use super::{Hit, before, begins, is_word};

/// Groups in which card numbers are written.
const CARD_GROUPS: [&[usize]; 4] = [&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4]];

pub(super) fn cards(text: &[u8], hits: &mut Vec<Hit>) {
    if text.iter().filter(|byte| byte.is_ascii_digit()).count() < 13 {
        return;
    }
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if !byte.is_ascii_digit() {
            at += 1;
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let digits = run(rest, |byte| byte.is_ascii_digit());
        let found = card_begins(text, at, byte)
            .then(|| card(rest, digits))
            .flatten();
        if let Some(length) = found {
            hits.push(Hit {
                start: at,
                end: at + length,
                label: "[card]",
            });
        }
        at += found.unwrap_or(digits);
    }
}

/// Card numbers begin with 2 to 6, and not inside an id, a path or a number.
fn card_begins(text: &[u8], at: usize, first: u8) -> bool {
    if !(b'2'..=b'6').contains(&first) || !begins(text, at) {
        return false;
    }
    match before(text, at) {
        Some(b'.' | b'-' | b'/') => false,
        Some(b'=') => {
            let head = text.get(..at - 1).unwrap_or_default();
            !head.ends_with(b"id") && !head.ends_with(b"Id") && !head.ends_with(b"project")
        }
        _ => true,
    }
}

fn card(text: &[u8], digits: usize) -> Option<usize> {
    if (13..=19).contains(&digits) {
        return checked(text, digits);
    }
    let separator = *text.get(4).filter(|byte| matches!(byte, b' ' | b'-'))?;
    CARD_GROUPS.iter().find_map(|groups| {
        let mut at = 0;
        for (index, group) in groups.iter().enumerate() {
            if index > 0 {
                if text.get(at) != Some(&separator) {
                    return None;
                }
                at += 1;
            }
            if run(text.get(at..)?, |byte| byte.is_ascii_digit()) != *group {
                return None;
            }
            at += group;
        }
        checked(text, at)
    })
}

/// Ends here, and the check digit is right (Luhn).
fn checked(text: &[u8], length: usize) -> Option<usize> {
    let goes_on = match (text.get(length), text.get(length + 1)) {
        (Some(b'.'), Some(next)) => next.is_ascii_digit(),
        (Some(byte), _) => is_word(*byte) || *byte == b'-',
        (None, _) => false,
    };
    let digits = text
        .get(..length)?
        .iter()
        .filter(|byte| byte.is_ascii_digit());
    let sum: u32 = digits
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            match index % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    (!goes_on && sum.is_multiple_of(10)).then_some(length)
}
