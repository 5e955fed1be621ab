use super::*;

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
fn what_is_unusual_is_told_once_to_those_who_know_of_it() {
    let mut world = World::new();
    world.standing.noticed = Some((at(WAIT - 1), "Much louder".to_owned()));
    assert_eq!(world.notice(at(WAIT)), Some(NoticeKind::First));
    assert_eq!(
        world.notice(at(WAIT + 1)),
        None,
        "it was in the first notice"
    );
    world.standing.noticed = Some((at(WAIT + 2), "Much louder".to_owned()));
    let reason = "Much louder".to_owned();
    let kind = NoticeKind::Unusual;
    assert_eq!(world.run(at(WAIT + 2)), Verdict::Notify { kind, reason });
    assert_eq!(world.notice(at(WAIT + 3)), None, "once");
    world.standing.noticed = Some((at(WAIT + 4), "Much louder".to_owned()));
    world.standing.status = IncidentStatus::Acknowledged;
    assert_eq!(world.notice(at(WAIT + 4)), None, "somebody has taken it");
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
                    service_id: None,
                    routed: tree::Routed::default(),
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

/// A plan may be made with a clock that was read before the resolve was: with no interval it is
/// told all the same.
#[test]
fn without_an_interval_a_resolve_is_told_at_once() {
    let mut world = World::new();
    world.routes[0].timers.interval_ms = 0;
    assert_eq!(world.notice(at(WAIT)), Some(NoticeKind::First));
    world.resolve(at(WAIT + 2));
    assert_eq!(world.notice(at(WAIT + 1)), Some(NoticeKind::Resolved));
}
