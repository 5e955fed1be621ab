//! What Epicenter notices by itself (DESIGN §6, ACCEPTANCE U4, U5, U13, PL-18, PL-21).

use super::notices::{destination, kinds, reach, webhook};
use crate::support::app::id;
use crate::support::receiver::FakeReceiver;
use crate::support::{TestApp, Webhook};
use reqwest::Method;
use serde_json::{Value, json};

on_both_engines!(
    a_spike_of_a_known_incident_is_told_once,
    errors_alone_open_an_incident_only_when_they_are_unusual,
    what_is_resolved_and_comes_back_after_a_quiet_time_is_an_incident,
    an_old_client_is_no_regression_and_the_fix_itself_is,
    what_a_commit_repaired_is_judged_by_where_that_commit_is,
    growth_without_any_hook_is_noticed,
    muted_for_ever_is_listed_and_repaired_with_one_click,
    a_service_says_itself_what_is_noticed,
    a_metric_mutes_what_opens_soon_after_it_unless_that_is_off,
);

/// Seven events over more than an hour: an event in ten minutes is usual.
async fn warm_up(app: &TestApp) {
    for _ in 0..7 {
        app.later(600);
        app.apply(Webhook::error(42)).await;
    }
}

/// Thirty events within one minute.
async fn burst(app: &TestApp) {
    for _ in 0..30 {
        app.receive(Webhook::error(42)).await;
    }
    app.settle().await;
}

async fn set(app: &TestApp, path: &str, body: Value) -> Value {
    let answer = app.api.call(Method::PUT, path, &body).await;
    answer.expect(200).json()
}

// PL-18: errors come without any alert rule of Sentry's; those who know of the incident hear that it
// is much louder than usual, once. What is usual survives a restart.
async fn a_spike_of_a_known_incident_is_told_once(app: &TestApp) {
    let mut app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(40);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"]);
    warm_up(&app).await;
    app.restart().await;
    burst(&app).await;
    app.tell().await;
    let told = receiver.take();
    assert_eq!(told.len(), 1, "once");
    let told = told[0].json();
    assert_eq!(told["type"], "incident.unusual", "{told}");
    assert!(
        told.to_string()
            .contains("events in this minute; usual are"),
        "{told}"
    );
    let incident = app.incident().await;
    let story = app.story(&incident).await;
    let spikes = story.iter().filter(|kind| *kind == "unusual.spike").count();
    assert_eq!(spikes, 1, "{story:?}");
    let elsewhere = Webhook::error(42).set("/data/error/environment", "staging");
    app.apply(elsewhere).await;
    let story = app.story(&app.incident().await).await;
    assert_eq!(story.last().unwrap(), "seen.new_in_environment");
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new(), "a line only");
    let records = app.api.all("/api/v1/observations").await;
    let spike = records
        .iter()
        .find(|record| record["source_type"] == "detection.spike");
    assert_eq!(spike.unwrap()["incident_id"], incident["id"]);
    app.finish().await;
}

// PL-21, DESIGN §5: error.created opens nothing by itself; a spike does.
async fn errors_alone_open_an_incident_only_when_they_are_unusual(app: &TestApp) {
    warm_up(app).await;
    assert!(app.incidents().await.is_empty());
    let issue = app.issue().await;
    burst(app).await;
    let incident = app.incident().await;
    assert_eq!(incident["status"], "triggered");
    assert_eq!(incident["issue_id"], issue["id"]);
    let story = app.story(&incident).await;
    assert!(story.contains(&"unusual.spike".to_owned()), "{story:?}");
    assert_eq!(story[0], "incident.opened");
    burst(app).await;
    app.incident().await;
}

async fn what_is_resolved_and_comes_back_after_a_quiet_time_is_an_incident(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.apply(Webhook::error(42)).await;
    app.later(60);
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(58 * 60);
    app.apply(Webhook::error(42)).await;
    assert_eq!(
        app.incident().await["status"],
        "resolved",
        "not quiet enough"
    );
    app.later(3 * 3_600);
    app.apply(Webhook::error(42)).await;
    let all = app.incidents().await;
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!(all[0]["status"], "triggered");
    assert_eq!(all[0]["previous_incident_id"], all[1]["id"]);
    let story = app.story(&all[0]).await;
    assert!(story.contains(&"unusual.returned".to_owned()), "{story:?}");
    let issue = app.issue().await;
    assert_eq!(
        (&issue["status"], &issue["substatus"]),
        (&json!("unresolved"), &json!("regressed"))
    );
}

async fn deploy(app: &TestApp, version: &str) {
    let body = json!({"version": version, "project": "shop", "environment": "production"});
    app.api.post("/api/v1/deploys", body).await.expect(201);
    app.settle().await;
}

// U4, row 22: old clients and environments that lag behind send what is fixed already.
async fn an_old_client_is_no_regression_and_the_fix_itself_is(app: &TestApp) {
    deploy(app, "shop@1.3.9").await;
    app.later(60);
    let old = || Webhook::event_alert(42).set("/data/event/release", "shop@1.3.9");
    app.apply(old()).await;
    let fixed = Webhook::issue("resolved", 42).set(
        "/data/issue/statusDetails",
        json!({"inRelease": "shop@1.4.0"}),
    );
    app.later(60);
    app.apply(fixed).await;
    app.later(60);
    let delivery = app.apply(old()).await;
    let reason = delivery["verdict"]["reason"].as_str().unwrap().to_owned();
    assert_eq!(
        reason,
        "Opens nothing, it is no real regression: The fix shop@1.4.0 is not deployed in production yet"
    );
    deploy(app, "shop@1.4.0").await;
    app.later(60);
    let delivery = app.apply(old()).await;
    let reason = delivery["verdict"]["reason"].as_str().unwrap().to_owned();
    assert!(
        reason.contains("An old client: it runs shop@1.3.9"),
        "{reason}"
    );
    assert_eq!(app.incident().await["status"], "resolved");
    assert_eq!(app.issue().await["status"], "resolved");
    app.later(60);
    app.apply(Webhook::event_alert(42)).await;
    let incident = app.incident().await;
    assert_eq!(incident["status"], "triggered");
    let path = format!("/api/v1/incidents/{}", id(&incident));
    let shown = app.api.one(&path).await;
    assert_eq!(shown["regression"]["verdict"], "real", "{shown}");
    let story = app.story(&incident).await;
    assert!(story.contains(&"regression.real".to_owned()), "{story:?}");
}

/// A deploy that lists one commit.
async fn deploy_of(app: &TestApp, version: &str, sha: &str) {
    let commit = json!({"id": sha, "message": "Change the cart", "author": "Robin",
        "timestamp": "2026-03-02T09:00:00Z", "files": ["shop/cart.py"]});
    let body = json!({"version": version, "project": "shop", "environment": "production",
        "repository": "acme/shop", "sha": sha, "commits": [commit]});
    app.api.post("/api/v1/deploys", body).await.expect(201);
    app.settle().await;
}

// U4, row 22: resolved in a commit, so in the first release that has it.
async fn what_a_commit_repaired_is_judged_by_where_that_commit_is(app: &TestApp) {
    let [before, fix, other] = ["a", "f", "0"].map(|letter| letter.repeat(40));
    deploy_of(app, "shop@1.3.9", &before).await;
    app.later(60);
    let old = || Webhook::event_alert(42).set("/data/event/release", "shop@1.3.9");
    app.apply(old()).await;
    // The commit is known, as one of a deploy elsewhere would be, and not yet in production.
    let staged = json!({"version": "shop@1.4.0-rc", "project": "shop", "environment": "staging",
        "repository": "acme/shop", "sha": fix, "commits": [{"id": fix, "message": "Repair it"}]});
    app.later(60);
    app.api.post("/api/v1/deploys", staged).await.expect(201);
    app.settle().await;
    let resolved = |sha: &str| {
        Webhook::issue("resolved", 42)
            .set(
                "/data/issue/statusDetails",
                json!({"inCommit": {"id": sha}}),
            )
            .set("/data/resolution_type", "in_commit")
    };
    app.later(60);
    app.apply(resolved(&fix)).await;
    app.later(60);
    let reason = |delivery: Value| delivery["verdict"]["reason"].as_str().unwrap().to_owned();
    assert_eq!(
        reason(app.apply(old()).await),
        "Opens nothing, it is no real regression: The fix shop@1.4.0-rc (commit ffffffff) is not \
         deployed in production yet"
    );
    deploy_of(app, "shop@1.4.0", &fix).await;
    app.later(60);
    let said = reason(app.apply(old()).await);
    assert!(said.contains("An old client: it runs shop@1.3.9"), "{said}");
    assert_eq!(app.incident().await["status"], "resolved");
    app.later(60);
    app.apply(Webhook::event_alert(42)).await;
    let incident = app.incident().await;
    assert_eq!(incident["status"], "triggered");
    let path = format!("/api/v1/incidents/{}", id(&incident));
    let shown = app.api.one(&path).await;
    assert_eq!(shown["regression"]["verdict"], "real", "{shown}");
    // A commit that nobody told of says nothing: it counts, without a verdict.
    app.later(60);
    app.apply(resolved(&other)).await;
    app.later(60);
    app.apply(old()).await;
    assert_eq!(app.incident().await["status"], "triggered");
}

// U13: hooks fire when the state changes. Sentry's counts say that it goes on.
async fn growth_without_any_hook_is_noticed(app: &TestApp) {
    let counted = |count: &str| {
        Webhook::issue("assigned", 42)
            .set("/data/issue/count", count)
            .set("/data/issue/lastSeen", format!("2026-03-02T09:00:{count}Z"))
    };
    app.apply(counted("03")).await;
    app.later(600);
    assert!(app.incidents().await.is_empty());
    app.apply(counted("13")).await;
    let incident = app.incident().await;
    let story = app.story(&incident).await;
    assert!(story.contains(&"unusual.grown".to_owned()), "{story:?}");
    app.later(600);
    app.apply(counted("19")).await;
    assert_eq!(
        app.story(&app.incident().await).await.len(),
        story.len() + 1,
        "told once"
    );
}

// U5, row 38: archived for ever, and it still happens.
async fn muted_for_ever_is_listed_and_repaired_with_one_click(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    let archived = Webhook::issue("archived", 42).set("/data/issue/substatus", "archived_forever");
    app.later(60);
    app.apply(archived).await;
    assert!(
        app.api.all("/api/v1/issues/muted").await.is_empty(),
        "it is quiet"
    );
    for _ in 0..3 {
        app.later(60);
        app.apply(Webhook::error(42)).await;
    }
    let muted = app.api.all("/api/v1/issues/muted").await;
    assert_eq!(muted.len(), 1);
    assert_eq!(muted[0]["why"], "archived for ever");
    assert_eq!(muted[0]["events_since"], 3);
    let path = format!("/api/v1/issues/{}", id(&muted[0]));
    app.api
        .patch(&path, json!({"status": "unresolved"}))
        .await
        .expect(200);
    app.settle().await;
    assert!(app.api.all("/api/v1/issues/muted").await.is_empty());
    let next = Webhook::issue("resolved", 42)
        .set("/data/issue/statusDetails", json!({"inNextRelease": true}));
    app.later(60);
    app.apply(next).await;
    app.later(60);
    app.apply(Webhook::error(42)).await;
    let muted = app.api.all("/api/v1/issues/muted").await;
    assert_eq!(muted[0]["why"], "resolved in the next release");
}

async fn a_service_says_itself_what_is_noticed(app: &TestApp) {
    let default = app.api.one("/api/v1/detection").await;
    assert_eq!(
        (&default["spike"], &default["spike_times"]),
        (&json!("open"), &json!(3))
    );
    let quiet = set(
        app,
        "/api/v1/detection",
        json!({"spike": "line", "grown": "line"}),
    )
    .await;
    assert_eq!(quiet["spike"], "line");
    let odd = app
        .api
        .call(Method::PUT, "/api/v1/detection", &json!({"spike_times": 0}))
        .await;
    let fault = odd.expect(400).json().to_string();
    assert!(fault.contains("spike_times"), "{fault}");
    warm_up(app).await;
    burst(app).await;
    assert!(app.incidents().await.is_empty(), "a line only");
    let service = &app.api.all("/api/v1/services").await[0];
    let path = format!("/api/v1/services/{}/detection", id(service));
    let own = set(app, &path, json!({"spike": "open"})).await;
    assert_eq!(
        (&own["spike"], &own["is_own"]),
        (&json!("open"), &json!(true))
    );
    app.later(3_600);
    burst(app).await;
    app.incident().await;
    app.api.delete(&path).await.expect(204);
    assert_eq!(app.api.one(&path).await["spike"], "line");
}

// Row 30, ACCEPTANCE §4 (Flashduty): within ten minutes.
async fn a_metric_mutes_what_opens_soon_after_it_unless_that_is_off(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    let rules = app.api.one("/api/v1/inhibitions").await;
    assert_eq!(rules["rules"][0]["within_seconds"], 600);
    app.apply(Webhook::metric("critical", 7)).await;
    app.later(60);
    app.apply(Webhook::event_alert(42)).await;
    app.later(40);
    app.tell().await;
    assert_eq!(receiver.take().len(), 1, "the metric says it");
    app.later(600);
    app.apply(Webhook::event_alert(43)).await;
    app.later(40);
    app.tell().await;
    assert_eq!(receiver.take().len(), 1, "what opens later is told");
    set(&app, "/api/v1/inhibitions", json!({"rules": []})).await;
    app.later(300);
    app.tell().await;
    assert_eq!(receiver.take().len(), 1, "nothing mutes it any more");
    let odd = json!({"rules": [{"name": "x", "source": "kind ==", "target": "", "equal": []}]});
    let answer = app.api.call(Method::PUT, "/api/v1/inhibitions", &odd).await;
    answer.expect(400);
    app.finish().await;
}
