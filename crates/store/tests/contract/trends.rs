//! Counts over time: written with the batch, read in buckets, rolled up to days (EL-24).

use crate::support::{NOW, event, incident, incidents_slice, issue, issues_slice, save};
use epicenter_domain::engine::NewEvent;
use epicenter_domain::id::first_id_at;
use epicenter_domain::incident::{Incident, IncidentStatus, Merged};
use epicenter_domain::issue::Issue;
use epicenter_domain::level::Level;
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_store::trends::events::{Count, CountFilter, Split, counts, environments, totals};
use epicenter_store::trends::handling::{Resolved, SpellFilter, resolved, spells};
use epicenter_store::trends::movers::{events_of, seen_between};
use epicenter_store::trends::roll_up::{PLACES_PER_DAY, delete_counts, roll_up_day};
use epicenter_store::{Database, Tx};

store_contract!(
    events_are_counted_by_project_environment_level_and_release,
    hours_become_days_and_sums_stay,
    a_day_keeps_few_places_of_a_project,
    incidents_are_found_by_when_they_opened_and_ended,
    moving_issues_are_found_by_when_they_were_seen,
);

/// The beginning of a day.
fn midnight() -> Time {
    NOW.day()
}

fn at(hours: i64) -> Time {
    midnight().plus_ms(hours * HOUR_MS)
}

/// An event of an issue, after so many hours, at this place.
fn sent(id: i64, issue_id: i64, hours: i64, (environment, level, release): Place) -> NewEvent {
    let mut sent = event(id, issue_id, at(hours).plus_ms(id));
    sent.facts.environment = environment.map(str::to_owned);
    sent.facts.release = release.map(str::to_owned);
    sent.facts.level = level;
    sent
}

type Place = (Option<&'static str>, Level, Option<&'static str>);

const LIVE: Place = (Some("live"), Level::Error, Some("shop@1"));
const STAGING: Place = (Some("staging"), Level::Warning, Some("shop@2"));
const NOWHERE: Place = (None, Level::Fatal, None);

async fn stored(database: &Database, issue_id: i64, project: &str, events: Vec<NewEvent>) {
    let mut slice = issues_slice([Issue {
        project_slug: Some(project.to_owned()),
        last_seen_at: midnight().plus_ms(issue_id),
        ..issue(issue_id)
    }]);
    for event in events {
        let bucket = slice
            .buckets
            .entry((issue_id, event.at.hour()))
            .or_insert(0);
        *bucket += 1;
        slice.new_events.push(event);
    }
    save(database, &slice).await;
}

fn row(hours: i64, name: &str, count: i64) -> Count {
    Count {
        at: at(hours).0,
        name: name.to_owned(),
        count,
    }
}

#[expect(clippy::too_many_lines, reason = "one story")]
async fn events_are_counted_by_project_environment_level_and_release(database: &Database) {
    let shop = vec![
        sent(1, 1, 0, LIVE),
        sent(2, 1, 0, LIVE),
        sent(3, 1, 0, STAGING),
        sent(4, 1, 2, LIVE),
        sent(5, 1, 2, NOWHERE),
    ];
    stored(database, 1, "shop", shop).await;
    // A second batch adds to the same rows.
    stored(database, 1, "shop", vec![sent(6, 1, 2, LIVE)]).await;
    stored(database, 2, "web", vec![sent(7, 2, 1, LIVE)]).await;
    let span = (at(0), at(3), HOUR_MS);
    let any = CountFilter::default();
    let shop = CountFilter {
        projects: vec!["shop".to_owned()],
        ..any.clone()
    };
    let live = CountFilter {
        environment: Some("live".to_owned()),
        ..shop.clone()
    };
    let one = CountFilter {
        release: Some("shop@1".to_owned()),
        ..any.clone()
    };
    reading!(database, |tx| {
        for (filter, split, expected) in [
            (
                &any,
                Split::None,
                vec![row(0, "", 3), row(1, "", 1), row(2, "", 3)],
            ),
            (&shop, Split::None, vec![row(0, "", 3), row(2, "", 3)]),
            (&live, Split::None, vec![row(0, "", 2), row(2, "", 2)]),
            (
                &one,
                Split::Level,
                vec![row(0, "", 2), row(1, "", 1), row(2, "", 2)],
            ),
            (
                &one,
                Split::Project,
                vec![row(0, "shop", 2), row(1, "web", 1), row(2, "shop", 2)],
            ),
            (
                &shop,
                Split::Level,
                vec![
                    row(0, "error", 2),
                    row(0, "warning", 1),
                    row(2, "error", 2),
                    row(2, "fatal", 1),
                ],
            ),
            (
                &shop,
                Split::Environment,
                vec![
                    row(0, "live", 2),
                    row(0, "staging", 1),
                    row(2, "", 1),
                    row(2, "live", 2),
                ],
            ),
        ] {
            let found = counts(tx, 1, filter, split, span).await.unwrap();
            assert_eq!(found, expected, "{filter:?} {split:?}");
        }
        assert!(
            counts(tx, 2, &any, Split::None, span)
                .await
                .unwrap()
                .is_empty()
        );
        let days = counts(tx, 1, &any, Split::None, (at(0), at(24), DAY_MS)).await;
        assert_eq!(days.unwrap(), [row(0, "", 7)]);
        let most = totals(tx, 1, &any, Split::Project, (at(0), at(3), 9))
            .await
            .unwrap();
        assert_eq!(most, [("shop".to_owned(), 6), ("web".to_owned(), 1)]);
        let first = totals(tx, 1, &any, Split::Project, (at(0), at(3), 1))
            .await
            .unwrap();
        assert_eq!(first.len(), 1);
        assert_eq!(
            environments(tx, 1, at(0)).await.unwrap(),
            ["live", "staging"]
        );
        assert!(environments(tx, 1, at(3)).await.unwrap().is_empty());
    });
    writing!(database, |tx| delete_counts(tx, at(2)).await.unwrap());
    reading!(database, |tx| {
        let left = counts(tx, 1, &any, Split::None, span).await.unwrap();
        assert_eq!(left, [row(2, "", 3)]);
        let left = counts(tx, 1, &one, Split::None, span).await.unwrap();
        assert_eq!(left, [row(2, "", 2)]);
    });
}

/// Numbers that look random and are the same in each run.
fn scattered(seed: u64) -> impl Iterator<Item = i64> {
    std::iter::successors(Some(seed), |last| {
        Some(
            last.wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407),
        )
    })
    .map(|number| i64::try_from(number >> 33).unwrap())
}

async fn hours_become_days_and_sums_stay(database: &Database) {
    let places = [LIVE, STAGING, NOWHERE];
    for (issue_id, seed) in [(1, 7), (2, 11), (3, 13)] {
        let mut numbers = scattered(seed);
        let mut events = Vec::new();
        for index in 0..80 {
            let mut draw = |below: i64| numbers.next().unwrap().rem_euclid(below);
            let (hours, place) = (draw(96), usize::try_from(draw(3)).unwrap());
            events.push(sent(
                issue_id * 1_000 + index,
                issue_id,
                hours,
                places[place],
            ));
        }
        stored(
            database,
            issue_id,
            ["shop", "web", "app"][usize::try_from(issue_id).unwrap() - 1],
            events,
        )
        .await;
    }
    let read = async |width| {
        let mut all = Vec::new();
        reading!(database, |tx| for split in Split::ALL {
            for filter in [
                CountFilter::default(),
                CountFilter {
                    projects: vec!["web".to_owned()],
                    ..CountFilter::default()
                },
                CountFilter {
                    environment: Some("live".to_owned()),
                    ..CountFilter::default()
                },
                CountFilter {
                    release: Some("shop@2".to_owned()),
                    ..CountFilter::default()
                },
            ] {
                all.push(
                    counts(tx, 1, &filter, split, (at(0), at(96), width))
                        .await
                        .unwrap(),
                );
            }
        });
        all
    };
    let before = read(DAY_MS).await;
    assert_eq!(before[0].len(), 4, "four days");
    assert_eq!(before[0].iter().map(|one| one.count).sum::<i64>(), 240);
    let hours_before = read(HOUR_MS).await[0].len();
    let mut rounds = 0;
    while writing!(database, |tx| roll_up_day(tx, at(50)).await.unwrap()) {
        rounds += 1;
    }
    assert_eq!(rounds, 2, "the third day has not ended");
    assert_eq!(read(DAY_MS).await, before, "no sum changes");
    assert!(read(HOUR_MS).await[0].len() < hours_before);
    // An event that comes late is added to its day by the next round.
    stored(database, 1, "shop", vec![sent(9_999, 1, 5, LIVE)]).await;
    assert!(writing!(database, |tx| roll_up_day(tx, at(50))
        .await
        .unwrap()));
    assert!(!writing!(database, |tx| roll_up_day(tx, at(50))
        .await
        .unwrap()));
    assert_eq!(read(DAY_MS).await[0][0].count, before[0][0].count + 1);
}

async fn a_day_keeps_few_places_of_a_project(database: &Database) {
    let many = PLACES_PER_DAY + 40;
    let mut events = Vec::new();
    for index in 0..many {
        let mut one = sent(index, 1, 1, LIVE);
        one.facts.environment = Some(format!("branch-{index:03}"));
        events.push(one);
    }
    events.push(sent(5_000, 1, 1, LIVE));
    events.push(sent(5_001, 1, 1, LIVE));
    stored(database, 1, "shop", events).await;
    assert!(writing!(database, |tx| roll_up_day(tx, at(24))
        .await
        .unwrap()));
    reading!(database, |tx| {
        for filter in [
            CountFilter::default(),
            CountFilter {
                release: Some("shop@1".to_owned()),
                ..CountFilter::default()
            },
        ] {
            let span = (at(0), at(24), DAY_MS);
            let found = counts(tx, 1, &filter, Split::Environment, span)
                .await
                .unwrap();
            if filter.release.is_none() {
                let sum: i64 = found.iter().map(|one| one.count).sum();
                assert_eq!(sum, many + 2, "nothing is lost");
                assert!(found.contains(&row(0, "", 41)), "{found:?}");
            }
            assert!(
                found.contains(&row(0, "live", 2)),
                "the largest stays: {found:?}"
            );
            assert!(i64::try_from(found.len()).unwrap() <= PLACES_PER_DAY + 1);
        }
    });
}

#[expect(clippy::too_many_lines, reason = "one story")]
async fn incidents_are_found_by_when_they_opened_and_ended(database: &Database) {
    let opened = |hours: i64, service: i64| Incident {
        id: first_id_at(at(hours)) + service,
        number: hours * 10 + service,
        service_id: Some(service),
        project: Some("shop".to_owned()),
        environment: Some("live".to_owned()),
        opened_at: at(hours),
        ..incident(1)
    };
    let solved = |one: Incident, hours: i64| Incident {
        status: IncidentStatus::Resolved,
        acknowledged_at: Some(one.opened_at.plus_ms(60)),
        resolved_at: Some(at(hours)),
        ..one
    };
    let merged = Merged {
        into_id: 5,
        into_number: 5,
        status: IncidentStatus::Triggered,
        snoozed_until: None,
        archived_until: None,
    };
    let all = [
        solved(opened(-10, 1), 3),
        solved(opened(1, 1), 2),
        opened(2, 2),
        Incident {
            merged: Some(Box::new(merged)),
            ..solved(opened(3, 2), 4)
        },
        Incident {
            suspended_until: Some(at(5)),
            ..solved(opened(4, 2), 4)
        },
    ];
    save(database, &incidents_slice(all)).await;
    let any = SpellFilter::default();
    let second = SpellFilter {
        service_id: Some(2),
        ..any.clone()
    };
    let other = SpellFilter {
        project: Some("web".to_owned()),
        ..any.clone()
    };
    reading!(database, |tx| {
        let span = (at(0), at(9));
        let found = spells(tx, 1, &any, span, 9).await.unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.spell.to_acknowledge(),
                    one.spell.to_resolve(),
                    one.spell.is_aside,
                )
            })
            .collect();
        let none = (None, None, false);
        let aside = (None, None, true);
        assert_eq!(told, [aside, aside, none, (Some(60), Some(HOUR_MS), false)]);
        let hours = vec![(at(2), 1), (at(3), 1)];
        let ended = resolved(tx, 1, &any, span, 9).await.unwrap();
        assert_eq!(ended, Resolved { hours, count: 4 });
        let newest = resolved(tx, 1, &any, span, 3).await.unwrap();
        let hours = vec![(at(3), 1)];
        assert_eq!(
            newest,
            Resolved { hours, count: 3 },
            "two of hour 4 are aside"
        );
        let none = resolved(tx, 1, &second, (at(2), at(4)), 9).await.unwrap();
        assert_eq!(none, Resolved::default());
        for (filter, expected) in [(&second, 3), (&other, 0)] {
            let found = spells(tx, 1, filter, span, 9).await.unwrap();
            assert_eq!(found.len(), expected);
        }
        let newest = spells(tx, 1, &any, span, 1).await.unwrap();
        assert_eq!(newest[0].spell.opened_at, at(4));
        assert!(spells(tx, 2, &any, span, 9).await.unwrap().is_empty());
    });
}

async fn moving_issues_are_found_by_when_they_were_seen(database: &Database) {
    for (issue_id, project, hours) in [
        (1, "shop", &[-3, 1, 1][..]),
        (2, "web", &[2]),
        (3, "shop", &[]),
    ] {
        let events = (0..).zip(hours);
        let events =
            events.map(|(index, hours)| sent(issue_id * 100 + index, issue_id, *hours, LIVE));
        stored(database, issue_id, project, events.collect()).await;
    }
    let any = CountFilter::default();
    let shop = CountFilter {
        projects: vec!["shop".to_owned()],
        ..any.clone()
    };
    let live = CountFilter {
        environment: Some("live".to_owned()),
        ..any.clone()
    };
    let span = (midnight(), midnight().plus_ms(3));
    reading!(database, |tx| {
        for (filter, limit, expected) in [
            (&any, 9, vec![2, 1]),
            (&any, 1, vec![2]),
            (&shop, 9, vec![1]),
            (&live, 9, vec![]),
        ] {
            let found = seen_between(tx, 1, filter, span, limit).await.unwrap();
            let ids: Vec<i64> = found.iter().map(|one| one.id).collect();
            assert_eq!(ids, expected, "{filter:?}");
        }
        let events = events_of(tx, &[1, 2, 3], (at(0), at(2))).await.unwrap();
        assert_eq!(events.into_iter().collect::<Vec<_>>(), [(1, 2)]);
        assert!(events_of(tx, &[], (at(0), at(2))).await.unwrap().is_empty());
    });
}

/// Everything that is asked about trends, for the test of plans.
pub(crate) async fn ask_everything(tx: &mut Tx) {
    let any = CountFilter::default();
    let narrow = CountFilter {
        projects: vec!["shop".to_owned(), "web".to_owned()],
        environment: Some("live".to_owned()),
        release: None,
    };
    let release = CountFilter {
        release: Some("shop@1".to_owned()),
        ..any.clone()
    };
    for filter in [&any, &narrow, &release] {
        for split in Split::ALL {
            counts(tx, 1, filter, split, (at(0), at(9), DAY_MS))
                .await
                .unwrap();
            totals(tx, 1, filter, split, (at(0), at(9), 9))
                .await
                .unwrap();
        }
        seen_between(tx, 1, filter, (at(0), at(9)), 9)
            .await
            .unwrap();
    }
    environments(tx, 1, at(0)).await.unwrap();
    events_of(tx, &[1, 2], (at(0), at(9))).await.unwrap();
    let one = SpellFilter {
        service_id: Some(1),
        project: Some("shop".to_owned()),
        environment: Some("live".to_owned()),
    };
    for filter in [&SpellFilter::default(), &one] {
        spells(tx, 1, filter, (at(0), at(9)), 9).await.unwrap();
        resolved(tx, 1, filter, (at(0), at(9)), 9).await.unwrap();
    }
    roll_up_day(tx, at(-24)).await.unwrap();
    delete_counts(tx, at(-24)).await.unwrap();
}
