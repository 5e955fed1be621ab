//! Daily digests, links that act, Slack's people, and old notices.

use crate::notices_owed::{attempt, owed};
use crate::support::{NOW, incident, incidents_slice, save};
use epicenter_domain::escalation::calendar::{ClockTime, Zone};
use epicenter_domain::id::first_id_at;
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::level::Severity;
use epicenter_domain::notification::{SLACK_API, Target};
use epicenter_domain::proof::SecretValue;
use epicenter_domain::routing::{NotifyLog, Stage, Verdict};
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_store::Database;
use epicenter_store::notices::destinations::{self, DestinationRecord, DigestTime};
use epicenter_store::notices::digests::{self, DigestOwner, DigestRecord, Part, Scope};
use epicenter_store::notices::plans::{self, Told};
use epicenter_store::notices::{expiry, outbox, proofs};
use epicenter_store::people::slack::{self, SlackMember};

store_contract!(
    a_digest_is_due_once_and_what_was_told_stays_known,
    a_destination_that_goes_takes_its_digest_with_it,
    a_digest_counts_what_opened_and_ended_within_its_span_and_scope,
    a_proof_holds_once_until_it_is_forgotten,
    the_key_of_links_is_kept_once,
    a_member_of_slack_is_one_person,
    only_slack_bots_of_all_workspaces_are_listed,
    old_notices_go_with_their_attempts_and_those_that_wait_stay,
    what_was_told_of_incidents_that_are_over_goes,
);

fn digest(owner: DigestOwner, next_at: Time) -> DigestRecord {
    DigestRecord {
        owner,
        workspace_id: 1,
        told_until: NOW,
        next_at,
        last_day: None,
    }
}

async fn a_digest_is_due_once_and_what_was_told_stays_known(database: &Database) {
    let (first, second) = (DigestOwner::Destination(7), DigestOwner::Person(8));
    let due = digest(first, NOW.plus_ms(10));
    let later = DigestRecord {
        told_until: NOW.plus_ms(10),
        next_at: NOW.plus_ms(DAY_MS),
        last_day: Some(String::from("2026-05-28")),
        ..due.clone()
    };
    writing!(database, |tx| {
        assert_eq!(digests::of_owner(tx, first).await.unwrap(), None);
        digests::schedule(tx, &due).await.unwrap();
        digests::schedule(tx, &digest(second, NOW.plus_ms(5)))
            .await
            .unwrap();
        assert_eq!(digests::due(tx, NOW.plus_ms(4), 10).await.unwrap(), []);
        let both = digests::due(tx, NOW.plus_ms(10), 10).await.unwrap();
        assert_eq!(both, [digest(second, NOW.plus_ms(5)), due.clone()]);
        assert_eq!(digests::due(tx, NOW.plus_ms(10), 1).await.unwrap().len(), 1);
        assert!(digests::take(tx, &due, &later).await.unwrap());
        assert!(!digests::take(tx, &due, &later).await.unwrap(), "once");
        let known = digests::of_owner(tx, first).await.unwrap();
        assert_eq!(known, Some(later.clone()));
        // Another time of day: what was told stays known.
        digests::schedule(tx, &digest(first, NOW.plus_ms(77)))
            .await
            .unwrap();
        let moved = digests::of_owner(tx, first).await.unwrap().unwrap();
        assert_eq!(
            (moved.next_at, moved.told_until),
            (NOW.plus_ms(77), later.told_until)
        );
        assert_eq!(moved.last_day, later.last_day);
        digests::unschedule(tx, second).await.unwrap();
        assert_eq!(digests::of_owner(tx, second).await.unwrap(), None);
    });
}

async fn a_destination_that_goes_takes_its_digest_with_it(database: &Database) {
    let mut record = crate::notices::destination(7, 1);
    record.settings.digest = Some(DigestTime {
        at: ClockTime::parse("09:00").unwrap(),
        zone: Zone::parse("Europe/Paris").unwrap(),
    });
    let owner = DigestOwner::Destination(7);
    writing!(database, |tx| {
        destinations::save(tx, &record).await.unwrap();
        let kept = destinations::by_id(tx, 1, 7).await.unwrap().unwrap();
        assert_eq!(kept.settings.digest, record.settings.digest);
        digests::schedule(tx, &digest(owner, NOW)).await.unwrap();
        assert!(destinations::delete(tx, 1, 7).await.unwrap());
        assert_eq!(digests::of_owner(tx, owner).await.unwrap(), None);
    });
}

fn opened(at: Time, place: i64, status: IncidentStatus) -> Incident {
    let id = first_id_at(at) + place;
    Incident {
        status,
        event_count: place,
        resolved_at: (status == IncidentStatus::Resolved).then(|| at.plus_ms(HOUR_MS)),
        opened_at: at,
        ..incident(id)
    }
}

async fn a_digest_counts_what_opened_and_ended_within_its_span_and_scope(database: &Database) {
    let (from, until) = (NOW, NOW.plus_ms(DAY_MS));
    let before = NOW.plus_ms(-HOUR_MS / 2);
    let all = [
        opened(before, 1, IncidentStatus::Resolved),
        opened(before, 2, IncidentStatus::Triggered),
        Incident {
            service_id: Some(5),
            severity: Severity::Warning,
            ..opened(NOW, 3, IncidentStatus::Triggered)
        },
        Incident {
            service_id: Some(5),
            severity: Severity::Critical,
            ..opened(NOW.plus_ms(5), 9, IncidentStatus::Acknowledged)
        },
        opened(NOW.plus_ms(6), 4, IncidentStatus::Resolved),
        opened(until, 5, IncidentStatus::Triggered),
    ];
    let everything = Scope::default();
    let narrow = Scope {
        services: [5, 6].into(),
        least_severity: Some(Severity::Error),
    };
    save(database, &incidents_slice(all.clone())).await;
    reading!(database, |tx| {
        for (scope, part, expected) in [
            (&everything, Part::Opened(from, until), 3),
            (&everything, Part::Resolved(from, until), 2),
            (&everything, Part::Resolved(from, from.plus_ms(HOUR_MS)), 1),
            (&everything, Part::Open, 4),
            (&narrow, Part::Opened(from, until), 1),
            (&narrow, Part::Resolved(from, until), 0),
            (&narrow, Part::Open, 1),
        ] {
            let count = digests::count(tx, 1, scope, part).await.unwrap();
            assert_eq!(count, expected, "{part:?}");
            assert_eq!(digests::count(tx, 2, scope, part).await.unwrap(), 0);
        }
        let part = (&everything, Part::Opened(from, until));
        let noisy = digests::noisiest(tx, 1, part, 2).await.unwrap();
        let counts: Vec<i64> = noisy.iter().map(|one| one.event_count).collect();
        assert_eq!(counts, [9, 4]);
        let none = digests::events_between(tx, &[1, 2, 3], (from, until)).await;
        assert!(none.unwrap().is_empty());
    });
}

async fn a_proof_holds_once_until_it_is_forgotten(database: &Database) {
    writing!(database, |tx| {
        assert!(proofs::use_once(tx, "a", NOW.plus_ms(5)).await.unwrap());
        assert!(!proofs::use_once(tx, "a", NOW.plus_ms(9)).await.unwrap());
        assert!(proofs::use_once(tx, "b", NOW.plus_ms(5)).await.unwrap());
        proofs::forget_expired(tx, NOW.plus_ms(5)).await.unwrap();
        assert!(!proofs::use_once(tx, "a", NOW.plus_ms(5)).await.unwrap());
        proofs::forget_expired(tx, NOW.plus_ms(6)).await.unwrap();
        assert!(proofs::use_once(tx, "a", NOW.plus_ms(20)).await.unwrap());
    });
}

async fn the_key_of_links_is_kept_once(database: &Database) {
    writing!(database, |tx| {
        assert_eq!(proofs::link_key(tx).await.unwrap(), None);
        proofs::keep_link_key(tx, "first", NOW).await.unwrap();
        proofs::keep_link_key(tx, "second", NOW).await.unwrap();
        let kept = proofs::link_key(tx).await.unwrap();
        assert_eq!(kept.as_deref(), Some("first"));
    });
}

async fn a_member_of_slack_is_one_person(database: &Database) {
    let member = SlackMember {
        workspace_id: 1,
        team: String::from("T1"),
        member: String::from("U1"),
        user_id: 7,
        name: String::from("Ada"),
        created_at: NOW.0,
    };
    let other = SlackMember {
        member: String::from("U2"),
        ..member.clone()
    };
    writing!(database, |tx| {
        slack::link(tx, &other).await.unwrap();
        slack::link(tx, &member).await.unwrap();
        let of = slack::user_of(tx, 1, ("T1", "U1")).await.unwrap();
        assert_eq!(of, Some(7));
        for (workspace_id, place) in [(2, ("T1", "U1")), (1, ("T2", "U1")), (1, ("T1", "U3"))] {
            let nobody = slack::user_of(tx, workspace_id, place).await.unwrap();
            assert_eq!(nobody, None);
        }
        let both = slack::of_user(tx, 7).await.unwrap();
        assert_eq!(both, [member.clone(), other]);
        let moved = SlackMember {
            user_id: 8,
            ..member
        };
        slack::link(tx, &moved).await.unwrap();
        assert_eq!(slack::of_user(tx, 8).await.unwrap(), [moved]);
        assert!(!slack::unlink(tx, 7, ("T1", "U1")).await.unwrap());
        assert!(slack::unlink(tx, 8, ("T1", "U1")).await.unwrap());
        let gone = slack::user_of(tx, 1, ("T1", "U1")).await.unwrap();
        assert_eq!(gone, None);
    });
}

async fn only_slack_bots_of_all_workspaces_are_listed(database: &Database) {
    let bot = |id, workspace_id, secret: Option<&str>| DestinationRecord {
        target: Target::SlackBot {
            token: SecretValue::new("xoxb-1"),
            channel: String::from("#alerts"),
            api: String::from(SLACK_API),
            signing_secret: secret.map(SecretValue::new),
        },
        ..crate::notices::destination(id, workspace_id)
    };
    let (first, second) = (bot(7, 1, None), bot(9, 2, Some("hush")));
    writing!(database, |tx| {
        assert_eq!(destinations::slack_bots(tx).await.unwrap(), []);
        for record in [&first, &crate::notices::destination(8, 1), &second] {
            destinations::save(tx, record).await.unwrap();
        }
        let bots = destinations::slack_bots(tx).await.unwrap();
        assert_eq!(bots, [first, second]);
    });
}

async fn old_notices_go_with_their_attempts_and_those_that_wait_stay(database: &Database) {
    let cut = NOW.plus_ms(-DAY_MS);
    let old = first_id_at(cut.plus_ms(-HOUR_MS));
    let (waiting, fresh) = (old + 3, first_id_at(cut));
    writing!(database, |tx| {
        for (id, state) in [
            (old, "delivered"),
            (old + 1, "failed"),
            (old + 2, "replaced"),
            (waiting, "waiting"),
            (fresh, "delivered"),
        ] {
            outbox::owe(tx, &owed(id)).await.unwrap();
            if state != "waiting" {
                let done = (state, NOW, Some(NOW));
                outbox::record(tx, done, &attempt(id, 1)).await.unwrap();
            }
        }
        assert_eq!(expiry::delete_notices(tx, cut, 2).await.unwrap(), 2);
        assert_eq!(expiry::delete_notices(tx, cut, 2).await.unwrap(), 1);
        assert_eq!(expiry::delete_notices(tx, cut, 2).await.unwrap(), 0);
        for (id, is_there) in [(old, false), (waiting, true), (fresh, true)] {
            let found = outbox::by_id(tx, 1, id).await.unwrap();
            assert_eq!(found.is_some(), is_there, "{id}");
        }
    });
}

async fn what_was_told_of_incidents_that_are_over_goes(database: &Database) {
    let over = Incident {
        status: IncidentStatus::Resolved,
        ..incident(61)
    };
    save(database, &incidents_slice([over, incident(62)])).await;
    let told = |incident_id, planned_at| Told {
        incident_id,
        destination_id: 7,
        log: NotifyLog::default(),
        verdict: Verdict::Suppress {
            stage: Stage::Silence,
            reason: String::from("Silenced by Ada"),
            again_at: None,
        },
        planned_at,
        card: None,
    };
    let fresh = Told {
        destination_id: 8,
        ..told(61, NOW)
    };
    writing!(database, |tx| {
        for one in [
            told(61, NOW.plus_ms(-1)),
            told(62, NOW.plus_ms(-1)),
            fresh.clone(),
        ] {
            plans::keep(tx, &one).await.unwrap();
        }
        assert_eq!(expiry::delete_told(tx, NOW, 10).await.unwrap(), 1);
        assert_eq!(expiry::delete_told(tx, NOW, 10).await.unwrap(), 0);
        assert_eq!(plans::told(tx, 61).await.unwrap(), [fresh]);
        assert_eq!(plans::told(tx, 62).await.unwrap().len(), 1, "it goes on");
    });
}
