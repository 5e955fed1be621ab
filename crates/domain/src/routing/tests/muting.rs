//! Silences and inhibition: who hears nothing, for how long, and why.

use super::*;

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
        within_ms: None,
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
        within_ms: None,
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

/// Users and releases come without anybody asking for a plan: the silence looks by itself.
#[test]
fn a_silence_that_may_end_early_looks_again_soon() {
    for (until, again) in [
        (Until::End, HOUR_MS),
        (Until::Users(50), WAIT + 5 * MINUTE_MS),
        (Until::Release("2.0".to_owned()), WAIT + 5 * MINUTE_MS),
    ] {
        let mut world = World::new();
        world.silence("", 0, HOUR_MS).until = until.clone();
        let verdict = world.run(at(WAIT));
        assert_eq!(held(&verdict).1, Some(at(again)), "{until:?}");
    }
}
