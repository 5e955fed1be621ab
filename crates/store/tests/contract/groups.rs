//! Incidents with several alerts.

use crate::support::{incident, incidents_slice, save};
use epicenter_domain::incident::{Incident, IncidentStatus, Merged};
use epicenter_store::{Database, groups};

store_contract!(merges_are_followed_to_their_end);

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
