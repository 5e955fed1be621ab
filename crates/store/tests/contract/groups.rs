//! Incidents with several alerts.

use crate::support::{NOW, alert, incident, incidents_slice, save};
use epicenter_domain::engine::{Group, Slice, Tracked};
use epicenter_domain::incident::{Alert, Incident, IncidentStatus, Merged};
use epicenter_domain::routing::group::{GroupPolicy, GroupRule, Traits};
use epicenter_domain::routing::{Condition, Field};
use epicenter_domain::time::{HOUR_MS, Time};
use epicenter_store::{Database, groups, slice};

store_contract!(
    merges_are_followed_to_their_end,
    groups_are_found_by_what_is_equal_with_all_their_alerts,
    old_groups_are_forgotten_in_pieces,
    each_workspace_groups_as_it_says,
);

fn merged(id: i64, into_id: i64) -> Incident {
    Incident {
        status: IncidentStatus::Resolved,
        merged: Some(Box::new(Merged {
            into_id,
            into_number: into_id,
            status: IncidentStatus::Triggered,
            snoozed_until: None,
            archived_until: None,
        })),
        ..incident(id)
    }
}

async fn merges_are_followed_to_their_end(database: &Database) {
    let other = Incident {
        workspace_id: 2,
        ..merged(9, 1)
    };
    let rows = [
        incident(1),
        merged(2, 1),
        merged(3, 2),
        merged(4, 3),
        incident(5),
        merged(6, 5),
        merged(7, 8),
        merged(8, 7),
        other,
    ];
    save(database, &incidents_slice(rows)).await;
    for (id, expected) in [
        (1, vec![2, 3, 4]),
        (3, vec![4]),
        (4, vec![]),
        (7, vec![7, 8]),
    ] {
        let found = reading!(database, |tx| groups::merged_into(tx, 1, id).await.unwrap());
        let ids: Vec<i64> = found.iter().map(|one| one.id).collect();
        assert_eq!(ids, expected, "into {id}");
    }
}

fn group(workspace_id: i64, joined_at: Time, hashes: &[[u8; 16]]) -> Group {
    Group {
        workspace_id,
        opened_at: NOW.plus_ms(-HOUR_MS),
        joined_at,
        traits: Traits {
            deploy: "1.4.2".to_owned(),
            ..Traits::default()
        },
        hashes: hashes.to_vec(),
        is_dirty: true,
    }
}

async fn found(database: &Database, hashes: &[(i64, [u8; 16])], since: Time) -> Slice {
    let mut slice = Slice::default();
    reading!(database, |tx| {
        slice::load_groups(tx, hashes, since, &mut slice)
            .await
            .unwrap();
    });
    slice
}

async fn groups_are_found_by_what_is_equal_with_all_their_alerts(database: &Database) {
    let (one, two) = ([1; 16], [2; 16]);
    let mut slice = incidents_slice([incident(1), incident(2), incident(3)]);
    for id in [11, 12] {
        let row = Alert {
            incident_id: Some(1),
            ..alert(id)
        };
        let key = (row.integration_id, row.dedup_key.clone());
        slice.alerts.insert(key, Tracked::made(row));
    }
    let mut clean = group(1, NOW, &[one]);
    clean.is_dirty = false;
    slice.groups.open = [
        (1, group(1, NOW, &[one, two])),
        (2, group(1, NOW.plus_ms(-1), &[two])),
        (3, group(2, NOW, &[two])),
        (4, clean),
    ]
    .into();
    save(database, &slice).await;
    let ids = |slice: &Slice| slice.groups.open.keys().copied().collect::<Vec<_>>();
    let all = found(database, &[(1, one), (1, two)], NOW.plus_ms(-1)).await;
    assert_eq!(ids(&all), [1, 2]);
    assert_eq!(all.groups.by_hash[&(1, two)], [1, 2].into());
    assert_eq!(all.groups.by_hash[&(1, one)], [1].into());
    let expected = Group {
        hashes: Vec::new(),
        is_dirty: false,
        ..group(1, NOW, &[])
    };
    assert_eq!(all.groups.open[&1], expected);
    assert_eq!((all.incidents.len(), all.alerts.len()), (2, 2));
    let lately = found(database, &[(1, two), (2, one)], NOW).await;
    assert_eq!(ids(&lately), [1]);
    let mut joined = all;
    for (id, ms) in [(1, 5), (2, -9)] {
        let group = joined.groups.open.get_mut(&id).unwrap();
        group.joined_at = NOW.plus_ms(ms);
        group.is_dirty = true;
    }
    save(database, &joined).await;
    let again = found(database, &[(1, two)], NOW).await;
    assert_eq!(ids(&again), [1]);
    assert_eq!(again.groups.open[&1].joined_at, NOW.plus_ms(5));
}

async fn old_groups_are_forgotten_in_pieces(database: &Database) {
    let mut slice = Slice::default();
    for id in 1..=5 {
        let ago = if id == 5 { 24 } else { 25 };
        let group = group(1, NOW.plus_ms(-ago * HOUR_MS), &[[1; 16]]);
        slice.groups.open.insert(id, group);
    }
    save(database, &slice).await;
    for expected in [3, 1, 0] {
        let mut tx = database.write().await.unwrap();
        let gone = groups::forget_old(&mut tx, NOW, 3).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(gone, expected);
    }
    let left = found(database, &[(1, [1; 16])], Time(0)).await;
    assert_eq!(left.groups.by_hash[&(1, [1; 16])], [5].into());
}

async fn each_workspace_groups_as_it_says(database: &Database) {
    let policy = GroupPolicy {
        is_on: false,
        rules: vec![GroupRule {
            id: 1,
            name: "customer".to_owned(),
            condition: Condition::parse("environment == 'production'").unwrap(),
            equal: vec![Field::Tag("customer".to_owned())],
        }],
        ..GroupPolicy::default()
    };
    for wanted in [GroupPolicy::default(), policy.clone()] {
        let mut tx = database.write().await.unwrap();
        groups::set_policy(&mut tx, 1, &wanted).await.unwrap();
        tx.commit().await.unwrap();
    }
    let all = reading!(database, |tx| groups::policies(tx).await.unwrap());
    assert_eq!(all, [(1, policy)].into());
}
