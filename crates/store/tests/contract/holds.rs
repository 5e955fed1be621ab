//! Places take turns, and what their ceilings hold back is told once.

use crate::notices::destination;
use crate::notices_owed::owed;
use crate::support::{NOW, incident, incidents_slice};
use epicenter_domain::time::{DAY_MS, MINUTE_MS, Time};
use epicenter_store::notices::holds::{self, Telling};
use epicenter_store::notices::outbox::{self, OutboxRecord};
use epicenter_store::notices::{destinations, turns};
use epicenter_store::{Database, Tx, slice};

store_contract!(
    each_place_has_its_turn,
    what_is_held_is_counted_and_told_once_a_day,
    what_waits_leaves_with_its_destination,
);

const PLACE: Telling = Telling {
    destination_id: 7,
    workspace_id: 1,
};

async fn each_place_has_its_turn(database: &Database) {
    let address = |id: i64, address: &str| OutboxRecord {
        destination_id: None,
        address: Some(address.to_owned()),
        ..owed(id)
    };
    let elsewhere = |id: i64| OutboxRecord {
        destination_id: Some(8),
        ..owed(id)
    };
    let done = OutboxRecord {
        destination_id: Some(9),
        state: String::from("delivered"),
        ..owed(30)
    };
    let (ada, bob) = ("ada@example.com", "bob@example.com");
    writing!(database, |tx| {
        assert!(turns::places(tx).await.unwrap().is_empty());
        for id in 1..=9 {
            outbox::owe(tx, &owed(id)).await.unwrap();
        }
        let more = [
            elsewhere(20),
            address(21, bob),
            address(22, ada),
            address(23, ada),
        ];
        for record in more.into_iter().chain([done]) {
            outbox::owe(tx, &record).await.unwrap();
        }
        let to = |address: &str| (None, Some(address.to_owned()));
        let places = turns::places(tx).await.unwrap();
        assert_eq!(places, [(Some(7), None), (Some(8), None), to(ada), to(bob)]);
        for (place, ids) in places
            .iter()
            .zip([vec![1, 2], vec![20], vec![22, 23], vec![21]])
        {
            let due = turns::due(tx, place, NOW, 2).await.unwrap();
            let found: Vec<_> = due.into_iter().map(|record| record.id).collect();
            assert_eq!(found, ids, "{place:?}");
            let early = turns::due(tx, place, NOW.plus_ms(-1), 2).await.unwrap();
            assert!(early.is_empty(), "{place:?}");
        }
    });
}

/// Holds an incident at an instant, as the planner does.
async fn hold(tx: &mut Tx, incident_id: i64, now: Time) {
    let times = (now.plus_ms(MINUTE_MS), now.plus_ms(-DAY_MS));
    holds::hold(tx, (PLACE, incident_id), now, times)
        .await
        .unwrap();
}

async fn waiting(tx: &mut Tx, limit: i64) -> Vec<i64> {
    let all = holds::waiting(tx, 7, limit).await.unwrap();
    all.into_iter().map(|incident| incident.id).collect()
}

async fn what_is_held_is_counted_and_told_once_a_day(database: &Database) {
    let minute = NOW.plus_ms(MINUTE_MS);
    writing!(database, |tx| {
        let slice = incidents_slice((1..=4).map(incident));
        slice::save(tx, &slice).await.unwrap();
        for id in [2, 1, 3, 3] {
            hold(tx, id, NOW).await;
        }
        assert_eq!(holds::count(tx, 7).await.unwrap(), 3);
        assert_eq!(holds::count(tx, 8).await.unwrap(), 0);
        assert_eq!(waiting(tx, 2).await, [1, 2]);
        holds::release(tx, 7, 1).await.unwrap();
        assert_eq!(waiting(tx, 9).await, [2, 3]);
        let early = holds::due(tx, minute.plus_ms(-1), 9).await.unwrap();
        assert!(early.is_empty());
        assert_eq!(holds::due(tx, minute, 9).await.unwrap(), [PLACE]);
        let told = (minute, Some(minute));
        assert!(holds::tell(tx, 7, told).await.unwrap());
        assert!(!holds::tell(tx, 7, told).await.unwrap(), "only one tells");
        hold(tx, 4, minute).await;
        let far = NOW.plus_ms(9 * DAY_MS);
        assert!(holds::due(tx, far, 9).await.unwrap().is_empty());
        let tomorrow = minute.plus_ms(DAY_MS);
        hold(tx, 1, tomorrow).await;
        let due = holds::due(tx, far, 9).await.unwrap();
        assert_eq!(due, [PLACE], "a day later it is news again");
        // Nothing waited any more: it was not told.
        assert!(holds::tell(tx, 7, (far, None)).await.unwrap());
        hold(tx, 5, far).await;
        let later = far.plus_ms(MINUTE_MS);
        assert_eq!(holds::due(tx, later, 9).await.unwrap(), [PLACE]);
    });
}

async fn what_waits_leaves_with_its_destination(database: &Database) {
    writing!(database, |tx| {
        destinations::save(tx, &destination(7, 1)).await.unwrap();
        hold(tx, 1, NOW).await;
        assert!(destinations::delete(tx, 1, 7).await.unwrap());
        assert_eq!(holds::count(tx, 7).await.unwrap(), 0);
        let far = NOW.plus_ms(DAY_MS);
        assert!(holds::due(tx, far, 9).await.unwrap().is_empty());
    });
}
