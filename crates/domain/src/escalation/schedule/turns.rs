//! Whose turn it is in one layer. Hand-overs are counted on the wall clock, so they stay at the same
//! time of day when the clocks change.

use super::{Layer, Zone};
use crate::escalation::calendar::{Span, open_spans};
use crate::time::Time;
use jiff::civil::DateTime;

/// Somebody's turn: its number from 0, and its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) number: i64,
    pub(super) person_id: i64,
    pub(super) span: Span,
}

impl Layer {
    /// The turn that covers the instant, whether or not a window is open; none before the start.
    pub(super) fn turn_at(&self, zone: &Zone, at: Time) -> Option<Turn> {
        let first = self.hand_over.on(self.starts_on);
        let elapsed = zone.wall(at).duration_since(first).as_secs();
        let mut number = elapsed.div_euclid(self.turn_hours() * 3_600);
        while self.begins(zone, first, number) > at {
            number -= 1;
        }
        while self.begins(zone, first, number + 1) <= at {
            number += 1;
        }
        self.turn(zone, number)
    }

    /// The turn with this number.
    pub(super) fn turn(&self, zone: &Zone, number: i64) -> Option<Turn> {
        let first = self.hand_over.on(self.starts_on);
        let count = i64::try_from(self.participants.len()).ok()?;
        if number < 0 || count == 0 {
            return None;
        }
        let place = usize::try_from(number % count).ok()?;
        Some(Turn {
            number,
            person_id: *self.participants.get(place)?,
            span: Span {
                from: self.begins(zone, first, number),
                until: self.begins(zone, first, number + 1),
            },
        })
    }

    /// When the turn with this number begins.
    fn begins(&self, zone: &Zone, first: DateTime, number: i64) -> Time {
        let hours = self.turn_hours().saturating_mul(number);
        zone.instant(first.saturating_add(jiff::SignedDuration::from_hours(hours)))
    }

    /// Is the layer on at this instant?
    pub(super) fn is_on(&self, zone: &Zone, at: Time) -> bool {
        let moment = Span {
            from: at,
            until: at.plus_ms(1),
        };
        !self.open(zone, moment).is_empty()
    }

    /// The spans in which the layer is on, cut to `within`.
    pub(super) fn open(&self, zone: &Zone, within: Span) -> Vec<Span> {
        if self.windows.is_empty() {
            return vec![within];
        }
        let spans = open_spans(&self.windows, zone, within);
        spans
            .into_iter()
            .filter_map(|span| span.meet(within))
            .collect()
    }
}
