//! Which new issues webhooks told of, and which came by the sync only.

use crate::support::{NOW, issue, issues_slice, save};
use epicenter_domain::health::Capture;
use epicenter_domain::issue::Issue;
use epicenter_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use epicenter_store::Database;
use epicenter_store::health::capture;
use epicenter_store::sentry::connections::{self, NewConnection};

store_contract!(
    what_was_missed_is_found_by_project,
    a_share_of_what_is_new_is_captured,
    days_are_kept_once,
    what_could_not_be_read_is_of_the_newest_run,
);

fn new(id: i64, project: &str, minutes_ago: i64) -> Issue {
    let at = NOW.plus_ms(-minutes_ago * MINUTE_MS);
    Issue {
        sentry_issue_id: Some(id.to_string()),
        project_slug: Some(project.to_owned()),
        first_seen_at: at,
        last_seen_at: at,
        ..issue(id)
    }
}

async fn run(database: &Database, statement: &str) {
    match database {
        Database::Sqlite { writer, .. } => {
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .execute(writer)
                .await
                .unwrap();
        }
        Database::Postgres(pool) => {
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .execute(pool)
                .await
                .unwrap();
        }
    }
}

async fn connected(database: &Database) {
    let connection = NewConnection {
        id: 7,
        workspace_id: 1,
        integration_id: 1,
        base_url: "https://sentry.io".to_owned(),
        organization: "acme".to_owned(),
        projects: Vec::new(),
        token: None,
        from_environment: false,
        created_at: NOW,
    };
    writing!(database, |tx| connections::save(tx, &connection)
        .await
        .unwrap());
}

/// Issues 1 to 5, of which webhooks told of 1 and 3.
async fn some_issues(database: &Database) {
    let rows = [
        new(1, "shop", 60),
        new(2, "shop", 50),
        new(3, "till", 40),
        new(4, "shop", 30),
        new(5, "shop", 2 * 24 * 60),
    ];
    save(database, &issues_slice(rows)).await;
    run(database, "UPDATE issues SET heard_at = NULL").await;
    for (id, at) in [(1, NOW.0 - HOUR_MS), (3, NOW.0)] {
        let set = format!("UPDATE issues SET heard_at = {at} WHERE id = {id}");
        run(database, &set).await;
    }
}

fn last_day() -> (Time, Time) {
    (NOW.plus_ms(-DAY_MS), NOW)
}

async fn what_was_missed_is_found_by_project(database: &Database) {
    some_issues(database).await;
    reading!(database, |tx| {
        let missed = capture::missed(tx, last_day()).await.unwrap();
        assert_eq!(missed, [], "nobody asked Sentry");
    });
    connected(database).await;
    reading!(database, |tx| {
        let missed = capture::missed(tx, last_day()).await.unwrap();
        let missed: Vec<_> = missed
            .iter()
            .map(|one| (one.workspace_id, one.project.as_str(), one.first_seen_at))
            .collect();
        let at = |minutes: i64| NOW.0 - minutes * MINUTE_MS;
        assert_eq!(missed, [(1, "shop", at(30)), (1, "shop", at(50))]);
        let from = NOW.plus_ms(-DAY_MS);
        let heard = capture::heard_at(tx, (1, "shop"), from).await.unwrap();
        assert_eq!(heard, Some(NOW.plus_ms(-HOUR_MS)));
        assert_eq!(
            capture::heard_at(tx, (2, "shop"), from).await.unwrap(),
            None
        );
        assert_eq!(capture::heard_at(tx, (1, "shop"), NOW).await.unwrap(), None);
    });
}

async fn a_share_of_what_is_new_is_captured(database: &Database) {
    some_issues(database).await;
    let share = |heard, synced| Capture {
        heard,
        synced,
        missing: 0,
    };
    reading!(database, |tx| {
        let all = capture::capture(tx, (1, None), last_day()).await.unwrap();
        assert_eq!(all, share(2, 2));
        let shop = capture::capture(tx, (1, Some("shop")), last_day())
            .await
            .unwrap();
        assert_eq!(shop, share(1, 2));
        let other = capture::capture(tx, (2, None), last_day()).await.unwrap();
        assert_eq!(other, share(0, 0));
    });
}

async fn days_are_kept_once(database: &Database) {
    let day = |heard| Capture {
        heard,
        synced: 1,
        missing: 0,
    };
    let old = NOW.plus_ms(-DAY_MS);
    writing!(database, |tx| {
        for (at, heard) in [(old, 1), (NOW, 2), (NOW, 3)] {
            capture::keep_day(tx, 1, at, &day(heard)).await.unwrap();
        }
        assert_eq!(
            capture::days(tx, 1, old).await.unwrap(),
            [(old, day(1)), (NOW, day(3))]
        );
        assert_eq!(capture::days(tx, 2, old).await.unwrap(), []);
        capture::delete_before(tx, NOW).await.unwrap();
        assert_eq!(capture::days(tx, 1, old).await.unwrap(), [(NOW, day(3))]);
    });
}

async fn what_could_not_be_read_is_of_the_newest_run(database: &Database) {
    connected(database).await;
    for (id, unread, ended) in [(1, 9, "5"), (2, 4, "6"), (3, 7, "NULL")] {
        let insert = format!(
            "INSERT INTO sync_runs (id, workspace_id, connection_id, started_at, ended_at, outcome, \
             is_first, window_from, window_until, news_from, page_count, resolved_count, \
             unresolved_count, ignored_count, created_count, updated_count, unchanged_count, \
             unreadable_count, heard_count, found_count, fault_count) \
             SELECT {id}, 1, id, 1, {ended}, 'done', {is}, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, {unread}, \
             0, 0, 0 FROM sentry_connections",
            is = if matches!(database, Database::Sqlite { .. }) {
                "0"
            } else {
                "false"
            },
        );
        run(database, &insert).await;
    }
    reading!(database, |tx| {
        assert_eq!(capture::unread(tx, 1).await.unwrap(), 4);
        assert_eq!(capture::unread(tx, 2).await.unwrap(), 0);
    });
}
