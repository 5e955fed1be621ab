//! No answer and no log line says a secret (FIELD §3.3 case 61).

use super::roles::routes;
use crate::support::app::id;
use crate::support::{ADMIN_TOKEN, SECRET, TestApp, Webhook, logs};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;

on_both_engines!(nothing_says_a_secret);

const MARKER: &str = "marker-of-a-secret-in-the-store";
const PASSWORD: &str = "marker-of-a-password";

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
async fn nothing_says_a_secret(app: &TestApp) {
    let body = json!({"kind": "sentry", "name": "Marked", "secret": MARKER});
    let integration = app.make_integration(body).await;
    let secrets = format!("/api/v1/integrations/{}/secrets", id(&integration));
    let second = format!("{MARKER}-2");
    app.api
        .post(&secrets, json!({"secret": second, "label": "second"}))
        .await
        .expect(201);
    let token = app.make_token("viewer").await;
    let user = json!({"email": "mira@harbor.example", "name": "Mira", "password": PASSWORD});
    let user = app.api.post("/api/v1/users", user).await.expect(201).json();
    let by_bearer = Webhook::event_alert(42)
        .towards(&integration)
        .bearer(MARKER);
    let delivery = app.receive(by_bearer.header("X-Api-Key", MARKER)).await;
    app.receive(Webhook::event_alert(42)).await;
    let forged = Webhook::event_alert(42)
        .unsigned()
        .bearer("marker-of-a-forged-secret");
    app.send(forged).await.expect(401);
    app.settle().await;
    let viewer = app.api.with_token(Some(&token));
    viewer.get("/api/v1/incidents").await.expect(200);

    let incident = app.incidents().await[0].clone();
    let issue = app.issues().await[0].clone();
    let tokens = app.api.one("/api/v1/tokens").await;
    let services = app.api.one("/api/v1/services").await;
    let deploy = app
        .api
        .post("/api/v1/deploys", json!({"version": "1.0"}))
        .await;
    let deploy = deploy.expect(201).json();
    let target = json!({"channel": "webhook", "user": "ada", "password": PASSWORD,
        "url": format!("https://notices.harbor.example/{MARKER}")});
    let destination = json!({"name": "Marked", "target": target});
    let destination = app.api.post("/api/v1/destinations", destination).await;
    let destination = destination.expect(201).json();
    let test = format!("/api/v1/destinations/{}/test", id(&destination));
    let notice = app.api.post(&test, json!({})).await.expect(202).json();
    let records = app.api.all("/api/v1/observations").await;
    let ids: BTreeMap<&str, &str> = [
        ("observations", id(&records[0])),
        ("destinations", id(&destination)),
        ("notifications", notice["notification_id"].as_str().unwrap()),
        ("incidents", id(&incident)),
        ("issues", id(&issue)),
        ("deliveries", &*delivery),
        ("integrations", id(&integration)),
        ("tokens", id(&tokens["items"][0])),
        ("services", id(&services["items"][0])),
        ("users", id(&user)),
        ("deploys", id(&deploy)),
    ]
    .into();
    let needles = [
        MARKER,
        SECRET,
        ADMIN_TOKEN,
        PASSWORD,
        token.as_str(),
        "marker-of-a-forged-secret",
    ];
    let all = app.api.all("/api/v1/deliveries").await;
    let mut paths: Vec<String> = all
        .iter()
        .map(|one| format!("/api/v1/deliveries/{}", id(one)))
        .collect();
    for route in routes().iter().filter(|route| route.method == Method::GET) {
        let kind = route.path.split('/').nth(3).unwrap();
        if kind != "stream" {
            let id = ids.get(kind).copied();
            // There is no version of the rules yet.
            let is_there = !route.path.contains("{number}");
            if is_there && (id.is_some() || !route.path.contains("{id}")) {
                let path = route.path.replace("{id}", id.unwrap_or_default());
                // The stream of observations ends when it is asked for lines.
                let path = path.replace("/stream", "/stream?after=");
                paths.push(path.replace("{version}", "1.0"));
            }
        }
    }
    paths.extend(["/api/v1/openapi.json".to_owned(), "/healthz".to_owned()]);
    for path in &paths {
        let answer = app.api.get(path).await.expect(200);
        for needle in needles {
            assert!(
                !answer.text.contains(needle),
                "{needle} in {path}: {}",
                answer.text
            );
            assert!(
                !format!("{:?}", answer.headers).contains(needle),
                "{needle} in {path}"
            );
        }
    }
    assert!(paths.len() > 18, "{paths:?}");
    let log = logs::text();
    assert!(log.contains("refused a request"), "the log is collected");
    for needle in needles {
        if let Some(line) = log.lines().find(|line| line.contains(needle)) {
            panic!("{needle} in the log: {line}");
        }
    }
}
