//! What holds for every plan.

use super::*;
use proptest::prelude::*;

fn severities() -> impl Strategy<Value = Severity> {
    prop::sample::select(&Severity::ALL[..])
}

fn times() -> impl Strategy<Value = i64> {
    -4 * HOUR_MS..4 * HOUR_MS
}

fn logs() -> impl Strategy<Value = NotifyLog> {
    let told = (
        times(),
        prop::collection::btree_set(1..4_i64, 1..3),
        severities(),
    );
    prop::option::of(told).prop_map(|told| match told {
        None => NotifyLog::default(),
        Some((told_at, firing, severity)) => NotifyLog {
            told_at: Some(at(told_at.min(-1))),
            began_at: Some(at(told_at.min(-1))),
            firing,
            severity: Some(severity),
            ..NotifyLog::default()
        },
    })
}

prop_compose! {
    fn routes()(
        log in logs(),
        wants_resolved in any::<bool>(),
        quiet in any::<bool>(),
        sent in prop::collection::vec(times(), 0..8),
        each in any::<bool>(),
        interval_ms in prop::sample::select(vec![0, 300_000]),
    ) -> Route {
        let hours = quiet::QuietHours {
            schedule: schedule("Europe/Paris", vec![Span::weekly(&[], 22 * 60, 12 * 60)]),
            let_through: Severity::Critical,
        };
        Route {
            destination_id: 0,
            wants_resolved,
            timers: Timers {
                interval_ms,
                on_join: if each { OnJoin::EachAlert } else { OnJoin::MoreUrgent },
                ..Timers::default()
            },
            quiet: quiet.then_some(hours),
            ceiling: limits::Ceiling {
                rates: limits::PERSON.to_vec(),
                sent_at: sent.into_iter().map(|ms| at(ms.min(0))).collect(),
            },
            person: None,
            log,
        }
    }
}

prop_compose! {
    fn worlds()(
        mut routes in prop::collection::vec(routes(), 1..5),
        status in prop::sample::select(&IncidentStatus::ALL[..]),
        severity in severities(),
        opened in times(),
        changed in times(),
        alerts in prop::collection::btree_map(1..4_i64, any::<bool>(), 0..4),
        silence in prop::option::of((times(), times())),
        changes in prop::collection::vec(times(), 0..6),
        stormy in any::<bool>(),
        snoozed in prop::option::of(times()),
    ) -> World {
        let mut world = World::new();
        for (number, route) in (1..).zip(&mut routes) {
            route.destination_id = number;
        }
        let alerts_that = |fires| alerts.iter().filter(move |(_, is)| **is == fires);
        world.routes = routes;
        world.standing = Standing {
            status,
            severity,
            opened_at: at(opened.min(0)),
            triggered_at: at(opened.min(0)),
            changed_at: at(changed.min(0)),
            firing: alerts_that(true).map(|(id, _)| *id).collect(),
            resolved: alerts_that(false).map(|(id, _)| *id).collect(),
            snoozed_until: snoozed.map(at),
            ..standing()
        };
        if let Some((from, to)) = silence {
            world.silence("project == 'shop-api'", from, to);
        }
        let mut changes = changes;
        changes.sort_unstable();
        for change in changes {
            world.flapping.changed(at(change.min(0)));
        }
        world.storm = stormy.then(|| storm::Storm {
            incident_id: 1,
            number: 1,
            project: "shop-api".to_owned(),
            service_id: None,
            routed: tree::Routed::default(),
            began_at: NOW,
            over_at: None,
            count: 101,
            told_count: 101,
        });
        world
    }
}

proptest! {
    #[test]
    fn each_route_has_exactly_one_verdict_with_a_reason(world in worlds()) {
        let plan = world.plan(NOW);
        let planned: Vec<i64> = plan.routes.iter().map(|route| route.destination_id).collect();
        let routes: Vec<i64> = world.routes.iter().map(|route| route.destination_id).collect();
        prop_assert_eq!(planned, routes);
        for planned in &plan.routes {
            prop_assert!(!planned.verdict.reason().is_empty());
        }
        prop_assert!(plan.look_again_at.is_none_or(|at| at > NOW));
        prop_assert_eq!(plan, world.plan(NOW));
    }

    #[test]
    fn planning_twice_sends_nothing_more(mut world in worlds()) {
        world.run(NOW);
        for planned in world.plan(NOW).routes {
            prop_assert!(!matches!(planned.verdict, Verdict::Notify { .. }), "{planned:?}");
        }
    }

    /// Whoever was told that it fires is told that it is over, whatever holds notices back, by looking
    /// again when the plan says so.
    #[test]
    fn a_resolve_is_never_lost(mut world in worlds()) {
        world.standing.status = IncidentStatus::Resolved;
        let owed: Vec<i64> = world
            .routes
            .iter()
            .filter(|route| route.wants_resolved && !route.log.firing.is_empty())
            .map(|route| route.destination_id)
            .collect();
        let mut told = Vec::new();
        let mut now = NOW;
        for _ in 0..50 {
            let plan = world.plan(now);
            told.extend(plan.routes.iter().filter(|planned| {
                matches!(planned.verdict, Verdict::Notify { .. }) && planned.log.firing.is_empty()
            }).map(|planned| planned.destination_id));
            world.run(now);
            match plan.look_again_at {
                Some(at) => now = at,
                None => break,
            }
        }
        for destination_id in owed {
            prop_assert!(told.contains(&destination_id), "{destination_id} of {told:?}");
        }
    }

    #[test]
    fn silences_of_the_past_mute_nothing(mut world in worlds(), end in -HOUR_MS..=0) {
        world.policy.silences.clear();
        let without = world.plan(NOW);
        world.silence("", -2 * HOUR_MS, end);
        prop_assert_eq!(world.plan(NOW), without);
    }

    /// Nothing is announced as over that was never announced.
    #[test]
    fn what_was_not_told_is_not_told_to_be_over(mut world in worlds()) {
        for route in &mut world.routes {
            route.log = NotifyLog::default();
        }
        for planned in world.plan(NOW).routes {
            let resolves = matches!(
                planned.verdict,
                Verdict::Notify { kind: NoticeKind::Resolved | NoticeKind::SomeResolved, .. }
            );
            prop_assert!(!resolves);
        }
    }
}
