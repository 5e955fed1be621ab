//! `/api/v1/observations`: what happened is remembered, found, and streamed.

use crate::support::app::id;
use crate::support::person::Person;
use crate::support::{TestApp, Webhook};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

on_both_engines!(
    what_happens_is_remembered_with_what_it_refers_to,
    the_memory_is_searched_and_paged,
    wrong_searches_are_problems,
    a_past_incident_says_what_resolved_it,
    lines_and_stream_go_on_where_they_ended,
    people_search_the_memory_on_a_page,
    records_stay_when_deliveries_leave,
);

async fn observed(app: &TestApp, query: &str) -> Vec<Value> {
    app.settle().await;
    app.api.all(&format!("/api/v1/observations?{query}")).await
}

fn types(records: &[Value]) -> Vec<&str> {
    records
        .iter()
        .map(|one| one["source_type"].as_str().unwrap())
        .collect()
}

async fn deploy(app: &TestApp) -> Value {
    let commit = json!({"id": "9fceb02d0ae598e95dc970b74767f19372d61af8",
        "message": "Look prices up once\n\nFixes SHOP-42", "author": "Ann"});
    let body = json!({"version": "shop@1.4.0", "environment": "production", "key": "ci-1",
        "project": "shop", "commits": [commit]});
    let answer = app.api.post("/api/v1/deploys", body).await;
    answer.expect(201).json()
}

// LF-15, LF-16, LF-18, LF-24, LF-25
async fn what_happens_is_remembered_with_what_it_refers_to(app: &TestApp) {
    deploy(app).await;
    deploy(app).await;
    for webhook in [
        Webhook::event_alert(42),
        Webhook::event_alert(42),
        Webhook::issue("assigned", 42),
        Webhook::issue("resolved", 42),
        Webhook::metric("critical", 7),
    ] {
        app.later(5);
        app.apply(webhook).await;
    }
    let incident = app.incidents().await.pop().unwrap();
    let path = format!("/api/v1/incidents/{}/note", id(&incident));
    app.api
        .post(&path, json!({"text": "Done"}))
        .await
        .expect(200);
    let all = observed(app, "").await;
    assert_eq!(
        types(&all),
        [
            "incident.noted",
            "metric_alert.critical",
            "issue.resolved",
            "issue.assigned",
            "event_alert.triggered",
            "deploy.succeeded",
        ],
        "the same deploy and the second event are no news"
    );
    let resolved = &all[2];
    assert_eq!(resolved["source"], "sentry");
    assert_eq!(resolved["source_id"], "issue:42");
    assert_eq!(resolved["title"], "✅ [Resolved] KeyError: 'sku 42'");
    assert_eq!(resolved["metadata"]["shortId"], "SHOP-42");
    assert_eq!(resolved["incident_id"], incident["id"]);
    let event = app
        .api
        .one(&format!("/api/v1/observations/{}", id(&all[4])))
        .await;
    let body = event["body"].as_str().unwrap();
    assert!(body.contains("- `add_line` at `shop/cart.py:88`"), "{body}");
    assert_eq!(event["metadata"]["hasStackTrace"], true);
    let linked = observed(app, "ref=release:shop@1.4.0").await;
    let kinds: BTreeSet<&str> = types(&linked).into_iter().collect();
    assert!(
        kinds.contains("deploy.succeeded") && kinds.contains("event_alert.triggered"),
        "release, deploy and issue are linked: {kinds:?}"
    );
    let short = observed(app, "ref=commit:9fceb02").await;
    assert_eq!(types(&short), ["deploy.succeeded"]);
    let fixed = observed(app, "ref=sentry_issue:SHOP-42&type=deploy.succeeded").await;
    assert_eq!(fixed.len(), 1, "the commit names the issue");
}

async fn the_memory_is_searched_and_paged(app: &TestApp) {
    for issue in 0..30 {
        app.later(1);
        app.receive(Webhook::event_alert(issue)).await;
    }
    app.settle().await;
    app.apply(Webhook::issue("resolved", 7)).await;
    for path in [
        "/api/v1/observations",
        "/api/v1/observations?q=keyerror",
        "/api/v1/observations?q=keyerror&order=newest",
        "/api/v1/observations?type=event_alert.triggered",
        "/api/v1/observations?source=sentry&from=2026-03-01",
    ] {
        let whole = app.api.paged(path, 100).await;
        assert!(whole.len() >= 30, "{path}: {}", whole.len());
        let ids = |items: &[Value]| -> Vec<String> {
            items.iter().map(|one| id(one).to_owned()).collect()
        };
        let paged = app.api.paged(path, 7).await;
        assert_eq!(ids(&paged), ids(&whole), "{path}");
    }
    let best = observed(app, "q=sku+7").await;
    assert_eq!(types(&best), ["event_alert.triggered", "issue.resolved"]);
    let newest = observed(app, "q=sku+7&order=newest").await;
    assert_eq!(types(&newest), ["issue.resolved", "event_alert.triggered"]);
    assert_eq!(
        observed(app, "q=sku+7&from=2026-04-01").await,
        Vec::<Value>::new()
    );
    assert_eq!(
        observed(app, "q=sku+7&to=2026-03-01").await,
        Vec::<Value>::new()
    );
    assert_eq!(observed(app, "q=nothinglikeit").await, Vec::<Value>::new());
    for order in ["best", "newest"] {
        let path = format!("/api/v1/observations?q=keyerr&order={order}");
        let beginnings = app.api.paged(&path, 7).await;
        assert_eq!(beginnings.len(), 31, "{order}: nothing has the whole word");
    }
    let viewer = app.make_token("viewer").await;
    let viewer = app.api.with_token(Some(&viewer));
    assert_eq!(viewer.all("/api/v1/observations?q=resolved").await.len(), 1);
    app.api
        .with_token(None)
        .get("/api/v1/observations")
        .await
        .expect_problem(401, "unauthorized");
}

async fn wrong_searches_are_problems(app: &TestApp) {
    for path in [
        "/api/v1/observations?q=%2B%2B",
        "/api/v1/observations?ref=release",
        "/api/v1/observations?ref=:1",
        "/api/v1/observations?from=yesterday",
        "/api/v1/observations?order=colour",
        "/api/v1/observations?service=7",
        "/api/v1/observations?limit=0",
        "/api/v1/observations?cursor=x",
        "/api/v1/observations?q=a&cursor=x-y",
        "/api/v1/observations/stream?after=7",
    ] {
        let answer = app.api.get(path).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 404),
            "{path}: {answer:?}"
        );
    }
    for path in [
        "/api/v1/observations/obs_0000000000000",
        "/api/v1/observations/inc_1",
        "/api/v1/incidents/9/similar",
    ] {
        app.api.get(path).await.expect_problem(404, "not_found");
    }
}

// ACCEPTANCE §3, 65
async fn a_past_incident_says_what_resolved_it(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    let note = json!({"text": "The pool was too small, see 9fceb02d0ae5"});
    app.api
        .post("/api/v1/incidents/1/note", note)
        .await
        .expect(200);
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(24 * 3_600);
    app.apply(Webhook::event_alert(43)).await;
    app.apply(Webhook::metric("critical", 7)).await;
    let similar = app.api.all("/api/v1/incidents/2/similar").await;
    assert_eq!(similar.len(), 1, "{similar:#?}");
    assert_eq!(similar[0]["number"], 1);
    assert!(similar[0]["score"].as_i64().unwrap() >= 50, "{similar:#?}");
    let why = similar[0]["reasons"].to_string();
    assert!(why.contains("go through shop/"), "{why}");
    let cure = &similar[0]["resolution"];
    assert_eq!(cure["by"], "Sentry");
    assert_eq!(cure["note"], "The pool was too small, see 9fceb02d0ae5");
    assert!(app.api.all("/api/v1/incidents/3/similar").await.is_empty());
    let ann = Person::arrive(app, "ann", "viewer").await;
    let page = ann.page(app, "/incidents/2").await;
    assert!(page.contains("Similar past incidents") && page.contains("The pool was too small"));
    let page = ann.page(app, "/incidents/3").await;
    assert!(!page.contains("Similar past incidents"));
}

/// Reads a stream until this text has come.
async fn until(response: &mut reqwest::Response, wanted: &str) -> String {
    let mut text = String::new();
    while !text.contains(wanted) {
        let chunk = tokio::time::timeout(Duration::from_secs(20), response.chunk()).await;
        let chunk = chunk.unwrap_or_else(|_| panic!("{wanted:?} does not come: {text}"));
        text.push_str(&String::from_utf8_lossy(
            &chunk.unwrap().expect("it goes on"),
        ));
    }
    text
}

// FIELD §2, CloudEvents
async fn lines_and_stream_go_on_where_they_ended(app: &TestApp) {
    app.apply(Webhook::event_alert(1)).await;
    app.apply(Webhook::issue("resolved", 1)).await;
    let stream = "/api/v1/observations/stream";
    let lines = app.api.get(&format!("{stream}?after=")).await.expect(200);
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    let events: Vec<Value> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), 2, "oldest first: {events:#?}");
    let event = &events[0];
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["type"], "epicenter.event_alert.triggered");
    assert_eq!(event["source"], "http://epicenter.test/observations");
    assert_eq!(event["subject"], "issue:1");
    assert_eq!(event["data"]["id"], event["id"]);
    let last = events[1]["id"].as_str().unwrap();
    let rest = app
        .api
        .get(&format!("{stream}?after={last}"))
        .await
        .expect(200);
    assert_eq!(rest.text, "");

    let request = app.api.request(Method::GET, stream);
    let request = request.header("Last-Event-ID", events[0]["id"].as_str().unwrap());
    let mut open = request.send().await.unwrap();
    let missed = until(&mut open, "epicenter.issue.resolved").await;
    assert!(missed.contains(&format!("id: {last}\n")), "{missed}");
    assert!(!missed.contains("event_alert.triggered"), "{missed}");
    let mut fresh = app.api.request(Method::GET, stream).send().await.unwrap();
    until(&mut fresh, "event: hello").await;
    app.apply(Webhook::metric("critical", 7)).await;
    for stream in [&mut open, &mut fresh] {
        let live = until(stream, "metric_alert.critical").await;
        assert!(live.contains("event: observation\n"), "{live}");
    }
}

async fn people_search_the_memory_on_a_page(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.apply(Webhook::issue("resolved", 42)).await;
    let ann = Person::arrive(app, "ann", "viewer").await;
    let page = ann.page(app, "/memory?q=resolved+sku").await;
    assert!(
        page.contains("<mark>sku</mark>") && page.contains("<mark>Resolved</mark>"),
        "{page}"
    );
    assert!(!page.contains("event_alert.triggered</bdi>"), "{page}");
    let (_, rest) = page.split_once("href=\"/memory/obs_").unwrap();
    let record = format!("/memory/obs_{}", rest.split('"').next().unwrap());
    let shown = ann.page(app, &record).await;
    assert!(
        shown.contains("Incident #1") && shown.contains("ref=sentry_issue"),
        "{shown}"
    );
    let referring = ann.page(app, "/memory?ref=sentry_issue%3ASHOP-42").await;
    assert!(referring.contains("What refers to"), "{referring}");
    let none = ann.page(app, "/memory?q=nothinglikeit").await;
    assert!(none.contains("Nothing that happened fits"));
    let wrong = ann.page(app, "/memory?q=%2B%2B").await;
    assert!(wrong.contains("letters or digits"));
    let gone = ann.look(app, "/memory/obs_0000000000000").await;
    assert_eq!(gone.status.as_u16(), 404);
}

async fn records_stay_when_deliveries_leave(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(200 * 24 * 3_600);
    epicenter::workers::clean_up(app.inside()).await.unwrap();
    assert!(app.api.all("/api/v1/deliveries").await.is_empty());
    assert_eq!(observed(app, "q=add_line").await.len(), 1);
}
