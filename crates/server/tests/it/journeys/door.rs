//! The paths under which others know the same door (DESIGN §4.1), and what is no webhook.

use crate::support::app::{id, outcome};
use crate::support::{TestApp, Webhook};
use reqwest::Method;
use serde_json::json;

on_both_engines!(
    every_alias_leads_to_the_same_door,
    lightfast_asks_whether_it_lives,
    saving_an_alert_rule_works,
    unknown_keys_lead_nowhere,
    other_methods_are_refused,
);

// PL-01, OK-15, LF-01, FD-01
async fn every_alias_leads_to_the_same_door(app: &TestApp) {
    let integration = app.default_integration().await;
    let (key, its_id) = (integration["key"].as_str().unwrap(), id(&integration));
    for (issue_id, path, status) in [
        (1, format!("/hooks/{key}"), 202),
        (2, "/api/webhooks/sentry".to_owned(), 202),
        (
            3,
            format!("/api/integrations/sentry?integrationId={its_id}"),
            202,
        ),
        (
            4,
            format!("/api/integrations/sentry?integrationId={key}"),
            202,
        ),
        (5, "/api/sentry/webhooks".to_owned(), 200),
        (
            6,
            format!("/event/push/alert/sentry?integration_key={key}"),
            202,
        ),
    ] {
        let answer = app
            .send(Webhook::event_alert(issue_id).to(&path))
            .await
            .expect(status);
        let delivery_id = answer.json()["delivery_id"].as_str().unwrap().to_owned();
        app.settle().await;
        let delivery = app.delivery(&delivery_id).await;
        assert_eq!(outcome(&delivery), "applied", "{path}: {delivery}");
        assert_eq!(delivery["integration"]["id"], its_id, "{path}");
    }
    assert_eq!(app.incidents().await.len(), 6);
}

// LF-01
async fn lightfast_asks_whether_it_lives(app: &TestApp) {
    let answer = app
        .api
        .with_token(None)
        .get("/api/sentry/webhooks")
        .await
        .expect(200);
    assert_eq!(
        answer.json(),
        json!({"status": "ok", "service": "sentry-webhooks"})
    );
}

// SENTRY-PROTOCOL §5: anything but 200 and JSON keeps people from saving an alert rule.
async fn saving_an_alert_rule_works(app: &TestApp) {
    let signed =
        |body| Webhook::bare(body).signed_as("Sentry-App-Signature", crate::support::SECRET);
    let action = json!({"fields": [{"name": "channel", "value": "x"}], "installationId": "i"});
    let answer = app.send(signed(action.clone())).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.json()["message"].is_string(), "{answer:?}");
    let link = json!({
        "fields": {"title": "x"}, "issueId": "42", "installationId": "i",
        "webUrl": "https://acme.sentry.io/issues/42/", "project": {"slug": "shop"},
    });
    let answer = app.send(signed(link)).await.expect(200).json();
    assert_eq!(
        answer["webUrl"],
        "http://epicenter.test/issues?sentry_issue=42"
    );
    assert_eq!(
        (&answer["project"], &answer["identifier"]),
        (&json!("shop"), &json!("42"))
    );
    // Options of a select field: GET, signed over nothing.
    let options = signed(json!({})).raw("").method(Method::GET);
    assert_eq!(app.send(options).await.expect(200).json(), json!([]));
    let forged = Webhook::bare(action).signed_as("Sentry-App-Signature", "somebody-else");
    app.send(forged)
        .await
        .expect_problem(401, "signature_mismatch");
    app.settle().await;
    assert_eq!(app.incidents().await.len(), 0);
    assert_eq!(
        app.api
            .all("/api/v1/deliveries?outcome=ignored")
            .await
            .len(),
        3
    );
}

// FIELD §3.3 cases 8 and 17
async fn unknown_keys_lead_nowhere(app: &TestApp) {
    for path in [
        "/hooks/nobody",
        "/api/integrations/sentry",
        "/api/integrations/sentry?integrationId=int_0",
        "/event/push/alert/sentry",
        "/event/push/alert/sentry?integration_key=nobody",
        "/hooks/",
        "/hooks/a/b",
        "/api/webhooks/sentry/",
        "/hooks/..%2fapi%2fwebhooks%2fsentry",
    ] {
        app.send(Webhook::event_alert(42).to(path))
            .await
            .expect_problem(404, "not_found");
    }
    assert_eq!(app.deliveries().await.len(), 0);
}

async fn other_methods_are_refused(app: &TestApp) {
    let key = app.default_integration().await["key"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in ["/api/webhooks/sentry".to_owned(), format!("/hooks/{key}")] {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
            let webhook = Webhook::event_alert(42).to(&path).method(method.clone());
            let answer = app.send(webhook).await;
            let detail = answer.expect_problem(405, "method_not_allowed");
            assert!(detail.contains("push URL"), "{detail}");
            assert_eq!(answer.header("allow"), "POST");
        }
    }
    assert_eq!(app.deliveries().await.len(), 0);
}
