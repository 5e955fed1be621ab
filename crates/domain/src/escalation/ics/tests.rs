use super::*;
use crate::escalation::calendar::{ClockTime, Date, Day, Span, Window, Zone};
use crate::escalation::schedule::{Layer, Override, TurnUnit};

fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

fn schedule() -> Schedule {
    Schedule {
        zone: Zone::parse("Europe/Paris").unwrap(),
        layers: vec![Layer {
            name: "Days".to_owned(),
            participants: vec![1, 2],
            unit: TurnUnit::Weeks,
            every: 1,
            starts_on: Date::parse("2026-11-02").unwrap(),
            hand_over: ClockTime::parse("09:00").unwrap(),
            windows: vec![Window {
                days: Day::ALL.to_vec(),
                from: ClockTime::parse("09:00").unwrap(),
                until: ClockTime::parse("21:00").unwrap(),
            }],
        }],
        overrides: vec![Override {
            id: 5,
            person_id: 2,
            span: Span {
                from: at("2026-11-04T10:00:00Z"),
                until: at("2026-11-04T12:00:00Z"),
            },
        }],
    }
}

fn read(now: &str) -> String {
    let people = BTreeMap::from([
        (1, "Ada, \"Lovelace\"; or\nBob\\".to_owned()),
        (2, "Zoë Ångström".repeat(9)),
    ]);
    let schedule = schedule();
    feed(
        &Feed {
            schedule_id: 3,
            name: "Payments",
            schedule: &schedule,
            people: &people,
        },
        at(now),
    )
}

/// Start by UID.
fn entries(feed: &str) -> BTreeMap<String, String> {
    let unfolded = feed.replace("\r\n ", "");
    let value = |entry: &str, name: &str| {
        let line = entry.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].trim_end().to_owned()
    };
    unfolded
        .split("BEGIN:VEVENT")
        .skip(1)
        .map(|entry| (value(entry, "UID:"), value(entry, "DTSTART:")))
        .collect()
}

#[test]
fn lines_are_folded_between_characters_and_texts_escaped() {
    let feed = read("2026-11-03T12:00:00Z");
    assert!(feed.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
    assert!(feed.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    assert!(feed.split("\r\n").all(|line| line.len() <= 75));
    assert_eq!(feed.matches('\n').count(), feed.matches("\r\n").count());
    let unfolded = feed.replace("\r\n ", "");
    assert!(unfolded.contains("SUMMARY:On call: Ada\\, \"Lovelace\"\\; or\\nBob\\\\\r\n"));
    assert!(unfolded.contains(&"Zoë Ångström".repeat(9)));
    assert!(unfolded.contains("DTSTART:20261103T080000Z\r\nDTEND:20261103T200000Z"));
}

#[test]
fn a_shift_keeps_its_uid_from_one_reading_to_the_next() {
    let (first, later) = (read("2026-11-03T12:00:00Z"), read("2026-11-05T13:00:00Z"));
    let (first, later) = (entries(&first), entries(&later));
    assert_eq!(
        first.len(),
        first
            .values()
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    );
    let mut common = 0;
    for (uid, starts) in &first {
        if let Some(again) = later.get(uid) {
            assert_eq!(again, starts, "{uid}");
            common += 1;
        }
    }
    assert!(common > 80, "{common}");
    assert!(first.contains_key(&format!(
        "{}-{}-1@epicenter",
        IdKind::Schedule.show(3),
        IdKind::Override.show(5)
    )));
}
