//! No page tells a secret.

use crate::support::{PASSWORD, SECRET, alert, created, on_stage, resigned};

const ADDED: &str = "marker-of-an-added-secret-77b0";

#[tokio::test(flavor = "multi_thread")]
async fn no_page_contains_a_secret() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        stage
            .deliver_incidents(vec![alert("event_alert.python", 1), created(2, "Two")])
            .await;
        let refused = resigned(created(3, "Three"), "wrong");
        assert_eq!(stage.send(crate::support::DOOR, refused).await, 401);
        let integrations = page.answer("/api/v1/integrations").await;
        let integration = integrations["items"][0]["id"].as_str().unwrap().to_owned();
        let own = format!("/integrations/{integration}");
        page.open(&own).await;
        page.fill("form[action$='/secrets'] input[name=value]", ADDED)
            .await;
        page.click("form[action$='/secrets'] .is-primary").await;
        page.until_text(".toast", "Added").await;

        let deliveries = page.answer("/api/v1/deliveries").await;
        let issues = page.answer("/api/v1/issues").await;
        let mut paths: Vec<String> = [
            "/incidents",
            "/incidents/1",
            "/error-log",
            "/deliveries",
            "/integrations",
            "/services",
            "/settings",
            "/api/v1/integrations",
        ]
        .map(str::to_owned)
        .to_vec();
        paths.push(own.clone());
        paths.push(format!("/api/v1{own}"));
        for (answer, place) in [(&deliveries, "deliveries"), (&issues, "error-log")] {
            for item in answer["items"].as_array().unwrap() {
                paths.push(format!("/{place}/{}", item["id"].as_str().unwrap()));
            }
        }
        for path in &paths {
            page.open(path).await;
            let html = page.client.source().await.unwrap();
            assert!(html.len() > 60, "{path}: {html}");
            for secret in [SECRET, ADDED, PASSWORD] {
                assert!(!html.contains(secret), "{path} contains a secret");
            }
        }
    })
    .await;
}
