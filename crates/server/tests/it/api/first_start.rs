//! What is there from the first start, and the metrics.

use crate::support::engine::OwnDatabase;
use crate::support::{Api, Engine, SECRET, TestApp, Webhook};

on_both_engines!(the_admin_token_works_at_the_first_start);

async fn the_admin_token_works_at_the_first_start(app: &TestApp) {
    let integration = app.default_integration().await;
    assert_eq!(integration["name"], "Sentry");
    assert_eq!(integration["secret_count"], 1, "the environment's");
    let key = integration["key"].as_str().unwrap();
    assert_eq!(
        integration["push_url"],
        format!("http://epicenter.test/hooks/{key}")
    );
    assert_eq!(app.api.all("/api/v1/services").await.len(), 1);
    assert_eq!(
        app.api.one("/api/v1/users").await["items"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    let stranger = app.api.with_token(Some("ept_the_admin_token_of_the_testz"));
    stranger
        .get("/api/v1/incidents")
        .await
        .expect_problem(401, "unauthorized");
    let open = app.api.with_token(None);
    assert_eq!(open.get("/healthz").await.expect(200).text, "ok\n");
    assert_eq!(open.get("/readyz").await.expect(200).text, "ready\n");
    let document = open.get("/api/v1/openapi.json").await.expect(200).json();
    assert!(
        document["openapi"].as_str().unwrap().starts_with("3.1"),
        "{}",
        document["openapi"]
    );
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own() {
    let database = OwnDatabase::new(Engine::Sqlite).await.unwrap();
    let app = TestApp::start_with(database, Some(SECRET), |config| {
        config.metrics_listen = "127.0.0.1:0".to_owned();
    })
    .await;
    app.apply(Webhook::event_alert(42)).await;
    app.send(Webhook::event_alert(42).signed_with("somebody-else"))
        .await
        .expect(401);
    app.api.get("/metrics").await.expect(404);
    let address = app.running().metrics_address.unwrap();
    let metrics = Api::new(format!("http://{address}"), None)
        .get("/metrics")
        .await
        .expect(200)
        .text;
    for line in [
        "epicenter_deliveries_received_total 1",
        "epicenter_deliveries_received_bytes_total ",
        "epicenter_deliveries_refused_total{outcome=\"signature_mismatch\"} 1",
        "epicenter_deliveries_not_stored_total 0",
        "epicenter_deliveries_decided_total{outcome=\"applied\"} 1",
        "epicenter_webhook_answer_seconds_count 2",
        "epicenter_deliveries_pending ",
        "epicenter_streams 0",
    ] {
        assert!(
            metrics.lines().any(|one| one.starts_with(line)),
            "{line} in\n{metrics}"
        );
    }
    app.finish().await;
}
