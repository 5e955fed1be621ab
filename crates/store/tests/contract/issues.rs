//! The error log.

use crate::support::{NOW, issue, issues_slice, save};
use epicenter_domain::issue::Issue;
use epicenter_domain::level::Level;
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::Time;
use epicenter_store::incidents::COUNT_CAP;
use epicenter_store::issues::{self, IssueFilter, IssueSort, StatusCounts};
use epicenter_store::{Database, StoreError};

store_contract!(
    every_sort_and_filter_pages_over_what_it_names,
    a_search_takes_its_text_literally,
    instants_before_1970_have_cursors_too,
    one_issue_is_found_only_in_its_workspace,
    projects_are_listed_once_in_order,
    tabs_count_each_status,
);

fn varied(id: i64) -> Issue {
    let statuses = [
        IssueStatus::Unresolved,
        IssueStatus::Resolved,
        IssueStatus::Ignored,
    ];
    Issue {
        status: statuses[usize::try_from(id % 3).unwrap()],
        level: if id % 2 == 0 {
            Level::Error
        } else {
            Level::Fatal
        },
        project_slug: (id % 5 > 0).then(|| format!("project-{}", id % 5)),
        // Many equal values, so that pages end among them.
        first_seen_at: NOW.plus_ms(id % 4),
        last_seen_at: NOW.plus_ms(id % 7),
        sentry_event_count: id % 3,
        ..issue(id)
    }
}

async fn found(database: &Database, filter: &IssueFilter, sort: IssueSort) -> Vec<i64> {
    let all = reading!(database, |tx| all_pages!(|cursor| {
        issues::list(tx, 1, filter, sort, (cursor, 6))
            .await
            .unwrap()
    }));
    all.iter().map(|issue| issue.id).collect()
}

async fn every_sort_and_filter_pages_over_what_it_names(database: &Database) {
    let all: Vec<Issue> = (1..=60).map(varied).collect();
    save(database, &issues_slice(all.iter().cloned())).await;
    let foreign = Issue {
        workspace_id: 2,
        ..varied(61)
    };
    save(database, &issues_slice([foreign])).await;
    let filters = [
        IssueFilter::default(),
        IssueFilter {
            status: Some(IssueStatus::Unresolved),
            ..IssueFilter::default()
        },
        IssueFilter {
            level: Some(Level::Fatal),
            ..IssueFilter::default()
        },
        IssueFilter {
            project: Some(String::from("project-2")),
            ..IssueFilter::default()
        },
        IssueFilter {
            from: Some(NOW.plus_ms(2)),
            to: Some(NOW.plus_ms(5)),
            ..IssueFilter::default()
        },
        IssueFilter {
            status: Some(IssueStatus::Resolved),
            level: Some(Level::Error),
            project: Some(String::from("project-1")),
            from: Some(NOW),
            to: Some(NOW.plus_ms(6)),
            q: Some(String::from("issue")),
        },
    ];
    for filter in &filters {
        for sort in [IssueSort::LastSeen, IssueSort::Count, IssueSort::FirstSeen] {
            let value = |issue: &Issue| match sort {
                IssueSort::LastSeen => issue.last_seen_at.0,
                IssueSort::Count => issue.event_count(),
                IssueSort::FirstSeen => issue.first_seen_at.0,
            };
            let mut expected: Vec<&Issue> = all
                .iter()
                .filter(|issue| {
                    filter.status.is_none_or(|status| issue.status == status)
                        && filter.level.is_none_or(|level| issue.level == level)
                        && (filter.project.is_none() || issue.project_slug == filter.project)
                        && filter.from.is_none_or(|from| issue.last_seen_at >= from)
                        && filter.to.is_none_or(|to| issue.last_seen_at < to)
                })
                .collect();
            expected.sort_by_key(|issue| std::cmp::Reverse((value(issue), issue.id)));
            let expected: Vec<i64> = expected.iter().map(|issue| issue.id).collect();
            assert!(!expected.is_empty());
            assert_eq!(
                found(database, filter, sort).await,
                expected,
                "{filter:?} {sort:?}"
            );
        }
    }
}

async fn a_search_takes_its_text_literally(database: &Database) {
    let titles = ["50% off", "50 off", "a_b", "aXb", "Boom!", "O'Neil"];
    let rows = (1_i64..).zip(titles).map(|(id, title)| Issue {
        title: title.to_owned(),
        short_id: Some(format!("PAY-{id}")),
        sentry_issue_id: Some(format!("{}", 9000 + id)),
        ..issue(id)
    });
    save(database, &issues_slice(rows)).await;
    for (q, expected) in [
        ("%", &[1][..]),
        ("_", &[3]),
        ("a_B", &[3]),
        ("!", &[5]),
        ("'", &[6]),
        ("OFF", &[2, 1]),
        ("pay-4", &[4]),
        (" 9002 ", &[2]),
        ("900", &[]),
        ("9002\0", &[]),
    ] {
        let filter = IssueFilter {
            q: Some(q.to_owned()),
            ..IssueFilter::default()
        };
        let ids = found(database, &filter, IssueSort::LastSeen).await;
        assert_eq!(ids, expected, "{q:?}");
    }
    let filter = IssueFilter {
        project: Some(String::from("a\0b")),
        ..IssueFilter::default()
    };
    assert!(found(database, &filter, IssueSort::Count).await.is_empty());
}

async fn instants_before_1970_have_cursors_too(database: &Database) {
    let rows = (1..=20).map(|id| Issue {
        first_seen_at: Time(-62_000_000_000_000 + id),
        ..issue(id)
    });
    save(database, &issues_slice(rows)).await;
    let ids = found(database, &IssueFilter::default(), IssueSort::FirstSeen).await;
    assert_eq!(ids, (1..=20).rev().collect::<Vec<_>>());
    let mut tx = database.read().await.unwrap();
    let place = (Some("no cursor"), 5);
    let filter = IssueFilter::default();
    let answer = issues::list(&mut tx, 1, &filter, IssueSort::Count, place).await;
    assert!(matches!(answer, Err(StoreError::Cursor)));
}

async fn one_issue_is_found_only_in_its_workspace(database: &Database) {
    let rows =
        [(1, 1, 10), (2, 1, 30), (3, 1, 20), (4, 2, 40)].map(|(id, workspace_id, at)| Issue {
            workspace_id,
            sentry_issue_id: Some(String::from("7")),
            last_seen_at: NOW.plus_ms(at),
            ..issue(id)
        });
    save(database, &issues_slice(rows)).await;
    reading!(database, |tx| {
        let newest = issues::by_sentry_id(tx, 1, "7").await.unwrap().unwrap();
        assert_eq!(newest.id, 2);
        assert_eq!(issues::by_sentry_id(tx, 1, "8").await.unwrap(), None);
        assert_eq!(issues::by_sentry_id(tx, 1, "7\0").await.unwrap(), None);
        assert_eq!(issues::by_id(tx, 1, 2).await.unwrap(), Some(newest));
        assert_eq!(issues::by_id(tx, 2, 2).await.unwrap(), None);
    });
}

async fn projects_are_listed_once_in_order(database: &Database) {
    let none = reading!(database, |tx| issues::projects(tx, 1).await.unwrap());
    assert!(none.is_empty());
    save(database, &issues_slice((1..=60).map(varied))).await;
    reading!(database, |tx| {
        let projects = issues::projects(tx, 1).await.unwrap();
        assert_eq!(
            projects,
            ["project-1", "project-2", "project-3", "project-4"]
        );
        assert!(issues::projects(tx, 2).await.unwrap().is_empty());
    });
    let many = (100..400).map(|id| Issue {
        project_slug: Some(format!("slug-{id}")),
        ..issue(id)
    });
    save(database, &issues_slice(many)).await;
    let projects = reading!(database, |tx| issues::projects(tx, 1).await.unwrap());
    assert_eq!(projects.len(), 200);
    assert!(projects.is_sorted());
}

async fn tabs_count_each_status(database: &Database) {
    let foreign = Issue {
        workspace_id: 2,
        ..issue(9_999)
    };
    let many = (1..=1_200).map(|id| Issue {
        status: match id {
            ..=7 => IssueStatus::Resolved,
            8..=12 => IssueStatus::Ignored,
            _ => IssueStatus::Unresolved,
        },
        ..issue(id)
    });
    save(database, &issues_slice(many.chain([foreign]))).await;
    let (counts, others, nobodys) = reading!(database, |tx| {
        (
            issues::counts(tx, 1).await.unwrap(),
            issues::counts(tx, 2).await.unwrap(),
            issues::counts(tx, 3).await.unwrap(),
        )
    });
    let expected = StatusCounts {
        unresolved: COUNT_CAP,
        resolved: 7,
        ignored: 5,
    };
    assert_eq!(counts, expected, "counting stops");
    assert_eq!((others.unresolved, others.resolved), (1, 0));
    assert_eq!(nobodys, StatusCounts::default());
}
