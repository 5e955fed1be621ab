//! Issues that never end, and those with very many events: they lose what is old in pieces.

use crate::support::{NOW, event, issue, issues_slice, save};
use epicenter_domain::id::first_id_at;
use epicenter_domain::issue::Issue;
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_store::tokens::{self, NewToken};
use epicenter_store::users::Role;
use epicenter_store::{Database, events, issues, retention};

store_contract!(
    old_events_go_in_pieces_but_never_the_newest_of_an_issue,
    an_issue_with_very_many_events_goes_in_pieces,
    a_token_is_touched_once_a_minute,
);

/// When the `count`th event of these cases was stored.
fn stored_at(count: i64) -> Time {
    NOW.plus_ms(-100 * DAY_MS + count * HOUR_MS)
}

async fn old_events_go_in_pieces_but_never_the_newest_of_an_issue(database: &Database) {
    let mut slice = issues_slice([issue(1), issue(2), issue(3)]);
    let mut ids = Vec::new();
    // Two issues take turns; the second one has nothing new afterwards, the third one has only
    // one event.
    for count in 0..20 {
        let at = stored_at(count);
        let event = event(
            first_id_at(at),
            if count == 11 { 3 } else { 1 + count % 2 },
            at,
        );
        ids.push(event.id);
        *slice
            .buckets
            .entry((event.issue_id, at.hour()))
            .or_default() += 1;
        slice.new_events.push(event);
    }
    slice.new_events.push(event(first_id_at(NOW), 1, NOW));
    slice.buckets.insert((1, NOW.hour()), 1);
    save(database, &slice).await;

    let (mut after, mut calls) = (0, 0);
    let cut = NOW.plus_ms(-30 * DAY_MS);
    while let Some(last) = writing!(database, |tx| {
        retention::delete_events(tx, cut, after, 7).await.unwrap()
    }) {
        assert!(last > after);
        (after, calls) = (last, calls + 1);
    }
    assert_eq!((after, calls), (ids[19], 3));
    reading!(database, |tx| {
        for (issue_id, wanted) in [
            (1, vec![first_id_at(NOW)]),
            (2, vec![ids[19]]),
            (3, vec![ids[11]]),
        ] {
            let page = events::of_issue(tx, issue_id, None, 50).await.unwrap();
            let left: Vec<i64> = page.items.iter().map(|event| event.id).collect();
            assert_eq!(left, wanted, "of {issue_id}");
        }
        let trend = issues::trend(tx, 1, Time(0), NOW.plus_ms(1)).await.unwrap();
        assert_eq!(trend, [(NOW.hour(), 1)]);
    });
    let again = writing!(database, |tx| {
        retention::delete_events(tx, stored_at(0), 0, 7)
            .await
            .unwrap()
    });
    assert_eq!(again, None);
}

async fn an_issue_with_very_many_events_goes_in_pieces(database: &Database) {
    let long_ago = NOW.plus_ms(-100 * DAY_MS);
    let old = |id| Issue {
        status: IssueStatus::Resolved,
        last_seen_at: long_ago.plus_ms(id),
        updated_at: long_ago,
        ..issue(id)
    };
    let mut slice = issues_slice([old(1), old(2), old(3)]);
    for id in 1..=6_000 {
        slice.new_events.push(event(id, 2, long_ago.plus_ms(id)));
    }
    save(database, &slice).await;
    let mut gone = Vec::new();
    while gone.iter().sum::<usize>() < 3 {
        assert!(gone.len() < 5, "it never ends: {gone:?}");
        gone.push(writing!(database, |tx| {
            retention::delete_issues(tx, &["resolved"], NOW, 500)
                .await
                .unwrap()
        }));
        reading!(database, |tx| {
            // Newer events go last, and an issue goes after all of its events.
            let page = events::of_issue(tx, 2, None, 1).await.unwrap();
            let is_there = issues::by_id(tx, 1, 2).await.unwrap().is_some();
            assert_eq!(
                page.items.first().map(|event| event.id),
                is_there.then_some(6_000)
            );
        });
    }
    assert_eq!(gone.len(), 2, "{gone:?}");
}

async fn a_token_is_touched_once_a_minute(database: &Database) {
    let new = NewToken {
        id: 1,
        workspace_id: 1,
        name: String::from("ci"),
        role: Role::Viewer,
        hash: vec![7; 32],
        hint: String::from("epi_"),
        created_at: NOW,
        expires_at: None,
    };
    writing!(database, |tx| tokens::create(tx, &new).await.unwrap());
    for (after_ms, wanted_ms) in [(0, 0), (59_999, 0), (60_000, 60_000), (61_000, 60_000)] {
        let token = writing!(database, |tx| {
            tokens::touch(tx, 1, NOW.plus_ms(after_ms)).await.unwrap();
            tokens::list(tx, 1).await.unwrap().remove(0)
        });
        assert_eq!(token.last_used_at, Some(NOW.plus_ms(wanted_ms)));
    }
}
