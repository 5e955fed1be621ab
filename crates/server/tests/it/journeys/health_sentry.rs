//! Did Sentry stop sending? What its API counts, compared with what webhooks told: rows 17 and 35 of
//! ACCEPTANCE §3, U11, U20; SENTRY-PROTOCOL §10 (12).

use crate::support::TestApp;
use crate::support::app::id;
use crate::support::sentry::Linked;
use epicenter::workers::watch;
use serde_json::Value;

on_both_engines!(
    of_webhooks_a_fifth_is_lost_and_the_sync_finds_it,
    sentry_stops_sending_and_sends_again,
);

/// One look of Epicenter at itself, with all that follows from it.
async fn look(app: &TestApp) {
    watch(app.inside()).await.unwrap();
    app.settle().await;
    app.tell().await;
    app.settle().await;
}

/// What is open or was opened about Epicenter itself.
async fn warnings(app: &TestApp) -> Vec<Value> {
    let all = app.incidents().await.into_iter();
    all.filter(|one| one["source"] == "Epicenter").collect()
}

async fn of_webhooks_a_fifth_is_lost_and_the_sync_finds_it(app: &TestApp) {
    let linked = Linked::start(app).await;
    let app = &linked.app;
    linked.sync().await;
    for number in 1..=20 {
        app.later(60);
        let webhook = linked.sentry.create(linked.issue(number, 0));
        if number % 5 != 0 {
            linked.deliver(webhook).await;
        }
    }
    app.settle().await;
    app.later(400);
    linked.sync().await;
    look(app).await;
    let health = app.api.one("/api/v1/health").await;
    let capture = &health["figures"]["capture"];
    assert_eq!(capture["heard"], 16, "{health:#}");
    assert_eq!(capture["synced"], 4);
    assert_eq!(capture["before_percent"], 80);
    assert_eq!(capture["after_percent"], 100);
    let days = health["figures"]["capture_days"].as_array().unwrap();
    let today = days.last().unwrap();
    assert_eq!(today["day"], "2026-03-02");
    assert_eq!(today["before_percent"], 80);
    assert_eq!(today["after_percent"], 100);
    // Webhooks come, so nobody is woken.
    assert_eq!(warnings(app).await, Vec::<Value>::new());
    linked.app.finish().await;
}

async fn sentry_stops_sending_and_sends_again(app: &TestApp) {
    let linked = Linked::start(app).await;
    let app = &linked.app;
    linked.sync().await;
    for number in 1..=6 {
        app.later(3_600);
        let webhook = linked.sentry.create(linked.issue(number, 0));
        linked.deliver(webhook).await;
    }
    app.settle().await;
    let heard = app.now();
    // Nothing happens for hours: nothing is wrong.
    app.later(5 * 3_600);
    linked.sync().await;
    look(app).await;
    assert_eq!(warnings(app).await, Vec::<Value>::new());
    // Sentry goes on without its webhooks.
    for number in 11..=14 {
        app.later(600);
        linked.sentry.create(linked.issue(number, 0));
    }
    app.later(400);
    linked.sync().await;
    look(app).await;
    look(app).await;
    let warned = warnings(app).await;
    assert_eq!(warned.len(), 1, "{warned:#?}");
    let project = linked.issue(1, 0).project;
    let title = format!("Sentry stopped sending about {project}");
    assert_eq!(warned[0]["title"], title);
    assert_eq!(warned[0]["severity"], "critical");
    let path = format!("/api/v1/incidents/{}/timeline", id(&warned[0]));
    let story = Value::from(app.api.all(&path).await).to_string();
    assert!(story.contains(&heard.rfc3339()), "{story}");
    assert!(story.contains("4 issues came by the sync only"), "{story}");
    assert!(
        story.contains("Check in Sentry that the integration"),
        "{story}"
    );
    let health = app.api.one("/api/v1/health").await;
    let alarm = |one: &&Value| one["code"] == "alarm";
    let lines = health["findings"].as_array().unwrap();
    assert_eq!(lines.iter().filter(alarm).count(), 1, "{health:#}");
    // It sends again.
    app.later(60);
    let webhook = linked.sentry.create(linked.issue(20, 0));
    linked.deliver(webhook).await;
    app.settle().await;
    look(app).await;
    look(app).await;
    let warned = warnings(app).await;
    assert_eq!(warned.len(), 1);
    assert_eq!(warned[0]["status"], "resolved");
    linked.app.finish().await;
}
