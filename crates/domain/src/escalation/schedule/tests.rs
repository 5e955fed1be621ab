use super::*;
use crate::escalation::calendar::Day;
use crate::time::MINUTE_MS;
use proptest::prelude::*;

fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

fn clock(text: &str) -> ClockTime {
    ClockTime::parse(text).unwrap()
}

fn layer(participants: &[i64], unit: TurnUnit, every: u16, hand_over: &str) -> Layer {
    Layer {
        name: "First line".to_owned(),
        participants: participants.to_vec(),
        unit,
        every,
        starts_on: Date::parse("2026-01-05").unwrap(),
        hand_over: clock(hand_over),
        windows: Vec::new(),
    }
}

fn schedule(zone: &str, layers: Vec<Layer>) -> Schedule {
    Schedule {
        zone: Zone::parse(zone).unwrap(),
        layers,
        overrides: Vec::new(),
    }
}

/// What the wall clocks show at the hand-overs of these shifts.
fn hand_overs(schedule: &Schedule, shifts: &[Shift]) -> Vec<String> {
    let wall = |shift: &Shift| schedule.zone.wall(shift.span.from).to_string();
    shifts.iter().skip(1).map(wall).collect()
}

#[test]
fn a_weekly_hand_over_stays_at_nine_when_the_clocks_change() {
    for (zone, from) in [
        ("Europe/Paris", "2026-03-20T00:00:00Z"),
        ("Europe/Paris", "2026-10-16T00:00:00Z"),
        ("America/New_York", "2026-03-01T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-09-28T00:00:00Z"),
    ] {
        let weekly = layer(&[1, 2, 3], TurnUnit::Weeks, 1, "09:00");
        let schedule = schedule(zone, vec![weekly]);
        let found = shifts(&schedule, at(from), at(from).plus_ms(28 * DAY_MS));
        assert_eq!(found.len(), 5, "{zone}");
        for wall in hand_overs(&schedule, &found) {
            assert!(wall.ends_with("T09:00:00"), "{zone}: {wall}");
        }
        for pair in found.windows(2) {
            assert_eq!(pair[0].person_id % 3 + 1, pair[1].person_id, "{zone}");
        }
    }
}

#[test]
fn turns_of_twelve_hours_follow_the_wall_clock() {
    let half_days = layer(&[1, 2], TurnUnit::Hours, 12, "08:00");
    let schedule = schedule("Europe/Paris", vec![half_days]);
    let found = shifts(
        &schedule,
        at("2026-03-28T12:00:00Z"),
        at("2026-03-30T00:00:00Z"),
    );
    let expected = [
        "2026-03-28T20:00:00",
        "2026-03-29T08:00:00",
        "2026-03-29T20:00:00",
    ];
    assert_eq!(hand_overs(&schedule, &found), expected);
    let short = found[1].span;
    assert_eq!(short.until.since_ms(short.from), 11 * HOUR_MS);
}

#[test]
fn the_last_hourly_turn_before_the_gap_swallows_nobody() {
    let hourly = layer(&[1, 2], TurnUnit::Hours, 1, "00:00");
    let schedule = schedule("Europe/Paris", vec![hourly]);
    let from = at("2026-03-29T00:00:00Z");
    let found = shifts(&schedule, from, from.plus_ms(3 * HOUR_MS));
    assert_eq!(found.len(), 3);
    for shift in &found {
        assert_eq!(on_call(&schedule, shift.span.from), Some(shift.person_id));
    }
}

#[test]
fn nobody_is_on_call_before_the_start_nor_outside_the_windows() {
    let mut office = layer(&[1], TurnUnit::Weeks, 1, "09:00");
    office.windows = vec![Window {
        days: vec![Day::Monday, Day::Tuesday],
        from: clock("09:00"),
        until: clock("17:00"),
    }];
    let schedule = schedule("Europe/Paris", vec![office]);
    for (instant, expected) in [
        ("2026-01-05T07:59:59Z", None),
        ("2026-01-05T08:00:00Z", Some(1)),
        ("2026-01-05T15:59:59.999Z", Some(1)),
        ("2026-01-05T16:00:00Z", None),
        ("2026-01-06T08:00:00Z", Some(1)),
        ("2026-01-07T08:00:00Z", None),
    ] {
        assert_eq!(on_call(&schedule, at(instant)), expected, "{instant}");
    }
}

#[test]
fn an_override_wins_and_the_layer_comes_back() {
    let mut schedule = schedule("UTC", vec![layer(&[1, 2], TurnUnit::Weeks, 1, "00:00")]);
    schedule.overrides.push(Override {
        id: 77,
        person_id: 9,
        span: Span {
            from: at("2026-01-07T12:00:00Z"),
            until: at("2026-01-08T12:00:00Z"),
        },
    });
    let found = shifts(
        &schedule,
        at("2026-01-05T00:00:00Z"),
        at("2026-01-12T00:00:00Z"),
    );
    let people: Vec<_> = found.iter().map(|shift| shift.person_id).collect();
    assert_eq!(people, [1, 9, 1]);
    assert_eq!(found[1].source, ShiftSource::Override(77));
    let now = at("2026-01-06T00:00:00Z");
    let until = schedule.on_call_until(now, now.plus_ms(30 * DAY_MS));
    assert_eq!(until, Some((1, at("2026-01-07T12:00:00Z"))));
    assert_eq!(
        schedule.running_since(at("2026-01-08T00:00:00Z")),
        at("2025-12-31T00:00:00Z")
    );
}

#[test]
fn each_fault_of_a_layer_says_where_it_is() {
    let mut wrong = layer(&[], TurnUnit::Weeks, 13, "09:00");
    wrong.windows = vec![Window {
        days: Vec::new(),
        from: clock("09:00"),
        until: clock("10:00"),
    }];
    let good = layer(&[1], TurnUnit::Weeks, 12, "09:00");
    let faults = schedule("UTC", vec![good, wrong]).faults();
    let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
    let expected = [
        "layers[1].participants",
        "layers[1].every",
        "layers[1].windows[0].days",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn far_and_endless_questions_are_answered_in_bounds() {
    let hourly = layer(&[1, 2], TurnUnit::Hours, 1, "00:00");
    let schedule = schedule("UTC", vec![hourly]);
    let from = at("2026-06-01T00:00:00Z");
    assert_eq!(shifts(&schedule, from, Time(i64::MAX)).len(), 4_800);
    assert_eq!(shifts(&schedule, from, from), []);
    for instant in [Time(i64::MIN), Time(i64::MAX)] {
        assert_eq!(shifts(&schedule, instant, instant.plus_ms(DAY_MS)).len(), 0);
    }
}

fn any_window() -> impl Strategy<Value = Window> {
    let days = prop::sample::subsequence(Day::ALL.to_vec(), 1..=7);
    (days, 0_u16..24, 0_u16..24).prop_map(|(days, from, until)| Window {
        days,
        from: clock(&format!("{from}:30")),
        until: clock(&format!("{until}:00")),
    })
}

fn any_layer() -> impl Strategy<Value = Layer> {
    let unit = prop::sample::select(TurnUnit::ALL.to_vec());
    let windows = prop::collection::vec(any_window(), 0..3);
    (unit, 1_u16..20, 1_i64..5, 0_u16..24, windows).prop_map(
        |(unit, every, people, hour, windows)| Layer {
            windows,
            ..layer(
                &(1..=people).collect::<Vec<_>>(),
                unit,
                every,
                &format!("{hour}:15"),
            )
        },
    )
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let zones = vec!["Europe/Paris", "America/New_York", "Australia/Lord_Howe"];
    let first = at("2026-01-01T00:00:00Z");
    let some =
        (10_i64..20, 0_i64..500_000, 1_i64..20_000).prop_map(move |(person_id, minute, length)| {
            Override {
                id: minute,
                person_id,
                span: Span {
                    from: first.plus_ms(minute * MINUTE_MS),
                    until: first.plus_ms((minute + length) * MINUTE_MS),
                },
            }
        });
    (
        prop::sample::select(zones),
        prop::collection::vec(any_layer(), 0..4),
        prop::collection::vec(some, 0..4),
    )
        .prop_map(|(zone, layers, overrides)| Schedule {
            overrides,
            ..schedule(zone, layers)
        })
}

proptest! {
    #[test]
    fn shifts_tile_the_time_and_agree_with_who_is_on_call(
        schedule in any_schedule(),
        minute in 0_i64..500_000,
        days in 1_i64..20,
    ) {
        let from = at("2026-01-01T00:00:00Z").plus_ms(minute * MINUTE_MS);
        let until = from.plus_ms(days * DAY_MS);
        let found = shifts(&schedule, from, until);
        let mut end = from;
        for shift in &found {
            prop_assert!(end <= shift.span.from && shift.span.from < shift.span.until);
            if end < shift.span.from {
                prop_assert_eq!(on_call(&schedule, end), None);
                prop_assert_eq!(on_call(&schedule, shift.span.from.plus_ms(-1)), None);
            }
            end = shift.span.until;
        }
        prop_assert!(end <= until);
        let step = (days * DAY_MS / 97).max(1);
        for probe in (0..97).map(|count| from.plus_ms(count * step)) {
            let by_shift = found.iter().find(|shift| shift.span.covers(probe));
            prop_assert_eq!(on_call(&schedule, probe), by_shift.map(|shift| shift.person_id));
        }
    }

    #[test]
    fn a_longer_look_finds_the_same_shifts(schedule in any_schedule(), minute in 0_i64..500_000) {
        let from = at("2026-01-01T00:00:00Z").plus_ms(minute * MINUTE_MS);
        let until = from.plus_ms(5 * DAY_MS);
        let within = Span { from, until };
        let wide = shifts(&schedule, from.plus_ms(-3 * DAY_MS), until.plus_ms(3 * DAY_MS));
        let cut: Vec<_> = wide
            .into_iter()
            .filter_map(|shift| shift.span.meet(within).map(|span| Shift { span, ..shift }))
            .collect();
        prop_assert_eq!(shifts(&schedule, from, until), cut);
    }
}
