use super::super::calendar::Day;
use super::*;
use proptest::prelude::*;

fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

fn clock(text: &str) -> ClockTime {
    ClockTime::parse(text).unwrap()
}

fn nights() -> QuietHours {
    QuietHours {
        windows: vec![
            Window {
                days: Day::ALL.to_vec(),
                from: clock("22:00"),
                until: clock("07:00"),
            },
            Window {
                days: vec![Day::Saturday, Day::Sunday],
                from: clock("07:00"),
                until: clock("22:00"),
            },
        ],
        breaks_through: Severity::Critical,
    }
}

#[test]
fn notices_wait_for_the_end_of_the_quiet_hours_unless_they_are_severe() {
    let paris = Zone::parse("Europe/Paris").unwrap();
    for (severity, now, expected) in [
        (Severity::Error, "2026-11-18T12:00:00Z", Tell::Now),
        (Severity::Critical, "2026-11-18T22:00:00Z", Tell::Now),
        (
            Severity::Error,
            "2026-11-18T22:00:00Z",
            Tell::Later(at("2026-11-19T06:00:00Z")),
        ),
        (
            Severity::Error,
            "2026-11-20T21:30:00Z",
            Tell::Later(at("2026-11-23T06:00:00Z")),
        ),
        (
            Severity::Info,
            "2026-10-24T22:00:00Z",
            Tell::Later(at("2026-10-26T06:00:00Z")),
        ),
        (Severity::Error, "2026-11-19T06:00:00Z", Tell::Now),
    ] {
        assert_eq!(nights().tell(&paris, severity, at(now)), expected, "{now}");
    }
}

#[test]
fn a_week_without_an_open_hour_is_refused() {
    assert_eq!(nights().faults(), []);
    let mut always = nights();
    always.windows[1].days = Day::ALL.to_vec();
    assert_eq!(always.faults()[0].field, "quiet_hours.windows");
}

#[test]
fn a_digest_comes_every_day_at_its_time_of_the_wall_clock() {
    let paris = Zone::parse("Europe/Paris").unwrap();
    for (after, expected) in [
        ("2026-03-28T07:59:59Z", "2026-03-28T08:00:00Z"),
        ("2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z"),
        ("2026-10-24T12:00:00Z", "2026-10-25T08:00:00Z"),
    ] {
        let found = next_digest(&paris, clock("09:00"), at(after));
        assert_eq!(found, at(expected), "{after}");
    }
}

proptest! {
    #[test]
    fn what_waits_is_told_when_nothing_is_quiet(minute in 0_i64..525_600) {
        let zone = Zone::parse("Australia/Lord_Howe").unwrap();
        let now = at("2026-01-01T00:00:00Z").plus_ms(minute * 60_000);
        if let Tell::Later(later) = nights().tell(&zone, Severity::Error, now) {
            prop_assert!(later > now && later <= now.plus_ms(4 * DAY_MS));
            prop_assert_eq!(nights().tell(&zone, Severity::Error, later), Tell::Now);
        }
    }
}
