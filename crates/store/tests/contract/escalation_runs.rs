//! Escalations under way, and the pages that they owe.

use crate::support::{NOW, incident, incidents_slice, save};
use epicenter_domain::escalation::policy::{Policy, Step, Target};
use epicenter_domain::escalation::run::{Run, Standing, advance};
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::time::{MINUTE_MS, Time};
use epicenter_store::people::owners::{self, ServiceOwner};
use epicenter_store::people::pages_owed::{self, OwedPage, Recipient};
use epicenter_store::people::runs;
use epicenter_store::{Database, Tx};

store_contract!(
    incidents_are_followed_for_their_service_or_their_run,
    runs_are_due_in_time_and_when_the_clock_has_gone_back,
    pages_are_owed_until_they_are_taken_or_cancelled,
);

fn run() -> Run {
    let policy = Policy {
        name: "Shop".to_owned(),
        steps: vec![Step {
            delay_s: 300,
            targets: vec![Target::Person(7)],
        }],
        repeat: 0,
        repeat_after_s: 300,
        acknowledge_timeout_s: 1_800,
        then: None,
    };
    Run::start(vec![policy], NOW)
}

async fn keep(tx: &mut Tx, incident_id: i64, run: &Run) {
    let saved = runs::save(tx, (1, incident_id), (40, run), NOW).await;
    saved.unwrap();
}

async fn incidents_are_followed_for_their_service_or_their_run(database: &Database) {
    let of_service = |id, service_id| Incident {
        service_id,
        ..incident(id)
    };
    let snoozed = Incident {
        status: IncidentStatus::Acknowledged,
        snoozed_until: Some(NOW),
        ..of_service(3, Some(30))
    };
    let incidents = [
        of_service(1, Some(30)),
        of_service(2, Some(31)),
        snoozed,
        of_service(4, None),
        of_service(5, None),
    ];
    save(database, &incidents_slice(incidents)).await;
    writing!(database, |tx| {
        let owner = ServiceOwner {
            team_id: None,
            escalation_id: Some(40),
        };
        owners::set(tx, 1, 30, owner).await.unwrap();
        owners::set(tx, 1, 31, ServiceOwner::default())
            .await
            .unwrap();
        keep(tx, 4, &run()).await;
        let found = runs::followed(tx, &[1, 2, 3, 4, 5]).await.unwrap();
        let ids: Vec<i64> = found.iter().map(|one| one.incident_id).collect();
        assert_eq!(ids, [1, 3, 4]);
        assert_eq!((found[0].escalation_id, &found[0].run), (Some(40), &None));
        assert_eq!(found[0].status, IncidentStatus::Triggered);
        assert_eq!((found[0].is_parked, found[1].is_parked), (false, true));
        assert_eq!(
            (found[2].escalation_id, found[2].started_at),
            (None, Some(NOW))
        );
        assert_eq!(found[2].run, Some((40, run())));
        runs::delete(tx, 4).await.unwrap();
        assert_eq!(runs::followed(tx, &[4]).await.unwrap(), []);
    });
}

async fn due(tx: &mut Tx, now: Time) -> Vec<i64> {
    runs::due(tx, now, now.plus_ms(MINUTE_MS), 2).await.unwrap()
}

async fn runs_are_due_in_time_and_when_the_clock_has_gone_back(database: &Database) {
    let standing = Standing {
        status: IncidentStatus::Resolved,
        is_parked: false,
    };
    let (over, _) = advance(&run(), standing, NOW);
    writing!(database, |tx| {
        for id in [3, 1, 2] {
            keep(tx, id, &run()).await;
        }
        keep(tx, 2, &over).await;
        let end = NOW.plus_ms(5 * MINUTE_MS);
        assert!(due(tx, end.plus_ms(-1)).await.is_empty());
        assert_eq!(due(tx, end).await, [1, 3]);
        assert!(due(tx, NOW.plus_ms(-MINUTE_MS)).await.is_empty());
        assert_eq!(due(tx, NOW.plus_ms(-MINUTE_MS - 1)).await, [1, 3]);
    });
}

async fn pages_are_owed_until_they_are_taken_or_cancelled(database: &Database) {
    let page = |id, incident_id, to, due_at| OwedPage {
        id,
        workspace_id: 1,
        incident_id,
        to,
        reason: format!("Reason {id}"),
        due_at,
    };
    let pages = [
        page(1, 60, Recipient::Person(7), NOW.plus_ms(5)),
        page(2, 60, Recipient::Destination(8), NOW),
        page(3, 61, Recipient::Person(7), NOW),
    ];
    writing!(database, |tx| {
        pages_owed::owe_pages(tx, &pages).await.unwrap();
        pages_owed::owe_pages(tx, &[]).await.unwrap();
        let due = pages_owed::due(tx, NOW, 9).await.unwrap();
        assert_eq!(due, pages[1..]);
        assert!(pages_owed::take(tx, 3).await.unwrap());
        assert!(!pages_owed::take(tx, 3).await.unwrap());
        let due = pages_owed::due(tx, NOW.plus_ms(5), 1).await.unwrap();
        assert_eq!(due, pages[1..2]);
        assert_eq!(pages_owed::cancel(tx, 60).await.unwrap(), 2);
        assert_eq!(pages_owed::due(tx, NOW.plus_ms(9), 9).await.unwrap(), []);
    });
}
