//! Who is believed, and who is not (DESIGN §4.1, FIELD §3.3 cases 1 to 4 and 8).

use crate::support::app::{id, outcome};
use crate::support::engine::OwnDatabase;
use crate::support::{Engine, SECRET, TestApp, Webhook};
use epicenter::limits::REFUSED_STORED;
use epicenter_domain::delivery::Headers;
use epicenter_domain::id::{IdKind, first_id_at};
use epicenter_domain::time::HOUR_MS;
use epicenter_store::inbox::{self, NewDelivery};
use epicenter_store::packing::{Dictionary, pack};
use serde_json::json;

on_both_engines!(
    three_ways_to_prove_oneself,
    the_bytes_count_not_what_they_mean,
    a_wrong_signature_applies_nothing,
    refused_samples_are_limited,
    refused_requests_are_limited_in_number,
    broken_signatures_are_refused,
    a_secret_is_rotated,
    an_unsigned_integration_believes_its_key,
    the_secret_of_one_proves_nothing_to_another,
);

// EL-14, EL-15, LF-03
async fn three_ways_to_prove_oneself(app: &TestApp) {
    for (issue_id, webhook, proof) in [
        (1, Webhook::event_alert(1), "signature"),
        (
            2,
            Webhook::event_alert(2).unsigned().bearer(SECRET),
            "bearer",
        ),
        (3, Webhook::service_hook(3), "service_hook"),
    ] {
        let delivery = app.apply(webhook).await;
        assert_eq!(outcome(&delivery), "applied", "{issue_id}: {delivery}");
        assert_eq!(delivery["proof"], proof, "{issue_id}");
        assert!(
            !delivery["headers"].to_string().contains(SECRET),
            "{delivery}"
        );
    }
    let forged = Webhook::event_alert(4).bearer("not-the-secret");
    app.send(forged)
        .await
        .expect_problem(401, "signature_mismatch");
    let hook = Webhook::service_hook(5).signed_as("X-ServiceHook-Signature", "not-the-secret");
    app.send(hook)
        .await
        .expect_problem(401, "signature_mismatch");
}

// FIELD §3.3 case 2, SENTRY-PROTOCOL §4: nothing is parsed before it is proven.
async fn the_bytes_count_not_what_they_mean(app: &TestApp) {
    let body = Webhook::event_alert(42).body(app.now());
    let text = String::from_utf8(body.clone()).unwrap();
    let spaced = text.replace("\":", "\": ");
    let webhook = Webhook::event_alert(42).raw(spaced.clone());
    assert_eq!(outcome(&app.apply(webhook).await), "applied");
    let moved = Webhook::event_alert(42)
        .unsigned()
        .raw(spaced)
        .header("Sentry-Hook-Signature", Webhook::signature(SECRET, &body));
    app.send(moved)
        .await
        .expect_problem(401, "signature_mismatch");
}

// OK-04, LF-05, FIELD §3.3 case 1
async fn a_wrong_signature_applies_nothing(app: &TestApp) {
    let webhook = Webhook::event_alert(42);
    let body = webhook.body(app.now());
    let signature = Webhook::signature(SECRET, &body);
    for bit in [0, 8 * (body.len() / 2) + 3, 8 * body.len() - 1] {
        let mut flipped = body.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let webhook = webhook.clone().unsigned().raw(flipped);
        let webhook = webhook.header("Sentry-Hook-Signature", signature.clone());
        let detail = app
            .send(webhook)
            .await
            .expect_problem(401, "signature_mismatch");
        assert!(
            detail.contains("client secret"),
            "says what to do: {detail}"
        );
    }
    app.settle().await;
    assert_eq!(
        (app.incidents().await.len(), app.issues().await.len()),
        (0, 0)
    );
    let refused = app.api.all("/api/v1/deliveries?outcome=refused").await;
    assert_eq!(refused.len(), 3);
    assert!(
        refused[0]["verdict"]["reason"]
            .as_str()
            .unwrap()
            .contains("fits none")
    );
    let replay = format!("/api/v1/deliveries/{}/replay", id(&refused[0]));
    app.api
        .post(&replay, json!({}))
        .await
        .expect_problem(409, "conflict");
}

async fn refused_samples_are_limited(app: &TestApp) {
    for _ in 0..30 {
        let webhook = Webhook::event_alert(42).signed_with("somebody-else");
        app.send(webhook)
            .await
            .expect_problem(401, "signature_mismatch");
    }
    let recorded = app.deliveries().await.len();
    assert!((1..=6).contains(&recorded), "{recorded} of 30");
    app.later(60);
    let webhook = Webhook::event_alert(42).signed_with("somebody-else");
    app.send(webhook)
        .await
        .expect_problem(401, "signature_mismatch");
    assert_eq!(app.deliveries().await.len(), recorded + 1);
}

// FIELD §3.3 case 3
async fn broken_signatures_are_refused(app: &TestApp) {
    let webhook = Webhook::event_alert(42).at(app.now());
    let signature = Webhook::signature(SECRET, &webhook.body(app.now()));
    let name = "Sentry-Hook-Signature";
    let missing = webhook.clone().unsigned();
    app.send(missing)
        .await
        .expect_problem(401, "signature_missing");
    let doubled = webhook.clone().header(name, signature.clone());
    app.send(doubled)
        .await
        .expect_problem(401, "signature_malformed");
    for broken in [
        "",
        "00",
        &signature[1..],
        &format!("sha256={signature}"),
        "zz",
        "é",
    ] {
        let webhook = webhook.clone().unsigned().header(name, broken);
        app.send(webhook)
            .await
            .expect_problem(401, "signature_malformed");
    }
    assert_eq!(app.incidents().await.len(), 0);
}

// FIELD §3.3 case 4
async fn a_secret_is_rotated(app: &TestApp) {
    let body = json!({"kind": "sentry", "name": "Rotated", "secret": "the-old-secret"});
    let integration = app.make_integration(body).await;
    let alert = |secret| {
        Webhook::event_alert(42)
            .towards(&integration)
            .signed_with(secret)
    };
    app.receive(alert("the-old-secret")).await;
    let path = format!("/api/v1/integrations/{}/rotate-secret", id(&integration));
    let rotated = app
        .api
        .post(&path, json!({"secret": "the-new-secret"}))
        .await
        .expect(200);
    assert!(!rotated.text.contains("the-new-secret"), "{rotated:?}");
    app.receive(alert("the-old-secret")).await;
    app.receive(alert("the-new-secret")).await;
    app.clock.advance_ms(24 * HOUR_MS - 1);
    app.receive(alert("the-old-secret")).await;
    app.clock.advance_ms(1);
    let detail = app
        .send(alert("the-old-secret"))
        .await
        .expect_problem(401, "secret_expired");
    assert!(detail.contains("2026-03-03T10:00:00"), "{detail}");
    app.receive(alert("the-new-secret")).await;
    // Taken away at once.
    let path = format!("/api/v1/integrations/{}/secrets", id(&integration));
    let secrets = app.api.one(&path).await;
    for secret in secrets["items"].as_array().unwrap() {
        app.api
            .delete(&format!("{path}/{}", id(secret)))
            .await
            .expect(204);
    }
    app.send(alert("the-new-secret"))
        .await
        .expect_problem(401, "no_secret");
}

// OK-05, OK-06
async fn an_unsigned_integration_believes_its_key(app: &TestApp) {
    let body = json!({"kind": "sentry", "name": "Legacy", "unsigned": true});
    let integration = app.make_integration(body).await;
    let legacy = || Webhook::legacy(42).towards(&integration);
    app.receive(legacy()).await;
    // A secret makes it strict, whatever it was set to.
    let path = format!("/api/v1/integrations/{}/secrets", id(&integration));
    app.api
        .post(&path, json!({"secret": "now-there-is-one"}))
        .await
        .expect(201);
    app.send(legacy())
        .await
        .expect_problem(401, "signature_missing");
    app.receive(legacy().signed_with("now-there-is-one")).await;
}

// FIELD §3.3 case 8
async fn the_secret_of_one_proves_nothing_to_another(app: &TestApp) {
    let body = json!({"kind": "sentry", "name": "Other", "secret": "another-secret"});
    let other = app.make_integration(body).await;
    let webhook = Webhook::event_alert(42).towards(&other);
    app.send(webhook)
        .await
        .expect_problem(401, "signature_mismatch");
    let webhook = Webhook::event_alert(42).signed_with("another-secret");
    app.send(webhook)
        .await
        .expect_problem(401, "signature_mismatch");
}

/// No secret is a plain sentence, never a failure of the server.
async fn without_a_secret(engine: Engine) {
    let Some(database) = OwnDatabase::new(engine).await else {
        return;
    };
    let app = TestApp::start_with(database, None, |_| {}).await;
    for webhook in [Webhook::event_alert(42), Webhook::legacy(42)] {
        let detail = app.send(webhook).await.expect_problem(401, "no_secret");
        assert!(
            detail.contains("add the sender's client secret"),
            "{detail}"
        );
    }
    assert_eq!(app.incidents().await.len(), 0);
    app.finish().await;
}

#[tokio::test]
async fn no_secret_is_a_plain_sentence_on_sqlite() {
    without_a_secret(Engine::Sqlite).await;
}

#[tokio::test]
async fn no_secret_is_a_plain_sentence_on_postgres() {
    without_a_secret(Engine::Postgres).await;
}

/// Anybody who knows a push URL can send what is refused, for weeks.
async fn refused_requests_are_limited_in_number(app: &TestApp) {
    let database = &app.inside().database;
    let integration = app.default_integration().await;
    let rows: Vec<NewDelivery> = (1..=REFUSED_STORED + 4)
        .map(|count| NewDelivery {
            id: first_id_at(app.now()) + count,
            workspace_id: 1,
            integration_id: IdKind::Integration.parse(id(&integration)).unwrap(),
            received_at: app.now(),
            resource: "issue".to_owned(),
            refusal: Some("The request is not signed.".to_owned()),
            scheme: "none",
            secret_id: None,
            size: 2,
            packed: pack(&Dictionary::built_in(), &Headers::default(), b"{}").unwrap(),
            replay_of: None,
        })
        .collect();
    let mut tx = database.write().await.unwrap();
    inbox::append(&mut tx, &rows).await.unwrap();
    tx.commit().await.unwrap();
    app.later(1);
    let proven = app.receive(Webhook::event_alert(1)).await;
    app.settle().await;
    assert_eq!(epicenter::workers::clean_up(app.inside()).await.unwrap(), 4);
    let refused = app.api.all("/api/v1/deliveries?outcome=refused").await;
    assert_eq!(refused.len(), usize::try_from(REFUSED_STORED).unwrap());
    assert_eq!(outcome(&app.delivery(&proven).await), "applied");
}
