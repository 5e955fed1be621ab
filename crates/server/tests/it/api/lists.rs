//! Lists: every item once, whatever the size of a page.

use crate::support::app::id;
use crate::support::{TestApp, Webhook};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both_engines!(
    every_list_pages_once_through_everything,
    wrong_questions_are_problems
);

async fn fill(app: &TestApp) {
    for issue_id in 0..23 {
        app.receive(Webhook::event_alert(issue_id)).await;
        // Some share an instant, so that a cursor by time alone would lose some.
        if issue_id % 3 == 0 {
            app.later(1);
        }
    }
    for _ in 0..20 {
        app.receive(Webhook::event_alert(5)).await;
    }
    app.settle().await;
    for number in 0..12 {
        let body = json!({"text": format!("note {number}")});
        app.api
            .post("/api/v1/incidents/1/note", body)
            .await
            .expect(200);
    }
}

async fn every_list_pages_once_through_everything(app: &TestApp) {
    fill(app).await;
    let issues = app.issues().await;
    let busy = issues
        .iter()
        .find(|issue| issue["event_count"] == 21)
        .unwrap();
    let first = app.api.one("/api/v1/incidents/1").await;
    for (path, count) in [
        ("/api/v1/incidents".to_owned(), 23),
        ("/api/v1/incidents?status=open".to_owned(), 23),
        ("/api/v1/incidents?q=sku".to_owned(), 23),
        ("/api/v1/issues".to_owned(), 23),
        ("/api/v1/issues?sort=count".to_owned(), 23),
        ("/api/v1/issues?sort=first_seen".to_owned(), 23),
        ("/api/v1/deliveries".to_owned(), 43),
        ("/api/v1/deliveries?outcome=applied".to_owned(), 43),
        (format!("/api/v1/issues/{}/events", id(busy)), 21),
        (format!("/api/v1/incidents/{}/timeline", id(&first)), 13),
        (
            format!(
                "/api/v1/issues/{}/timeline",
                first["issue_id"].as_str().unwrap()
            ),
            13,
        ),
    ] {
        let whole = app.api.paged(&path, 100).await;
        assert_eq!(whole.len(), count, "{path}");
        for limit in [1, 2, 5, 7, 43] {
            let paged = app.api.paged(&path, limit).await;
            let ids = |items: &[Value]| {
                items
                    .iter()
                    .map(|one| id(one).to_owned())
                    .collect::<Vec<_>>()
            };
            assert_eq!(ids(&paged), ids(&whole), "{path} in pages of {limit}");
            assert_eq!(
                ids(&paged).into_iter().collect::<BTreeSet<_>>().len(),
                count,
                "{path}"
            );
        }
    }
}

async fn wrong_questions_are_problems(app: &TestApp) {
    for path in [
        "/api/v1/incidents?limit=0",
        "/api/v1/incidents?limit=101",
        "/api/v1/incidents?limit=many",
        "/api/v1/incidents?cursor=nonsense",
        "/api/v1/incidents?status=on_fire",
        "/api/v1/incidents?severity=awful",
        "/api/v1/issues?sort=colour",
        "/api/v1/issues?from=yesterday",
        "/api/v1/deliveries?outcome=lost",
        "/api/v1/deliveries?cursor=%00",
        "/api/v1/issues?cursor=1",
    ] {
        let answer = app.api.get(path).await;
        answer.expect_problem(400, "invalid");
        assert_eq!(
            answer.json()["fields"].as_array().map(Vec::len),
            Some(1),
            "{path}: {answer:?}"
        );
    }
    for path in [
        "/api/v1/nothing",
        "/api/v1/incidents/7",
        "/api/v1/incidents/inc_x",
        "/nothing",
    ] {
        app.api.get(path).await.expect_problem(404, "not_found");
    }
    for (path, body) in [
        ("/api/v1/services", json!({})),
        ("/api/v1/services", json!({"name": " "})),
        ("/api/v1/services", json!({"name": "x", "colour": "blue"})),
        (
            "/api/v1/integrations",
            json!({"kind": "pigeon", "name": "x"}),
        ),
        (
            "/api/v1/integrations",
            json!({"kind": "sentry", "name": "x", "secret": "short"}),
        ),
        ("/api/v1/tokens", json!({"name": "x", "role": "emperor"})),
        (
            "/api/v1/users",
            json!({"email": "nobody", "name": "x", "password": "long enough"}),
        ),
        (
            "/api/v1/users",
            json!({"email": "a@b.example", "name": "x", "password": "short"}),
        ),
    ] {
        app.api
            .post(path, body)
            .await
            .expect_problem(400, "invalid");
    }
    // The wrong kind of body, and the wrong method, are problems, too.
    let answer = app
        .api
        .request(reqwest::Method::POST, "/api/v1/services")
        .body("{}");
    let answer = crate::support::Answer::of(answer.send().await.unwrap()).await;
    answer.expect_problem(400, "invalid");
    app.api
        .post("/api/v1/incidents", json!({}))
        .await
        .expect_problem(405, "method_not_allowed");
}
