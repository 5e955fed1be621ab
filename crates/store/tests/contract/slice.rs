//! What is saved is what is loaded.

use crate::support::{
    NOW, alert, event, incident, incidents_slice, issue, issues_slice, line, save,
};
use epicenter_domain::engine::{NewIdentity, Slice, Tracked};
use epicenter_domain::incident::{Alert, Incident, IncidentStatus, Mark, MarkKind, Merged, Share};
use epicenter_domain::issue::Issue;
use epicenter_domain::level::{Level, Severity};
use epicenter_domain::signal::{Assignee, IssueStatus, Resolution, When};
use epicenter_domain::time::Time;
use epicenter_store::slice::Touched;
use epicenter_store::{Database, alerts, issues, slice};
use std::collections::BTreeSet;

store_contract!(
    rows_without_and_with_every_column_come_back,
    a_row_is_written_again_with_all_that_changes,
    only_what_changed_is_written,
    many_rows_at_once_come_back,
    the_alerts_of_an_incident_come_with_it,
    identities_and_events_are_known_afterwards,
    buckets_add_up,
    an_organisations_number_is_known_by_its_name,
);

fn assignee() -> Assignee {
    Assignee {
        kind: String::from("user"),
        id: String::from("44"),
        name: String::from("Mika \u{1f600} O'Neil"),
    }
}

fn full_issue(id: i64) -> Issue {
    Issue {
        sentry_issue_id: Some(String::from("7402001")),
        short_id: Some(String::from("SHOP-1")),
        title: String::from("It's \"broken\"; DROP TABLE issues; -- \u{1f4a5}"),
        culprit: Some(String::from("checkout in pay")),
        level: Level::Fatal,
        status: IssueStatus::Ignored,
        substatus: Some(String::from("archived_until_escalating")),
        resolution: Some(Resolution {
            how: Some(String::from("in release")),
            release: Some(String::from("1.4.0")),
            commit: Some(String::from("abc")),
            repository: Some(String::from("shop")),
            after: Some(String::from("1.3.9")),
        }),
        archived_until: Some(String::from("tomorrow")),
        platform: Some(String::from("python")),
        project_slug: Some(String::from("shop")),
        project_name: Some(String::from("Shop")),
        project_id: Some(String::from("9")),
        error_type: Some(String::from("ValueError")),
        error_value: Some(String::from("no")),
        first_seen_at: Time(-5),
        last_seen_at: Time(i64::MAX),
        sentry_event_count: 12,
        stored_event_count: 13,
        user_count: 14,
        environment: Some(String::from("production")),
        release: Some(String::from("1.3.9")),
        permalink: Some(String::from("https://sentry.example/1")),
        category: Some(String::from("error")),
        priority: Some(String::from("high")),
        is_unhandled: Some(true),
        assignee: Some(assignee()),
        updated_at: NOW.plus_ms(5),
        sentry_status: Some(IssueStatus::Resolved),
        heard_at: Some(NOW.plus_ms(4)),
        ..issue(id)
    }
}

fn full_alert(id: i64) -> Alert {
    let when = When {
        sent_at: Some(NOW),
        occurred_at: None,
    };
    Alert {
        issue_id: Some(3),
        incident_id: Some(4),
        is_open: true,
        signal_count: 5,
        status_mark: Some(Mark::new(MarkKind::Resolved, when, NOW)),
        trigger_mark: Some(Mark::new(MarkKind::Trigger, when, NOW)),
        opened_at: Some(NOW),
        closed_at: Some(NOW.plus_ms(1)),
        share: Some(Box::new(Share::of(&incident(4)))),
        ..alert(id)
    }
}

fn full_incident(id: i64) -> Incident {
    Incident {
        service_id: Some(3),
        issue_id: Some(6),
        title: String::from("100 % of 'everything'_!"),
        status: IncidentStatus::Acknowledged,
        severity: Severity::Critical,
        source: String::from("Sentry - pay"),
        project: Some(String::from("pay")),
        environment: Some(String::from("production")),
        release: Some(String::from("1")),
        culprit: Some(String::from("pay")),
        alert_count: 2,
        event_count: 3,
        user_count: 4,
        assignee: Some(assignee()),
        archived_until: Some(String::from("tomorrow")),
        snoozed_until: Some(NOW.plus_ms(9)),
        first_seen_at: NOW.plus_ms(-9),
        last_seen_at: NOW.plus_ms(8),
        acknowledged_at: Some(NOW),
        resolved_at: Some(NOW),
        previous_incident_id: Some(1),
        sentry_issue_id: Some(String::from("7402001")),
        short_id: Some(String::from("PAY-1")),
        permalink: Some(String::from("https://sentry.example/1")),
        updated_at: NOW.plus_ms(7),
        is_apart: true,
        merged: Some(Box::new(Merged {
            into_id: 1,
            into_number: 1,
            status: IncidentStatus::Acknowledged,
            snoozed_until: Some(NOW),
            archived_until: Some(String::from("for ever")),
        })),
        ..incident(id)
    }
}

fn rows(issues: &[Issue], alerts: &[Alert], incidents: &[Incident]) -> Slice {
    let mut slice = issues_slice(issues.iter().cloned());
    slice.incidents = incidents_slice(incidents.iter().cloned()).incidents;
    for alert in alerts {
        let key = (alert.integration_id, alert.dedup_key.clone());
        slice.alerts.insert(key, Tracked::made(alert.clone()));
    }
    slice
}

/// Everything that this slice would write.
fn touched(slice: &Slice) -> Touched {
    let keys = slice.issues.keys().chain(slice.alerts.keys());
    Touched {
        keys: keys.cloned().collect(),
        incidents: slice.incidents.keys().copied().collect(),
        workspaces: [1, 2].into(),
        ..Touched::default()
    }
}

async fn load(database: &Database, touched: &Touched) -> Slice {
    reading!(database, |tx| slice::load(tx, touched).await.unwrap())
}

async fn assert_kept(database: &Database, written: &Slice) {
    save(database, written).await;
    let loaded = load(database, &touched(written)).await;
    for (key, tracked) in &written.issues {
        assert_eq!(loaded.issues[key], Tracked::loaded(tracked.row.clone()));
    }
    for (key, tracked) in &written.alerts {
        assert_eq!(loaded.alerts[key], Tracked::loaded(tracked.row.clone()));
    }
    for (key, tracked) in &written.incidents {
        assert_eq!(loaded.incidents[key], Tracked::loaded(tracked.row.clone()));
    }
}

async fn rows_without_and_with_every_column_come_back(database: &Database) {
    let written = rows(
        &[issue(1), full_issue(2)],
        &[alert(1), full_alert(2)],
        &[incident(1), full_incident(2)],
    );
    assert_kept(database, &written).await;
    let loaded = load(database, &touched(&written)).await;
    assert_eq!(loaded.last_numbers[&1], 2);
    assert_eq!(loaded.last_numbers[&2], 0);
    let nothing = load(database, &Touched::default()).await;
    assert!(nothing.issues.is_empty() && nothing.incidents.is_empty());
    let issue = reading!(database, |tx| issues::by_id(tx, 1, 2).await.unwrap());
    assert_eq!(issue, Some(full_issue(2)));
}

async fn a_row_is_written_again_with_all_that_changes(database: &Database) {
    // Sentry's id and when an incident opened never change; everything else goes both ways.
    let mut bare = issue(2);
    bare.sentry_issue_id = full_issue(2).sentry_issue_id;
    let bare = rows(&[bare], &[alert(2)], &[incident(2)]);
    let full = rows(&[full_issue(2)], &[full_alert(2)], &[full_incident(2)]);
    assert_kept(database, &bare).await;
    assert_kept(database, &full).await;
    assert_kept(database, &bare).await;
}

async fn only_what_changed_is_written(database: &Database) {
    let mut slice = rows(&[issue(1)], &[alert(1)], &[incident(1)]);
    slice
        .issues
        .values_mut()
        .for_each(|row| row.is_dirty = false);
    slice
        .alerts
        .values_mut()
        .for_each(|row| row.is_dirty = false);
    slice
        .incidents
        .values_mut()
        .for_each(|row| row.is_dirty = false);
    save(database, &slice).await;
    let loaded = load(database, &touched(&slice)).await;
    assert!(loaded.issues.is_empty() && loaded.alerts.is_empty() && loaded.incidents.is_empty());
}

async fn many_rows_at_once_come_back(database: &Database) {
    let issues: Vec<Issue> = (1..=333).map(full_issue).collect();
    let alerts: Vec<Alert> = (1..=333).map(full_alert).collect();
    let incidents: Vec<Incident> = (1..=333).map(full_incident).collect();
    assert_kept(database, &rows(&issues, &alerts, &incidents)).await;
}

async fn the_alerts_of_an_incident_come_with_it(database: &Database) {
    let mine = Alert {
        incident_id: Some(8),
        ..alert(1)
    };
    let written = rows(
        &[],
        &[mine.clone(), full_alert(2)],
        &[incident(4), incident(8)],
    );
    save(database, &written).await;
    let by_incident = Touched {
        incidents: [8].into(),
        ..Touched::default()
    };
    let loaded = load(database, &by_incident).await;
    assert_eq!(loaded.alerts.len(), 1);
    assert_eq!(loaded.alert(&(1, mine.dedup_key.clone())), Some(&mine));
    assert_eq!(loaded.incident(8), Some(&incident(8)));
    reading!(database, |tx| {
        let of_incident = alerts::of_incident(tx, 8).await.unwrap();
        assert_eq!(of_incident.first(), Some(&mine));
        assert!(alerts::of_incident(tx, 9).await.unwrap().is_empty());
    });

    let by_key = Touched {
        keys: [(1, mine.dedup_key)].into(),
        ..Touched::default()
    };
    let loaded = load(database, &by_key).await;
    assert_eq!(loaded.incidents.keys().copied().collect::<Vec<_>>(), [8]);
    let foreign = Touched {
        keys: [(2, String::from("sentry-1"))].into(),
        ..Touched::default()
    };
    assert!(load(database, &foreign).await.alerts.is_empty());
}

async fn identities_and_events_are_known_afterwards(database: &Database) {
    let mut written = rows(&[issue(1)], &[], &[]);
    for id in 0..70_u8 {
        written.new_identities.push(NewIdentity {
            integration_id: 1,
            hash: [id; 16],
            delivery_id: i64::from(id),
        });
        written.new_events.push(event(i64::from(id), 1, NOW));
    }
    written.timeline.push(line(1, None, Some(1)));
    save(database, &written).await;

    let key = (1, String::from("sentry-1"));
    let new = event(5, 1, NOW);
    let other = event(5, 1, NOW.plus_ms(1));
    let name = |event: &epicenter_domain::engine::NewEvent| {
        (key.clone(), event.at.0, event.facts.event_id.clone())
    };
    let touched = Touched {
        keys: [key.clone()].into(),
        identities: [(1, [3; 16]), (1, [69; 16]), (2, [3; 16]), (1, [200; 16])].into(),
        events: vec![name(&new), name(&other)],
        ..Touched::default()
    };
    let loaded = load(database, &touched).await;
    let identities: Vec<_> = loaded.identities.into_iter().collect();
    assert_eq!(identities, [((1, [3; 16]), 3), ((1, [69; 16]), 69)]);
    let known: Vec<_> = loaded.known_events.into_iter().collect();
    assert_eq!(known, [(1, NOW, new.facts.event_id)]);
}

async fn buckets_add_up(database: &Database) {
    let hour = NOW.hour();
    let next = hour.plus_ms(3_600_000);
    for (first, second) in [(2, 5), (3, 0), (0, 1)] {
        let mut written = Slice::default();
        written.buckets.insert((1, hour), first);
        written.buckets.insert((1, next), second);
        written.buckets.insert((2, next), 100);
        save(database, &written).await;
    }
    reading!(database, |tx| {
        let end = next.plus_ms(1);
        let trend = issues::trend(tx, 1, NOW, end).await.unwrap();
        assert_eq!(trend, [(hour, 5), (next, 6)]);
        let trend = issues::trend(tx, 1, hour, next).await.unwrap();
        assert_eq!(trend, [(hour, 5)]);
        let trend = issues::trend(tx, 2, next, end).await.unwrap();
        assert_eq!(trend, [(next, 300)]);
    });
}

async fn an_organisations_number_is_known_by_its_name(database: &Database) {
    let place = |integration_id: i64, name: &str| (integration_id, name.to_owned());
    let mut learned = Slice::default();
    let known = [
        (place(1, "shop"), "5"),
        (place(1, "bank"), "6"),
        (place(2, "shop"), "7"),
    ];
    for (key, number) in known {
        learned.new_organizations.insert(key, number.to_owned());
    }
    let metric = Alert {
        dedup_key: String::from("sentry-metric-5-14"),
        ..alert(1)
    };
    let key = (metric.integration_id, metric.dedup_key.clone());
    assert_eq!(key.0, 1);
    learned.alerts.insert(key.clone(), Tracked::made(metric));
    save(database, &learned).await;
    let touched = Touched {
        organizations: [
            (place(1, "shop"), BTreeSet::from([String::from("14")])),
            (place(1, "nobody"), BTreeSet::new()),
        ]
        .into(),
        ..Touched::default()
    };
    let loaded = reading!(database, |tx| slice::load(tx, &touched).await.unwrap());
    assert_eq!(
        loaded.organizations,
        [(place(1, "shop"), String::from("5"))].into()
    );
    assert!(
        loaded.alert(&key).is_some(),
        "the alert under the number comes along"
    );

    // A name may get another number.
    let mut learned = Slice::default();
    learned
        .new_organizations
        .insert(place(1, "shop"), String::from("8"));
    save(database, &learned).await;
    let loaded = reading!(database, |tx| slice::load(tx, &touched).await.unwrap());
    assert_eq!(loaded.organizations[&place(1, "shop")], "8");
    assert!(loaded.alert(&key).is_none());
}
