//! Teams, contacts, settings, schedules with their overrides, policies and owners of services.

use crate::support::NOW;
use epicenter_domain::escalation::calendar::{ClockTime, Date, Day, Span, Window, Zone};
use epicenter_domain::escalation::policy::{Policy, Step, Target};
use epicenter_domain::escalation::quiet::QuietHours;
use epicenter_domain::escalation::schedule::{Layer, Override, TurnUnit};
use epicenter_domain::level::Severity;
use epicenter_domain::time::{DAY_MS, HOUR_MS};
use epicenter_store::people::contacts::{self, ContactRecord, ContactWay};
use epicenter_store::people::escalations::{self, EscalationRecord};
use epicenter_store::people::owners::{self, ServiceOwner};
use epicenter_store::people::pages_owed::{self, OwedPage, Recipient};
use epicenter_store::people::schedules::{self, ScheduleRecord};
use epicenter_store::people::settings::{self, UserSettings};
use epicenter_store::people::teams::{self, TeamRecord};
use epicenter_store::people::{forget_user, overrides};
use epicenter_store::{Database, StoreError, Tx};
use std::collections::BTreeMap;

store_contract!(
    a_team_has_its_members_and_pages,
    a_team_that_is_deleted_owns_nothing,
    contacts_are_kept_in_their_order,
    what_a_person_has_set_is_kept,
    a_schedule_is_kept_and_found_by_its_feed_key,
    overrides_are_found_by_the_time_that_they_touch,
    a_policy_is_kept_changed_and_deleted,
    a_service_has_one_owner,
    what_is_kept_of_a_person_goes_with_the_account,
);

fn team(id: i64, members: &[i64]) -> TeamRecord {
    TeamRecord {
        id,
        workspace_id: 1,
        name: format!("Team {id}"),
        created_at: NOW,
        members: members.to_vec(),
    }
}

async fn a_team_has_its_members_and_pages(database: &Database) {
    writing!(database, |tx| {
        teams::create(tx, &team(1, &[])).await.unwrap();
        teams::create(tx, &team(2, &[9, 7])).await.unwrap();
        teams::create(tx, &team(3, &[7])).await.unwrap();
        let page = teams::list(tx, 1, None, 2).await.unwrap();
        assert_eq!(page.items, [team(1, &[]), team(2, &[7, 9])]);
        let cursor = page.next_cursor.as_deref();
        let rest = teams::list(tx, 1, cursor, 2).await.unwrap();
        assert_eq!((rest.items, rest.next_cursor), (vec![team(3, &[7])], None));
        assert!(teams::list(tx, 2, None, 9).await.unwrap().items.is_empty());
        let wrong = teams::list(tx, 1, Some("x"), 2).await;
        assert!(matches!(wrong, Err(StoreError::Cursor)));

        assert!(teams::rename(tx, 1, 2, "Shop").await.unwrap());
        assert!(!teams::rename(tx, 2, 2, "Other").await.unwrap());
        teams::set_members(tx, 2, &[5, 5, 4]).await.unwrap();
        let found = teams::by_id(tx, 1, 2).await.unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.members), ("Shop", vec![4, 5]));
        assert_eq!(teams::by_id(tx, 2, 2).await.unwrap(), None);
        let members = teams::members_of(tx, &[1, 2, 3]).await.unwrap();
        assert_eq!(members, BTreeMap::from([(2, vec![4, 5]), (3, vec![7])]));
    });
}

async fn a_team_that_is_deleted_owns_nothing(database: &Database) {
    writing!(database, |tx| {
        teams::create(tx, &team(1, &[7])).await.unwrap();
        let owner = ServiceOwner {
            team_id: Some(1),
            escalation_id: Some(4),
        };
        owners::set(tx, 1, 30, owner).await.unwrap();
        assert!(!teams::delete(tx, 2, 1).await.unwrap());
        assert!(teams::delete(tx, 1, 1).await.unwrap());
        assert!(!teams::delete(tx, 1, 1).await.unwrap());
        assert!(teams::members_of(tx, &[1]).await.unwrap().is_empty());
        let owners = owners::of_workspace(tx, 1).await.unwrap();
        let left = ServiceOwner {
            team_id: None,
            escalation_id: Some(4),
        };
        assert_eq!(owners, BTreeMap::from([(30, left)]));
    });
}

fn contact(id: i64, user_id: i64, way: ContactWay) -> ContactRecord {
    ContactRecord {
        id,
        workspace_id: 1,
        user_id,
        way,
        created_at: NOW,
    }
}

async fn contacts_are_kept_in_their_order(database: &Database) {
    let first = contact(3, 7, ContactWay::Destination(40));
    let second = contact(5, 7, ContactWay::Email("ann@example.org".to_owned()));
    writing!(database, |tx| {
        contacts::create(tx, &second).await.unwrap();
        contacts::create(tx, &first).await.unwrap();
        let other = contact(4, 8, ContactWay::Destination(1));
        contacts::create(tx, &other).await.unwrap();
        let found = contacts::of_user(tx, 7).await.unwrap();
        assert_eq!(found, [first, second.clone()]);
        assert!(!contacts::delete(tx, 8, 3).await.unwrap());
        assert!(contacts::delete(tx, 7, 3).await.unwrap());
        assert_eq!(contacts::of_user(tx, 7).await.unwrap(), [second]);
    });
}

fn nights() -> QuietHours {
    QuietHours {
        windows: vec![Window {
            days: Day::ALL.to_vec(),
            from: ClockTime::parse("22:00").unwrap(),
            until: ClockTime::parse("07:00").unwrap(),
        }],
        breaks_through: Severity::Critical,
    }
}

async fn what_a_person_has_set_is_kept(database: &Database) {
    let ann = UserSettings {
        zone: Zone::parse("Europe/Paris").unwrap(),
        quiet_hours: Some(nights()),
        digest_at: ClockTime::parse("09:00"),
        has_ceiling: false,
    };
    writing!(database, |tx| {
        settings::set(tx, 1, &ann).await.unwrap();
        settings::set(tx, 2, &ann).await.unwrap();
        settings::set(tx, 2, &UserSettings::default())
            .await
            .unwrap();
        let found = settings::of_users(tx, &[1, 2, 3]).await.unwrap();
        assert_eq!(
            found,
            BTreeMap::from([(1, ann), (2, UserSettings::default())])
        );
        assert!(settings::of_users(tx, &[]).await.unwrap().is_empty());
    });
}

fn schedule(id: i64, feed_key: &str) -> ScheduleRecord {
    ScheduleRecord {
        id,
        workspace_id: 1,
        name: format!("Schedule {id}"),
        zone: Zone::parse("America/New_York").unwrap(),
        layers: vec![Layer {
            name: "First line".to_owned(),
            participants: vec![7, 8],
            unit: TurnUnit::Weeks,
            every: 1,
            starts_on: Date::parse("2026-01-05").unwrap(),
            hand_over: ClockTime::parse("09:00").unwrap(),
            windows: nights().windows,
        }],
        feed_key: feed_key.to_owned(),
        created_at: NOW,
    }
}

async fn a_schedule_is_kept_and_found_by_its_feed_key(database: &Database) {
    writing!(database, |tx| {
        for id in 1..=3 {
            let new = schedule(id, &format!("key{id}"));
            schedules::create(tx, &new).await.unwrap();
        }
        let page = schedules::list(tx, 1, None, 2).await.unwrap();
        assert_eq!(page.items, [schedule(1, "key1"), schedule(2, "key2")]);
        let rest = schedules::list(tx, 1, page.next_cursor.as_deref(), 2).await;
        assert_eq!(rest.unwrap().items, [schedule(3, "key3")]);
        assert_eq!(schedules::by_id(tx, 2, 1).await.unwrap(), None);
        for (id, key, is_found) in [(1, "key1", true), (1, "key2", false), (1, "\0", false)] {
            let found = schedules::by_feed_key(tx, id, key).await.unwrap();
            assert_eq!(found.is_some(), is_found, "{key}");
        }
        let mut changed = schedule(1, "new");
        changed.layers.clear();
        changed.zone = Zone::utc();
        assert!(schedules::update(tx, &changed).await.unwrap());
        assert_eq!(
            schedules::by_id(tx, 1, 1).await.unwrap(),
            Some(changed.clone())
        );
        changed.workspace_id = 2;
        assert!(!schedules::update(tx, &changed).await.unwrap());
        add_override(tx, 90, 1, (0, 5)).await;
        assert!(!schedules::delete(tx, 2, 1).await.unwrap());
        assert!(schedules::delete(tx, 1, 1).await.unwrap());
        assert!(touching(tx, 1, (0, 9)).await.is_empty());
    });
}

fn span((from, until): (i64, i64)) -> Span {
    Span {
        from: NOW.plus_ms(from * HOUR_MS),
        until: NOW.plus_ms(until * HOUR_MS),
    }
}

async fn add_override(tx: &mut Tx, id: i64, schedule_id: i64, hours: (i64, i64)) {
    let one = Override {
        id,
        person_id: 7,
        span: span(hours),
    };
    overrides::create(tx, schedule_id, &one).await.unwrap();
}

async fn touching(tx: &mut Tx, schedule_id: i64, hours: (i64, i64)) -> Vec<i64> {
    let found = overrides::within(tx, schedule_id, span(hours))
        .await
        .unwrap();
    found.into_iter().map(|one| one.id).collect()
}

async fn overrides_are_found_by_the_time_that_they_touch(database: &Database) {
    writing!(database, |tx| {
        let record = schedule(1, "key");
        schedules::create(tx, &record).await.unwrap();
        add_override(tx, 12, 1, (0, 5)).await;
        add_override(tx, 11, 1, (4, 8)).await;
        add_override(tx, 13, 2, (0, 9)).await;
        assert_eq!(touching(tx, 1, (4, 5)).await, [11, 12]);
        assert_eq!(touching(tx, 1, (5, 6)).await, [11]);
        assert!(touching(tx, 1, (8, 9)).await.is_empty());
        let whole = schedules::whole(tx, &record, span((0, 1))).await.unwrap();
        assert_eq!((whole.layers, whole.overrides.len()), (record.layers, 1));
        assert!(!overrides::delete(tx, 2, 11).await.unwrap());
        assert!(overrides::delete(tx, 1, 11).await.unwrap());
        assert_eq!(touching(tx, 1, (0, 9)).await, [12]);
    });
}

fn policy(id: i64) -> EscalationRecord {
    EscalationRecord {
        id,
        workspace_id: 1,
        policy: Policy {
            name: format!("Policy {id}"),
            steps: vec![Step {
                delay_s: 60,
                targets: vec![Target::Person(1), Target::Schedule(2), Target::Team(3)],
            }],
            repeat: 2,
            repeat_after_s: 600,
            acknowledge_timeout_s: 0,
            then: Some(9),
        },
        created_at: NOW,
    }
}

async fn a_policy_is_kept_changed_and_deleted(database: &Database) {
    writing!(database, |tx| {
        for id in 1..=3 {
            escalations::create(tx, &policy(id)).await.unwrap();
        }
        let page = escalations::list(tx, 1, None, 2).await.unwrap();
        assert_eq!(page.items, [policy(1), policy(2)]);
        let rest = escalations::list(tx, 1, page.next_cursor.as_deref(), 2).await;
        assert_eq!(rest.unwrap().items, [policy(3)]);
        let other = Policy {
            then: None,
            ..policy(4).policy
        };
        assert!(escalations::update(tx, 1, 1, &other).await.unwrap());
        assert!(!escalations::update(tx, 2, 1, &other).await.unwrap());
        let found = escalations::by_id(tx, 1, 1).await.unwrap().unwrap();
        assert_eq!(found.policy, other);
        assert_eq!(escalations::by_id(tx, 2, 1).await.unwrap(), None);
        assert!(!escalations::delete(tx, 2, 1).await.unwrap());
        assert!(escalations::delete(tx, 1, 1).await.unwrap());
        assert_eq!(escalations::by_id(tx, 1, 1).await.unwrap(), None);
    });
}

async fn a_service_has_one_owner(database: &Database) {
    let owner = |team_id, escalation_id| ServiceOwner {
        team_id,
        escalation_id,
    };
    writing!(database, |tx| {
        owners::set(tx, 1, 30, owner(Some(1), None)).await.unwrap();
        owners::set(tx, 1, 30, owner(None, Some(2))).await.unwrap();
        owners::set(tx, 2, 31, owner(None, None)).await.unwrap();
        let all = owners::of_workspace(tx, 1).await.unwrap();
        assert_eq!(all, BTreeMap::from([(30, owner(None, Some(2)))]));
        owners::clear(tx, 30).await.unwrap();
        assert!(owners::of_workspace(tx, 1).await.unwrap().is_empty());
    });
}

async fn what_is_kept_of_a_person_goes_with_the_account(database: &Database) {
    writing!(database, |tx| {
        teams::create(tx, &team(1, &[7, 8])).await.unwrap();
        let way = ContactWay::Destination(1);
        contacts::create(tx, &contact(4, 7, way)).await.unwrap();
        settings::set(tx, 7, &UserSettings::default())
            .await
            .unwrap();
        add_override(tx, 90, 1, (-9, 0)).await;
        add_override(tx, 91, 1, (-9, 1)).await;
        let page = OwedPage {
            id: 5,
            workspace_id: 1,
            incident_id: 60,
            to: Recipient::Person(7),
            reason: "Step 1".to_owned(),
            due_at: NOW,
        };
        pages_owed::owe_pages(tx, &[page]).await.unwrap();

        forget_user(tx, 7, NOW).await.unwrap();
        let members = teams::members_of(tx, &[1]).await.unwrap();
        assert_eq!(members, BTreeMap::from([(1, vec![8])]));
        assert_eq!(contacts::of_user(tx, 7).await.unwrap(), []);
        assert!(settings::of_users(tx, &[7]).await.unwrap().is_empty());
        assert_eq!(touching(tx, 1, (-9, 9)).await, [90]);
        let due = pages_owed::due(tx, NOW.plus_ms(DAY_MS), 9).await.unwrap();
        assert_eq!(due, []);
    });
}
