//! Epicenter watches itself: rows 17, 60, 77 and 79 of ACCEPTANCE §3; EL-20, U11; FIELD case 49.

use super::notices::{destination, kinds, webhook};
use crate::support::app::id;
use crate::support::engine::OwnDatabase;
use crate::support::receiver::FakeReceiver;
use crate::support::{SECRET, TestApp, Webhook};
use epicenter::config::Config;
use epicenter::operations::notices::plan_due;
use epicenter::workers::{clean_up, watch};
use serde_json::Value;

on_both_engines!(
    a_canary_goes_the_whole_way_and_disturbs_nobody,
    a_canary_that_is_lost_is_one_incident_until_one_comes_back,
    a_source_that_falls_silent_is_one_incident_until_it_speaks_again,
    what_came_and_what_was_refused_is_counted,
    each_kind_of_thing_has_its_own_time,
);

async fn with(app: &TestApp, change: impl FnOnce(&mut Config)) -> TestApp {
    let database = OwnDatabase::new(app.engine).await.unwrap();
    TestApp::start_with(database, Some(SECRET), |config| {
        config.outbound.allowed_networks = vec!["127.0.0.1".to_owned()];
        change(config);
    })
    .await
}

/// One look of Epicenter at itself, with all that follows from it.
async fn look(app: &TestApp) {
    watch(app.inside()).await.unwrap();
    app.settle().await;
}

async fn health(app: &TestApp) -> Value {
    app.api.one("/api/v1/health").await
}

/// The line with this code: status and sentence.
fn line(health: &Value, code: &str) -> (String, String) {
    let lines = health["findings"].as_array().unwrap();
    let line = lines.iter().find(|line| line["code"] == code);
    let line = line.unwrap_or_else(|| panic!("no {code} in {health:#}"));
    let text = |key: &str| line[key].as_str().unwrap().to_owned();
    (text("status"), text("says"))
}

async fn a_canary_goes_the_whole_way_and_disturbs_nobody(app: &TestApp) {
    let receiver = FakeReceiver::start().await;
    let app = with(app, |_| {}).await;
    destination(&app, "Ops", webhook(&receiver)).await;
    look(&app).await;
    let (status, says) = line(&health(&app).await, "canary");
    assert_eq!(status, "ok");
    assert!(says.ends_with("It is on its way."), "{says}");
    app.tell().await;
    let (status, says) = line(&health(&app).await, "canary");
    assert_eq!(status, "ok");
    assert!(says.contains("door, inbox, intake and outbox"), "{says}");
    assert!(receiver.take().is_empty());
    assert!(app.incidents().await.is_empty());
    // It came by the real door, proven, and moved nothing.
    let deliveries = app.deliveries().await;
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0]["resource"], "canary");
    assert_eq!(deliveries[0]["verdict"]["outcome"], "ignored");
    // The next one is due six hours later.
    app.later(6 * 3_600 - 1);
    look(&app).await;
    assert_eq!(app.deliveries().await.len(), 1);
    app.later(1);
    look(&app).await;
    assert_eq!(app.deliveries().await.len(), 2);
    // What Epicenter sends itself is no webhook of anybody.
    assert_eq!(health(&app).await["figures"]["stored"], 0);
    app.finish().await;
}

async fn a_canary_that_is_lost_is_one_incident_until_one_comes_back(app: &TestApp) {
    let receiver = FakeReceiver::start().await;
    let app = with(app, |_| {}).await;
    destination(&app, "Ops", webhook(&receiver)).await;
    look(&app).await;
    // Nobody runs the notifier.
    app.later(299);
    look(&app).await;
    assert!(app.incidents().await.is_empty());
    app.later(1);
    look(&app).await;
    look(&app).await;
    let incident = app.incident().await;
    assert_eq!(incident["source"], "Epicenter");
    assert_eq!(incident["service"]["name"], "Epicenter");
    assert_eq!(incident["severity"], "critical");
    assert_eq!(incident["dedup_key"], "epicenter-canary");
    let (status, says) = line(&health(&app).await, "canary");
    assert_eq!(status, "broken");
    assert!(says.contains("the notifier did not take it"), "{says}");
    assert_eq!(line(&health(&app).await, "alarm").0, "broken");
    // The notifier works again: it tells of the incident, and takes the canary.
    assert_eq!(plan_due(app.inside()).await.unwrap(), 1);
    app.later(60);
    app.tell().await;
    app.settle().await;
    assert_eq!(app.incident().await["status"], "resolved");
    assert_eq!(line(&health(&app).await, "alarms").0, "ok");
    app.later(60);
    app.tell().await;
    let told = kinds(&receiver);
    assert!(told.len() == 2, "{told:?}");
    app.finish().await;
}

/// A webhook every six hours for nine days, then none.
/// The incident that Epicenter opened about itself.
async fn own(app: &TestApp) -> Option<Value> {
    let mut all = app.incidents().await;
    all.retain(|incident| incident["source"] == "Epicenter");
    assert!(all.len() < 2, "{all:#?}");
    all.pop()
}

async fn a_source_that_falls_silent_is_one_incident_until_it_speaks_again(app: &TestApp) {
    let app = with(app, |config| config.health.canary_hours = 0).await;
    for _ in 0..36 {
        app.receive(Webhook::error(42)).await;
        app.later(6 * 3_600);
    }
    app.settle().await;
    let heard = app.now().plus_ms(-6 * 3_600_000);
    look(&app).await;
    app.later(6 * 3_600);
    look(&app).await;
    assert!(own(&app).await.is_none(), "twice the usual silence");
    app.later(1);
    look(&app).await;
    look(&app).await;
    let incident = own(&app).await.unwrap();
    assert_eq!(incident["title"], "Sentry has stopped sending");
    assert_eq!(incident["service"]["name"], "Epicenter");
    let (status, says) = line(&health(&app).await, "quiet");
    assert_eq!(status, "broken");
    assert!(says.contains(&heard.rfc3339()), "{says}");
    let path = format!("/api/v1/incidents/{}/timeline", id(&incident));
    let story = app.api.all(&path).await;
    let opened = story[0]["summary"].to_string() + &story[0]["body"].to_string();
    assert!(opened.contains(&heard.rfc3339()), "{story:#?}");
    // It speaks again.
    app.apply(Webhook::error(42)).await;
    look(&app).await;
    look(&app).await;
    assert_eq!(own(&app).await.unwrap()["status"], "resolved");
    assert_eq!(line(&health(&app).await, "heard").0, "ok");
    app.finish().await;
}

async fn what_came_and_what_was_refused_is_counted(app: &TestApp) {
    let app = with(app, |config| config.health.canary_hours = 0).await;
    for issue in 1..=3 {
        app.apply(Webhook::event_alert(issue)).await;
    }
    let forged = Webhook::event_alert(4).signed_with("another secret");
    app.send(forged.clone()).await.expect(401);
    look(&app).await;
    let found = health(&app).await;
    assert_eq!(found["figures"]["stored"], 3);
    assert_eq!(found["figures"]["refused"], 1);
    assert_eq!(found["figures"]["not_stored"], 0);
    let says = line(&found, "answers").1;
    assert!(says.starts_with("75.0 % of 4 requests"), "{says}");
    assert_eq!(line(&found, "delivery_rate").0, "ok");
    assert_eq!(line(&found, "backlog").0, "ok");
    assert_eq!(line(&found, "heard").0, "ok");
    // More of them are told with the diagnosis.
    for _ in 0..4 {
        app.send(forged.clone()).await.expect(401);
    }
    look(&app).await;
    let found = health(&app).await;
    assert_eq!(line(&found, "refused").0, "attention");
    let refused = &found["findings"].as_array().unwrap();
    let refused = refused.iter().find(|one| one["code"] == "refused").unwrap();
    let todo = refused["todo"].as_str().unwrap();
    assert!(
        todo.contains("fits none of the integration's secrets"),
        "{todo}"
    );
    assert_eq!(found["status"], "attention");
    app.finish().await;
}

/// ACCEPTANCE §5: open issues 90 days, resolved ones 30; incidents here 40, the memory 50.
async fn each_kind_of_thing_has_its_own_time(app: &TestApp) {
    let app = with(app, |config| {
        config.health.canary_hours = 0;
        config.retention.incidents_days = 40;
        config.retention.observations_days = 50;
    })
    .await;
    app.apply(Webhook::event_alert(1)).await;
    app.apply(Webhook::event_alert(2)).await;
    app.later(60);
    app.apply(Webhook::issue("resolved", 1)).await;
    let counts = async |app: &TestApp| {
        clean_up(app.inside()).await.unwrap();
        let memory = app.api.all("/api/v1/observations").await.len();
        let (issues, incidents) = (app.issues().await.len(), app.incidents().await.len());
        (issues, incidents, memory > 0)
    };
    assert_eq!(counts(&app).await, (2, 2, true));
    app.later(31 * 86_400);
    assert_eq!(counts(&app).await, (1, 2, true), "the resolved issue went");
    app.later(10 * 86_400);
    assert_eq!(counts(&app).await, (1, 1, true), "its incident went");
    app.later(10 * 86_400);
    let (issues, incidents, _) = counts(&app).await;
    assert_eq!((issues, incidents), (1, 1));
    app.later(60 * 86_400);
    // The issue of the open incident stays, however old it is, and its records.
    assert_eq!(counts(&app).await, (1, 1, true));
    let records = app.api.all("/api/v1/observations").await;
    assert!(
        records
            .iter()
            .all(|one| one["title"].to_string().contains('2')),
        "{records:#?}"
    );
    let says = line(&health(&app).await, "retention").1;
    assert!(says.starts_with("Nothing was old enough"), "{says}");
    app.finish().await;
}
