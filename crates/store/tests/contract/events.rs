//! Single events.

use crate::support::{NOW, event, save};
use epicenter_domain::engine::{NewEvent, Slice};
use epicenter_store::{Database, events};

store_contract!(
    pages_go_from_the_newest_event_to_the_oldest_also_at_equal_times,
    one_event_is_found_only_in_its_workspace,
);

async fn write(database: &Database, events: impl IntoIterator<Item = NewEvent>) {
    let slice = Slice {
        new_events: events.into_iter().collect(),
        ..Slice::default()
    };
    save(database, &slice).await;
}

async fn pages_go_from_the_newest_event_to_the_oldest_also_at_equal_times(database: &Database) {
    // Ids and times disagree: an event that arrives late is old.
    let place = |id: i64| (NOW.plus_ms((id * 7) % 4), id);
    write(database, (1..=50).map(|id| event(id, 3, place(id).0))).await;
    write(database, (51..=60).map(|id| event(id, 4, NOW))).await;
    let all = reading!(database, |tx| all_pages!(|cursor| {
        events::of_issue(tx, 3, cursor, 6).await.unwrap()
    }));
    let ids: Vec<i64> = all.iter().map(|event| event.id).collect();
    let mut expected: Vec<i64> = (1..=50).collect();
    expected.sort_by_key(|id| std::cmp::Reverse(place(*id)));
    assert_eq!(ids, expected);
}

async fn one_event_is_found_only_in_its_workspace(database: &Database) {
    let mut new = event(5, 3, NOW);
    new.facts.environment = Some(String::from("production"));
    new.facts.release = Some(String::from("1"));
    new.delivery_id = Some(8);
    write(database, [new.clone()]).await;
    reading!(database, |tx| {
        let kept = events::by_id(tx, 1, 5).await.unwrap().unwrap();
        assert_eq!(kept.event_id, new.facts.event_id);
        assert_eq!((kept.issue_id, kept.at), (3, NOW));
        assert_eq!((kept.level, kept.title), (new.facts.level, new.facts.title));
        assert_eq!(kept.environment, new.facts.environment);
        assert_eq!(kept.release, new.facts.release);
        assert_eq!((kept.delivery_id, kept.detail), (Some(8), None));
        assert_eq!(events::by_id(tx, 2, 5).await.unwrap(), None);
        assert_eq!(events::by_id(tx, 1, 6).await.unwrap(), None);
    });
}
