//! Long timelines, and the numbers in the tabs.

use crate::support::person::{Person, link};
use crate::support::{TestApp, Webhook};
use serde_json::json;

on_both_engines!(
    a_line_leads_to_the_delivery_behind_it,
    older_lines_of_a_timeline_are_reached,
    the_error_logs_tabs_say_how_many,
);

async fn a_line_leads_to_the_delivery_behind_it(app: &TestApp) {
    let delivery = app.apply(Webhook::event_alert(42)).await;
    let id = delivery["id"].as_str().unwrap();
    let ann = Person::arrive(app, "ann", "viewer").await;
    let incident = ann.page(app, "/incidents/1").await;
    assert!(incident.contains(&format!("href=\"/deliveries/{id}\"")));
    ann.page(app, &format!("/deliveries/{id}")).await;
}

async fn older_lines_of_a_timeline_are_reached(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    for number in 0..230 {
        let body = json!({"text": format!("the note {number}.")});
        let written = app.api.post("/api/v1/incidents/1/note", body);
        written.await.expect(200);
    }
    let ann = Person::arrive(app, "ann", "viewer").await;
    let issue = app.incident().await["issue_id"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in ["/incidents/1".to_owned(), format!("/error-log/{issue}")] {
        let newest = ann.page(app, &path).await;
        assert!(newest.contains("the note 229."), "{path}");
        assert!(!newest.contains("the note 129."), "{path}");
        assert!(!newest.contains("Newest lines"), "{path}");
        let older = ann.page(app, &link(&newest, ">Older lines")).await;
        assert!(
            older.contains("the note 129.") && older.contains("the note 31."),
            "{path}"
        );
        assert!(!older.contains("the note 130."), "{path}: each line once");
        let oldest = ann.page(app, &link(&older, ">Older lines")).await;
        assert!(oldest.contains("the note 0."), "{path}");
        assert!(!oldest.contains("Older lines"), "{path}");
        let again = ann.page(app, &link(&oldest, ">Newest lines")).await;
        assert!(again.contains("the note 229."), "{path}");
    }
}

async fn the_error_logs_tabs_say_how_many(app: &TestApp) {
    for issue_id in 1..=5 {
        app.receive(Webhook::event_alert(issue_id)).await;
    }
    app.settle().await;
    app.later(1);
    app.apply(Webhook::issue("resolved", 1)).await;
    app.apply(Webhook::issue("resolved", 2)).await;
    app.apply(Webhook::issue("archived", 3)).await;
    let ann = Person::arrive(app, "ann", "viewer").await;
    let page = ann.page(app, "/error-log").await;
    for tab in [
        "Open<span class=\"count\">2</span>",
        "Resolved<span class=\"count\">2</span>",
        "Ignored<span class=\"count\">1</span>",
    ] {
        assert!(page.contains(tab), "{tab}: {page}");
    }
}
