//! A schedule as a calendar feed (RFC 5545) that calendar programs subscribe to.

use super::schedule::{Schedule, Shift, ShiftSource, shifts};
use crate::id::IdKind;
use crate::time::{DAY_MS, Time};
use std::collections::BTreeMap;

/// Octets of a line before it is folded; the standard's own number.
const LINE_OCTETS: usize = 75;

/// How far ahead the feed looks: three months of planning, as calendar programs refresh daily.
const AHEAD_MS: i64 = 90 * DAY_MS;

/// What the feed is about.
#[derive(Clone, Debug)]
pub struct Feed<'a> {
    /// The schedule's id.
    pub schedule_id: i64,
    /// Its name.
    pub name: &'a str,
    /// Itself.
    pub schedule: &'a Schedule,
    /// Names of its people, by user id.
    pub people: &'a BTreeMap<i64, String>,
}

/// Writes the running and the coming shifts. The same shift keeps its UID from one reading to the
/// next, so that a calendar changes an entry instead of adding one.
pub fn feed(feed: &Feed<'_>, now: Time) -> String {
    let from = feed.schedule.running_since(now);
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Epicenter//On-call//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        format!("X-WR-CALNAME:{}", escape(feed.name)),
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H".to_owned(),
    ];
    let mut parts: BTreeMap<String, i64> = BTreeMap::new();
    for shift in shifts(feed.schedule, from, now.plus_ms(AHEAD_MS)) {
        let key = key(&shift);
        let part = parts.entry(key.clone()).or_insert(0);
        *part += 1;
        if shift.span.until > now {
            lines.extend(entry(feed, &shift, &format!("{key}-{part}"), now));
        }
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| fold(line)).collect()
}

/// What a shift is named after: its turn or override. A turn that is cut in parts numbers them.
fn key(shift: &Shift) -> String {
    match shift.source {
        ShiftSource::Layer(place, number) => format!("{place}-{number}"),
        ShiftSource::Override(id) => IdKind::Override.show(id),
    }
}

fn entry(feed: &Feed<'_>, shift: &Shift, key: &str, now: Time) -> Vec<String> {
    let unknown = "Somebody".to_owned();
    let person = feed.people.get(&shift.person_id).unwrap_or(&unknown);
    let schedule = IdKind::Schedule.show(feed.schedule_id);
    vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{schedule}-{key}@epicenter"),
        format!("DTSTAMP:{}", stamp(now)),
        format!("DTSTART:{}", stamp(shift.span.from)),
        format!("DTEND:{}", stamp(shift.span.until)),
        format!("SUMMARY:{}", escape(&format!("On call: {person}"))),
        format!("DESCRIPTION:{}", escape(feed.name)),
        "TRANSP:TRANSPARENT".to_owned(),
        "END:VEVENT".to_owned(),
    ]
}

/// `20261123T080000Z`.
fn stamp(at: Time) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Text as the standard wants it: separators with a backslash, no other control characters.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Ends the line, and breaks it between characters where it is too long.
fn fold(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + 8);
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > LINE_OCTETS {
            folded.push_str("\r\n ");
            octets = 1;
        }
        octets += letter.len_utf8();
        folded.push(letter);
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
mod tests;
