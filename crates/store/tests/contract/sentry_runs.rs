//! Passes over Sentry's issues, and events that are still to be fetched.

use crate::support::{NOW, alert, issue, save};
use epicenter_domain::engine::{Slice, Tracked};
use epicenter_domain::issue::Issue;
use epicenter_store::Database;
use epicenter_store::sentry::connections::{self, NewConnection};
use epicenter_store::sentry::runs::{self, ProjectTally, RunRecord};
use epicenter_store::sentry::wanted_events;

store_contract!(
    a_pass_is_kept_until_it_ends,
    passes_are_forgotten_after_a_while,
    issues_with_open_incidents_are_looked_at_in_turn,
    events_of_open_incidents_are_wanted_once,
);

fn run(id: i64, connection_id: i64) -> RunRecord {
    RunRecord {
        id,
        workspace_id: 1,
        connection_id,
        started_at: NOW.0 + id,
        outcome: "running".to_owned(),
        is_first: true,
        ..RunRecord::default()
    }
}

async fn a_pass_is_kept_until_it_ends(database: &Database) {
    let tally = |seen_count, found_count| ProjectTally {
        project: "shop".to_owned(),
        seen_count,
        heard_count: 1,
        found_count,
    };
    writing!(database, |tx| {
        for (id, connection) in [(1, 5), (2, 6)] {
            runs::save(tx, &run(id, connection)).await.unwrap();
        }
        let further = RunRecord {
            cursor: Some("7:0:0".to_owned()),
            page_count: 3,
            unresolved_count: 9,
            created_count: 8,
            expected_count: Some(40),
            ..run(1, 5)
        };
        runs::save(tx, &further).await.unwrap();
        runs::count(tx, 1, &tally(2, 0)).await.unwrap();
        runs::count(tx, 1, &tally(3, 4)).await.unwrap();
    });
    let open = reading!(database, |tx| runs::open(tx, 5).await.unwrap().unwrap());
    assert_eq!((open.id, open.page_count, open.created_count), (1, 3, 8));
    assert_eq!(open.cursor.as_deref(), Some("7:0:0"));
    assert!(open.is_first);
    let told = reading!(database, |tx| runs::projects(tx, 1).await.unwrap());
    let expected = ProjectTally {
        heard_count: 2,
        ..tally(5, 4)
    };
    assert_eq!(told, [expected]);
    writing!(database, |tx| {
        let ended = RunRecord {
            ended_at: Some(NOW.0 + 50),
            outcome: "done".to_owned(),
            ..open
        };
        runs::save(tx, &ended).await.unwrap();
    });
    reading!(database, |tx| {
        assert_eq!(runs::open(tx, 5).await.unwrap(), None);
        let all = runs::list(tx, 1, None, (None, 9)).await.unwrap();
        assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [2, 1]);
        let rest = runs::list(tx, 1, None, (Some(2), 9)).await.unwrap();
        assert_eq!(rest[0].outcome, "done");
        let of_one = runs::list(tx, 1, Some(6), (None, 9)).await.unwrap();
        assert_eq!(of_one.len(), 1);
        assert!(
            runs::list(tx, 2, Some(6), (None, 9))
                .await
                .unwrap()
                .is_empty()
        );
    });
}

async fn passes_are_forgotten_after_a_while(database: &Database) {
    writing!(database, |tx| {
        for id in 1..=3 {
            let ended = RunRecord {
                ended_at: (id < 3).then_some(NOW.0 + id),
                ..run(id, 5)
            };
            runs::save(tx, &ended).await.unwrap();
            runs::count(tx, id, &ProjectTally::default()).await.unwrap();
        }
        let before = NOW.plus_ms(2);
        assert_eq!(runs::forget(tx, before, 9).await.unwrap(), 1);
    });
    reading!(database, |tx| {
        let left = runs::list(tx, 1, None, (None, 9)).await.unwrap();
        assert_eq!(left.iter().map(|one| one.id).collect::<Vec<_>>(), [3, 2]);
        assert!(runs::projects(tx, 1).await.unwrap().is_empty());
        assert_eq!(runs::projects(tx, 2).await.unwrap().len(), 1);
    });
}

/// Issues 1 to 4; all but 4 with an open alert, 3 without an id in Sentry.
async fn stored(database: &Database) {
    let mut slice = Slice::default();
    for id in 1..=4 {
        let row = Issue {
            sentry_issue_id: (id != 3).then(|| format!("90{id}")),
            last_seen_at: NOW.plus_ms(id),
            ..issue(id)
        };
        let mut mine = alert(id);
        mine.issue_id = Some(id);
        mine.is_open = id != 4;
        let key = (1, row.dedup_key.clone());
        slice.issues.insert(key.clone(), Tracked::made(row));
        slice.alerts.insert(key, Tracked::made(mine));
    }
    save(database, &slice).await;
}

async fn issues_with_open_incidents_are_looked_at_in_turn(database: &Database) {
    stored(database).await;
    let later = NOW.plus_ms(100);
    let ids = async |before| {
        let found = reading!(database, |tx| {
            runs::doubtful(tx, 1, before, 9).await.unwrap()
        });
        found.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    };
    assert_eq!(ids(later).await, ["901", "902"]);
    assert_eq!(ids(NOW.plus_ms(2)).await, ["901"]);
    writing!(database, |tx| runs::looked_at(tx, 1, NOW).await.unwrap());
    assert_eq!(ids(later).await, ["902", "901"]);
}

async fn events_of_open_incidents_are_wanted_once(database: &Database) {
    stored(database).await;
    let wanted = async || {
        writing!(database, |tx| {
            let is_any = wanted_events::is_any(tx, NOW).await.unwrap();
            let found = wanted_events::find(tx, NOW, 9).await.unwrap();
            assert!(is_any || found == 0);
            found
        })
    };
    assert_eq!(wanted().await, 0, "nobody can be asked");
    writing!(database, |tx| {
        let connection = NewConnection {
            id: 9,
            workspace_id: 1,
            integration_id: 1,
            base_url: "https://sentry.io".to_owned(),
            organization: "acme".to_owned(),
            projects: Vec::new(),
            token: None,
            from_environment: true,
            created_at: NOW,
        };
        connections::save(tx, &connection).await.unwrap();
    });
    assert_eq!(wanted().await, 2);
    assert_eq!(wanted().await, 0, "only once");
    let due = reading!(database, |tx| {
        wanted_events::due(tx, NOW, 9).await.unwrap()
    });
    let told: Vec<_> = due.iter().map(|one| one.sentry_issue_id.as_str()).collect();
    assert_eq!(told, ["902", "901"], "the newest issue first");
    writing!(database, |tx| {
        let later = Some(NOW.plus_ms(5));
        wanted_events::put_off(tx, 2, (later, 1), Some("404"))
            .await
            .unwrap();
        wanted_events::put_off(tx, 1, (None, 0), None)
            .await
            .unwrap();
    });
    reading!(database, |tx| {
        assert!(wanted_events::due(tx, NOW, 9).await.unwrap().is_empty());
        assert!(!wanted_events::is_any(tx, NOW).await.unwrap());
        assert!(wanted_events::is_any(tx, NOW.plus_ms(5)).await.unwrap());
        let due = wanted_events::due(tx, NOW.plus_ms(5), 9).await.unwrap();
        assert_eq!((due.len(), due[0].attempt_count), (1, 1));
    });
}
