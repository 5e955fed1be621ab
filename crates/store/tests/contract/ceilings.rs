//! How many notices people had, and pages that wait because of it.

use crate::notices_owed::owed;
use crate::support::NOW;
use epicenter_domain::id::first_id_at;
use epicenter_domain::time::{HOUR_MS, MINUTE_MS};
use epicenter_store::Database;
use epicenter_store::notices::outbox::{self, OutboxRecord};
use epicenter_store::people::ceilings::{hold_page, own_destinations, take_held, told_since};
use epicenter_store::people::contacts::{self, ContactRecord, ContactWay};
use epicenter_store::people::pages_owed::{self, OwedPage, Recipient};
use epicenter_store::people::settings::{self, UserSettings};

store_contract!(
    what_a_person_was_told_is_counted_once_for_all_ways,
    held_pages_are_taken_together,
);

fn contact(id: i64, user_id: i64, way: ContactWay) -> ContactRecord {
    ContactRecord {
        id,
        workspace_id: 1,
        user_id,
        way,
        created_at: NOW,
    }
}

async fn what_a_person_was_told_is_counted_once_for_all_ways(database: &Database) {
    writing!(database, |tx| {
        for record in [
            contact(1, 5, ContactWay::Destination(7)),
            contact(2, 5, ContactWay::Email("ada@example.com".to_owned())),
            contact(3, 5, ContactWay::Destination(8)),
            contact(4, 6, ContactWay::Destination(8)),
            contact(5, 9, ContactWay::Destination(9)),
        ] {
            contacts::create(tx, &record).await.unwrap();
        }
        let without = UserSettings {
            has_ceiling: false,
            ..UserSettings::default()
        };
        settings::set(tx, 9, &without).await.unwrap();
        let own = own_destinations(tx, 1).await.unwrap();
        assert_eq!(own, [(7, 5)].into(), "8 is shared, 9 has no ceiling");
        assert!(own_destinations(tx, 2).await.unwrap().is_empty());
        for (number, minutes, destination_id, address) in [
            (1, 10, Some(7), None),
            (2, 10, None, Some("ada@example.com")),
            (3, 5, None, Some("ada@example.com")),
            (4, 5, None, Some("bob@example.com")),
            (5, 300, Some(7), None),
        ] {
            let at = NOW.plus_ms(-minutes * MINUTE_MS);
            let record = OutboxRecord {
                destination_id,
                address: address.map(str::to_owned),
                created_at: at,
                ..owed(first_id_at(at) + number)
            };
            outbox::owe(tx, &record).await.unwrap();
        }
        let since = NOW.plus_ms(-3 * HOUR_MS);
        let told = told_since(tx, 5, since, 100).await.unwrap();
        let expected = [5, 10].map(|minutes| NOW.plus_ms(-minutes * MINUTE_MS));
        assert_eq!(told, expected);
        assert_eq!(told_since(tx, 5, since, 1).await.unwrap(), expected[..1]);
        assert!(told_since(tx, 6, since, 9).await.unwrap().is_empty());
    });
}

async fn held_pages_are_taken_together(database: &Database) {
    let page = |id: i64, to: Recipient| OwedPage {
        id,
        workspace_id: 1,
        incident_id: 60 + id,
        to,
        reason: format!("Step {id}"),
        due_at: NOW,
    };
    writing!(database, |tx| {
        let plain = page(1, Recipient::Person(5));
        pages_owed::owe_pages(tx, &[plain]).await.unwrap();
        let until = NOW.plus_ms(MINUTE_MS);
        for (id, user_id) in [(3, 5), (2, 5), (4, 6)] {
            let late = page(id, Recipient::Person(user_id));
            hold_page(tx, &late, until).await.unwrap();
        }
        assert!(take_held(tx, 5, NOW).await.unwrap().is_empty(), "not due");
        let taken = take_held(tx, 5, until).await.unwrap();
        let ids: Vec<i64> = taken.iter().map(|one| one.id).collect();
        assert_eq!(ids, [2, 3], "not the one that was never held");
        assert_eq!(taken[0].due_at, until);
        assert!(take_held(tx, 5, until).await.unwrap().is_empty());
    });
}
