//! What people do here goes to Sentry, comes back as an echo, and meets what others do there
//! (ACCEPTANCE U1, U2, row 62).

use crate::support::app::{id, outcome};
use crate::support::person::Person;
use crate::support::sentry::reaching;
use crate::support::sentry_issues::{SentryHost, tell_sentry};
use crate::support::{TestApp, Webhook};
use epicenter::simulator::sentry::{Fault, Status};
use serde_json::{Value, json};

on_both_engines!(
    u2_what_is_resolved_here_is_resolved_in_sentry_and_its_echo_is_no_news,
    what_sentry_misses_for_an_hour_is_told_once_and_only_the_last_of_it,
    the_later_of_two_sides_counts_whichever_comes_first,
    u1_what_comes_from_sentry_is_never_sent_back,
    the_error_log_tells_sentry_and_keeps_what_was_set_here,
);

pub(super) const WRITING: [&str; 4] = ["event:read", "event:write", "project:read", "org:read"];
pub(super) const READING: [&str; 3] = ["event:read", "project:read", "org:read"];

/// A server that may reach this machine, with a Sentry and a connection to it.
pub(super) async fn arrive(app: &TestApp, scopes: &[&str]) -> (TestApp, SentryHost) {
    let app = reaching(app).await;
    let sentry = SentryHost::connected(&app, 200, scopes).await;
    (app, sentry)
}

pub(super) async fn choose(app: &TestApp, sentry: &SentryHost, scope: Value) -> Value {
    let path = format!(
        "/api/v1/sentry-connections/{}/write-backs",
        sentry.connection
    );
    let body = json!({"scope": scope});
    let chosen = app.api.call(reqwest::Method::PUT, &path, &body).await;
    chosen.expect(200).json()
}

pub(super) async fn act(app: &TestApp, number: u64, verb: &str) {
    let path = format!("/api/v1/incidents/{number}/{verb}");
    app.api.post(&path, json!({})).await.expect(200);
}

pub(super) async fn told(app: &TestApp, number: u64) -> Vec<Value> {
    let path = format!("/api/v1/incidents/{number}/write-backs");
    app.api.all(&path).await
}

/// The sentences of the timeline, as one text.
pub(super) async fn sentences(app: &TestApp, number: u64) -> String {
    let path = format!("/api/v1/incidents/{number}/timeline");
    let all = app.api.all(&path).await;
    let lines = all.iter().filter_map(|line| line["summary"].as_str());
    lines.collect::<Vec<_>>().join("\n")
}

fn by_person(action: &str, issue: u64) -> Webhook {
    let bob = json!({"type": "user", "id": 77, "name": "Bob"});
    Webhook::issue(action, issue).set("/actor", bob)
}

async fn memories(app: &TestApp) -> usize {
    app.settle_memory().await;
    app.api.all("/api/v1/observations").await.len()
}

async fn u2_what_is_resolved_here_is_resolved_in_sentry_and_its_echo_is_no_news(app: &TestApp) {
    let (app, sentry) = arrive(app, &WRITING).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    act(&app, 1, "resolve").await;
    let waits = told(&app, 1).await;
    assert_eq!(
        (&waits[0]["state"], &waits[0]["what"]),
        (&json!("waiting"), &json!("resolved"))
    );
    let ann = Person::arrive(&app, "ann", "admin").await;
    assert!(
        ann.page(&app, "/incidents/1")
            .await
            .contains("<span class=\"chip\">waiting</span> <bdi>resolved by")
    );
    tell_sentry(&app).await;
    assert_eq!(sentry.status(42), Status::Resolved);
    let done = told(&app, 1).await;
    assert_eq!(done[0]["state"], "told", "{done:#?}");
    assert!(done[0]["told_at"].is_string());
    assert_eq!(
        app.issue().await["status"],
        "resolved",
        "the error log mirrors it"
    );

    let story = app.story(&app.incident().await).await;
    let known = memories(&app).await;
    app.later(2);
    let echoes = sentry.echoes();
    assert_eq!(echoes.len(), 1);
    let delivery = app.apply(echoes[0].clone()).await;
    assert_eq!(outcome(&delivery), "duplicate", "{delivery:#}");
    let reason = delivery["verdict"]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("Echo of what was done here: resolved here by"),
        "{reason}"
    );
    assert_eq!(app.story(&app.incident().await).await, story);
    assert_eq!(memories(&app).await, known, "nothing is remembered twice");
    tell_sentry(&app).await;
    assert_eq!(sentry.requests(), 1, "and nothing is sent again");
    let page = ann.page(&app, "/incidents/1").await;
    assert!(page.contains("told Sentry at"), "{page}");
    let metrics = app.inside().metrics.text();
    assert!(
        metrics.contains("epicenter_write_backs_total{outcome=\"told\"} 1"),
        "{metrics}"
    );
    app.finish().await;
}

async fn what_sentry_misses_for_an_hour_is_told_once_and_only_the_last_of_it(app: &TestApp) {
    let (app, sentry) = arrive(app, &WRITING).await;
    app.apply(Webhook::event_alert(42)).await;
    sentry.fake.always(Some(Fault::Status(503)));
    for (number, verb) in ["resolve", "reopen", "resolve"].into_iter().enumerate() {
        app.later(60);
        act(&app, 1, verb).await;
        tell_sentry(&app).await;
        let all = told(&app, 1).await;
        assert_eq!(all.len(), 1, "attempt {number}: {all:#?}");
        assert_eq!(all[0]["state"], "waiting");
        assert!(
            all[0]["reason"].as_str().unwrap().contains("503"),
            "{all:#?}"
        );
    }
    for _ in 0..60 {
        app.later(60);
        tell_sentry(&app).await;
    }
    assert_eq!(told(&app, 1).await[0]["state"], "waiting");
    sentry.fake.always(None);
    sentry.requests();
    app.later(3 * 3_600);
    tell_sentry(&app).await;
    assert_eq!(sentry.requests(), 1);
    assert_eq!(sentry.status(42), Status::Resolved);
    assert_eq!(told(&app, 1).await[0]["state"], "told");
    app.finish().await;
}

async fn the_later_of_two_sides_counts_whichever_comes_first(app: &TestApp) {
    let (app, sentry) = arrive(app, &WRITING).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    app.apply(by_person("resolved", 42)).await;
    app.later(60);
    let resolved_at = app.now();
    app.later(60);
    act(&app, 1, "reopen").await;
    // Bob resolved it in Sentry before, and Sentry tells of it only now.
    app.later(60);
    let late = by_person("resolved", 42)
        .at(resolved_at)
        .set("/data/issue/count", "7");
    let delivery = app.apply(late).await;
    assert_eq!(outcome(&delivery), "ignored", "{delivery:#}");
    assert_eq!(app.incident().await["status"], "triggered");
    let story = sentences(&app, 1).await;
    assert!(story.contains("Stays reopened here by"), "{story}");
    assert!(story.contains("resolved in Sentry by Bob"), "{story}");
    tell_sentry(&app).await;
    assert_eq!(sentry.status(42), Status::Ongoing);
    for echo in sentry.echoes() {
        assert_eq!(outcome(&app.apply(echo).await), "duplicate");
    }

    // The other way round: reopened here, and before Sentry hears of it Bob resolves it there.
    app.later(600);
    act(&app, 1, "resolve").await;
    tell_sentry(&app).await;
    app.later(600);
    sentry.fake.always(Some(Fault::Status(503)));
    act(&app, 1, "reopen").await;
    tell_sentry(&app).await;
    app.later(60);
    app.apply(by_person("resolved", 42).set("/data/issue/count", "8"))
        .await;
    assert_eq!(app.incident().await["status"], "resolved");
    let story = sentences(&app, 1).await;
    assert!(story.contains("Resolved in Sentry by Bob"), "{story}");
    assert!(
        story.contains("it is later than reopened here by"),
        "{story}"
    );
    sentry.fake.always(None);
    app.later(3_600);
    tell_sentry(&app).await;
    assert_eq!(
        sentry.status(42),
        Status::Resolved,
        "what was overruled is not sent"
    );
    assert_eq!(told(&app, 1).await[0]["state"], "overruled");
    app.finish().await;
}

async fn u1_what_comes_from_sentry_is_never_sent_back(app: &TestApp) {
    let (app, sentry) = arrive(app, &WRITING).await;
    choose(&app, &sentry, json!("all")).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    app.apply(by_person("resolved", 42)).await;
    assert_eq!(app.incident().await["status"], "resolved");
    app.later(60);
    app.apply(by_person("unresolved", 42)).await;
    act(&app, 1, "acknowledge").await;
    let until = app.now().plus_ms(3_600_000).rfc3339();
    let snooze = json!({"until": until});
    app.api
        .post("/api/v1/incidents/1/snooze", snooze)
        .await
        .expect(200);
    tell_sentry(&app).await;
    assert_eq!(sentry.requests(), 0);
    assert!(told(&app, 1).await.is_empty());
    app.finish().await;
}

// ACCEPTANCE §4, the error log: a status set in the UI is overwritten by the next sync.
async fn the_error_log_tells_sentry_and_keeps_what_was_set_here(app: &TestApp) {
    let (app, sentry) = arrive(app, &WRITING).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    let issue = app.issue().await;
    let path = format!("/api/v1/issues/{}", id(&issue));
    app.api
        .patch(&path, json!({"status": "ignored"}))
        .await
        .expect(200);
    let set_at = app.now();
    tell_sentry(&app).await;
    assert_eq!(sentry.status(42), Status::Archived);
    app.later(2);
    for echo in sentry.echoes() {
        assert_eq!(outcome(&app.apply(echo).await), "duplicate");
    }
    // A webhook that was on its way before does not take it back.
    let late = by_person("unresolved", 42).at(set_at.plus_ms(-30_000));
    assert_eq!(outcome(&app.apply(late).await), "ignored");
    assert_eq!(app.issue().await["status"], "ignored");
    let all = app.api.all(&format!("{path}/write-backs")).await;
    assert_eq!((all.len(), &all[0]["state"]), (1, &json!("told")));
    let ann = Person::arrive(&app, "ann", "admin").await;
    let page = ann.page(&app, &format!("/error-log/{}", id(&issue))).await;
    assert!(page.contains("archived by"), "{page}");

    // A sync that sees it as Sentry still has it does not, either.
    app.later(600);
    app.api
        .patch(&path, json!({"status": "resolved"}))
        .await
        .expect(200);
    let sync = format!("/api/v1/sentry-connections/{}/sync", sentry.connection);
    for _ in 0..2 {
        app.later(60);
        app.api.post(&sync, json!({})).await.expect(200);
        app.settle().await;
        assert_eq!(app.api.one(&path).await["status"], "resolved");
        tell_sentry(&app).await;
    }
    assert_eq!(sentry.status(42), Status::Resolved);
    app.finish().await;
}
