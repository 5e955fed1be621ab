//! Destinations and silences, and what was planned for incidents.

use crate::support::{NOW, incident, incidents_slice, save};
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::level::Severity;
use epicenter_domain::notification::Target;
use epicenter_domain::proof::SecretValue;
use epicenter_domain::routing::limits::Rate;
use epicenter_domain::routing::mute::{Silence, Until};
use epicenter_domain::routing::{Condition, NotifyLog, Stage, Verdict};
use epicenter_domain::time::{HOUR_MS, Time};
use epicenter_store::notices::destinations::{self, DestinationRecord, DestinationSettings};
use epicenter_store::notices::plans::{self, DuePlan, Told};
use epicenter_store::notices::silences;
use epicenter_store::{Database, Tx};

store_contract!(
    a_destination_is_kept_with_its_secrets_and_services,
    destinations_are_listed_and_deleted_in_their_workspace_only,
    silences_are_listed_by_their_end_and_changed_in_place,
    a_plan_that_is_asked_for_earlier_comes_earlier,
    of_many_plans_the_oldest_and_the_newest_come_first,
    changed_rules_ask_for_a_plan_of_every_open_incident,
    a_plan_that_is_made_comes_again_unless_it_was_asked_for_meanwhile,
    what_was_told_is_kept_and_the_card_stays,
);

pub(crate) fn destination(id: i64, workspace_id: i64) -> DestinationRecord {
    DestinationRecord {
        id,
        workspace_id,
        name: format!("Destination {id}"),
        target: Target::Webhook {
            url: SecretValue::new("https://example.com/hush"),
            secrets: vec![SecretValue::new("whsec_hush")],
            login: None,
        },
        settings: DestinationSettings::default(),
        services: [].into(),
        is_enabled: true,
        disabled_why: None,
        failing_since: None,
        created_at: NOW,
    }
}

pub(crate) fn silence(id: i64, ends_at: Time) -> Silence {
    Silence {
        id,
        condition: Condition::parse("project == \"shop\"").unwrap(),
        starts_at: NOW,
        ends_at,
        schedule: None,
        until: Until::Users(50),
        author: String::from("Ada"),
        comment: String::from("It is known"),
    }
}

async fn a_destination_is_kept_with_its_secrets_and_services(database: &Database) {
    let first = DestinationRecord {
        services: [30, 31].into(),
        ..destination(7, 1)
    };
    let changed = DestinationRecord {
        name: String::from("Telephone"),
        target: Target::Pagerduty {
            routing_key: SecretValue::new("hush"),
            api: String::from("https://example.com"),
        },
        settings: DestinationSettings {
            wants_resolved: false,
            least_severity: Some(Severity::Error),
            rates: vec![Rate {
                most: 5,
                within_ms: HOUR_MS,
            }],
            ..DestinationSettings::default()
        },
        services: [32].into(),
        is_enabled: false,
        disabled_why: Some(String::from("it is gone")),
        failing_since: Some(NOW.plus_ms(5)),
        ..first.clone()
    };
    writing!(database, |tx| {
        assert_eq!(destinations::by_id(tx, 1, 7).await.unwrap(), None);
        for record in [&first, &changed] {
            destinations::save(tx, record).await.unwrap();
            let kept = destinations::by_id(tx, 1, 7).await.unwrap().unwrap();
            assert_eq!(&kept, record);
        }
        assert_eq!(destinations::list(tx, 1).await.unwrap().len(), 1);
    });
}

async fn destinations_are_listed_and_deleted_in_their_workspace_only(database: &Database) {
    async fn ids(tx: &mut Tx, workspace_id: i64) -> Vec<i64> {
        let all = destinations::list(tx, workspace_id).await.unwrap();
        all.into_iter().map(|one| one.id).collect()
    }
    writing!(database, |tx| {
        for (id, workspace_id) in [(9, 1), (7, 1), (8, 2)] {
            let record = DestinationRecord {
                services: [id].into(),
                ..destination(id, workspace_id)
            };
            destinations::save(tx, &record).await.unwrap();
        }
        assert_eq!(ids(tx, 1).await, [7, 9]);
        assert_eq!(ids(tx, 2).await, [8]);
        assert_eq!(destinations::by_id(tx, 1, 8).await.unwrap(), None);
        assert!(destinations::delete(tx, 1, 9).await.unwrap());
        assert!(!destinations::delete(tx, 1, 9).await.unwrap());
        assert_eq!(ids(tx, 1).await, [7]);
        assert!(!destinations::delete(tx, 1, 8).await.unwrap());
        let other = destinations::by_id(tx, 2, 8).await.unwrap().unwrap();
        assert_eq!(other.services, [8].into());
    });
}

async fn silences_are_listed_by_their_end_and_changed_in_place(database: &Database) {
    async fn ids(tx: &mut Tx, after: Time, limit: i64) -> Vec<i64> {
        let all = silences::ending_after(tx, 1, after, limit).await.unwrap();
        all.into_iter().map(|one| one.id).collect()
    }
    let end = NOW.plus_ms(HOUR_MS);
    let late = silence(1, end.plus_ms(2));
    writing!(database, |tx| {
        for one in [&late, &silence(2, end), &silence(3, end.plus_ms(1))] {
            silences::save(tx, 1, one).await.unwrap();
        }
        silences::save(tx, 2, &silence(4, end)).await.unwrap();
        assert_eq!(ids(tx, NOW, 9).await, [2, 3, 1]);
        assert_eq!(ids(tx, NOW, 2).await, [2, 3]);
        assert_eq!(ids(tx, end, 9).await, [3, 1]);
        let kept = silences::ending_after(tx, 1, end.plus_ms(1), 9).await;
        assert_eq!(kept.unwrap(), std::slice::from_ref(&late));
        let ended = silences::ended_by(tx, 1, end.plus_ms(1), 9).await.unwrap();
        assert_eq!(ended.iter().map(|one| one.id).collect::<Vec<_>>(), [3, 2]);
        let newest = silences::ended_by(tx, 1, end.plus_ms(2), 1).await.unwrap();
        assert_eq!(newest, std::slice::from_ref(&late));
        assert_eq!(silences::find(tx, 1, 1).await.unwrap(), Some(late.clone()));
        assert_eq!(silences::find(tx, 1, 4).await.unwrap(), None);
        let changed = Silence {
            ends_at: NOW.plus_ms(1),
            comment: String::from("Not any more"),
            ..late
        };
        silences::save(tx, 1, &changed).await.unwrap();
        let all = silences::ending_after(tx, 1, NOW, 1).await.unwrap();
        assert_eq!(all, [changed]);
    });
}

async fn due_ids(tx: &mut Tx, now: Time) -> Vec<i64> {
    let due = plans::due(tx, now, 9).await.unwrap();
    due.into_iter().map(|plan| plan.incident_id).collect()
}

async fn a_plan_that_is_asked_for_earlier_comes_earlier(database: &Database) {
    let later = NOW.plus_ms(9);
    writing!(database, |tx| {
        plans::ask(tx, 1, &[], NOW).await.unwrap();
        plans::ask(tx, 1, &[62, 61], later).await.unwrap();
        assert!(due_ids(tx, later.plus_ms(-1)).await.is_empty());
        assert_eq!(due_ids(tx, later).await, [61, 62]);
        plans::ask(tx, 1, &[62], NOW).await.unwrap();
        plans::ask(tx, 1, &[62], later.plus_ms(9)).await.unwrap();
        assert_eq!(due_ids(tx, NOW).await, [62]);
        let first = plans::due(tx, later, 1).await.unwrap();
        let expected = DuePlan {
            incident_id: 62,
            workspace_id: 1,
            due_at: NOW.0,
        };
        assert_eq!(first, [expected]);
    });
}

async fn of_many_plans_the_oldest_and_the_newest_come_first(database: &Database) {
    writing!(database, |tx| {
        for id in 1..=9 {
            plans::ask(tx, 1, &[id], NOW.plus_ms(id)).await.unwrap();
        }
        let due = plans::due(tx, NOW.plus_ms(8), 5).await.unwrap();
        let due: Vec<_> = due.into_iter().map(|plan| plan.incident_id).collect();
        assert_eq!(due, [1, 2, 3, 7, 8], "9 is not due");
        // Another workspace has its share, however much there is.
        plans::ask(tx, 2, &[20, 21, 22], NOW.plus_ms(9))
            .await
            .unwrap();
        let due = plans::due(tx, NOW.plus_ms(9), 4).await.unwrap();
        let due: Vec<_> = due.into_iter().map(|plan| plan.incident_id).collect();
        assert_eq!(due, [1, 9, 20, 22]);
    });
}

async fn changed_rules_ask_for_a_plan_of_every_open_incident(database: &Database) {
    let statuses = [
        IncidentStatus::Suspended,
        IncidentStatus::Triggered,
        IncidentStatus::Acknowledged,
        IncidentStatus::Resolved,
    ];
    let of = |(id, status)| Incident {
        status,
        ..incident(id)
    };
    let elsewhere = Incident {
        workspace_id: 2,
        ..incident(9)
    };
    let all = (1..).zip(statuses).map(of);
    save(database, &incidents_slice(all.chain([elsewhere]))).await;
    writing!(database, |tx| {
        plans::ask(tx, 1, &[2], NOW.plus_ms(-5)).await.unwrap();
        plans::ask(tx, 1, &[3], NOW.plus_ms(5)).await.unwrap();
        plans::ask_for_open(tx, 1, NOW).await.unwrap();
        assert_eq!(due_ids(tx, NOW).await, [2, 1, 3]);
    });
}

async fn a_plan_that_is_made_comes_again_unless_it_was_asked_for_meanwhile(database: &Database) {
    let later = NOW.plus_ms(9);
    writing!(database, |tx| {
        plans::ask(tx, 1, &[61, 62, 63], NOW).await.unwrap();
        let due = plans::due(tx, NOW, 9).await.unwrap();
        plans::made(tx, due[0], None).await.unwrap();
        plans::made(tx, due[1], Some(later)).await.unwrap();
        assert_eq!(due_ids(tx, NOW).await, [63]);
        assert_eq!(due_ids(tx, later).await, [63, 62]);
        // It is asked for while the plan is being made: that is not lost.
        plans::ask(tx, 1, &[63], NOW.plus_ms(-1)).await.unwrap();
        plans::made(tx, due[2], None).await.unwrap();
        plans::made(tx, due[2], Some(later)).await.unwrap();
        assert_eq!(due_ids(tx, NOW).await, [63]);
    });
}

async fn what_was_told_is_kept_and_the_card_stays(database: &Database) {
    let told = |destination_id| Told {
        incident_id: 61,
        destination_id,
        log: NotifyLog::default(),
        verdict: Verdict::Wait {
            stage: Stage::QuietHours,
            until: NOW.plus_ms(HOUR_MS),
            reason: String::from("Quiet hours until 10:00 UTC"),
        },
        planned_at: NOW,
        card: None,
    };
    let changed = Told {
        log: NotifyLog {
            told_at: Some(NOW),
            firing: [5].into(),
            ..NotifyLog::default()
        },
        verdict: Verdict::Suppress {
            stage: Stage::Silence,
            reason: String::from("Silenced by Ada"),
            again_at: None,
        },
        planned_at: NOW.plus_ms(5),
        ..told(8)
    };
    writing!(database, |tx| {
        assert_eq!(plans::card(tx, 61, 8).await.unwrap(), None);
        for one in [told(8), told(7)] {
            plans::keep(tx, &one).await.unwrap();
        }
        assert_eq!(plans::told(tx, 61).await.unwrap(), [told(7), told(8)]);
        assert_eq!(plans::told(tx, 62).await.unwrap(), []);
        assert_eq!(plans::card(tx, 61, 8).await.unwrap(), None);
        plans::keep_card(tx, 61, 8, "C1/17").await.unwrap();
        plans::keep(tx, &changed).await.unwrap();
        let card = Some(String::from("C1/17"));
        let kept = plans::told(tx, 61).await.unwrap();
        assert_eq!(
            kept[1],
            Told {
                card: card.clone(),
                ..changed
            }
        );
        assert_eq!(plans::card(tx, 61, 8).await.unwrap(), card);
        assert_eq!(plans::card(tx, 61, 7).await.unwrap(), None);
    });
}
