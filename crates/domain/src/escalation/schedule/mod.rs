//! On-call schedules: layers of people who take turns, and overrides. `turns` says whose turn it
//! is in one layer, `shifts` lays the layers over each other.

mod check;
mod shifts;
#[cfg(test)]
mod tests;
mod turns;

pub(super) use check::check_windows;
pub use shifts::{Shift, ShiftSource, on_call, shifts};

use super::calendar::{ClockTime, Date, Span, Window, Zone};
use crate::time::{DAY_MS, HOUR_MS, Time};
use serde::{Deserialize, Serialize};

/// Who is on call, when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The zone of its wall clock: a hand-over at 09:00 stays at 09:00 when the clocks change.
    pub zone: Zone,
    /// Later layers win over earlier ones.
    pub layers: Vec<Layer>,
    /// Overrides win over all layers, later ones over earlier ones.
    pub overrides: Vec<Override>,
}

/// People who take turns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// Users, in the order of their turns.
    pub participants: Vec<i64>,
    /// What a turn is counted in.
    pub unit: TurnUnit,
    /// Units of one turn.
    pub every: u16,
    /// The date of the first turn; its day of the week is that of weekly hand-overs.
    pub starts_on: Date,
    /// The time of day of the first hand-over.
    pub hand_over: ClockTime,
    /// When the layer is on; empty means always.
    #[serde(default)]
    pub windows: Vec<Window>,
}

/// What a turn is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TurnUnit {
    /// Hours on the wall clock.
    Hours,
    /// Days.
    Days,
    /// Weeks.
    Weeks,
}

impl TurnUnit {
    /// All.
    pub const ALL: [Self; 3] = [Self::Hours, Self::Days, Self::Weeks];

    /// The word as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Weeks => "weeks",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == word)
    }

    fn hours(self) -> i64 {
        match self {
            Self::Hours => 1,
            Self::Days => 24,
            Self::Weeks => 168,
        }
    }
}

impl Layer {
    /// Hours on the wall clock of one turn, at least one.
    fn turn_hours(&self) -> i64 {
        (self.unit.hours() * i64::from(self.every)).max(1)
    }

    /// The longest that one turn can last, clock changes included.
    fn longest_turn_ms(&self) -> i64 {
        self.turn_hours() * HOUR_MS + DAY_MS
    }
}

/// Somebody else for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Our id.
    pub id: i64,
    /// Who is on call instead.
    pub person_id: i64,
    /// For how long.
    pub span: Span,
}

impl Schedule {
    /// The earliest instant at which what runs at `at`, a turn or an override, may have begun.
    pub fn running_since(&self, at: Time) -> Time {
        let turns = self.layers.iter().map(Layer::longest_turn_ms);
        let by_turn = at.plus_ms(-turns.max().unwrap_or(DAY_MS));
        let running = self.overrides.iter().filter(|one| one.span.covers(at));
        let by_override = running.map(|one| one.span.from).min();
        by_override.map_or(by_turn, |from| from.min(by_turn))
    }

    /// Who is on call at this instant and until when without a break, looked for up to `limit`.
    pub fn on_call_until(&self, at: Time, limit: Time) -> Option<(i64, Time)> {
        let person_id = on_call(self, at)?;
        let mut until = at;
        for shift in shifts(self, at, limit) {
            if shift.person_id != person_id || shift.span.from > until {
                break;
            }
            until = shift.span.until;
        }
        Some((person_id, until))
    }
}
