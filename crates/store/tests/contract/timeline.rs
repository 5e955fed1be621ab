//! Lines of incidents and issues, and the stream of all.

use crate::support::{line, save};
use epicenter_domain::engine::Slice;
use epicenter_domain::incident::TimelineEntry;
use epicenter_domain::signal::{Actor, ActorKind};
use epicenter_domain::time::Time;
use epicenter_store::{Database, StoreError, timeline};

store_contract!(
    a_line_comes_back_as_it_was,
    pages_go_from_the_oldest_line_to_the_newest,
    the_stream_continues_after_a_line,
);

async fn write(database: &Database, lines: Vec<TimelineEntry>) {
    let slice = Slice {
        timeline: lines,
        ..Slice::default()
    };
    save(database, &slice).await;
}

fn ids(lines: &[TimelineEntry]) -> Vec<i64> {
    lines.iter().map(|line| line.id).collect()
}

async fn a_line_comes_back_as_it_was(database: &Database) {
    let kinds = [
        ActorKind::Person,
        ActorKind::Application,
        ActorKind::User,
        ActorKind::Epicenter,
    ];
    let lines: Vec<TimelineEntry> = (1_i64..)
        .zip(kinds)
        .map(|(id, kind)| TimelineEntry {
            issue_id: (id > 2).then_some(9),
            occurred_at: (id > 1).then_some(Time(5)),
            actor: Actor {
                kind,
                id: format!("{id}"),
                name: String::from("Mika \u{1f600}"),
            },
            body: String::from("**more**\n'quoted'"),
            delivery_id: (id > 3).then_some(7),
            ..line(id, Some(3), None)
        })
        .collect();
    write(database, lines.clone()).await;
    let page = reading!(database, |tx| {
        timeline::of_incident(tx, 3, None, 10).await.unwrap()
    });
    assert_eq!(page.items, lines);
    assert_eq!(page.next_cursor, None);
}

async fn pages_go_from_the_oldest_line_to_the_newest(database: &Database) {
    let lines = (1..=40).map(|id| line(id, Some(id % 2), Some(id % 3)));
    write(database, lines.collect()).await;
    let (incident, issue) = reading!(database, |tx| {
        let incident =
            all_pages!(|cursor| { timeline::of_incident(tx, 1, cursor, 4).await.unwrap() });
        let issue = all_pages!(|cursor| { timeline::of_issue(tx, 2, cursor, 4).await.unwrap() });
        (incident, issue)
    });
    assert_eq!(ids(&incident), (1..=40).step_by(2).collect::<Vec<_>>());
    assert_eq!(ids(&issue), (2..=40).step_by(3).collect::<Vec<_>>());
    reading!(database, |tx| {
        let newest = timeline::newest_of_incident(tx, 1, None, 3).await.unwrap();
        assert_eq!(ids(&newest.items), [39, 37, 35]);
        let newest = timeline::newest_of_issue(tx, 2, None, 3).await.unwrap();
        assert_eq!(ids(&newest.items), [38, 35, 32]);
    });
    let (incident, issue) = reading!(database, |tx| {
        let incident = all_pages!(|cursor| {
            timeline::newest_of_incident(tx, 1, cursor, 4)
                .await
                .unwrap()
        });
        let issue =
            all_pages!(|cursor| { timeline::newest_of_issue(tx, 2, cursor, 4).await.unwrap() });
        (incident, issue)
    });
    let odd = (1..=40).rev().filter(|id| id % 2 == 1);
    assert_eq!(ids(&incident), odd.collect::<Vec<_>>());
    let third = (1..=40).rev().filter(|id| id % 3 == 2);
    assert_eq!(ids(&issue), third.collect::<Vec<_>>());
    reading!(database, |tx| {
        let strange = timeline::newest_of_incident(tx, 1, Some("x"), 3).await;
        assert!(matches!(strange, Err(StoreError::Cursor)));
    });
}

async fn the_stream_continues_after_a_line(database: &Database) {
    let foreign = TimelineEntry {
        workspace_id: 2,
        ..line(9, None, None)
    };
    let mut lines: Vec<_> = (1..=8).map(|id| line(id, Some(1), None)).collect();
    lines.push(foreign);
    write(database, lines).await;
    reading!(database, |tx| {
        let after = timeline::after(tx, 1, 5, 100).await.unwrap();
        assert_eq!(ids(&after), [6, 7, 8]);
        let after = timeline::after(tx, 1, 1, 2).await.unwrap();
        assert_eq!(ids(&after), [7, 8]);
        assert!(timeline::after(tx, 1, 8, 2).await.unwrap().is_empty());
    });
}
