use super::*;
use crate::time::MINUTE_MS;
use proptest::prelude::*;

fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn wall(date: &str, time: &str) -> DateTime {
    ClockTime::parse(time)
        .unwrap()
        .on(Date::parse(date).unwrap())
}

#[test]
fn zones_times_and_dates_are_read_as_they_are_written() {
    assert_eq!(zone("europe/paris").name(), "Europe/Paris");
    assert_eq!(Zone::parse("Mars/Olympus"), None);
    assert_eq!(ClockTime::parse("9:05").unwrap().show(), "09:05");
    for wrong in ["24:00", "9", "09:60", "+9:00", "09:0", "009:00", ""] {
        assert_eq!(ClockTime::parse(wrong), None, "{wrong}");
    }
    assert_eq!(Date::parse("2026-11-23").unwrap().show(), "2026-11-23");
    assert_eq!(Date::parse("2026-11-23").unwrap().day(), Day::Monday);
    for wrong in ["2026-02-30", "20261123", "-002026-11-23", "1969-12-31", ""] {
        assert_eq!(Date::parse(wrong), None, "{wrong}");
    }
    for day in Day::ALL {
        assert_eq!(Day::parse(day.as_str()), Some(day));
    }
}

#[test]
fn a_left_out_time_is_the_change_and_a_doubled_one_the_first() {
    for (name, date, time, expected) in [
        (
            "Europe/Paris",
            "2026-03-29",
            "01:59",
            "2026-03-29T00:59:00Z",
        ),
        (
            "Europe/Paris",
            "2026-03-29",
            "02:00",
            "2026-03-29T01:00:00Z",
        ),
        (
            "Europe/Paris",
            "2026-03-29",
            "02:30",
            "2026-03-29T01:00:00Z",
        ),
        (
            "Europe/Paris",
            "2026-03-29",
            "03:00",
            "2026-03-29T01:00:00Z",
        ),
        (
            "Europe/Paris",
            "2026-10-25",
            "02:30",
            "2026-10-25T00:30:00Z",
        ),
        (
            "America/New_York",
            "2026-11-01",
            "01:30",
            "2026-11-01T05:30:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-04",
            "02:15",
            "2026-10-03T15:30:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-05",
            "01:45",
            "2026-04-04T14:45:00Z",
        ),
    ] {
        let found = zone(name).instant(wall(date, time));
        assert_eq!(found, at(expected), "{name} {date} {time}");
    }
}

#[test]
fn a_window_may_pass_midnight_and_meet_the_next() {
    let windows = [
        Window {
            days: vec![Day::Friday],
            from: ClockTime::parse("22:00").unwrap(),
            until: ClockTime::parse("06:00").unwrap(),
        },
        Window {
            days: vec![Day::Saturday],
            from: ClockTime::parse("06:00").unwrap(),
            until: ClockTime::MIDNIGHT,
        },
    ];
    let within = Span {
        from: at("2026-11-21T03:00:00Z"),
        until: at("2026-11-22T12:00:00Z"),
    };
    let expected = Span {
        from: at("2026-11-20T22:00:00Z"),
        until: at("2026-11-22T00:00:00Z"),
    };
    assert_eq!(open_spans(&windows, &Zone::utc(), within), [expected]);
}

proptest! {
    #[test]
    fn a_later_wall_time_is_never_an_earlier_instant(
        name in prop::sample::select(vec!["Europe/Paris", "America/New_York", "Australia/Lord_Howe"]),
        minute in 0_i64..525_600,
        step in 0_i64..180,
    ) {
        let zone = zone(name);
        let first = wall("2026-01-01", "00:00");
        let earlier = first.saturating_add(jiff::SignedDuration::from_mins(minute));
        let later = first.saturating_add(jiff::SignedDuration::from_mins(minute + step));
        prop_assert!(zone.instant(earlier) <= zone.instant(later));
    }

    #[test]
    fn what_the_wall_shows_leads_back_within_a_change_of_the_clocks(
        name in prop::sample::select(vec!["Europe/Paris", "America/New_York", "Australia/Lord_Howe"]),
        minute in 0_i64..525_600,
    ) {
        let zone = zone(name);
        let instant = at("2026-01-01T00:00:00Z").plus_ms(minute * MINUTE_MS);
        let back = zone.instant(zone.wall(instant));
        prop_assert!((0..=60 * MINUTE_MS).contains(&instant.since_ms(back)));
    }
}
