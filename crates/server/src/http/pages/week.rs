//! The week of a schedule, day by day.

use super::views::{DayRow, PieceRow};
use epicenter_domain::escalation::calendar::{ClockTime, Date, Day, Span, Zone};
use epicenter_domain::escalation::schedule::{Layer, Schedule, Shift, ShiftSource, shifts};
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::users::UserRecord;

/// The name of a person, or "Somebody" when the account was deleted.
pub(super) fn name_of(people: &[UserRecord], id: i64) -> String {
    let found = people.iter().find(|user| user.id == id);
    found.map_or_else(|| "Somebody".to_owned(), |user| user.name.clone())
}

/// The Monday of the week that this date is in.
pub(super) fn monday(date: Date) -> Date {
    let place = Day::ALL.iter().position(|day| *day == date.day());
    let back = place.and_then(|place| i32::try_from(place).ok());
    date.plus_days(-back.unwrap_or(0))
}

/// The days of a week with who is on call.
pub(super) fn week(
    (schedule, layers): (&Schedule, &[Layer]),
    first: Date,
    people: &[UserRecord],
    now: Time,
) -> Vec<DayRow> {
    let midnight = |date: Date| schedule.zone.instant(ClockTime::MIDNIGHT.on(date));
    let all = shifts(schedule, midnight(first), midnight(first.plus_days(7)));
    let mut days = Vec::new();
    for number in 0..7 {
        let date = first.plus_days(number);
        let day = Span {
            from: midnight(date),
            until: midnight(date.plus_days(1)),
        };
        let of_day = all.iter().filter_map(|shift| {
            let span = shift.span.meet(day)?;
            Some(Shift { span, ..*shift })
        });
        let of_day: Vec<Shift> = of_day.collect();
        let noon = schedule.zone.wall(day.from.plus_ms(DAY_MS / 2));
        days.push(DayRow {
            label: noon.strftime("%a %-d %b").to_string(),
            is_today: day.covers(now),
            pieces: pieces(day, &of_day)
                .into_iter()
                .map(|(span, shift)| PieceRow {
                    when: hours(&schedule.zone, day, span),
                    person: shift.map(|shift| name_of(people, shift.person_id)),
                    why: shift.map(|shift| why(layers, shift)).unwrap_or_default(),
                    is_now: span.covers(now),
                })
                .collect(),
        });
    }
    days
}

/// The parts of a day: shifts, and gaps between them.
fn pieces(day: Span, shifts: &[Shift]) -> Vec<(Span, Option<&Shift>)> {
    let mut pieces: Vec<(Span, Option<&Shift>)> = Vec::new();
    let mut from = day.from;
    for shift in shifts {
        if from < shift.span.from {
            let until = shift.span.from;
            pieces.push((Span { from, until }, None));
        }
        pieces.push((shift.span, Some(shift)));
        from = shift.span.until;
    }
    if from < day.until {
        let until = day.until;
        pieces.push((Span { from, until }, None));
    }
    pieces
}

fn hours(zone: &Zone, day: Span, span: Span) -> String {
    if span == day {
        return "All day".to_owned();
    }
    let clock = |at: Time| zone.wall(at).strftime("%H:%M").to_string();
    let until = if span.until == day.until {
        "24:00".to_owned()
    } else {
        clock(span.until)
    };
    format!("{} to {until}", clock(span.from))
}

fn why(layers: &[Layer], shift: &Shift) -> String {
    match shift.source {
        ShiftSource::Layer(place, _) => layers
            .get(place)
            .map(|layer| layer.name.clone())
            .unwrap_or_default(),
        ShiftSource::Override(_) => "override".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicenter_domain::escalation::schedule::{Override, TurnUnit};

    #[test]
    fn a_week_has_seven_days_with_gaps_and_overrides() {
        let at = |text| Time::parse(text).unwrap();
        let layer = Layer {
            name: "Days".to_owned(),
            participants: vec![1],
            unit: TurnUnit::Weeks,
            every: 1,
            starts_on: Date::parse("2026-03-25").unwrap(),
            hand_over: ClockTime::parse("09:00").unwrap(),
            windows: Vec::new(),
        };
        let schedule = Schedule {
            zone: Zone::parse("Europe/Paris").unwrap(),
            layers: vec![layer],
            overrides: vec![Override {
                id: 1,
                person_id: 2,
                span: Span {
                    from: at("2026-03-29T00:30:00Z"),
                    until: at("2026-03-29T10:00:00Z"),
                },
            }],
        };
        let now = at("2026-03-29T09:00:00Z");
        let first = monday(Date::of(&schedule.zone, now));
        assert_eq!(first.show(), "2026-03-23");
        let days = week((&schedule, &schedule.layers), first, &[], now);
        let told = |day: &DayRow| -> Vec<String> {
            let piece = |piece: &PieceRow| {
                let why = if piece.person.is_some() {
                    piece.why.as_str()
                } else {
                    "nobody"
                };
                format!("{}: {why}", piece.when)
            };
            day.pieces.iter().map(piece).collect()
        };
        assert_eq!(days.len(), 7);
        assert_eq!(told(&days[0]), ["All day: nobody"]);
        assert_eq!(
            told(&days[2]),
            ["00:00 to 09:00: nobody", "09:00 to 24:00: Days"]
        );
        assert_eq!(told(&days[4]), ["All day: Days"]);
        // The clocks change in this night.
        let sunday = [
            "00:00 to 01:30: Days",
            "01:30 to 12:00: override",
            "12:00 to 24:00: Days",
        ];
        assert_eq!(told(&days[6]), sunday);
        assert_eq!(
            (days[6].label.as_str(), days[6].is_today),
            ("Sun 29 Mar", true)
        );
        assert!(days[6].pieces[1].is_now && !days[6].pieces[2].is_now);
    }
}
