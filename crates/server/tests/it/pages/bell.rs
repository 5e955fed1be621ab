//! The bell in the corner of every page.

use crate::support::person::Person;
use crate::support::{TestApp, Webhook};
use epicenter::operations::command_incident::wake_snoozed;
use serde_json::json;

on_both_engines!(
    an_incident_that_comes_back_rings_again,
    a_snooze_that_ends_rings_again,
);

/// What the bell says aloud.
async fn bell(app: &TestApp, person: &Person) -> String {
    let page = person.page(app, "/incidents").await;
    let (_, rest) = page.split_once("aria-label=\"Bell: ").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn read(app: &TestApp, person: &Person) {
    person.submit(app, "/bell/read", &[]).await.expect(303);
    assert_eq!(bell(app, person).await, "no new incidents");
    app.later(60);
}

async fn an_incident_that_comes_back_rings_again(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "viewer").await;
    app.later(1);
    app.apply(Webhook::event_alert(1)).await;
    app.apply(Webhook::event_alert(2)).await;
    assert_eq!(bell(app, &ann).await, "2 new incidents");
    app.later(1);
    read(app, &ann).await;
    // More of the same is nothing new.
    app.apply(Webhook::event_alert(1)).await;
    assert_eq!(bell(app, &ann).await, "no new incidents");
    app.apply(Webhook::issue("resolved", 1)).await;
    app.later(60);
    app.apply(Webhook::event_alert(1)).await;
    assert_eq!(
        app.incidents().await.len(),
        2,
        "the same incident came back"
    );
    assert_eq!(bell(app, &ann).await, "1 new incident");
    read(app, &ann).await;
}

async fn a_snooze_that_ends_rings_again(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "viewer").await;
    app.apply(Webhook::event_alert(1)).await;
    let until = app.now().plus_ms(600_000).rfc3339();
    let snooze = app
        .api
        .post("/api/v1/incidents/1/snooze", json!({"until": until}));
    snooze.await.expect(200);
    app.later(1);
    read(app, &ann).await;
    app.later(600);
    wake_snoozed(app.inside()).await.unwrap();
    assert_eq!(bell(app, &ann).await, "1 new incident");
}
