//! The list of incidents, its tabs, and finding one.

use crate::support::{NOW, incident, incidents_slice, save};
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::level::Severity;
use epicenter_store::incidents::{self, Counts, IncidentFilter};
use epicenter_store::{Database, StoreError};

store_contract!(
    pages_cover_everything_once_in_order_while_rows_arrive,
    filters_let_through_what_they_name,
    a_search_takes_its_text_literally,
    tabs_count_each_state,
    one_incident_is_found_only_in_its_workspace,
    the_latest_of_an_issue_is_the_newest,
    open_ones_without_an_issue_are_found_newest_first,
    snoozes_become_due,
    the_bell_knows_what_opened_since,
    strange_cursors_are_errors,
);

fn varied(id: i64) -> Incident {
    let status = IncidentStatus::ALL[usize::try_from(id % 4).unwrap()];
    let severity = Severity::ALL[usize::try_from(id / 4 % 4).unwrap()];
    let is_snoozed = status == IncidentStatus::Acknowledged && id % 8 == 2;
    Incident {
        status,
        severity,
        service_id: (id % 3 > 0).then_some(id % 3),
        snoozed_until: is_snoozed.then_some(NOW.plus_ms(id)),
        ..incident(id)
    }
}

async fn found(database: &Database, filter: &IncidentFilter) -> Vec<i64> {
    let all = reading!(database, |tx| all_pages!(|cursor| {
        incidents::list(tx, 1, filter, cursor, 7).await.unwrap()
    }));
    all.iter().map(|incident| incident.id).collect()
}

async fn search(database: &Database, q: &str) -> Vec<i64> {
    let filter = IncidentFilter {
        q: Some(q.to_owned()),
        ..IncidentFilter::default()
    };
    found(database, &filter).await
}

async fn pages_cover_everything_once_in_order_while_rows_arrive(database: &Database) {
    save(database, &incidents_slice((1..=50).map(varied))).await;
    let mut next = 51;
    let mut ids = Vec::new();
    let mut cursor = None;
    loop {
        let page = reading!(database, |tx| {
            let filter = IncidentFilter::default();
            incidents::list(tx, 1, &filter, cursor.as_deref(), 7)
                .await
                .unwrap()
        });
        assert!(page.items.len() == 7 || page.next_cursor.is_none());
        ids.extend(page.items.iter().map(|incident| incident.id));
        save(database, &incidents_slice([varied(next)])).await;
        next += 1;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(ids, (1..=50).rev().collect::<Vec<_>>());
}

async fn filters_let_through_what_they_name(database: &Database) {
    let all: Vec<Incident> = (1..=60).map(varied).collect();
    save(database, &incidents_slice(all.iter().cloned())).await;
    let foreign = Incident {
        workspace_id: 2,
        ..varied(61)
    };
    save(database, &incidents_slice([foreign])).await;

    let statuses = [
        vec![],
        vec![IncidentStatus::Resolved],
        vec![IncidentStatus::Triggered, IncidentStatus::Acknowledged],
    ];
    for statuses in statuses {
        for severity in [None, Some(Severity::Critical)] {
            for service_id in [None, Some(2)] {
                for snoozed in [None, Some(true), Some(false)] {
                    let filter = IncidentFilter {
                        statuses: statuses.clone(),
                        snoozed,
                        severity,
                        service_id,
                        q: None,
                    };
                    let expected = all.iter().rev().filter(|incident| {
                        (statuses.is_empty() || statuses.contains(&incident.status))
                            && severity.is_none_or(|severity| incident.severity == severity)
                            && (service_id.is_none() || incident.service_id == service_id)
                            && snoozed
                                .is_none_or(|snoozed| incident.snoozed_until.is_some() == snoozed)
                    });
                    let expected: Vec<i64> = expected.map(|incident| incident.id).collect();
                    assert_eq!(found(database, &filter).await, expected, "{filter:?}");
                }
            }
        }
    }
}

async fn a_search_takes_its_text_literally(database: &Database) {
    let titles = [
        "100% of checkouts",
        "100 of checkouts",
        "snake_case",
        "snakeXcase",
        "Careful!",
        "'; DROP TABLE incidents; --",
        "back\\slash",
    ];
    let rows = (1_i64..).zip(titles).map(|(id, title)| Incident {
        number: id + 100,
        title: title.to_owned(),
        short_id: Some(format!("SHOP-{id}")),
        dedup_key: format!("sentry-{}", 7000 + id),
        ..incident(id)
    });
    save(database, &incidents_slice(rows)).await;
    for (q, expected) in [
        ("0%", &[1][..]),
        ("%", &[1]),
        ("_", &[3]),
        ("e_c", &[3]),
        ("!", &[5]),
        ("'", &[6]),
        ("drop table", &[6]),
        ("\\", &[7]),
        ("  CHECKOUTS ", &[2, 1]),
        ("shop-3", &[3]),
        ("sentry-7004", &[4]),
        ("#102", &[2]),
        ("103", &[3]),
        ("99999999999999999999", &[]),
        ("nothing\0such", &[]),
        ("", &[7, 6, 5, 4, 3, 2, 1]),
    ] {
        assert_eq!(search(database, q).await, expected, "{q:?}");
    }
    let long = "%_!'\"\\".repeat(10_000);
    assert!(search(database, &long).await.is_empty());
}

async fn tabs_count_each_state(database: &Database) {
    let none = reading!(database, |tx| incidents::counts(tx, 1).await.unwrap());
    assert_eq!(none, Counts::default());
    save(database, &incidents_slice((1..=80).map(varied))).await;
    let counts = reading!(database, |tx| incidents::counts(tx, 1).await.unwrap());
    let expected = Counts {
        triggered: 20,
        acknowledged: 10,
        snoozed: 10,
        resolved: 20,
    };
    assert_eq!(counts, expected);
    let many = (100..100 + incidents::COUNT_CAP + 5).map(incident);
    save(database, &incidents_slice(many)).await;
    let counts = reading!(database, |tx| incidents::counts(tx, 1).await.unwrap());
    assert_eq!(counts.triggered, incidents::COUNT_CAP);
}

async fn one_incident_is_found_only_in_its_workspace(database: &Database) {
    let mine = Incident {
        number: 7,
        ..incident(1)
    };
    let theirs = Incident {
        workspace_id: 2,
        number: 8,
        ..incident(2)
    };
    save(database, &incidents_slice([mine.clone(), theirs])).await;
    reading!(database, |tx| {
        let by_id = incidents::by_id(tx, 1, 1).await.unwrap();
        assert_eq!(by_id.as_ref(), Some(&mine));
        assert_eq!(incidents::by_number(tx, 1, 7).await.unwrap(), by_id);
        assert_eq!(incidents::by_id(tx, 1, 2).await.unwrap(), None);
        assert_eq!(incidents::by_id(tx, 2, 1).await.unwrap(), None);
        assert_eq!(incidents::by_number(tx, 1, 8).await.unwrap(), None);
        assert_eq!(incidents::by_number(tx, 2, 7).await.unwrap(), None);
    });
}

async fn the_latest_of_an_issue_is_the_newest(database: &Database) {
    let rows = (1..=6).map(|id| Incident {
        issue_id: (id < 6).then_some(id % 2),
        ..incident(id)
    });
    save(database, &incidents_slice(rows)).await;
    reading!(database, |tx| {
        let latest = incidents::latest_of_issue(tx, 1).await.unwrap().unwrap();
        assert_eq!(latest.id, 5);
        let latest = incidents::latest_of_issue(tx, 0).await.unwrap().unwrap();
        assert_eq!(latest.id, 4);
        assert_eq!(incidents::latest_of_issue(tx, 9).await.unwrap(), None);
    });
}

async fn open_ones_without_an_issue_are_found_newest_first(database: &Database) {
    let of_issue = Incident {
        issue_id: Some(9),
        ..incident(2)
    };
    let over = Incident {
        status: IncidentStatus::Resolved,
        ..incident(3)
    };
    let elsewhere = Incident {
        workspace_id: 2,
        ..incident(4)
    };
    let all = [
        incident(1),
        of_issue,
        over,
        elsewhere,
        incident(5),
        incident(6),
    ];
    save(database, &incidents_slice(all)).await;
    for (limit, expected) in [(9, &[6, 5, 1][..]), (2, &[6, 5])] {
        let found = reading!(database, |tx| {
            incidents::open_without_issue(tx, 1, limit).await.unwrap()
        });
        let ids: Vec<i64> = found.iter().map(|incident| incident.id).collect();
        assert_eq!(ids, expected);
    }
}

async fn snoozes_become_due(database: &Database) {
    let rows = [(1, 30), (2, 10), (3, 20), (4, 40)].map(|(id, after)| Incident {
        workspace_id: id % 2 + 1,
        snoozed_until: Some(NOW.plus_ms(after)),
        ..incident(id)
    });
    save(database, &incidents_slice(rows)).await;
    save(database, &incidents_slice([incident(5)])).await;
    reading!(database, |tx| {
        let due = incidents::due_snoozes(tx, NOW.plus_ms(30), 10)
            .await
            .unwrap();
        assert_eq!(due, [(1, 2), (2, 3), (2, 1)]);
        let due = incidents::due_snoozes(tx, NOW.plus_ms(30), 1)
            .await
            .unwrap();
        assert_eq!(due, [(1, 2)]);
        let due = incidents::due_snoozes(tx, NOW, 10).await.unwrap();
        assert_eq!(due, []);
    });
}

async fn the_bell_knows_what_opened_since(database: &Database) {
    let rows = (1..=130).map(|id| Incident {
        triggered_at: NOW.plus_ms(id),
        ..incident(id)
    });
    save(database, &incidents_slice(rows)).await;
    let taken = Incident {
        status: IncidentStatus::Acknowledged,
        triggered_at: NOW.plus_ms(999),
        ..incident(131)
    };
    save(database, &incidents_slice([taken])).await;
    reading!(database, |tx| {
        let (count, newest) = incidents::unread(tx, 1, NOW).await.unwrap();
        assert_eq!((count, newest.len()), (100, 20));
        assert_eq!(newest[0].id, 130);
        let (count, newest) = incidents::unread(tx, 1, NOW.plus_ms(127)).await.unwrap();
        let ids: Vec<i64> = newest.iter().map(|incident| incident.id).collect();
        assert_eq!((count, ids.as_slice()), (3, &[130, 129, 128][..]));
        let (count, _) = incidents::unread(tx, 2, NOW).await.unwrap();
        assert_eq!(count, 0);
    });
    // An old one that came back rings first.
    let back = Incident {
        triggered_at: NOW.plus_ms(500),
        ..incident(7)
    };
    save(database, &incidents_slice([back])).await;
    reading!(database, |tx| {
        let (count, newest) = incidents::unread(tx, 1, NOW.plus_ms(129)).await.unwrap();
        let ids: Vec<i64> = newest.iter().map(|incident| incident.id).collect();
        assert_eq!((count, ids.as_slice()), (2, &[7, 130][..]));
        let (count, _) = incidents::unread(tx, 1, NOW.plus_ms(500)).await.unwrap();
        assert_eq!(count, 0);
    });
}

async fn strange_cursors_are_errors(database: &Database) {
    let filter = IncidentFilter::default();
    for cursor in [
        "",
        "-",
        "1",
        "x-1",
        "1-",
        "1-2-3",
        "\0",
        "ffffffffffffffffff-1",
    ] {
        let mut tx = database.read().await.unwrap();
        let answer = incidents::list(&mut tx, 1, &filter, Some(cursor), 5).await;
        assert!(matches!(answer, Err(StoreError::Cursor)), "{cursor:?}");
    }
}
