//! Whatever is merged and split: nothing is counted twice or lost.

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Fire(u8),
    FireLooking(u8),
    Resolve(u8),
    Merge(u8, u8),
    SplitAlert(u8),
    SplitMerged(u8, u8),
    Command(u8, bool),
    Pass(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let issue = || 1_u8..6;
    prop_oneof![
        4 => issue().prop_map(Step::Fire),
        3 => issue().prop_map(Step::FireLooking),
        2 => issue().prop_map(Step::Resolve),
        3 => (issue(), issue()).prop_map(|(one, other)| Step::Merge(one, other)),
        2 => issue().prop_map(Step::SplitAlert),
        2 => (issue(), 0_u8..9).prop_map(|(whole, number)| Step::SplitMerged(whole, number)),
        1 => (issue(), any::<bool>()).prop_map(|(one, opens)| Step::Command(one, opens)),
        1 => (0_i64..10_000_000).prop_map(Step::Pass),
    ]
}

fn take(world: &mut World, step: &Step) {
    let known = |world: &World, issue: u8| {
        let alert = world.slice.alerts.get(&(9, format!("sentry-{issue}")));
        alert.and_then(|alert| alert.row.incident_id)
    };
    // What is refused changes nothing; that is part of what is checked.
    match *step {
        Step::Fire(issue) => world.fire(issue),
        Step::FireLooking(issue) => world.fire_looking(issue),
        Step::Resolve(issue) => world.resolve_issue(issue),
        Step::Merge(one, other) => {
            if let (Some(one), Some(other)) = (known(world, one), known(world, other)) {
                let _refused = world.merge(one, other).is_err();
            }
        }
        Step::SplitAlert(issue) => {
            if let Some(whole) = known(world, issue) {
                let part = Part::Alert(world.alert_id(issue));
                let _refused = world.split(whole, part).is_err();
            }
        }
        Step::SplitMerged(issue, number) => {
            let found = world.incidents().into_iter();
            let found = found.rev().find(|one| one.number == i64::from(number));
            if let (Some(whole), Some(home)) = (known(world, issue), found) {
                let _refused = world.split(whole, Part::Merged(home.id)).is_err();
            }
        }
        Step::Command(issue, opens) => {
            let what = if opens {
                Command::Reopen
            } else {
                Command::Resolve
            };
            if let Some(id) = known(world, issue) {
                let _refused = world.command_to(id, &what).is_err();
            }
        }
        Step::Pass(ms) => world.pass(ms),
    }
}

fn total(world: &World) -> (i64, i64) {
    let incidents = world.slice.incidents.values();
    incidents.fold((0, 0), |(alerts, events), incident| {
        let row = &incident.row;
        (alerts + row.alert_count, events + row.event_count)
    })
}

fn check(world: &World) {
    for incident in world.slice.incidents.values().map(|tracked| &tracked.row) {
        let alerts = world.slice.alerts.values().map(|tracked| &tracked.row);
        let mine: Vec<_> = alerts
            .filter(|alert| alert.incident_id == Some(incident.id))
            .collect();
        let count = i64::try_from(mine.len()).unwrap();
        assert!(incident.alert_count >= count, "{incident:?}");
        assert!(incident.event_count >= 0);
        if incident.is_open() {
            assert!(incident.merged.is_none());
            assert!(mine.iter().any(|alert| alert.is_open), "{incident:?}");
        } else {
            assert!(mine.iter().all(|alert| !alert.is_open), "{incident:?}");
        }
        if let Some(merged) = &incident.merged {
            assert!(mine.is_empty());
            assert!(world.slice.incidents.contains_key(&merged.into_id));
        }
    }
}

proptest! {
    #[test]
    fn alerts_and_events_are_conserved(steps in prop::collection::vec(step(), 0..50)) {
        let mut world = World::new();
        for step in &steps {
            let before = total(&world);
            take(&mut world, step);
            check(&world);
            if matches!(step, Step::Merge(..) | Step::SplitAlert(_) | Step::SplitMerged(..)) {
                prop_assert_eq!(total(&world), before);
            }
        }
    }

    #[test]
    fn a_split_takes_back_a_merge(
        steps in prop::collection::vec(step(), 0..30),
        (one, other) in (1_u8..6, 1_u8..6),
    ) {
        let mut world = World::new();
        world.fire(one);
        world.fire(other);
        for step in &steps {
            take(&mut world, step);
        }
        let (source, target) = (world.of_issue(one), world.of_issue(other));
        prop_assume!(world.merge(source.id, target.id).is_ok());
        world.split(target.id, Part::Merged(source.id)).unwrap();
        for before in [source, target] {
            let now = &world.slice.incidents[&before.id].row;
            let expected = Incident {
                updated_at: now.updated_at,
                is_apart: now.is_apart,
                ..before
            };
            prop_assert_eq!(now, &expected);
        }
    }
}
