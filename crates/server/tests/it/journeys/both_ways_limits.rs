//! What keeps what people do here from Sentry, or makes it more: tokens, choices, numbers.

use super::both_ways::{READING, WRITING, act, arrive, choose, sentences, told};
use crate::support::TestApp;
use crate::support::Webhook;
use crate::support::app::outcome;
use crate::support::person::Person;
use crate::support::sentry_issues::tell_sentry;
use epicenter::simulator::sentry::{Fault, Status};
use serde_json::{Value, json};

on_both_engines!(
    a_token_that_may_not_write_says_so_once,
    two_hundred_at_once_take_a_few_requests,
    an_issue_that_is_gone_in_sentry_is_not_asked_for_again,
    assignments_and_notes_go_too_where_it_is_wanted,
);

async fn a_token_that_may_not_write_says_so_once(app: &TestApp) {
    let (app, sentry) = arrive(app, &READING).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    act(&app, 1, "resolve").await;
    tell_sentry(&app).await;
    assert_eq!(sentry.requests(), 0, "it is known to be in vain");
    let all = told(&app, 1).await;
    assert_eq!(all[0]["state"], "off");
    assert!(
        all[0]["reason"].as_str().unwrap().contains("event:write"),
        "{all:#?}"
    );

    // Told to try all the same, it tries once.
    let chosen = choose(&app, &sentry, json!("status")).await;
    assert_eq!(chosen["in_force"], "status");
    for verb in ["reopen", "resolve", "reopen"] {
        app.later(60);
        act(&app, 1, verb).await;
        tell_sentry(&app).await;
    }
    assert_eq!(sentry.requests(), 1);
    let path = format!(
        "/api/v1/sentry-connections/{}/write-backs",
        sentry.connection
    );
    let known = app.api.one(&path).await;
    assert!(
        known["refusal"].as_str().unwrap().contains("403"),
        "{known:#}"
    );
    let story = app.story(&app.incident().await).await;
    let lines = story
        .iter()
        .filter(|line| line.as_str() == "sentry.not_told");
    assert_eq!(lines.count(), 1, "{story:#?}");

    // A better token, and the setting saved: it goes on with what is done next.
    sentry.fake.allow(&WRITING);
    let chosen = choose(&app, &sentry, Value::Null).await;
    assert_eq!(
        (&chosen["refused_at"], &chosen["in_force"]),
        (&Value::Null, &json!("off"))
    );
    choose(&app, &sentry, json!("status")).await;
    act(&app, 1, "resolve").await;
    tell_sentry(&app).await;
    assert_eq!(sentry.status(42), Status::Resolved);
    app.api
        .call(reqwest::Method::PUT, &path, &json!({"scope": "everything"}))
        .await
        .expect_problem(400, "invalid");
    app.finish().await;
}

async fn two_hundred_at_once_take_a_few_requests(app: &TestApp) {
    let (app, sentry) = arrive(app, &WRITING).await;
    for issue in 1..=200 {
        app.receive(Webhook::event_alert(issue)).await;
    }
    app.settle().await;
    app.later(60);
    let all = app.api.all("/api/v1/incidents").await;
    for incident in all
        .iter()
        .filter(|one| one["sentry"]["issue_id"].is_string())
    {
        act(&app, incident["number"].as_u64().unwrap(), "resolve").await;
    }
    tell_sentry(&app).await;
    assert_eq!(sentry.requests(), 2);
    let open = (1..=200).filter(|issue| sentry.status(*issue) != Status::Resolved);
    assert_eq!(open.collect::<Vec<u64>>(), [0; 0]);
    assert_eq!(told(&app, 1).await[0]["state"], "told");
    app.later(2);
    let echoes = sentry.echoes();
    assert_eq!(echoes.len(), 200);
    for echo in echoes {
        app.receive(echo).await;
    }
    app.settle().await;
    let all = app.deliveries().await;
    let echoes = all.iter().filter(|one| outcome(one) == "duplicate").count();
    assert_eq!(echoes, 200);
    app.finish().await;
}

async fn an_issue_that_is_gone_in_sentry_is_not_asked_for_again(app: &TestApp) {
    let (app, sentry) = arrive(app, &WRITING).await;
    app.apply(Webhook::event_alert(42)).await;
    sentry.fake.remove(42);
    app.later(60);
    act(&app, 1, "resolve").await;
    tell_sentry(&app).await;
    app.later(24 * 3_600);
    tell_sentry(&app).await;
    assert_eq!(sentry.requests(), 1);
    let all = told(&app, 1).await;
    assert_eq!(all[0]["state"], "gone");
    assert!(
        all[0]["reason"].as_str().unwrap().contains("404"),
        "{all:#?}"
    );
    app.finish().await;
}

async fn assignments_and_notes_go_too_where_it_is_wanted(app: &TestApp) {
    let (app, sentry) = arrive(app, &WRITING).await;
    let ann = Person::arrive(&app, "ann", "responder").await;
    app.apply(Webhook::event_alert(42)).await;
    let note = |text: &str| json!({"text": text});
    app.api
        .post("/api/v1/incidents/1/note", note("Too early"))
        .await
        .expect(200);
    tell_sentry(&app).await;
    assert_eq!(sentry.requests(), 0, "notes are not told by default");

    choose(&app, &sentry, json!("all")).await;
    let assign = |to: &str| json!({"to": to});
    app.api
        .post("/api/v1/incidents/1/assign", assign(&ann.email))
        .await
        .expect(200);
    app.api
        .post("/api/v1/incidents/1/note", note("Rolled back"))
        .await
        .expect(200);
    tell_sentry(&app).await;
    let there = sentry.fake.issue(42).unwrap();
    assert_eq!(there.assigned_to, ann.email);
    assert_eq!(there.notes.len(), 1);
    assert!(
        there.notes[0].starts_with("Rolled back"),
        "{:?}",
        there.notes
    );
    let actor = json!({"type": "application", "id": "a1b2", "name": "Epicenter"});
    let to = json!({"type": "user", "id": "77", "name": "ann", "email": ann.email});
    let assigned = Webhook::issue("assigned", 42).set("/actor", actor.clone());
    let assigned = assigned.set("/data/issue/assignedTo", to);
    let delivery = app.apply(assigned).await;
    assert_eq!(outcome(&delivery), "duplicate", "{delivery:#}");

    let story = app.story(&app.incident().await).await;
    app.later(2);
    let comment = json!({"action": "created", "actor": actor,
        "installation": {"uuid": "0b7c1de2-53a4-4c0e-9a51-6f2f5f0d8a11"},
        "data": {"comment_id": "1", "issue_id": "42", "project_slug": "shop",
            "timestamp": "@now", "comment": there.notes[0]}});
    let delivery = app.apply(Webhook::of("comment", comment)).await;
    assert_eq!(outcome(&delivery), "duplicate", "{delivery:#}");
    assert_eq!(app.story(&app.incident().await).await, story);

    // Somebody whom Sentry does not know is left alone there.
    sentry.fake.once(Fault::Status(400));
    app.api
        .post("/api/v1/incidents/1/assign", assign("eve@acme.example"))
        .await
        .expect(200);
    tell_sentry(&app).await;
    assert_eq!(sentry.fake.issue(42).unwrap().assigned_to, ann.email);
    app.api
        .post("/api/v1/incidents/1/assign", assign("Platform team"))
        .await
        .expect(200);
    tell_sentry(&app).await;
    let all = sentences(&app, 1).await;
    assert_eq!(all.matches("Sentry was not told").count(), 2, "{all}");
    assert!(all.contains("No e-mail address of Platform team"), "{all}");
    assert_eq!(
        app.incident().await["assignee"]["name"],
        "Platform team",
        "here it stays"
    );
    app.finish().await;
}
