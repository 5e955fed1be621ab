//! What a session may do, and when it ends (FIELD §3.3 cases 55 and 56).

use crate::support::app::id;
use crate::support::person::{Live, PASSWORD, Person, log_in};
use crate::support::{TestApp, Webhook};
use reqwest::Method;
use reqwest::header::ORIGIN;
use serde_json::json;

on_both_engines!(
    case_55_a_foreign_page_can_neither_act_nor_listen,
    case_56_a_new_role_ends_sessions_and_streams,
    case_56_a_new_password_ends_sessions_and_streams,
    case_56_what_is_revoked_or_deleted_ends_its_streams,
    a_change_on_another_node_ends_streams_too,
);

const STREAM: &str = "/api/v1/stream";

async fn listen(app: &TestApp, person: &Person) -> Live {
    Live::open(person.request(app, Method::GET, STREAM)).await
}

/// Is the session over?
async fn is_out(app: &TestApp, person: &Person) -> bool {
    let page = person.look(app, "/incidents").await;
    let api = person.look(app, "/api/v1/incidents").await;
    assert_eq!(page.status == 303, api.status == 401, "{page:?} {api:?}");
    page.status == 303
}

// FIELD §3.3 case 55
async fn case_55_a_foreign_page_can_neither_act_nor_listen(app: &TestApp) {
    app.apply(Webhook::event_alert(1)).await;
    let ann = Person::arrive(app, "ann", "admin").await;
    for (header, value) in [
        (ORIGIN.as_str(), "https://evil.example"),
        (ORIGIN.as_str(), "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let listening = ann.request(app, Method::GET, STREAM).header(header, value);
        assert_eq!(
            listening.send().await.unwrap().status(),
            403,
            "{header}: {value}"
        );
        let acting = ann
            .request(app, Method::POST, "/api/v1/incidents/1/resolve")
            .header(header, value);
        assert_eq!(
            acting.send().await.unwrap().status(),
            403,
            "{header}: {value}"
        );
    }
    // Nor without saying where it comes from: a page of ours sends the token.
    let acting = ann.request(app, Method::POST, "/api/v1/incidents/1/resolve");
    assert_eq!(acting.send().await.unwrap().status(), 403);
    let form = ann
        .request(app, Method::POST, "/incidents/1/resolve")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("csrf=guessed");
    assert!(!form.send().await.unwrap().status().is_success());
    assert_eq!(app.incident().await["status"], "triggered");
    let ours = ann
        .request(app, Method::GET, STREAM)
        .header(ORIGIN, "http://epicenter.test");
    Live::open(ours).await;
}

// FIELD §3.3 case 56
async fn case_56_a_new_role_ends_sessions_and_streams(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "responder").await;
    let bob = Person::arrive(app, "bob", "responder").await;
    let (stream, mut other) = (listen(app, &ann).await, listen(app, &bob).await);
    let path = format!("/api/v1/users/{}", ann.id);
    // The same role changes nothing.
    app.api
        .patch(&path, json!({"role": "responder"}))
        .await
        .expect(200);
    assert!(!is_out(app, &ann).await);
    app.api
        .patch(&path, json!({"role": "viewer"}))
        .await
        .expect(200);
    stream.ends("another role").await;
    assert!(is_out(app, &ann).await);
    assert!(!is_out(app, &bob).await);
    app.apply(Webhook::event_alert(1)).await;
    other.brings("incident.opened").await;
}

// FIELD §3.3 case 56
async fn case_56_a_new_password_ends_sessions_and_streams(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "viewer").await;
    let elsewhere = ann.sign_in_again(app).await;
    let streams = [listen(app, &ann).await, listen(app, &elsewhere).await];
    let new = "an entirely different one";
    let fields = [
        ("current", PASSWORD),
        ("password", new),
        ("password_again", new),
    ];
    ann.submit(app, "/settings/password", &fields)
        .await
        .expect(303);
    for stream in streams {
        stream.ends("another password").await;
    }
    assert!(is_out(app, &ann).await && is_out(app, &elsewhere).await);
    assert!(log_in(app, &ann.email, PASSWORD).await.is_none());
    assert!(log_in(app, &ann.email, new).await.is_some());
}

// FIELD §3.3 case 56
async fn case_56_what_is_revoked_or_deleted_ends_its_streams(app: &TestApp) {
    let body = json!({"name": "wall", "role": "viewer"});
    let token = app
        .api
        .post("/api/v1/tokens", body)
        .await
        .expect(201)
        .json();
    let api = app.api.with_token(token["token"].as_str());
    let stream = Live::open(api.request(Method::GET, STREAM)).await;
    let path = format!("/api/v1/tokens/{}", id(&token));
    app.api.delete(&path).await.expect(204);
    stream.ends("a revoked token").await;
    api.get("/api/v1/incidents").await.expect(401);

    let ann = Person::arrive(app, "ann", "viewer").await;
    let stream = listen(app, &ann).await;
    ann.submit(app, "/logout", &[]).await.expect(303);
    stream.ends("logged out").await;

    let bob = Person::arrive(app, "bob", "viewer").await;
    let stream = listen(app, &bob).await;
    app.api
        .delete(&format!("/api/v1/users/{}", bob.id))
        .await
        .expect(204);
    stream.ends("a deleted account").await;
    assert!(is_out(app, &bob).await);
}

/// Nobody tells this node: it looks by itself.
async fn a_change_on_another_node_ends_streams_too(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "viewer").await;
    let stream = listen(app, &ann).await;
    let user_id = epicenter_domain::id::IdKind::User.parse(&ann.id).unwrap();
    let mut tx = app.inside().database.write().await.unwrap();
    epicenter_store::sessions::delete_of_user(&mut tx, user_id)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    stream.ends("a session that is gone").await;
}
