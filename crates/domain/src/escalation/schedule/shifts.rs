//! The final schedule: all layers and overrides laid over each other.

use super::{Layer, Schedule, Zone};
use crate::escalation::calendar::Span;
use crate::limits::{SHIFT_SPAN_MS, SHIFTS};
use crate::time::Time;

/// Somebody is on call without a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Who.
    pub person_id: i64,
    /// From when until when.
    pub span: Span,
    /// Why this person.
    pub source: ShiftSource,
}

/// Why somebody is on call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShiftSource {
    /// It is their turn: the layer's place, from 0, and the turn's number.
    Layer(usize, i64),
    /// An override, by id.
    Override(i64),
}

/// Who is on call at this instant; none in a gap.
pub fn on_call(schedule: &Schedule, at: Time) -> Option<i64> {
    let by_override = schedule
        .overrides
        .iter()
        .rev()
        .find(|one| one.span.covers(at))
        .map(|one| one.person_id);
    by_override.or_else(|| {
        let on = |layer: &&Layer| layer.is_on(&schedule.zone, at);
        let turn = |layer: &Layer| layer.turn_at(&schedule.zone, at);
        schedule
            .layers
            .iter()
            .rev()
            .filter(on)
            .find_map(turn)
            .map(|turn| turn.person_id)
    })
}

/// The shifts from `from` to `until`, in order, cut at both ends, without overlap. Looks no further
/// than [`SHIFT_SPAN_MS`] and answers at most [`SHIFTS`].
pub fn shifts(schedule: &Schedule, from: Time, until: Time) -> Vec<Shift> {
    let within = Span {
        from,
        until: until.min(from.plus_ms(SHIFT_SPAN_MS)),
    };
    let mut merged: Vec<Shift> = Vec::new();
    for (place, layer) in schedule.layers.iter().enumerate() {
        merged = overlay(merged, &of_layer(layer, place, &schedule.zone, within));
    }
    for one in &schedule.overrides {
        let span = one.span.meet(within);
        let top = span.map(|span| Shift {
            person_id: one.person_id,
            span,
            source: ShiftSource::Override(one.id),
        });
        merged = overlay(merged, top.as_slice());
    }
    merged.truncate(SHIFTS);
    merged
}

fn of_layer(layer: &Layer, place: usize, zone: &Zone, within: Span) -> Vec<Shift> {
    let first = Span {
        from: zone.instant(layer.hand_over.on(layer.starts_on)),
        until: Time(i64::MAX),
    };
    let Some(within) = within.meet(first) else {
        return Vec::new();
    };
    let mut shifts = Vec::new();
    for open in layer.open(zone, within) {
        let mut turn = layer.turn_at(zone, open.from);
        while let Some(current) = turn {
            if current.span.from >= open.until || shifts.len() >= SHIFTS {
                break;
            }
            shifts.extend(current.span.meet(open).map(|span| Shift {
                person_id: current.person_id,
                span,
                source: ShiftSource::Layer(place, current.number),
            }));
            turn = layer.turn(zone, current.number + 1);
        }
    }
    shifts
}

/// Lays `top` over `base`; both are in order and without overlap, and so is the result.
fn overlay(base: Vec<Shift>, top: &[Shift]) -> Vec<Shift> {
    if top.is_empty() {
        return base;
    }
    let mut all = top.to_vec();
    let mut nearest = 0;
    for shift in base {
        let mut rest = Some(shift.span);
        while top
            .get(nearest)
            .is_some_and(|over| over.span.until <= shift.span.from)
        {
            nearest += 1;
        }
        for over in top.iter().skip(nearest) {
            let Some(left) = rest.filter(|left| over.span.from < left.until) else {
                break;
            };
            if left.from < over.span.from {
                let span = Span {
                    from: left.from,
                    until: over.span.from,
                };
                all.push(Shift { span, ..shift });
            }
            let from = over.span.until.max(left.from);
            rest = (from < left.until).then_some(Span { from, ..left });
        }
        all.extend(rest.map(|span| Shift { span, ..shift }));
    }
    all.sort_by_key(|shift| shift.span.from);
    all
}
