//! Lists among very many rows: a page reads a bounded part of them, and all pages together show
//! every row that fits, once and in order.

use crate::support::{NOW, append, delivery, incident, incidents_slice, issue, issues_slice, save};
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::issue::Issue;
use epicenter_domain::level::{Level, Severity};
use epicenter_domain::signal::IssueStatus;
use epicenter_store::deliveries::DeliveryFilter;
use epicenter_store::inbox::NewDelivery;
use epicenter_store::incidents::IncidentFilter;
use epicenter_store::issues::{IssueFilter, IssueSort};
use epicenter_store::{Database, deliveries, incidents, issues};
use std::cmp::Reverse;

store_contract!(
    a_search_through_many_incidents_finds_all,
    an_incident_is_found_by_its_number_wherever_it_is,
    every_filter_of_the_error_log_finds_all_in_every_order,
    deliveries_of_a_rare_integration_are_found,
    a_page_has_one_to_a_hundred_rows,
);

/// The ids on every page, in order, and the number of pages.
macro_rules! every_page {
    (|$cursor:ident| $page:expr) => {{
        let (mut ids, mut pages) = (Vec::new(), 0);
        let mut cursor: Option<String> = None;
        loop {
            let $cursor = cursor.as_deref();
            let page = $page;
            pages += 1;
            ids.extend(page.items.iter().map(|row| row.id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break (ids, pages);
            }
        }
    }};
}

/// More resolved incidents than one page looks through, some of them special.
async fn many_incidents(database: &Database) {
    let rows = (1..=10_200).map(|id| Incident {
        status: match id {
            ..=10_100 => IncidentStatus::Resolved,
            10_101..=10_150 => IncidentStatus::Acknowledged,
            _ => IncidentStatus::Triggered,
        },
        title: match id {
            7 | 60 | 9_999 | 10_120 => format!("A needle of {id}"),
            _ => format!("Hay {}", id % 10),
        },
        dedup_key: format!("key-{}", id % 10),
        severity: match id {
            60 => Severity::Critical,
            _ => Severity::Error,
        },
        service_id: Some(id % 2),
        snoozed_until: (id == 10_105).then_some(NOW),
        ..incident(id)
    });
    save(database, &incidents_slice(rows)).await;
}

async fn a_search_through_many_incidents_finds_all(database: &Database) {
    many_incidents(database).await;
    let needle = IncidentFilter {
        q: Some("NEEDLE".to_owned()),
        ..IncidentFilter::default()
    };
    let resolved = IncidentFilter {
        statuses: vec![IncidentStatus::Resolved, IncidentStatus::Resolved],
        ..needle.clone()
    };
    let open = IncidentFilter {
        statuses: vec![IncidentStatus::Triggered, IncidentStatus::Acknowledged],
        ..needle.clone()
    };
    let rare = IncidentFilter {
        severity: Some(Severity::Critical),
        service_id: Some(0),
        ..IncidentFilter::default()
    };
    let snoozed = IncidentFilter {
        snoozed: Some(true),
        ..IncidentFilter::default()
    };
    let nothing = IncidentFilter {
        severity: Some(Severity::Critical),
        service_id: Some(1),
        ..IncidentFilter::default()
    };
    reading!(database, |tx| {
        for (filter, wanted, most_pages) in [
            (needle, vec![10_120, 9_999, 60, 7], 3),
            (resolved, vec![9_999, 60, 7], 2),
            (open, vec![10_120], 1),
            (rare, vec![60], 2),
            (snoozed, vec![10_105], 1),
            (nothing, vec![], 2),
        ] {
            for limit in [1, 2, 50] {
                let (ids, pages) = every_page!(|cursor| {
                    incidents::list(tx, 1, &filter, cursor, limit)
                        .await
                        .unwrap()
                });
                assert_eq!(ids, wanted, "{filter:?}");
                assert!(limit < 50 || pages <= most_pages, "{pages} of {filter:?}");
            }
        }
    });
}

async fn an_incident_is_found_by_its_number_wherever_it_is(database: &Database) {
    many_incidents(database).await;
    let by_number = |q: &str| IncidentFilter {
        q: Some(q.to_owned()),
        ..IncidentFilter::default()
    };
    reading!(database, |tx| {
        let first = incidents::list(tx, 1, &by_number("#3"), None, 50)
            .await
            .unwrap();
        assert_eq!(first.items.len(), 1);
        assert_eq!((first.items[0].id, first.next_cursor.is_some()), (3, true));
        // 7 is also in titles and keys: it comes first and then never again.
        let others = |id: &i64| id % 10 == 7 && *id != 7;
        let rest: Vec<i64> = (1..=10_200).rev().filter(others).collect();
        for limit in [1, 100] {
            let (ids, _) = every_page!(|cursor| {
                let page = incidents::list(tx, 1, &by_number(" 7 "), cursor, limit)
                    .await
                    .unwrap();
                assert!(page.items.len() <= usize::try_from(limit).unwrap());
                page
            });
            assert_eq!((ids[0], &ids[1..]), (7, rest.as_slice()), "{limit}");
        }
        let open = IncidentFilter {
            statuses: vec![IncidentStatus::Triggered],
            ..by_number("#3")
        };
        let page = incidents::list(tx, 1, &open, None, 50).await.unwrap();
        assert!(page.items.is_empty(), "it has another status");
    });
}

/// More issues than one page looks through; every seventh value of each column repeats.
fn many_issues() -> Vec<Issue> {
    let rows = (1..=5_600).map(|id| Issue {
        status: match id % 70 {
            0 => IssueStatus::Ignored,
            1..=20 => IssueStatus::Unresolved,
            _ => IssueStatus::Resolved,
        },
        level: match id {
            3 | 5_500 => Level::Fatal,
            _ if id % 3 == 0 => Level::Warning,
            _ => Level::Error,
        },
        project_slug: match id % 100 {
            0 => Some("rare".to_owned()),
            1..=9 => None,
            _ => Some("Shop".to_owned()),
        },
        title: match id {
            2 | 2_800 => String::from("a needle"),
            _ => format!("Issue {id}"),
        },
        sentry_issue_id: Some(format!("s{id}")),
        last_seen_at: NOW.plus_ms((id * 7_919) % 5_000),
        first_seen_at: NOW.plus_ms(-(id * 104_729) % 5_000),
        sentry_event_count: (id * 31) % 977,
        ..issue(id)
    });
    rows.collect()
}

fn fits(filter: &IssueFilter, issue: &Issue) -> bool {
    filter.status.is_none_or(|status| status == issue.status)
        && filter.level.is_none_or(|level| level == issue.level)
        && (filter.project.is_none() || filter.project == issue.project_slug)
        && filter.from.is_none_or(|from| issue.last_seen_at >= from)
        && filter.to.is_none_or(|to| issue.last_seen_at < to)
        && filter
            .q
            .as_ref()
            .is_none_or(|q| issue.title.contains(q) || issue.sentry_issue_id.as_ref() == Some(q))
}

fn issue_filters() -> Vec<IssueFilter> {
    let all = IssueFilter::default();
    let with_status = |status| IssueFilter {
        status: Some(status),
        ..IssueFilter::default()
    };
    let with_project = |project: &str| IssueFilter {
        project: Some(project.to_owned()),
        ..IssueFilter::default()
    };
    let mut filters = vec![
        all.clone(),
        with_status(IssueStatus::Ignored),
        with_status(IssueStatus::Resolved),
        with_project("Shop"),
        with_project("shop"),
        with_project("rare"),
    ];
    let fatal = IssueFilter {
        level: Some(Level::Fatal),
        ..all.clone()
    };
    let needle = IssueFilter {
        q: Some("needle".to_owned()),
        ..all.clone()
    };
    let lately = IssueFilter {
        from: Some(NOW.plus_ms(4_800)),
        ..all.clone()
    };
    let once = IssueFilter {
        from: Some(NOW.plus_ms(100)),
        to: Some(NOW.plus_ms(4_900)),
        ..all
    };
    filters.extend([fatal.clone(), needle, lately, once.clone()]);
    filters.push(IssueFilter {
        status: Some(IssueStatus::Resolved),
        project: Some("Shop".to_owned()),
        ..fatal
    });
    filters.push(IssueFilter {
        q: Some("s2800".to_owned()),
        project: Some("rare".to_owned()),
        ..once
    });
    filters
}

async fn every_filter_of_the_error_log_finds_all_in_every_order(database: &Database) {
    let all = many_issues();
    save(database, &issues_slice(all.iter().cloned())).await;
    reading!(database, |tx| {
        for filter in issue_filters() {
            for sort in [IssueSort::LastSeen, IssueSort::Count, IssueSort::FirstSeen] {
                let mut wanted: Vec<&Issue> =
                    all.iter().filter(|issue| fits(&filter, issue)).collect();
                wanted.sort_by_key(|issue| {
                    let value = match sort {
                        IssueSort::LastSeen => issue.last_seen_at.0,
                        IssueSort::Count => issue.event_count(),
                        IssueSort::FirstSeen => issue.first_seen_at.0,
                    };
                    Reverse((value, issue.id))
                });
                let wanted: Vec<i64> = wanted.iter().map(|issue| issue.id).collect();
                let (ids, pages) = every_page!(|cursor| {
                    issues::list(tx, 1, &filter, sort, (cursor, 100))
                        .await
                        .unwrap()
                });
                assert!(ids == wanted, "{sort:?} of {filter:?}");
                assert!(
                    pages <= 2 + wanted.len() / 100,
                    "{pages}: {sort:?} of {filter:?}"
                );
            }
        }
    });
}

async fn deliveries_of_a_rare_integration_are_found(database: &Database) {
    let one = delivery(1, b"{}");
    let all: Vec<NewDelivery> = (1..=20_300)
        .map(|id| NewDelivery {
            id,
            integration_id: if id % 9_000 == 5 { 2 } else { 1 },
            resource: String::from(if id == 20_200 { "comment" } else { "issue" }),
            ..one.clone()
        })
        .collect();
    append(database, &all).await;
    let rare = DeliveryFilter {
        integration_id: Some(2),
        ..DeliveryFilter::default()
    };
    let other = DeliveryFilter {
        resource: Some("comment".to_owned()),
        ..DeliveryFilter::default()
    };
    let neither = DeliveryFilter {
        integration_id: Some(2),
        resource: Some("comment".to_owned()),
        ..DeliveryFilter::default()
    };
    reading!(database, |tx| {
        for (filter, wanted) in [
            (rare, vec![18_005, 9_005, 5]),
            (other, vec![20_200]),
            (neither, vec![]),
        ] {
            let (ids, pages) = every_page!(|cursor| {
                deliveries::list(tx, 1, &filter, cursor, 50).await.unwrap()
            });
            assert_eq!((ids, pages), (wanted, 2), "{filter:?}");
        }
    });
}

async fn a_page_has_one_to_a_hundred_rows(database: &Database) {
    save(database, &incidents_slice((1..=120).map(incident))).await;
    let filter = IncidentFilter::default();
    reading!(database, |tx| {
        for (limit, wanted) in [(i64::MIN, 1), (0, 1), (99, 99), (i64::MAX, 100)] {
            let page = incidents::list(tx, 1, &filter, None, limit).await.unwrap();
            assert_eq!(page.items.len(), wanted);
        }
    });
}
