//! When: weekly windows and time intervals in a time zone. An instant is turned into local time, never
//! the other way round, so clocks that are put forward or back change nothing about what holds.
//! Starts are inclusive, ends exclusive.

use crate::limits;
use crate::time::{DAY_MS, Time};
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use thiserror::Error;

/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;

/// Times that come again, in one time zone. It holds when one of its spans does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Schedule {
    zone: Zone,
    spans: Vec<Span>,
}

/// A schedule as it is written, before it is checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// IANA name: `Europe/Paris`.
    pub zone: String,
    /// At least one.
    pub spans: Vec<Span>,
}

/// A time zone of the built-in database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// Conditions on the local date and time; an empty list is no condition. All must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Span {
    /// Times of day. From later than to: over midnight, counted to the day it starts on.
    pub times: Vec<Minutes>,
    /// Days of the week.
    pub weekdays: Vec<Day>,
    /// Days of the month, first and last, 1 to 31; -1 is the last day.
    pub days_of_month: Vec<(i8, i8)>,
    /// Months, first and last, 1 to 12.
    pub months: Vec<(i8, i8)>,
    /// Years, first and last.
    pub years: Vec<(i16, i16)>,
}

/// A part of a day in minutes since midnight by the clock on the wall; 1,440 is its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minutes {
    /// First minute, inclusive.
    pub from: u16,
    /// Last minute, exclusive.
    pub to: u16,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Why a schedule is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScheduleError {
    /// No such zone.
    #[error("there is no time zone \"{0}\"; use a name like Europe/Paris")]
    Zone(String),
    /// Nothing in it, or too much.
    #[error("a schedule has between 1 and {} windows", limits::SCHEDULE_SPANS)]
    Spans,
    /// A range that holds never, or is not one.
    #[error("{0}")]
    Range(String),
}

impl Day {
    /// All, Monday first.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The word, as conditions use it.
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

    fn of(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

impl Zone {
    /// Universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Looks a zone up by its IANA name in the built-in database.
    pub fn parse(name: &str) -> Result<Self, ScheduleError> {
        if name == "UTC" {
            return Ok(Self(TimeZone::UTC));
        }
        TimeZoneDatabase::bundled()
            .get(name)
            .map(Self)
            .map_err(|_| ScheduleError::Zone(limits::cut_chars(name, limits::WORD_CHARS)))
    }

    /// The local day and hour of an instant, as conditions see them.
    pub fn day_and_hour(&self, at: Time) -> (Day, i64) {
        let local = self.local(at);
        (Day::of(local.weekday()), i64::from(local.hour()))
    }

    fn name(&self) -> String {
        self.0.iana_name().unwrap_or("UTC").to_owned()
    }

    fn local(&self, at: Time) -> DateTime {
        self.0.to_datetime(timestamp(at))
    }
}

impl TryFrom<Draft> for Schedule {
    type Error = ScheduleError;

    fn try_from(draft: Draft) -> Result<Self, ScheduleError> {
        let zone = Zone::parse(&draft.zone)?;
        if draft.spans.is_empty() || draft.spans.len() > limits::SCHEDULE_SPANS {
            return Err(ScheduleError::Spans);
        }
        draft.spans.iter().try_for_each(Span::check)?;
        Ok(Self {
            zone,
            spans: draft.spans,
        })
    }
}

impl From<Schedule> for Draft {
    fn from(schedule: Schedule) -> Self {
        Self {
            zone: schedule.zone.name(),
            spans: schedule.spans,
        }
    }
}

impl Schedule {
    /// Does it hold at this instant?
    pub fn holds(&self, at: Time) -> bool {
        let local = self.zone.local(at);
        self.spans.iter().any(|span| span.holds(local))
    }

    /// The next instant at which it begins or ends to hold; none within four years.
    pub fn changes_after(&self, at: Time) -> Option<Time> {
        let now = self.holds(at);
        let mut date = self.zone.local(at).date();
        for _ in 0..limits::SCHEDULE_DAYS {
            let found = self
                .edges(date)
                .into_iter()
                .find(|edge| *edge > at && self.holds(*edge) != now);
            if found.is_some() {
                return found;
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// When what holds now is over; a schedule that holds always is looked at again in a day.
    pub fn ends_after(&self, at: Time) -> Time {
        self.changes_after(at).unwrap_or_else(|| at.plus_ms(DAY_MS))
    }

    /// The instants of a local day at which something may change, in order: the edges of its times
    /// (both, where the clock shows them twice) and the moments at which the clock is put.
    fn edges(&self, date: Date) -> BTreeSet<Time> {
        let mut minutes = BTreeSet::from([0]);
        for times in self.spans.iter().flat_map(|span| &span.times) {
            minutes.extend([times.from, times.to]);
        }
        let mut edges = BTreeSet::new();
        for minute in minutes {
            let offset = i64::from(minute).minutes();
            let Ok(local) = date.at(0, 0, 0, 0).checked_add(offset) else {
                continue;
            };
            let ambiguous = self.zone.0.to_ambiguous_timestamp(local);
            let both = [ambiguous.earlier(), ambiguous.later()];
            edges.extend(both.into_iter().flatten().map(instant));
        }
        if let Some(first) = edges.first().copied() {
            let put = self.zone.0.following(timestamp(first.plus_ms(-DAY_MS)));
            let of_day = put
                .map(|transition| instant(transition.timestamp()))
                .take_while(|at| at.since_ms(first) < 2 * DAY_MS)
                // What the clock does on other days comes with those, in order.
                .filter(|at| self.zone.local(*at).date() == date);
            edges.extend(of_day.take(limits::SCHEDULE_SPANS));
        }
        edges
    }
}

impl Span {
    /// A weekly window.
    pub fn weekly(weekdays: &[Day], from: u16, to: u16) -> Self {
        Self {
            times: vec![Minutes { from, to }],
            weekdays: weekdays.to_vec(),
            ..Self::default()
        }
    }

    fn holds(&self, local: DateTime) -> bool {
        let date = local.date();
        if self.times.is_empty() {
            return self.is_day(date);
        }
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        self.times.iter().any(|times| {
            let (from, to) = (i32::from(times.from), i32::from(times.to));
            if from < to {
                return (from..to).contains(&minute) && self.is_day(date);
            }
            let from_yesterday =
                minute < to && date.yesterday().is_ok_and(|date| self.is_day(date));
            from_yesterday || (minute >= from && self.is_day(date))
        })
    }

    fn is_day(&self, date: Date) -> bool {
        let last = date.days_in_month();
        let in_month = |(first, end): &(i8, i8)| {
            let begin = from_end(*first, last).max(1);
            (begin..=from_end(*end, last).min(last)).contains(&date.day())
        };
        (self.weekdays.is_empty() || self.weekdays.contains(&Day::of(date.weekday())))
            && (self.days_of_month.is_empty() || self.days_of_month.iter().any(in_month))
            && (self.months.is_empty()
                || (self.months.iter()).any(|(from, to)| (*from..=*to).contains(&date.month())))
            && (self.years.is_empty()
                || (self.years.iter()).any(|(from, to)| (*from..=*to).contains(&date.year())))
    }

    fn check(&self) -> Result<(), ScheduleError> {
        let refuse = |sentence: String| Err(ScheduleError::Range(sentence));
        let lengths = [
            self.times.len(),
            self.weekdays.len(),
            self.days_of_month.len(),
            self.months.len(),
            self.years.len(),
        ];
        if lengths
            .into_iter()
            .any(|length| length > limits::SCHEDULE_SPANS)
        {
            return Err(ScheduleError::Spans);
        }
        for Minutes { from, to } in &self.times {
            if *from >= DAY_MINUTES || *to > DAY_MINUTES || from == to {
                return refuse(format!(
                    "minutes {from} to {to} are no time of a day; they count from 0 to 1440"
                ));
            }
        }
        for (first, last) in &self.days_of_month {
            let is_day = |day: i8| (1..=31).contains(&day) || (-31..=-1).contains(&day);
            let is_backwards = first.signum() == last.signum() && first > last;
            if !is_day(*first) || !is_day(*last) || is_backwards {
                return refuse(format!("{first} to {last} are no days of a month"));
            }
        }
        for (first, last) in &self.months {
            if !(1..=12).contains(first) || !(1..=12).contains(last) || first > last {
                return refuse(format!("{first} to {last} are no months"));
            }
        }
        match self.years.iter().find(|(first, last)| first > last) {
            Some((first, last)) => refuse(format!("{first} to {last} are no years")),
            None => Ok(()),
        }
    }
}

/// A day of the month; negative ones count from its end.
fn from_end(day: i8, last: i8) -> i8 {
    if day < 0 { last + 1 + day } else { day }
}

/// An instant for people, in UTC: `2026-11-21 14:05 UTC`.
pub fn clock(at: Time) -> String {
    timestamp(at).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn timestamp(at: Time) -> Timestamp {
    Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn instant(at: Timestamp) -> Time {
    Time(at.as_millisecond())
}
