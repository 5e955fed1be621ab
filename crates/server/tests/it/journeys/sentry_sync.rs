//! In step with Sentry: what its webhooks do not tell is read from its API (issue EL-08 to EL-11,
//! EL-17, EL-19, EL-20; FIELD cases 19, 32 and 44).

use crate::support::TestApp;
use crate::support::app::id;
use crate::support::sentry::Linked;
use crate::support::sentry_issues::tell_sentry;
use epicenter::simulator::sentry::{FakeIssue, Fault, Status};
use serde_json::{Value, json};

on_both_engines!(
    the_first_pass_fills_the_error_log_and_wakes_nobody,
    what_is_new_in_sentry_triggers_and_says_who_found_it,
    a_status_that_no_webhook_told_of_is_followed,
    an_issue_that_is_not_seen_any_more_is_looked_at,
    a_fifth_of_the_webhooks_is_lost_and_nothing_is_missing,
    an_outage_in_the_middle_costs_nothing_but_time,
    limits_are_obeyed,
    what_was_done_here_stays_until_sentry_says_something_new,
    a_webhook_that_came_meanwhile_is_newer,
);

const DAY_S: i64 = 86_400;

/// Statuses in turn.
fn status(number: u64) -> Status {
    [Status::Ongoing, Status::Resolved, Status::Archived][usize::try_from(number % 3).unwrap()]
}

async fn the_first_pass_fills_the_error_log_and_wakes_nobody(app: &mut TestApp) {
    // EL-08 (all statuses), EL-09 (30 days), EL-17 (counts), EL-20 (as many as Sentry has).
    let linked = Linked::start(app).await;
    for number in 1..=5_000 {
        // Many were last seen in the same second, so that pages end among them.
        let ago = i64::try_from(number / 7).unwrap() * 500;
        let issue = FakeIssue {
            status: status(number),
            project: ["shop", "web"][usize::try_from(number % 2).unwrap()].to_owned(),
            count: 5,
            ..linked.issue(number, ago)
        };
        linked.sentry.put(issue);
    }
    let old = linked.issue(9_000, 31 * DAY_S);
    linked.sentry.put(old);
    let run = linked.sync().await;
    assert_eq!(run["pages"], 50, "{run}");
    assert_eq!(run["created"], 5_000);
    assert_eq!(run["expected"], 5_000);
    let by_status = json!({"resolved": 1_667, "unresolved": 1_666, "ignored": 1_667});
    assert_eq!(run["by_status"], by_status);
    let projects = json!([
        {"project": "shop", "seen": 2_500, "heard": 0, "found": 0},
        {"project": "web", "seen": 2_500, "heard": 0, "found": 0},
    ]);
    assert_eq!(run["projects"], projects);
    linked.sentry.remove(9_000);
    linked.assert_equal().await;
    assert_eq!(linked.app.incidents().await, Vec::<Value>::new(), "history");

    // Afterwards only what was seen lately is asked for.
    linked.app.later(400);
    linked.sentry.seen_again(17);
    linked.sentry.take_asked();
    let run = linked.sync().await;
    assert_eq!(linked.sentry.take_asked().len(), 1, "one page is enough");
    assert_eq!((&run["created"], &run["updated"]), (&json!(0), &json!(1)));
    linked.assert_equal().await;
    linked.app.finish().await;
}

async fn what_is_new_in_sentry_triggers_and_says_who_found_it(app: &mut TestApp) {
    let linked = Linked::start(app).await;
    linked.sync().await;
    linked.app.later(300);
    linked.sentry.put(linked.issue(1, 20));
    linked.sentry.put(FakeIssue {
        status: Status::Resolved,
        ..linked.issue(2, 20)
    });
    let run = linked.sync().await;
    assert_eq!((&run["created"], &run["found"]), (&json!(2), &json!(2)));
    // What is over already wakes nobody.
    let incident = linked.app.incident().await;
    assert_eq!(incident["sentry"]["issue_id"], "1");
    let story = linked.app.story(&incident).await;
    assert_eq!(story, ["incident.opened", "sync.found"]);
    let path = format!("/api/v1/incidents/{}/timeline", id(&incident));
    let lines = linked.app.api.all(&path).await;
    assert_eq!(
        lines[1]["summary"],
        "Found by the sync: no webhook told of it"
    );
    // The webhook that comes late after all is no second incident.
    let late = linked.sentry.create(linked.issue(1, 20));
    linked.deliver(late).await;
    assert_eq!(linked.app.incidents().await.len(), 1);
    linked.assert_equal().await;
    let memory = linked.app.api.all("/api/v1/observations").await;
    assert!(
        memory
            .iter()
            .any(|one| one["source_type"] == "issue.created"),
        "{memory:#?}"
    );
    linked.app.finish().await;
}

async fn a_status_that_no_webhook_told_of_is_followed(app: &mut TestApp) {
    // EL-10, EL-19
    let linked = Linked::start(app).await;
    linked.sync().await;
    let created = linked.sentry.create(linked.issue(1, 0));
    linked.deliver(created).await;
    for (status, expected, last) in [
        (Status::Resolved, "resolved", "incident.resolved"),
        (Status::Regressed, "triggered", "incident.reopened"),
        (Status::Archived, "acknowledged", "incident.archived"),
    ] {
        linked.app.later(60);
        linked.sentry.change(1, status).unwrap();
        let run = linked.sync().await;
        assert_eq!(run["found"], 1, "{status:?}: {run:#}");
        let incident = linked.app.incident().await;
        assert_eq!(incident["status"], expected, "{status:?}");
        let story = linked.app.story(&incident).await;
        assert!(
            story.ends_with(&[last.to_owned(), "sync.found".to_owned()]),
            "{story:?}"
        );
        let run = linked.sync().await;
        assert_eq!(
            (&run["found"], &run["updated"]),
            (&json!(0), &json!(0)),
            "{status:?}"
        );
    }
    linked.assert_equal().await;
    linked.app.finish().await;
}

async fn an_issue_that_is_not_seen_any_more_is_looked_at(app: &mut TestApp) {
    let linked = Linked::start(app).await;
    linked.sync().await;
    for number in 1..=2 {
        let created = linked.sentry.create(linked.issue(number, 0));
        linked.deliver(created).await;
    }
    linked.sync().await;
    linked.app.later(3_600);
    linked.sync().await;
    // Resolving does not move when it was last seen: no window of an hour meets it.
    linked.sentry.change(1, Status::Resolved).unwrap();
    linked.sentry.remove(2);
    let run = linked.sync().await;
    assert_eq!(run["by_status"]["resolved"], 1, "{run:#}");
    let incidents = linked.app.incidents().await;
    let of = |issue: &str| {
        let found = incidents
            .iter()
            .find(|one| one["sentry"]["issue_id"] == issue);
        found.unwrap()["status"].clone()
    };
    assert_eq!(of("1"), "resolved");
    assert_eq!(
        of("2"),
        "triggered",
        "what Sentry does not know any more stays"
    );
    linked.app.finish().await;
}

async fn a_fifth_of_the_webhooks_is_lost_and_nothing_is_missing(app: &mut TestApp) {
    // FIELD case 32, EL-20: the log equals Sentry after reconciliation.
    let linked = Linked::start(app).await;
    linked.sync().await;
    let (mut sent, mut lost) = (0, 0);
    for number in 1..=100_u64 {
        linked.app.later(2);
        let mut webhooks = vec![linked.sentry.create(linked.issue(number, 0))];
        if number % 2 == 0 {
            webhooks.extend(linked.sentry.change(number, Status::Resolved));
        }
        if number % 6 == 0 {
            webhooks.extend(linked.sentry.change(number, Status::Regressed));
        }
        if number % 9 == 0 {
            webhooks.extend(linked.sentry.change(number, Status::Archived));
        }
        for webhook in webhooks {
            sent += 1;
            if sent % 5 == 0 {
                lost += 1;
            } else {
                linked.deliver(webhook).await;
            }
        }
    }
    assert!(lost > 30, "{lost} of {sent}");
    linked.app.later(5);
    let run = linked.sync().await;
    assert!(run["found"].as_i64().unwrap() > 10, "{run:#}");
    linked.assert_equal().await;
    // Whatever is open in Sentry has an open incident, and nothing else has.
    let incidents = linked.app.incidents().await;
    for issue in linked.sentry.issues() {
        let number = issue.id.to_string();
        let mine = incidents
            .iter()
            .filter(|one| one["sentry"]["issue_id"].as_str() == Some(number.as_str()));
        let is_open = mine.into_iter().any(|one| one["status"] != "resolved");
        let is_over = issue.status.words().0 == "resolved";
        if is_over {
            assert!(!is_open, "{issue:?}");
        } else if issue.status != Status::Archived {
            assert!(is_open, "{issue:?}");
        }
    }
    let run = linked.sync().await;
    assert_eq!(
        (&run["found"], &run["updated"]),
        (&json!(0), &json!(0)),
        "{run:#}"
    );
    linked.app.finish().await;
}

async fn an_outage_in_the_middle_costs_nothing_but_time(app: &mut TestApp) {
    let mut linked = Linked::start(app).await;
    for number in 1..=450 {
        linked
            .sentry
            .put(linked.issue(number, i64::try_from(number).unwrap() * 60));
    }
    let whole = |asked: &[epicenter::simulator::sentry::Asked]| {
        asked
            .iter()
            .filter(|one| one.path.contains("/issues/?"))
            .count()
    };
    // Two pages, then the disk under Sentry is full.
    linked.sentry.limit(Some(2));
    let run = linked.pass().await;
    assert_eq!(run["outcome"], "waiting", "{run:#}");
    assert_eq!((&run["pages"], &run["created"]), (&json!(2), &json!(200)));
    linked.sentry.limit(None);
    linked.sentry.always(Some(Fault::Status(503)));
    linked.app.later(5);
    let run = linked.pass().await;
    assert_eq!(
        run["reason"],
        "Sentry answered 503: it has a problem of its own."
    );
    assert!(run["ended_at"].is_null(), "{run:#}");
    // Epicenter is killed meanwhile; another one goes on.
    linked.app.restart().await;
    let other = linked.issue(460, 5);
    let told = linked.sentry.create(other);
    linked.deliver(told).await;
    assert_eq!(
        linked.app.incident().await["sentry"]["issue_id"],
        "460",
        "webhooks go on"
    );
    linked.sentry.always(None);
    linked.app.later(600);
    linked.sentry.take_asked();
    let run = linked.sync().await;
    assert_eq!(
        (&run["pages"], &run["created"]),
        (&json!(5), &json!(450)),
        "{run:#}"
    );
    assert_eq!(
        whole(&linked.sentry.take_asked()),
        3,
        "no page is asked for twice"
    );
    linked.assert_equal().await;
    linked.app.finish().await;
}

async fn limits_are_obeyed(app: &mut TestApp) {
    let linked = Linked::start(app).await;
    for (fault, seconds) in [
        (Fault::Limited(30), 30),
        (Fault::TooManyAtOnce, 2),
        (Fault::BareLimit, 3),
        (Fault::RetryAfter(429, 90), 90),
        (Fault::RetryAfter(503, 40), 40),
    ] {
        linked.sentry.once(fault.clone());
        let run = linked.pass().await;
        assert_eq!(run["outcome"], "waiting", "{fault:?}: {run:#}");
        linked.sentry.take_asked();
        let again = linked.pass().await;
        assert_eq!(again["outcome"], "waiting", "{fault:?}");
        assert!(
            linked.sentry.take_asked().is_empty(),
            "{fault:?}: it is left alone"
        );
        linked.app.later(seconds + 1);
        linked.sync().await;
    }
    // Without any header, as self-hosted ones answer.
    linked.sentry.leave_headers_out();
    linked.sentry.put(linked.issue(1, 5));
    linked.app.later(60);
    linked.sync().await;
    linked.assert_equal().await;
    linked.app.finish().await;
}

async fn what_was_done_here_stays_until_sentry_says_something_new(app: &mut TestApp) {
    // ACCEPTANCE §4: a status that was set here was overwritten by the next sync.
    let linked = Linked::start(app).await;
    linked.sync().await;
    let created = linked.sentry.create(linked.issue(1, 0));
    linked.deliver(created).await;
    // A token that may only read: Sentry is never told.
    linked
        .sentry
        .allow(&["event:read", "project:read", "org:read"]);
    let issue = linked.app.issue().await;
    let path = format!("/api/v1/issues/{}", id(&issue));
    linked.app.later(60);
    let resolved = linked
        .app
        .api
        .patch(&path, json!({"status": "resolved"}))
        .await;
    resolved.expect(200);
    tell_sentry(&linked.app).await;
    for _ in 0..2 {
        linked.app.later(60);
        linked.sentry.seen_again(1);
        linked.sync().await;
        assert_eq!(
            linked.app.issue().await["status"],
            "resolved",
            "as it was set here"
        );
    }
    linked.app.later(60);
    linked.sentry.change(1, Status::Archived).unwrap();
    linked.sync().await;
    assert_eq!(linked.app.issue().await["status"], "ignored");
    linked.app.later(60);
    linked.sentry.change(1, Status::Regressed).unwrap();
    linked.sync().await;
    assert_eq!(linked.app.incident().await["status"], "triggered");
    linked.assert_equal().await;
    linked.app.finish().await;
}

async fn a_webhook_that_came_meanwhile_is_newer(app: &mut TestApp) {
    // FIELD case 44: the page was read before the webhook, and is applied after it.
    let linked = Linked::start(app).await;
    linked.sync().await;
    let created = linked.sentry.create(linked.issue(1, 0));
    linked.deliver(created).await;
    linked.app.later(30);
    let stale = linked.sentry.issue(1).unwrap().json();
    linked.app.later(30);
    let resolved = linked.sentry.change(1, Status::Resolved).unwrap();
    linked.deliver(resolved).await;
    linked.sentry.once(Fault::Body(json!([stale]).to_string()));
    // Our clock has not moved since, so the answer is not newer than the webhook.
    linked.app.clock.advance_ms(-20_000);
    linked.sync().await;
    assert_eq!(linked.app.incident().await["status"], "resolved");
    linked.app.clock.advance_ms(80_000);
    linked.sync().await;
    linked.assert_equal().await;
    linked.app.finish().await;
}
