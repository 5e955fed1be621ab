//! Flapping, storms, transients and ceilings: much in a short time.

use super::*;

#[test]
fn flapping_is_told_once_then_in_digests_then_as_it_stands() {
    let mut world = World::new();
    let mut told = Vec::new();
    // Every minute it opens or closes: eleven changes, the last one opens it.
    for minute in 0..11 {
        let now = at(minute * MINUTE_MS);
        world.flapping.changed(now);
        if minute % 2 == 0 {
            world.fire(now);
        } else {
            world.resolve(now);
        }
        told.extend(world.notice(now.plus_ms(WAIT)).map(|kind| (minute, kind)));
    }
    assert_eq!(told, [(0, NoticeKind::First), (3, NoticeKind::Flapping)]);
    let last = 10 * MINUTE_MS;
    world.flapping.changed(at(40 * MINUTE_MS));
    world.resolve(at(40 * MINUTE_MS));
    assert_eq!(world.notice(at(last + HOUR_MS)), Some(NoticeKind::Digest));
    // Quiet for an hour: nothing is owed, the digest told that it is over.
    assert_eq!(world.notice(at(100 * MINUTE_MS)), None);
    assert_eq!(world.flapping.since(at(100 * MINUTE_MS)), None);
    world.fire(at(3 * HOUR_MS));
    world.flapping.changed(at(3 * HOUR_MS));
    assert_eq!(
        world.notice(at(3 * HOUR_MS + WAIT)),
        Some(NoticeKind::First)
    );
}

#[test]
fn a_resolve_of_something_that_flaps_is_told_when_it_is_calm() {
    let mut world = World::new();
    for minute in 0..5 {
        world.flapping.changed(at(minute * MINUTE_MS));
    }
    assert_eq!(world.notice(at(4 * MINUTE_MS)), Some(NoticeKind::Flapping));
    world.flapping.changed(at(5 * MINUTE_MS));
    world.resolve(at(5 * MINUTE_MS));
    let calm = at(65 * MINUTE_MS);
    let verdict = world.run(at(6 * MINUTE_MS));
    assert_eq!(held(&verdict).1, Some(calm));
    assert_eq!(world.notice(calm), Some(NoticeKind::Resolved));
}

#[test]
fn three_changes_are_no_flapping() {
    let mut flapping = flap::Flapping::default();
    for change in [0, 20, 40, 61, 81] {
        flapping.changed(at(change * MINUTE_MS));
        assert_eq!(flapping.since(at(change * MINUTE_MS)), None, "{change}");
    }
    flapping.changed(at(83 * MINUTE_MS));
    assert_eq!(flapping.since(at(83 * MINUTE_MS)), Some(at(83 * MINUTE_MS)));
    assert_eq!(
        flapping.since(at(143 * MINUTE_MS - 1)),
        Some(at(83 * MINUTE_MS))
    );
    assert_eq!(flapping.since(at(143 * MINUTE_MS)), None);
}

/// FIELD §1.8: a person gets 5 notices in 15 minutes, 11 in an hour, 21 in three.
#[test]
fn people_and_destinations_have_ceilings() {
    let minutes = |minutes: &[i64]| minutes.iter().map(|m| at(m * MINUTE_MS)).collect();
    for (sent, until) in [
        (vec![], None),
        (vec![1, 2, 3, 4], None),
        (vec![5, 1, 3, 2, 4], Some(16)),
        (vec![1, 2, 3, 4, 5, 6], Some(17)),
        (vec![-60, -59, -58, -57, -56], None),
        (
            vec![-49, -48, -47, -46, -45, -44, -43, -42, -41, -40, -39],
            Some(11),
        ),
    ] {
        let ceiling = limits::Ceiling {
            rates: limits::PERSON.to_vec(),
            sent_at: minutes(&sent),
        };
        let full = ceiling
            .full_until(at(10 * MINUTE_MS))
            .map(|(until, _)| until);
        assert_eq!(
            full,
            until.map(|minute: i64| at(minute * MINUTE_MS)),
            "{sent:?}"
        );
    }
    let full = limits::Ceiling {
        rates: limits::PERSON.to_vec(),
        sent_at: vec![NOW; 5],
    };
    for stage in [Stage::PersonLimit, Stage::DestinationLimit] {
        let mut world = World::new();
        if stage == Stage::PersonLimit {
            world.routes[0].person = Some(full.clone());
        } else {
            world.routes[0].ceiling = full.clone();
        }
        let verdict = world.run(at(MINUTE_MS));
        let (told, until, reason) = held(&verdict);
        assert_eq!((told, until), (stage, Some(at(15 * MINUTE_MS))));
        assert!(reason.contains("had 5 notices in 15 minutes"), "{reason}");
        assert_eq!(world.notice(at(15 * MINUTE_MS)), Some(NoticeKind::First));
    }
}

/// FIELD case 33: the counts are exact, one storm begins once, and ends after ten calm minutes.
#[test]
fn a_storm_begins_once_and_ends_when_it_is_calm() {
    let mut meter = storm::Meter::default();
    let mut begins = 0;
    for second in 0..600 {
        // Twenty a second for ten minutes.
        match meter.count(20, at(second * SECOND_MS)) {
            storm::Weather::Begins(why) => {
                begins += 1;
                assert_eq!(why, "120 new signals within a minute");
            }
            storm::Weather::Stormy | storm::Weather::Calm => {}
            storm::Weather::Over => panic!("over at {second}"),
        }
    }
    assert_eq!((begins, meter.total()), (1, 12_000));
    assert_eq!(meter.look(at(19 * MINUTE_MS)), storm::Weather::Stormy);
    assert_eq!(meter.look(at(20 * MINUTE_MS)), storm::Weather::Over);
    assert_eq!(meter.look(at(20 * MINUTE_MS)), storm::Weather::Calm);
}

#[test]
fn ten_times_the_usual_of_the_hour_is_a_storm_once_a_week_is_known() {
    let mut meter = storm::Meter::default();
    for day in 0..7 {
        assert_eq!(meter.count(8, at(day * 24 * HOUR_MS)), storm::Weather::Calm);
    }
    let now = at(7 * 24 * HOUR_MS);
    assert_eq!(meter.count(80, now), storm::Weather::Calm);
    let why = "81 new signals this hour; usual at this hour are 8".to_owned();
    assert_eq!(
        meter.count(1, now.plus_ms(2 * MINUTE_MS)),
        storm::Weather::Begins(why)
    );
}

/// Whoever was told of an incident before a storm hears of it on; what triggers later is told.
#[test]
fn a_storm_holds_what_triggered_in_it_and_was_not_told() {
    let storm = |over_at| storm::Storm {
        incident_id: 80,
        number: 8,
        project: "shop-api".to_owned(),
        service_id: None,
        routed: tree::Routed::default(),
        began_at: NOW,
        over_at,
        count: 101,
        told_count: 101,
    };
    let open = storm(None);
    assert!(open.holds(NOW) && open.holds(at(HOUR_MS)) && !open.holds(at(-1)));
    let over = storm(Some(at(HOUR_MS)));
    assert!(over.holds(at(HOUR_MS - 1)) && !over.holds(at(HOUR_MS)));
    assert_eq!(over.title(), "Storm: 101 new signals in shop-api");
    let mut world = World::new();
    world.storm = Some(over);
    let verdict = world.run(at(2 * HOUR_MS));
    let (stage, until, reason) = held(&verdict);
    assert_eq!((stage, until), (Stage::Storm, None));
    let told = "Part of the storm in shop-api until 2026-11-21 11:00 UTC; incident #8 told of it";
    assert_eq!(reason, told);
}

/// FIELD §1.8: held back only if three of the last four ended by themselves within five minutes.
#[test]
fn transients_are_learnt() {
    let mut habit = suspend::Habit::default();
    let episode = |habit: &mut suspend::Habit, minutes: i64, by_itself: bool| {
        habit.ended(NOW, at(minutes * MINUTE_MS), by_itself);
        habit.suspend(at(HOUR_MS)).is_some()
    };
    assert!(!episode(&mut habit, 1, true));
    assert!(!episode(&mut habit, 1, true));
    assert!(!episode(&mut habit, 1, true));
    assert!(episode(&mut habit, 9, true));
    assert!(episode(&mut habit, 5, true));
    assert!(!episode(&mut habit, 1, false));
    let mut sure = suspend::Habit::default();
    for _ in 0..4 {
        sure.ended(NOW, at(1), true);
    }
    let (until, reason) = sure.suspend(NOW).unwrap();
    assert_eq!(until, at(5 * MINUTE_MS));
    assert_eq!(
        reason,
        "4 of the last 4 times it ended by itself within 5 minutes"
    );
}
