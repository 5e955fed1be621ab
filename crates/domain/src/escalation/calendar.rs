//! Wall clocks: time zones, times of day, dates, and the windows of a week.

use crate::time::Time;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};

/// An IANA time zone that exists, such as `Europe/Paris`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// The zone of this name; `None` when the time zone database does not know it.
    pub fn parse(name: &str) -> Option<Self> {
        let rules = TimeZone::get(name.trim()).ok()?;
        let name = rules.iana_name()?.to_owned();
        Some(Self { name, rules })
    }

    /// Universal time.
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            rules: TimeZone::UTC,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a wall clock shows at this instant.
    pub fn wall(&self, at: Time) -> DateTime {
        let at = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
        self.rules.to_datetime(at)
    }

    /// The instant at which a wall clock first shows this or later. A time that a change of the
    /// clocks leaves out is the instant of the change; one that comes twice is the first. So a
    /// later wall time is never an earlier instant.
    pub fn instant(&self, wall: DateTime) -> Time {
        let at = match self.rules.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(wall).ok(),
            AmbiguousOffset::Gap { before, .. } => before
                .to_timestamp(wall)
                .ok()
                .and_then(|after_change| self.last_change(after_change)),
        };
        Time(at.map_or(i64::MAX, Timestamp::as_millisecond))
    }

    /// The change of the clocks at or before this instant.
    fn last_change(&self, at: Timestamp) -> Option<Timestamp> {
        let just_after = at.checked_add(jiff::Span::new().nanoseconds(1)).ok()?;
        let change = self.rules.preceding(just_after).next()?;
        Some(change.timestamp())
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::parse(&name).ok_or_else(|| format!("{name} is not a time zone"))
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

/// A time of day, in minutes after midnight; written `09:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockTime(u16);

impl ClockTime {
    /// Midnight.
    pub const MIDNIGHT: Self = Self(0);

    /// Reads `09:00`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.trim().split_once(':')?;
        let is_short = |part: &str| {
            (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !is_short(hour) || minute.len() != 2 || !is_short(minute) {
            return None;
        }
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(Self(hour * 60 + minute))
    }

    /// As `09:00`.
    pub fn show(self) -> String {
        format!("{:02}:{:02}", self.0 / 60, self.0 % 60)
    }

    /// This time on that date.
    pub fn on(self, date: Date) -> DateTime {
        let hour = i8::try_from(self.0 / 60).unwrap_or(0);
        let minute = i8::try_from(self.0 % 60).unwrap_or(0);
        date.0.at(hour, minute, 0, 0)
    }
}

impl TryFrom<String> for ClockTime {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text} is not a time such as 09:00"))
    }
}

impl From<ClockTime> for String {
    fn from(time: ClockTime) -> Self {
        time.show()
    }
}

/// A day of the calendar, written `2026-11-23`; the years 1970 to 9998.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(jiff::civil::Date);

impl Date {
    /// Reads `2026-11-23`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let date: jiff::civil::Date = text.trim().parse().ok()?;
        (text.trim().len() == 10 && (1970..9999).contains(&date.year())).then_some(Self(date))
    }

    /// As `2026-11-23`.
    pub fn show(self) -> String {
        self.0.to_string()
    }

    /// The date that a wall clock shows at this instant.
    pub fn of(zone: &Zone, at: Time) -> Self {
        Self(zone.wall(at).date())
    }

    /// So many days later, negative: earlier; saturating at the ends of the calendar.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// Its day of the week.
    pub fn day(self) -> Day {
        match self.0.weekday() {
            jiff::civil::Weekday::Monday => Day::Monday,
            jiff::civil::Weekday::Tuesday => Day::Tuesday,
            jiff::civil::Weekday::Wednesday => Day::Wednesday,
            jiff::civil::Weekday::Thursday => Day::Thursday,
            jiff::civil::Weekday::Friday => Day::Friday,
            jiff::civil::Weekday::Saturday => Day::Saturday,
            jiff::civil::Weekday::Sunday => Day::Sunday,
        }
    }
}

impl TryFrom<String> for Date {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text} is not a date such as 2026-11-23"))
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.show()
    }
}

/// A day of the week; written `monday`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Day {
    /// All, from Monday.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The word as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.as_str() == word)
    }
}

/// A span of instants: `from` belongs to it, `until` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first instant.
    pub from: Time,
    /// The first instant after it.
    pub until: Time,
}

impl Span {
    /// Does the instant lie in it?
    pub fn covers(self, at: Time) -> bool {
        self.from <= at && at < self.until
    }

    /// What both have in common; `None` if nothing.
    pub fn meet(self, other: Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let until = self.until.min(other.until);
        (from < until).then_some(Self { from, until })
    }
}

/// A part of some days of the week. `until` at or before `from` means on the next day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The days on which it begins.
    pub days: Vec<Day>,
    /// When it begins.
    pub from: ClockTime,
    /// When it ends.
    pub until: ClockTime,
}

impl Window {
    /// Its span if it begins on that date.
    fn on(&self, zone: &Zone, date: Date) -> Option<Span> {
        if !self.days.contains(&date.day()) {
            return None;
        }
        let last = if self.until <= self.from {
            date.plus_days(1)
        } else {
            date
        };
        let from = zone.instant(self.from.on(date));
        let until = zone.instant(self.until.on(last));
        (from < until).then_some(Span { from, until })
    }
}

/// The spans of these windows that touch `within`, in order, joined where they meet. Work grows
/// with the number of days in `within`: the caller bounds it.
pub(super) fn open_spans(windows: &[Window], zone: &Zone, within: Span) -> Vec<Span> {
    let mut date = Date::of(zone, within.from).plus_days(-1);
    let last = Date::of(zone, within.until);
    let mut spans: Vec<Span> = Vec::new();
    loop {
        let of_date = windows.iter().filter_map(|window| window.on(zone, date));
        spans.extend(of_date.filter(|span| span.meet(within).is_some()));
        let next = date.plus_days(1);
        if next > last || next == date {
            break;
        }
        date = next;
    }
    spans.sort_by_key(|span| span.from);
    join(spans)
}

fn join(spans: Vec<Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
