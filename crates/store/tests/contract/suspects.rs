//! The queue of rankings, what they found, and what people said.

use crate::support::{NOW, incident, incidents_slice, save};
use epicenter_domain::id::first_id_at;
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_store::Database;
use epicenter_store::suspects::{self, FeedbackRecord, RankingRecord, ReasonRecord, SuspectRecord};

store_contract!(
    an_incident_waits_once_until_the_earliest_instant,
    open_incidents_of_touched_services_are_asked_for,
    what_is_over_and_unexplained_is_asked_for,
    a_ranking_takes_the_place_of_the_one_before,
    a_mind_can_be_changed_but_not_where_the_suspect_stood,
);

pub(crate) fn ranking(incident_id: i64, deploy_id: Option<i64>) -> RankingRecord {
    RankingRecord {
        incident_id,
        workspace_id: 1,
        ranked_at: NOW,
        deploy_id,
        is_convincing: true,
        why: vec!["The push was cut.".to_owned()],
        candidate_count: 12,
    }
}

pub(crate) fn suspect(rank: i64) -> SuspectRecord {
    SuspectRecord {
        rank,
        commit_id: (rank != 2).then_some(rank * 10),
        deploy_id: Some(5),
        score: 100 - rank,
        reasons: vec![ReasonRecord {
            code: "frame_path".to_owned(),
            points: 40,
            text: "It changed shop/cart.py".to_owned(),
        }],
        files: vec!["shop/cart.py".to_owned()],
    }
}

async fn an_incident_waits_once_until_the_earliest_instant(database: &Database) {
    writing!(database, |tx| {
        suspects::enqueue(tx, 1, &[1, 2, 3], NOW, "new")
            .await
            .unwrap();
        suspects::enqueue(tx, 1, &[2], NOW.plus_ms(50), "later")
            .await
            .unwrap();
        suspects::enqueue(tx, 1, &[3], NOW.plus_ms(-50), "sooner")
            .await
            .unwrap();
        suspects::enqueue(tx, 1, &[4], NOW.plus_ms(50), "later")
            .await
            .unwrap();
    });
    let due = reading!(database, |tx| suspects::due(tx, NOW, 9).await.unwrap());
    let ids: Vec<i64> = due.iter().map(|entry| entry.incident_id).collect();
    assert_eq!(
        ids,
        [3, 1, 2],
        "who waits longest is first; the future is not due"
    );
    writing!(database, |tx| suspects::dequeue(tx, 3).await.unwrap());
    let due = reading!(database, |tx| suspects::due(tx, NOW, 1).await.unwrap());
    assert_eq!(due[0].incident_id, 1);
    let waits = reading!(database, |tx| {
        let gone = suspects::is_waiting(tx, 3).await.unwrap();
        (gone, suspects::is_waiting(tx, 4).await.unwrap())
    });
    assert_eq!(waits, (false, true), "also before it is due");
}

async fn open_incidents_of_touched_services_are_asked_for(database: &Database) {
    let id = |offset: i64| first_id_at(NOW.plus_ms(offset));
    let of = |offset: i64, service: i64, status| Incident {
        service_id: Some(service),
        status,
        number: offset + 1_000_000,
        ..incident(id(offset))
    };
    let all = [
        of(-90_000, 7, IncidentStatus::Triggered),
        of(-50, 7, IncidentStatus::Triggered),
        of(-40, 8, IncidentStatus::Acknowledged),
        of(-30, 7, IncidentStatus::Resolved),
    ];
    save(database, &incidents_slice(all)).await;
    let since = NOW.plus_ms(-60_000);
    for (services, expected) in [(vec![7], vec![id(-50)]), (vec![], vec![id(-50), id(-40)])] {
        writing!(database, |tx| {
            let when = (NOW, "a deploy");
            suspects::enqueue_open(tx, 1, &services, since, when)
                .await
                .unwrap();
            let due = suspects::due(tx, NOW, 9).await.unwrap();
            let ids: Vec<i64> = due.iter().map(|entry| entry.incident_id).collect();
            assert_eq!(ids, expected, "{services:?}");
        });
    }
}

async fn what_is_over_and_unexplained_is_asked_for(database: &Database) {
    let id = |offset: i64| first_id_at(NOW.plus_ms(offset));
    let of = |offset: i64, service: i64, status| Incident {
        service_id: Some(service),
        status,
        number: offset + 1_000_000,
        ..incident(id(offset))
    };
    let all = [
        of(-90_000, 7, IncidentStatus::Resolved),
        of(-60, 7, IncidentStatus::Resolved),
        of(-50, 7, IncidentStatus::Resolved),
        of(-40, 8, IncidentStatus::Resolved),
        of(-30, 7, IncidentStatus::Triggered),
        of(-20, 7, IncidentStatus::Resolved),
    ];
    save(database, &incidents_slice(all)).await;
    writing!(database, |tx| {
        for (offset, is_convincing) in [
            (-90_000, false),
            (-60, true),
            (-50, false),
            (-40, false),
            (-30, false),
        ] {
            let ranking = RankingRecord {
                is_convincing,
                ..ranking(id(offset), None)
            };
            suspects::save(tx, &ranking, &[]).await.unwrap();
        }
    });
    let since = NOW.plus_ms(-60_000);
    for (services, expected) in [(vec![7], vec![id(-50)]), (vec![], vec![id(-50), id(-40)])] {
        writing!(database, |tx| {
            let when = (NOW, "a deploy");
            suspects::enqueue_unexplained(tx, 1, &services, since, when)
                .await
                .unwrap();
            let due = suspects::due(tx, NOW, 9).await.unwrap();
            let ids: Vec<i64> = due.iter().map(|entry| entry.incident_id).collect();
            assert_eq!(ids, expected, "{services:?}");
        });
    }
}

async fn a_ranking_takes_the_place_of_the_one_before(database: &Database) {
    writing!(database, |tx| {
        let many: Vec<SuspectRecord> = (1..=9).map(suspect).collect();
        suspects::save(tx, &ranking(1, None), &many).await.unwrap();
        suspects::save(tx, &ranking(1, Some(5)), &[suspect(1), suspect(2)])
            .await
            .unwrap();
        suspects::save(tx, &ranking(2, Some(5)), &[]).await.unwrap();
    });
    reading!(database, |tx| {
        let (kept, found) = suspects::of_incident(tx, 1).await.unwrap().unwrap();
        assert_eq!((kept, found.len()), (ranking(1, Some(5)), 2));
        assert_eq!(found, [suspect(1), suspect(2)]);
        assert_eq!((found[0].kind(), found[1].kind()), ("commit", "deploy"));
        assert!(suspects::of_incident(tx, 3).await.unwrap().is_none());
        assert_eq!(suspects::under_deploy(tx, 5, 9).await.unwrap(), [2, 1]);
        assert_eq!(suspects::under_deploy(tx, 5, 1).await.unwrap(), [2]);
    });
}

async fn a_mind_can_be_changed_but_not_where_the_suspect_stood(database: &Database) {
    let said = |verdict: &str, shown_rank, at: i64| FeedbackRecord {
        incident_id: 1,
        subject: "a".repeat(40),
        verdict: verdict.to_owned(),
        shown_rank,
        is_convincing: true,
        actor: "Robin".to_owned(),
        source: "person".to_owned(),
        at: NOW.0 + at,
    };
    writing!(database, |tx| {
        suspects::save_feedback(tx, 1, &said("innocent", Some(1), 0))
            .await
            .unwrap();
        suspects::save_feedback(tx, 1, &said("guilty", Some(4), 9))
            .await
            .unwrap();
    });
    reading!(database, |tx| {
        let kept = suspects::feedback_of(tx, 1).await.unwrap();
        assert_eq!(kept, [said("guilty", Some(1), 9)]);
        assert_eq!(suspects::feedback_since(tx, 1, NOW, 9).await.unwrap(), kept);
        let later = NOW.plus_ms(10);
        assert_eq!(suspects::feedback_since(tx, 1, later, 9).await.unwrap(), []);
    });
}
