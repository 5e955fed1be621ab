//! What has gone quiet is resolved by itself, where that is wanted (ACCEPTANCE §3 row 37, FIELD
//! §1.8).

use super::both_ways::{WRITING, act, arrive, told};
use super::notices::{destination, kinds, webhook};
use crate::support::app::id;
use crate::support::person::Person;
use crate::support::receiver::FakeReceiver;
use crate::support::sentry_issues::tell_sentry;
use crate::support::{TestApp, Webhook};
use epicenter::operations::auto_resolve::resolve_quiet;
use epicenter::simulator::sentry::Status;
use reqwest::Method;
use serde_json::{Value, json};

on_both_engines!(
    what_is_quiet_ends_here_but_not_in_sentry_and_comes_back,
    the_usual_gap_is_waited_for_several_times,
    what_others_end_and_what_is_off_stays_open,
    an_acknowledgement_at_the_same_instant_leaves_one_state,
    nothing_is_quiet_that_could_not_be_heard,
    the_page_sets_it,
);

async fn set(app: &TestApp, path: &str, body: Value) -> Value {
    let answer = app.api.call(Method::PUT, path, &body).await;
    answer.expect(200).json()
}

/// The clock looks.
async fn look(app: &TestApp) {
    resolve_quiet(app.inside()).await.unwrap();
}

async fn show(app: &TestApp, number: u64) -> Value {
    app.api.one(&format!("/api/v1/incidents/{number}")).await
}

async fn status(app: &TestApp, number: u64) -> String {
    let incident = show(app, number).await;
    incident["status"].as_str().unwrap().to_owned()
}

/// The last line of its timeline: who, and what.
async fn last_line(app: &TestApp, number: u64) -> (String, String) {
    let path = format!("/api/v1/incidents/{number}/timeline");
    let all = app.api.all(&path).await;
    let line = all.last().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&line["actor"]["name"]), text(&line["summary"]))
}

// A fixed quiet time: who was told that it fires is told of its end, Sentry is not.
async fn what_is_quiet_ends_here_but_not_in_sentry_and_comes_back(app: &TestApp) {
    let (app, sentry) = arrive(app, &WRITING).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    set(&app, "/api/v1/detection", json!({"auto_resolve": "quiet"})).await;
    app.apply(Webhook::event_alert(42)).await;
    let due = app.now().plus_ms(4 * 3_600_000).rfc3339();
    app.later(40);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"]);
    look(&app).await;
    let waits = show(&app, 1).await["auto_resolve"].clone();
    assert_eq!(waits["at"], json!(due));
    assert_eq!(
        waits["reason"],
        "Unless it happens again: 4 hours are enough."
    );
    app.later(4 * 3_600 - 41);
    look(&app).await;
    assert_eq!(status(&app, 1).await, "triggered", "a second is missing");
    app.later(61);
    look(&app).await;
    let over = show(&app, 1).await;
    assert_eq!(over["status"], "resolved");
    assert!(over["auto_resolve"].is_null(), "{over}");
    let (actor, says) = last_line(&app, 1).await;
    assert_eq!(actor, "Epicenter");
    assert_eq!(
        says,
        "Resolved by itself: quiet for 4 hours; 4 hours are enough"
    );
    app.settle_memory().await;
    let records = app.api.all("/api/v1/observations").await;
    let record = |one: &&Value| one["source_type"] == "incident.resolved";
    let record = records.iter().find(record).unwrap();
    assert!(record["body"].as_str().unwrap().contains("quiet for 4"));
    app.later(300);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.resolved"]);
    tell_sentry(&app).await;
    assert!(told(&app, 1).await.is_empty(), "it is Epicenter's own view");
    assert_ne!(sentry.status(42), Status::Resolved);
    assert!(sentry.echoes().is_empty());
    assert_eq!(app.issue().await["status"], "unresolved");

    app.later(60);
    app.apply(Webhook::event_alert(42)).await;
    let back = app.incident().await;
    assert_eq!(back["status"], "triggered");
    assert_eq!(
        app.story(&back).await,
        ["incident.opened", "incident.resolved", "incident.reopened"]
    );
    look(&app).await;
    assert_eq!(status(&app, 1).await, "triggered", "anew from here");
    app.finish().await;
}

// N times the usual gap, of one service alone; an event without any alert counts as a signal, and
// an acknowledged incident ends, too.
async fn the_usual_gap_is_waited_for_several_times(app: &TestApp) {
    let service = &app.api.all("/api/v1/services").await[0];
    let path = format!("/api/v1/services/{}/detection", id(service));
    set(app, &path, json!({"auto_resolve": "gaps"})).await;
    app.apply(Webhook::event_alert(42)).await;
    for _ in 0..4 {
        app.later(600);
        app.apply(Webhook::error(42)).await;
    }
    act(app, 1, "acknowledge").await;
    look(app).await;
    app.later(3_000);
    look(app).await;
    assert_eq!(status(app, 1).await, "acknowledged");
    app.apply(Webhook::error(42)).await;
    let waits = show(app, 1).await["auto_resolve"]["reason"].clone();
    let waits = waits.as_str().unwrap().to_owned();
    assert!(waits.contains("6 times its usual gap of "), "{waits}");
    app.later(3_660);
    look(app).await;
    assert_eq!(
        status(app, 1).await,
        "acknowledged",
        "it was seen meanwhile"
    );
    app.later(2 * 3_600);
    look(app).await;
    assert_eq!(status(app, 1).await, "resolved");
    let (_, says) = last_line(app, 1).await;
    assert!(
        says.starts_with("Resolved by itself: quiet for 3 hours; 6 times its usual gap of 1"),
        "{says}"
    );
    let late = Webhook::event_alert(42).at(app.now().plus_ms(-60_000));
    app.apply(late).await;
    let status = status(app, 1).await;
    assert_eq!(
        status, "triggered",
        "what came late was after its last signal"
    );
}

async fn what_others_end_and_what_is_off_stays_open(app: &TestApp) {
    set(app, "/api/v1/grouping", json!({"enabled": false})).await;
    for issue in [42, 43, 44] {
        app.apply(Webhook::event_alert(issue)).await;
    }
    app.apply(Webhook::metric("critical", 7)).await;
    app.later(5 * 3_600);
    look(app).await;
    for number in 1..=4 {
        assert_eq!(status(app, number).await, "triggered", "off by default");
        assert!(show(app, number).await["auto_resolve"].is_null());
    }
    let until = json!({"until": app.now().plus_ms(86_400_000).rfc3339()});
    app.api
        .post("/api/v1/incidents/2/snooze", until)
        .await
        .expect(200);
    app.apply(Webhook::issue("ignored", 44)).await;
    set(app, "/api/v1/detection", json!({"auto_resolve": "quiet"})).await;
    app.later(3_600);
    look(app).await;
    let mut stays = Vec::new();
    for number in 2..=4 {
        let incident = show(app, number).await;
        assert_ne!(incident["status"], "resolved", "{incident:#}");
        stays.push(incident["auto_resolve"]["reason"].clone());
    }
    assert_eq!(status(app, 1).await, "resolved");
    assert_eq!(
        stays[1],
        "It is archived in Sentry, which tells nothing of it meanwhile."
    );
    assert_eq!(
        stays[2],
        "A metric alert of it is open, which Sentry itself ends."
    );
    assert!(stays[0].is_string());
    app.later(60);
    app.apply(Webhook::metric("resolved", 7)).await;
    assert_eq!(status(app, 4).await, "resolved", "Sentry ends it");
}

// FIELD case 43: whoever is first, the end is one state, and the timeline tells what was done.
async fn an_acknowledgement_at_the_same_instant_leaves_one_state(app: &TestApp) {
    set(app, "/api/v1/detection", json!({"auto_resolve": "quiet"})).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(4 * 3_600 + 60);
    let path = "/api/v1/incidents/1/acknowledge";
    let (answer, ()) = tokio::join!(app.api.post(path, json!({})), look(app));
    look(app).await;
    let incident = app.incident().await;
    assert_eq!(incident["status"], "resolved");
    let story = app.story(&incident).await;
    if answer.status.is_success() {
        let both = [
            "incident.opened",
            "incident.acknowledged",
            "incident.resolved",
        ];
        assert_eq!(story, both);
    } else {
        answer.expect_problem(409, "conflict");
        assert_eq!(story, ["incident.opened", "incident.resolved"]);
    }
}

// After a start the process has to listen for a while; before, nobody did.
async fn nothing_is_quiet_that_could_not_be_heard(app: &TestApp) {
    let mut app = super::notices::reach(app).await;
    set(&app, "/api/v1/detection", json!({"auto_resolve": "quiet"})).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    // Over the time that counts, but with the process away.
    app.restart_after(5 * 3_600).await;
    look(&app).await;
    assert_eq!(status(&app, 1).await, "triggered");
    app.later(1_860);
    look(&app).await;
    assert_eq!(status(&app, 1).await, "resolved");
    app.finish().await;
}

async fn the_page_sets_it(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "admin").await;
    let page = ann.page(app, "/settings/detection").await;
    assert!(page.contains("<option value=\"off\" selected>not by itself"));
    let mut form = vec![
        ("spike_times", "3"),
        ("spike_floor", "10"),
        ("quiet_minutes", "60"),
        ("auto_resolve", "gaps"),
        ("auto_resolve_minutes", "90"),
        ("auto_resolve_gaps", "1"),
    ];
    let refused = ann.submit(app, "/settings/detection", &form).await;
    let page = refused.text;
    assert!(
        page.contains("uto_resolve_gaps: must be between 2 and 100"),
        "{page}"
    );
    assert!(
        page.contains("<option value=\"gaps\" selected>"),
        "what was entered stays"
    );
    assert_eq!(
        app.api.one("/api/v1/detection").await["auto_resolve"],
        "off"
    );
    form.pop();
    form.push(("auto_resolve_gaps", "8"));
    ann.submit(app, "/settings/detection", &form).await;
    let set = app.api.one("/api/v1/detection").await;
    assert_eq!(
        (
            &set["auto_resolve"],
            &set["auto_resolve_minutes"],
            &set["auto_resolve_gaps"]
        ),
        (&json!("gaps"), &json!(90), &json!(8))
    );
    app.apply(Webhook::event_alert(42)).await;
    let page = ann.page(app, "/incidents/1").await;
    assert!(page.contains("<dt>When quiet</dt>"), "{page}");
    assert!(
        page.contains("90 minutes are enough while too few signals"),
        "{page}"
    );
    let odd = json!({"auto_resolve": "sometimes"});
    let answer = app.api.call(Method::PUT, "/api/v1/detection", &odd).await;
    let fault = answer.expect(400).json().to_string();
    assert!(fault.contains("auto_resolve"), "{fault}");
}
