//! Whom to ask, and who may ask for a pass: connections, the cron door (EL-02, EL-12, EL-16, EL-17,
//! EL-22).

use crate::support::app::{CRON_SECRET, id};
use crate::support::engine::OwnDatabase;
use crate::support::sentry::{Linked, connect, open, reaching};
use crate::support::{Answer, TestApp};
use epicenter::simulator::sentry::{FAKE_TOKEN, FakeSentry, Fault, Status};
use epicenter_domain::id::IdKind;
use epicenter_store::sentry::connections;
use reqwest::Method;
use serde_json::{Value, json};

on_both_engines!(
    a_token_is_kept_and_never_shown,
    a_test_of_the_connection_says_what_is_missing,
    the_cron_door_answers_what_was_synchronised,
    the_cron_door_is_closed_to_others,
    two_organisations_are_kept_apart,
);

const ALL: &str = "/api/v1/sentry-connections";

async fn a_token_is_kept_and_never_shown(app: &mut TestApp) {
    let linked = Linked::start(app).await;
    let api = &linked.app.api;
    let listed = api.one(ALL).await;
    assert!(!listed.to_string().contains(FAKE_TOKEN), "{listed}");
    assert_eq!(listed["items"][0]["organization"], "acme");
    // Without a token it keeps the one it has.
    let body = json!({"organization": "acme", "base_url": linked.url, "projects": ["shop"]});
    let changed = api.post(ALL, body).await.expect(201).json();
    assert_eq!(id(&changed), linked.connection);
    assert_eq!(changed["projects"], json!(["shop"]));
    linked.sync().await;
    for (body, field) in [
        (
            json!({"organization": "beta", "base_url": linked.url}),
            "token",
        ),
        (
            json!({"organization": "a/b", "base_url": linked.url, "token": "t"}),
            "organization",
        ),
        (
            json!({"organization": "b", "base_url": "http://10.0.0.8", "token": "t"}),
            "base_url",
        ),
        (
            json!({"organization": "b", "base_url": "ftp://x", "token": "t"}),
            "base_url",
        ),
        (json!({"organization": "b", "token": "t t"}), "token"),
    ] {
        let answer = api.post(ALL, body).await;
        answer.expect_problem(400, "invalid");
        assert_eq!(answer.json()["fields"][0]["field"], field, "{answer:?}");
    }
    let viewer = linked.app.make_token("viewer").await;
    let path = format!("{ALL}/{}", linked.connection);
    let theirs = api.with_token(Some(&viewer));
    theirs.delete(&path).await.expect(403);
    api.delete(&path).await.expect(204);
    api.delete(&path).await.expect(404);
    linked.app.finish().await;
}

async fn tried(linked: &Linked) -> Value {
    let path = format!("{ALL}/{}/check", linked.connection);
    linked
        .app
        .api
        .post(&path, json!({}))
        .await
        .expect(200)
        .json()
}

async fn a_test_of_the_connection_says_what_is_missing(app: &mut TestApp) {
    // EL-22
    let linked = Linked::start(app).await;
    linked.sentry.put(linked.issue(1, 5));
    let answer = tried(&linked).await;
    let words = "It works: the token sees 1 issue of the last 30 days and 1 project. It may also \
                 change issues.";
    assert_eq!(answer["sentence"], words, "{answer:#}");
    linked.sentry.allow(&["project:read"]);
    let answer = tried(&linked).await;
    assert_eq!(
        answer["missing_scopes"],
        json!(["event:read"]),
        "{answer:#}"
    );
    assert_eq!(answer["may_write"], false);
    assert!(
        answer["sentence"]
            .as_str()
            .unwrap()
            .contains("needs the scope event:read")
    );
    let listed = linked.app.api.one(ALL).await;
    assert_eq!(listed["items"][0]["scopes"], json!(["project:read"]));
    for (fault, words) in [
        (Fault::Status(401), "does not accept the token"),
        (Fault::Status(404), "no access to it"),
        (Fault::Page, "it is a web page"),
    ] {
        linked.sentry.always(Some(fault));
        linked.app.later(60);
        let answer = tried(&linked).await;
        assert_eq!(answer["works"], false);
        assert!(
            answer["sentence"].as_str().unwrap().contains(words),
            "{answer:#}"
        );
    }
    linked.sentry.always(None);
    linked.app.finish().await;
}

async fn cron(app: &TestApp, method: Method, secret: Option<&str>) -> Answer {
    let api = app.api.with_token(secret);
    Answer::of(
        api.request(method, "/api/cron/sentry-sync")
            .send()
            .await
            .unwrap(),
    )
    .await
}

async fn the_cron_door_answers_what_was_synchronised(app: &mut TestApp) {
    // EL-02, EL-17
    let linked = Linked::start(app).await;
    for number in 1..=4 {
        linked.sentry.put(linked.issue(number, 5));
    }
    linked.sentry.change(4, Status::Resolved).unwrap();
    let told = cron(&linked.app, Method::GET, Some(CRON_SECRET))
        .await
        .expect(200)
        .json();
    assert_eq!(
        told["by_status"],
        json!({"resolved": 1, "unresolved": 3, "ignored": 0})
    );
    let counts =
        ["synced", "created", "updated", "unchanged", "pages"].map(|name| told[name].clone());
    assert_eq!(json!(counts), json!([4, 4, 0, 0, 1]), "{told:#}");
    assert!(told["duration_ms"].is_i64(), "{told:#}");
    let told = cron(&linked.app, Method::POST, Some(CRON_SECRET))
        .await
        .expect(200)
        .json();
    assert_eq!(told["unchanged"], 4, "{told:#}");
    // Somebody else is at it.
    let id = IdKind::SentryConnection.parse(&linked.connection).unwrap();
    let now = linked.app.now();
    let mut tx = linked.app.inside().database.write().await.unwrap();
    let times = (now, now.plus_ms(60_000));
    assert!(connections::claim(&mut tx, id, times, None).await.unwrap());
    tx.commit().await.unwrap();
    let busy = cron(&linked.app, Method::POST, Some(CRON_SECRET)).await;
    busy.expect_problem(409, "sync_under_way");
    linked.ask().await.expect_problem(409, "sync_under_way");
    linked.app.later(61);
    linked.sentry.always(Some(Fault::Status(500)));
    let ill = cron(&linked.app, Method::POST, Some(CRON_SECRET)).await;
    let words = ill.expect_problem(503, "sync_incomplete");
    assert!(words.contains("goes on by itself"), "{words}");
    linked.sentry.always(None);
    linked.app.finish().await;
}

async fn the_cron_door_is_closed_to_others(app: &mut TestApp) {
    for secret in [None, Some(""), Some("wrong"), Some(&CRON_SECRET[1..])] {
        let answer = cron(app, Method::POST, secret).await;
        answer.expect_problem(401, "wrong_cron_secret");
    }
    let answer = cron(app, Method::GET, Some(CRON_SECRET)).await;
    answer.expect_problem(503, "no_connection");
    let database = OwnDatabase::new(app.engine).await.unwrap();
    let bare = TestApp::start_with(database, None, |_| {}).await;
    let answer = cron(&bare, Method::GET, Some("")).await;
    answer.expect_problem(503, "no_cron_secret");
    bare.finish().await;
}

async fn two_organisations_are_kept_apart(app: &mut TestApp) {
    let app = reaching(app).await;
    let (one, two) = (
        FakeSentry::new(app.clock.clone()),
        FakeSentry::new(app.clock.clone()),
    );
    let other = app
        .make_integration(json!({"kind": "sentry", "name": "Europe"}))
        .await;
    connect(&app, &open(&one).await, FAKE_TOKEN).await;
    let body = json!({"organization": "acme", "base_url": open(&two).await, "token": FAKE_TOKEN,
        "integration": id(&other)});
    app.api.post(ALL, body).await.expect(201);
    let issue = epicenter::simulator::sentry::FakeIssue::new(7, app.now());
    one.put(issue.clone());
    two.put(issue);
    two.change(7, Status::Resolved).unwrap();
    let told = cron(&app, Method::POST, Some(CRON_SECRET))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&told["created"], &told["runs"].as_array().unwrap().len()),
        (&json!(2), &2)
    );
    let mut statuses: Vec<_> = app
        .issues()
        .await
        .iter()
        .map(|one| one["status"].clone())
        .collect();
    statuses.sort_by_key(Value::to_string);
    assert_eq!(
        statuses,
        ["resolved", "unresolved"],
        "the same id on two hosts is two issues"
    );
    app.finish().await;
}
