use super::super::window::{Day, Minutes, Zone, clock};
use super::*;
use proptest::prelude::*;

fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

#[test]
fn starts_are_inclusive_and_ends_exclusive() {
    let office = schedule(
        "Europe/Paris",
        vec![Span::weekly(&[Day::Monday, Day::Friday], 9 * 60, 17 * 60)],
    );
    for (text, holds) in [
        ("2026-11-20T07:59:59.999Z", false),
        ("2026-11-20T08:00:00Z", true),
        ("2026-11-20T15:59:59.999Z", true),
        ("2026-11-20T16:00:00Z", false),
        ("2026-11-21T10:00:00Z", false),
        ("2026-11-23T10:00:00Z", true),
        // In summer Paris is two hours ahead.
        ("2026-07-20T07:00:00Z", true),
        ("2026-07-20T15:00:00Z", false),
    ] {
        assert_eq!(office.holds(time(text)), holds, "{text}");
    }
    let next = office.changes_after(time("2026-11-20T16:00:00Z"));
    assert_eq!(next, Some(time("2026-11-23T08:00:00Z")));
}

#[test]
fn windows_over_midnight_belong_to_the_day_they_start_on() {
    let night = schedule("UTC", vec![Span::weekly(&[Day::Friday], 22 * 60, 6 * 60)]);
    for (text, holds) in [
        ("2026-11-20T05:00:00Z", false),
        ("2026-11-20T22:00:00Z", true),
        ("2026-11-21T05:59:59Z", true),
        ("2026-11-21T06:00:00Z", false),
        ("2026-11-21T23:00:00Z", false),
    ] {
        assert_eq!(night.holds(time(text)), holds, "{text}");
    }
    let whole = schedule("UTC", vec![Span::weekly(&[], 0, 1_440)]);
    assert_eq!(whole.changes_after(NOW), None);
}

#[test]
fn days_of_the_month_count_from_the_end() {
    let days = |first, last| Span {
        days_of_month: vec![(first, last)],
        ..Span::default()
    };
    for (first, last, day, holds) in [
        (-1, -1, "2026-02-28", true),
        (-1, -1, "2026-02-27", false),
        (-1, -1, "2028-02-29", true),
        (-3, -1, "2026-11-28", true),
        (-3, -1, "2026-11-27", false),
        (1, -1, "2026-11-15", true),
        // Clamped: February has no 30th, and no 31st day from its end.
        (30, 31, "2026-02-28", false),
        (-31, -28, "2026-02-01", true),
    ] {
        let schedule = schedule("UTC", vec![days(first, last)]);
        assert_eq!(
            schedule.holds(time(&format!("{day}T12:00:00Z"))),
            holds,
            "{first} {day}"
        );
    }
    let leap_day = Span {
        days_of_month: vec![(29, 29)],
        months: vec![(2, 2)],
        ..Span::default()
    };
    let next = schedule("UTC", vec![leap_day]).changes_after(NOW);
    assert_eq!(next, Some(time("2028-02-29T00:00:00Z")));
}

#[test]
fn clocks_that_are_put_change_nothing() {
    // In Paris the clock goes from 02:00 to 03:00 on 2026-03-29, and from 03:00 back to 02:00 on
    // 2026-10-25.
    let night = schedule("Europe/Paris", vec![Span::weekly(&[], 2 * 60 + 30, 4 * 60)]);
    for (from, to) in [
        // 02:30 does not exist: it begins where the clock jumps over it.
        ("2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"),
        ("2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"),
        // 02:30 comes twice: it begins, the clock is put back before it, and it begins again.
        ("2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z"),
        ("2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"),
        ("2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"),
        ("2026-10-25T01:30:00Z", "2026-10-25T03:00:00Z"),
    ] {
        assert_eq!(night.changes_after(time(from)), Some(time(to)), "{from}");
    }
}

#[test]
fn impossible_schedules_are_refused() {
    let times = |from, to| Span {
        times: vec![Minutes { from, to }],
        ..Span::default()
    };
    for (zone, spans, sentence) in [
        (
            "Mars/Olympus",
            vec![Span::default()],
            "there is no time zone \"Mars/Olympus\"",
        ),
        ("UTC", vec![], "between 1 and"),
        ("UTC", vec![times(60, 60)], "minutes 60 to 60"),
        ("UTC", vec![times(60, 1_441)], "minutes 60 to 1441"),
        (
            "UTC",
            vec![Span {
                days_of_month: vec![(0, 3)],
                ..Span::default()
            }],
            "days of a month",
        ),
        (
            "UTC",
            vec![Span {
                days_of_month: vec![(-1, -3)],
                ..Span::default()
            }],
            "days of a month",
        ),
        (
            "UTC",
            vec![Span {
                months: vec![(3, 1)],
                ..Span::default()
            }],
            "no months",
        ),
        (
            "UTC",
            vec![Span {
                years: vec![(2027, 2026)],
                ..Span::default()
            }],
            "no years",
        ),
    ] {
        let zone = zone.to_owned();
        let error = Schedule::try_from(Draft { zone, spans }).unwrap_err();
        assert!(error.to_string().contains(sentence), "{error}");
    }
}

#[test]
fn schedules_are_stored_as_they_are_written() {
    let office = schedule(
        "America/New_York",
        vec![Span::weekly(&[Day::Monday], 540, 1_020)],
    );
    let stored = serde_json::to_string(&office).unwrap();
    assert!(
        stored.contains("America/New_York") && stored.contains("monday"),
        "{stored}"
    );
    assert_eq!(serde_json::from_str::<Schedule>(&stored).unwrap(), office);
    assert!(serde_json::from_str::<Schedule>(&stored.replace("New_York", "Nowhere")).is_err());
    assert_eq!(clock(NOW), "2026-11-21 10:00 UTC");
    let zone = Zone::parse("Asia/Tokyo").unwrap();
    assert_eq!(zone.day_and_hour(NOW), (Day::Saturday, 19));
}

// The clock is put on at two o'clock of a Sunday: its window begins at midnight all the same.
#[test]
fn a_clock_that_is_put_does_not_hide_an_earlier_change() {
    let schedule = schedule(
        "America/New_York",
        vec![Span::weekly(&[Day::Sunday], 0, 181)],
    );
    let friday = Time(1_772_830_740_000);
    let sunday = Time(1_772_946_000_000);
    assert_eq!(schedule.changes_after(friday), Some(sunday));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Between an instant and the next change nothing changes, and there it does.
    #[test]
    fn the_next_change_is_the_next_change(
        zone in prop::sample::select(vec!["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
        start in 1_767_225_600_000_i64..1_830_297_600_000,
        from in 0_u16..1_440,
        to in 0_u16..=1_440,
        days in prop::sample::subsequence(Day::ALL.to_vec(), 1..7),
        last_days in any::<bool>(),
        steps in prop::collection::vec(0..1_000_i64, 20),
    ) {
        prop_assume!(from != to);
        let mut span = Span::weekly(&days, from, to);
        if last_days {
            span.days_of_month = vec![(-5, -1)];
        }
        let schedule = schedule(zone, vec![span]);
        let start = Time(start);
        let holds = schedule.holds(start);
        if let Some(change) = schedule.changes_after(start) {
            prop_assert!(change > start);
            prop_assert_eq!(schedule.holds(change), !holds);
            for step in steps {
                let between = change.since_ms(start) * step / 1_000;
                prop_assert_eq!(schedule.holds(start.plus_ms(between)), holds, "{}", between);
            }
        }
    }
}
