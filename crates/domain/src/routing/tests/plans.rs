use super::*;

type Change = fn(&mut World);

const WAIT: i64 = 30 * SECOND_MS;
const TICK: i64 = 5 * MINUTE_MS;

#[test]
fn the_first_notice_waits_for_its_group() {
    let mut world = World::new();
    let verdict = world.run(NOW);
    assert_eq!(held(&verdict).0, Stage::Timing);
    assert_eq!(held(&verdict).1, Some(at(WAIT)));
    assert_eq!(world.plan(NOW).look_again_at, Some(at(WAIT)));
    assert_eq!(world.notice(at(WAIT - 1)), None);
    assert_eq!(world.notice(at(WAIT)), Some(NoticeKind::First));
    assert_eq!(world.notice(at(WAIT)), None);

    let mut urgent = World::new();
    urgent.standing.severity = Severity::Critical;
    assert_eq!(urgent.notice(at(10 * SECOND_MS)), Some(NoticeKind::First));
}

/// FIELD case 45: what resolves inside the group wait is never told, and the reason says so.
#[test]
fn what_is_over_inside_the_wait_is_not_told() {
    let mut world = World::new();
    world.run(NOW);
    world.resolve(at(5 * SECOND_MS));
    let verdict = world.run(at(WAIT));
    assert!(
        held(&verdict)
            .2
            .contains("over before the first notice was due")
    );
    assert_eq!(world.notice(at(10 * TICK)), None);
}

/// FIELD case 44: a resolve that comes first tells nothing, and opens nothing.
#[test]
fn a_resolve_before_its_trigger_tells_nothing() {
    let mut world = World::new();
    world.resolve(NOW);
    assert_eq!(world.notice(NOW), None);
    assert_eq!(world.routes[0].log, NotifyLog::default());
    assert_eq!(world.plan(NOW).look_again_at, None);
}

#[test]
fn a_resolve_is_told_on_the_next_tick() {
    let mut world = World::new();
    assert_eq!(world.notice(at(WAIT)), Some(NoticeKind::First));
    world.resolve(at(WAIT + MINUTE_MS));
    let verdict = world.run(at(WAIT + MINUTE_MS));
    assert_eq!(held(&verdict).1, Some(at(WAIT + TICK)));
    assert_eq!(world.notice(at(WAIT + TICK)), Some(NoticeKind::Resolved));
    assert_eq!(world.notice(at(WAIT + 2 * TICK)), None);
    assert!(
        held(&world.run(at(WAIT + 2 * TICK)))
            .2
            .contains("and that was told")
    );
}

/// FIELD §1.1: "all resolved" clears the log even where resolves are not wanted (Alertmanager's 1063).
#[test]
fn a_destination_without_resolves_hears_the_next_firing() {
    let mut world = World::new();
    world.routes[0].wants_resolved = false;
    assert_eq!(world.notice(at(WAIT)), Some(NoticeKind::First));
    world.resolve(at(HOUR_MS));
    let verdict = world.run(at(HOUR_MS));
    assert!(held(&verdict).2.contains("does not want to hear"));
    world.fire(at(2 * HOUR_MS));
    assert_eq!(
        world.notice(at(2 * HOUR_MS + WAIT)),
        Some(NoticeKind::First)
    );
}

/// FIELD case 46: after a restart nothing that is unchanged is told again, and no repeat is missed.
#[test]
fn repeats_come_on_ticks_and_survive_a_restart() {
    let mut world = World::new();
    world.routes[0].timers.repeat_ms = 12 * MINUTE_MS;
    assert_eq!(world.notice(at(WAIT)), Some(NoticeKind::First));
    // Rounded up to whole ticks: 15 minutes.
    assert_eq!(
        world.plan(at(WAIT)).look_again_at,
        Some(at(WAIT + 3 * TICK))
    );
    let mut restarted = World::new();
    restarted.routes = serde_clone(&world.routes);
    restarted.routes[0].timers.repeat_ms = 12 * MINUTE_MS;
    for minute in 0..15 {
        assert_eq!(
            restarted.notice(at(WAIT + minute * MINUTE_MS)),
            None,
            "{minute}"
        );
    }
    assert_eq!(
        restarted.notice(at(WAIT + 3 * TICK)),
        Some(NoticeKind::Repeat)
    );
    restarted.standing.status = IncidentStatus::Acknowledged;
    assert_eq!(restarted.notice(at(10 * HOUR_MS)), None);
}

/// The routes with logs that went through the store.
fn serde_clone(routes: &[Route]) -> Vec<Route> {
    let stored = |log: &NotifyLog| serde_json::to_string(log).unwrap();
    let restored = |log: String| serde_json::from_str(&log).unwrap();
    routes
        .iter()
        .map(|route| Route {
            log: restored(stored(&route.log)),
            ..route.clone()
        })
        .collect()
}

#[test]
fn alerts_that_join_are_told_only_if_wanted() {
    let mut world = World::new();
    assert_eq!(world.notice(at(WAIT)), Some(NoticeKind::First));
    world.standing.firing = ids(&[1, 2, 3]);
    world.standing.changed_at = at(MINUTE_MS);
    assert_eq!(world.notice(at(WAIT + TICK)), None);
    world.routes[0].timers.on_join = OnJoin::EachAlert;
    let verdict = world.run(at(WAIT + TICK));
    let reason = "2 alerts joined".to_owned();
    let kind = NoticeKind::MoreAlerts;
    assert_eq!(verdict, Verdict::Notify { kind, reason });
    world.standing.firing = ids(&[1]);
    world.standing.resolved = ids(&[2, 3]);
    world.standing.changed_at = at(WAIT + TICK + 1);
    assert_eq!(world.notice(at(WAIT + TICK + 1)), None);
    assert_eq!(
        world.notice(at(WAIT + 2 * TICK)),
        Some(NoticeKind::SomeResolved)
    );
}

#[test]
fn more_urgent_is_told_at_once_and_only_once() {
    let mut world = World::new();
    assert_eq!(world.notice(at(WAIT)), Some(NoticeKind::First));
    world.standing.severity = Severity::Critical;
    assert_eq!(world.notice(at(WAIT + 1)), Some(NoticeKind::MoreUrgent));
    for severity in [Severity::Warning, Severity::Critical, Severity::Error] {
        world.standing.severity = severity;
        assert_eq!(world.notice(at(WAIT + 2)), None, "{severity:?}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn each_stage_holds_and_says_why() {
    let cases: [(&str, Stage, Change); 9] = [
        ("usually end by themselves", Stage::Transient, |world| {
            world.standing.status = IncidentStatus::Suspended;
            world.standing.suspended_until = Some(at(2 * HOUR_MS));
        }),
        (
            "Snoozed until 2026-11-21 12:00 UTC",
            Stage::Snooze,
            |world| {
                world.standing.snoozed_until = Some(at(2 * HOUR_MS));
            },
        ),
        (
            "Silenced by Ada until 2026-11-21 12:00 UTC because project is shop-api",
            Stage::Silence,
            |world| {
                world.silence("project == 'shop-api'", 0, 2 * HOUR_MS);
            },
        ),
        ("or release 2.0 because", Stage::Silence, |world| {
            world.silence("", 0, 2 * HOUR_MS).until = Until::Release("2.0".to_owned());
        }),
        ("or 11 users because", Stage::Silence, |world| {
            world.silence("", 0, 2 * HOUR_MS).until = Until::Users(11);
        }),
        ("Maintenance \"Move\" until", Stage::Maintenance, |world| {
            world.policy.maintenance.push(Maintenance {
                id: 1,
                name: "Move".to_owned(),
                services: ids(&[3]),
                condition: None,
                starts_at: NOW,
                ends_at: at(2 * HOUR_MS),
                schedule: None,
            });
        }),
        (
            "Incident #9, open since 2026-11-21 10:00 UTC, says it",
            Stage::Inhibition,
            |world| {
                world.policy.inhibitions = Rule::metric_mutes_issues(1).into_iter().collect();
                world.neighbours.push(neighbour(9, "metric"));
            },
        ),
        (
            "shop-api is in a storm; incident #8 tells of it",
            Stage::Storm,
            |world| {
                world.storm = Some(storm::Storm {
                    incident_id: 80,
                    number: 8,
                    project: "shop-api".to_owned(),
                    began_at: NOW,
                    over_at: None,
                    count: 101,
                    told_count: 101,
                });
            },
        ),
        (
            "Quiet hours until 2026-11-21 12:00 UTC",
            Stage::QuietHours,
            |world| {
                let spans = vec![Span::weekly(&[], 9 * 60, 12 * 60)];
                world.routes[0].quiet = Some(quiet::QuietHours {
                    schedule: schedule("UTC", spans),
                    let_through: Severity::Critical,
                });
            },
        ),
    ];
    for (sentence, stage, change) in cases {
        let mut world = World::new();
        change(&mut world);
        let verdict = world.run(at(WAIT));
        let (told, again_at, reason) = held(&verdict);
        assert_eq!(told, stage, "{reason}");
        assert!(reason.contains(sentence), "{reason}");
        // What is part of a storm stays part of it.
        let looks_again = again_at.is_some_and(|again_at| again_at > at(WAIT));
        assert_eq!(looks_again, stage != Stage::Storm, "{reason}");
        assert_eq!(world.routes[0].log, NotifyLog::default(), "{reason}");

        // What was told before it was held is told to be over.
        let mut told = World::new();
        assert_eq!(told.notice(at(WAIT)), Some(NoticeKind::First));
        change(&mut told);
        told.resolve(at(WAIT + 1));
        assert_eq!(
            told.notice(at(WAIT + TICK)),
            Some(NoticeKind::Resolved),
            "{stage:?}"
        );
    }
}

fn neighbour(number: i64, kind: &str) -> Neighbour {
    Neighbour {
        incident_id: number * 10,
        number,
        opened_at: NOW,
        subject: Subject {
            kind: kind.to_owned(),
            ..subject()
        },
    }
}

#[test]
fn silences_end() {
    let cases: [(&str, Change); 5] = [
        ("its end", |world| {
            world.policy.silences[0].ends_at = at(WAIT);
        }),
        ("before its start", |world| {
            world.policy.silences[0].starts_at = at(WAIT + 1);
        }),
        ("the release sends", |world| {
            world.policy.silences[0].until = Until::Release("2.0".to_owned());
            "2.0".clone_into(&mut world.subject.release);
        }),
        ("the release is deployed", |world| {
            world.policy.silences[0].until = Until::Release("2.0".to_owned());
            world.policy.deployed_releases.insert("2.0".to_owned());
        }),
        ("users", |world| {
            world.policy.silences[0].until = Until::Users(10);
        }),
    ];
    for (name, change) in cases {
        let mut world = World::new();
        world.silence("project == 'shop-api'", 0, HOUR_MS);
        assert_eq!(world.notice(at(WAIT)), None, "{name}");
        change(&mut world);
        assert_eq!(world.notice(at(WAIT)), Some(NoticeKind::First), "{name}");
    }
}

#[test]
fn a_weekly_silence_mutes_in_its_hours() {
    let mut world = World::new();
    world.silence("", 0, 100 * HOUR_MS).schedule = Some(schedule(
        "Europe/Paris",
        vec![Span::weekly(&[], 11 * 60, 12 * 60)],
    ));
    let verdict = world.run(at(WAIT));
    assert_eq!(held(&verdict).1, Some(at(HOUR_MS)));
    assert_eq!(world.notice(at(HOUR_MS)), Some(NoticeKind::First));
}

/// FIELD case 47: an edit does not rewrite what a silence has done; one that looks at nothing warns.
#[test]
fn silences_are_edited_without_rewriting_the_past() {
    let mut world = World::new();
    let silence = world.silence("project == 'web'", 0, HOUR_MS).clone();
    assert_eq!(silence.warning(), None);
    assert!(world.silence("", 0, HOUR_MS).warning().is_some());
    let longer = Silence {
        ends_at: at(3 * HOUR_MS),
        ..silence.clone()
    };
    let in_place = mute::Edit::InPlace(Box::new(longer.clone()));
    assert_eq!(silence.clone().edit(longer.clone(), at(1)), in_place);
    let other = Silence {
        condition: condition("project == 'api'"),
        ..longer.clone()
    };
    let mute::Edit::Replace { expired, created } = silence.clone().edit(other, at(1)) else {
        panic!("changed in place");
    };
    assert_eq!((expired.ends_at, created.starts_at), (at(1), at(1)));
    assert_eq!(expired.condition, silence.condition);
    let revived = silence.clone().edit(longer, at(2 * HOUR_MS));
    let mute::Edit::Replace { expired, created } = revived else {
        panic!("revived in place");
    };
    assert_eq!(*expired, silence);
    assert_eq!(created.starts_at, at(2 * HOUR_MS));
}

#[test]
fn inhibition_has_none_of_the_traps() {
    let rule = |source: &str, target: &str| Rule {
        id: 1,
        name: "r".to_owned(),
        source: condition(source),
        target: condition(target),
        equal: vec![Field::Named("project")],
        equal_if_known: vec![Field::Named("environment")],
    };
    let mute = ("kind == 'metric'", "kind == 'issue'");
    let cases: [(&str, bool, (&str, &str), Change); 7] = [
        ("plain", true, mute, |_| {}),
        ("another project", false, mute, |world| {
            "web".clone_into(&mut world.neighbours[0].subject.project);
        }),
        ("project unknown on both sides", false, mute, |world| {
            world.neighbours[0].subject.project.clear();
            world.subject.project.clear();
        }),
        ("environment known on one side", true, mute, |world| {
            world.subject.environment.clear();
        }),
        ("another environment", false, mute, |world| {
            "staging".clone_into(&mut world.subject.environment);
        }),
        ("both match both sides", false, ("true", "true"), |_| {}),
        ("itself", false, mute, |world| {
            world.neighbours[0].incident_id = 70;
        }),
    ];
    for (name, is_muted, (source, target), change) in cases {
        let mut world = World::new();
        world.policy.inhibitions.push(rule(source, target));
        world.neighbours.push(neighbour(9, "metric"));
        change(&mut world);
        let is_told = world.notice(at(WAIT)).is_some();
        assert_eq!(is_told, !is_muted, "{name}");
    }
}

/// Incidents that would mute each other in a circle leave the oldest of them heard.
#[test]
fn circles_of_inhibition_are_heard() {
    let kinds = ["a", "b", "c"];
    let circle = |from: &str, to: &str| Rule {
        id: 1,
        name: format!("{from} mutes {to}"),
        source: condition(&format!("kind == '{from}'")),
        target: condition(&format!("kind == '{to}'")),
        equal: vec![Field::Named("project")],
        equal_if_known: Vec::new(),
    };
    for (length, from_outside) in [(2, false), (3, false), (3, true)] {
        let number = |index: usize| i64::try_from(index).unwrap() + 1;
        let mut heard = Vec::new();
        for own in 0..length {
            let mut world = World::new();
            for step in 0..length {
                let rule = circle(kinds[step], kinds[(step + 1) % length]);
                world.policy.inhibitions.push(rule);
            }
            kinds[own].clone_into(&mut world.subject.kind);
            world.standing.incident_id = 10 * number(own);
            for other in (0..length).filter(|other| *other != own) {
                world
                    .neighbours
                    .push(neighbour(number(other), kinds[other]));
            }
            if from_outside {
                world.policy.inhibitions.push(circle("metric", "a"));
                world.neighbours.push(neighbour(90, "metric"));
            }
            if world.notice(at(WAIT)).is_some() {
                heard.push(own);
            }
        }
        let expected = if from_outside { vec![] } else { vec![0] };
        assert_eq!(heard, expected, "{length} {from_outside}");
    }
}

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

#[test]
fn quiet_hours_let_the_urgent_through() {
    let mut world = World::new();
    world.routes[0].quiet = Some(quiet::QuietHours {
        schedule: schedule("UTC", vec![Span::weekly(&[], 9 * 60, 12 * 60)]),
        let_through: Severity::Critical,
    });
    assert_eq!(world.notice(at(HOUR_MS)), None);
    world.standing.severity = Severity::Critical;
    assert_eq!(world.notice(at(HOUR_MS)), Some(NoticeKind::First));
    let mut waiting = World::new();
    waiting.routes[0].quiet.clone_from(&world.routes[0].quiet);
    assert_eq!(
        waiting.plan(at(HOUR_MS)).look_again_at,
        Some(at(2 * HOUR_MS))
    );
    assert_eq!(waiting.notice(at(2 * HOUR_MS)), Some(NoticeKind::First));
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
