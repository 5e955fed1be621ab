//! Tokens of Sentry's API that end, or that Sentry takes no more.

use crate::support::TestApp;
use crate::support::app::id;
use crate::support::person::Person;
use crate::support::sentry::Linked;
use epicenter::simulator::sentry::{FAKE_ORGANIZATION, FAKE_TOKEN, Fault};
use epicenter::workers::watch;
use serde_json::{Value, json};

on_both_engines!(
    the_end_of_a_token_is_said_before_and_opens_an_incident,
    a_token_that_is_refused_opens_an_incident_until_it_is_taken,
);

/// One look of Epicenter at itself, with all that follows from it.
async fn look(app: &TestApp) {
    watch(app.inside()).await.unwrap();
    app.settle().await;
}

/// What is open about the token: titles.
async fn warnings(app: &TestApp) -> Vec<String> {
    let all = app.incidents().await.into_iter();
    all.filter(|one| one["source"] == "Epicenter" && one["status"] == "triggered")
        .map(|one| one["title"].as_str().unwrap().to_owned())
        .filter(|title| title.contains("token"))
        .collect()
}

/// Status and sentence of the connection's line on the health page.
async fn line(app: &TestApp) -> (String, String) {
    let health = app.api.one("/api/v1/health").await;
    let lines = health["findings"].as_array().unwrap();
    let line = lines.iter().find(|line| line["code"] == "connection");
    let text = |key: &str| line.unwrap()[key].as_str().unwrap().to_owned();
    (text("status"), text("says"))
}

async fn enter(linked: &Linked, token: &str, expires_at: &str) -> Value {
    let body = json!({"organization": FAKE_ORGANIZATION, "base_url": linked.url, "token": token,
        "token_expires_at": expires_at});
    let made = linked.app.api.post("/api/v1/sentry-connections", body);
    made.await.expect(201).json()
}

async fn the_end_of_a_token_is_said_before_and_opens_an_incident(app: &TestApp) {
    let linked = Linked::start(app).await;
    let app = &linked.app;
    let body = json!({"organization": FAKE_ORGANIZATION, "token_expires_at": "soon"});
    let wrong = app.api.post("/api/v1/sentry-connections", body).await;
    let detail = wrong.expect_problem(400, "invalid");
    assert!(detail.contains("token_expires_at"), "{detail}");
    let made = enter(&linked, FAKE_TOKEN, "2026-03-20").await;
    assert_eq!(id(&made), linked.connection, "the same one");
    assert_eq!(made["token_expires_at"], "2026-03-21T00:00:00.000Z");
    // Saved again without a token and a day, both stay.
    let kept = enter(&linked, "", "").await;
    assert_eq!(kept["token_expires_at"], made["token_expires_at"]);
    linked.sync().await;
    assert_eq!(line(app).await.0, "ok");
    app.later(5 * 86_400);
    linked.sync().await;
    look(app).await;
    let (status, says) = line(app).await;
    assert_eq!(status, "attention");
    assert!(
        says.contains("Its token ends in 13 days, at 2026-03-21 00:00 UTC"),
        "{says}"
    );
    assert_eq!(warnings(app).await, Vec::<String>::new(), "not yet");
    let ada = Person::arrive(app, "ada", "admin").await;
    let integration = app.default_integration().await;
    let page = ada
        .page(app, &format!("/integrations/{}", id(&integration)))
        .await;
    assert!(page.contains("the token ends"), "{page}");
    app.later(14 * 86_400);
    look(app).await;
    look(app).await;
    let (status, says) = line(app).await;
    assert_eq!(status, "broken", "{says}");
    let open = warnings(app).await;
    assert_eq!(open.len(), 1, "{open:?}");
    // Another token, whose end nobody knows.
    let new = enter(&linked, "another-token", "").await;
    assert_eq!(new["token_expires_at"], Value::Null);
    look(app).await;
    assert_eq!(warnings(app).await, Vec::<String>::new(), "it is over");
    linked.app.finish().await;
}

async fn a_token_that_is_refused_opens_an_incident_until_it_is_taken(app: &TestApp) {
    let linked = Linked::start(app).await;
    let app = &linked.app;
    linked.sync().await;
    linked.sentry.always(Some(Fault::Status(401)));
    app.later(600);
    let run = linked.pass().await;
    assert_eq!(run["outcome"], "failed", "{run:#}");
    look(app).await;
    let (status, says) = line(app).await;
    assert_eq!(status, "broken");
    assert!(says.contains("Sentry answered 401"), "{says}");
    assert_eq!(warnings(app).await.len(), 1);
    linked.sentry.always(None);
    app.later(600);
    linked.sync().await;
    look(app).await;
    assert_eq!(line(app).await.0, "ok");
    assert_eq!(warnings(app).await, Vec::<String>::new(), "it is over");
    linked.app.finish().await;
}
