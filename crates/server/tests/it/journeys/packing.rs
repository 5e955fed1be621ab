//! Bodies are packed with a dictionary of the company's own, and stay readable for ever.

use crate::support::{TestApp, Webhook};
use epicenter::limits::TRAINING_SAMPLES;
use epicenter::operations::train_dictionary::train_if_due;
use epicenter_domain::delivery::Headers;
use epicenter_domain::time::DAY_MS;
use epicenter_store::dictionaries;
use epicenter_store::packing::{Dictionary, pack};
use serde_json::Value;
use std::time::{Duration, Instant};

on_both_engines!(
    what_a_company_sends_packs_better_after_a_while,
    a_dictionary_goes_when_its_bodies_are_gone,
    the_next_dictionary_is_there_before_the_last_one_goes,
);

/// Enough webhooks to learn from, and the training that follows.
async fn learn(app: &TestApp) {
    let before = app.inside().dictionaries.newest().id;
    for number in 0..TRAINING_SAMPLES {
        let issue = 1_000 + u64::try_from(number).unwrap() % 40;
        app.receive(Webhook::event_alert(issue)).await;
    }
    let end = Instant::now() + Duration::from_secs(30);
    // The server's own worker may be faster.
    while !train_if_due(app.inside()).await.unwrap()
        && app.inside().dictionaries.newest().id == before
    {
        assert!(Instant::now() < end, "no dictionary was trained");
        tokio::task::yield_now().await;
    }
    app.settle().await;
}

fn is_built_in(app: &TestApp) -> bool {
    app.inside().dictionaries.newest().is_built_in()
}

async fn body_of(app: &TestApp, delivery: &str) -> Value {
    app.delivery(delivery).await["body"].clone()
}

// DESIGN §10: disk per webhook.
async fn what_a_company_sends_packs_better_after_a_while(app: &mut TestApp) {
    let first = app.receive(Webhook::event_alert(999)).await;
    app.settle().await;
    let before = body_of(app, &first).await;
    learn(app).await;
    let trained = app.inside().dictionaries.newest();
    assert!(!trained.is_built_in());
    let body = serde_json::to_vec(&before).unwrap();
    let size = |dictionary| {
        let packed = pack(dictionary, &Headers::default(), &body).unwrap();
        packed.content.len()
    };
    assert!(size(&trained) * 10 < size(&Dictionary::built_in()) * 9);

    let second = app.receive(Webhook::event_alert(998)).await;
    app.settle().await;
    assert_eq!(body_of(app, &first).await, before);
    assert_eq!(
        body_of(app, &second).await["data"]["event"]["issue_id"],
        "998"
    );
    // What was trained is used again after a start, and old bodies can be replayed under it.
    app.restart().await;
    assert_eq!(app.inside().dictionaries.newest(), trained);
    assert_eq!(body_of(app, &first).await, before);
    let path = format!("/api/v1/deliveries/{first}/replay");
    let replay = app.api.post(&path, Value::Null).await.json();
    app.settle().await;
    assert_eq!(
        body_of(app, replay["delivery_id"].as_str().unwrap()).await,
        before
    );
}

// What is learnt from bodies does not outlive them.
async fn a_dictionary_goes_when_its_bodies_are_gone(app: &mut TestApp) {
    learn(app).await;
    let days = i64::from(app.inside().config.retention.deliveries_days);
    app.later((days + 1) * DAY_MS / 1_000);
    assert!(train_if_due(app.inside()).await.unwrap() || is_built_in(app));
    assert!(is_built_in(app));
    epicenter::workers::clean_up(app.inside()).await.unwrap();
    app.later(2 * 3_600);
    epicenter::workers::clean_up(app.inside()).await.unwrap();
    let mut tx = app.inside().database.read().await.unwrap();
    let newest = dictionaries::newest_id(&mut tx).await.unwrap();
    assert_eq!(newest, None);
    tx.rollback().await.unwrap();
    let after = app.receive(Webhook::event_alert(5)).await;
    app.settle().await;
    assert_eq!(body_of(app, &after).await["data"]["event"]["issue_id"], "5");
}

// What is learnt from the same traffic is as good as what is in use, and yet it must not be thrown
// away on the last day of that one.
async fn the_next_dictionary_is_there_before_the_last_one_goes(app: &mut TestApp) {
    learn(app).await;
    let first = app.inside().dictionaries.newest();
    let days = i64::from(app.inside().config.retention.deliveries_days);
    app.later((days - 1) * DAY_MS / 1_000);
    learn(app).await;
    let second = app.inside().dictionaries.newest();
    assert!(second.id != first.id && !second.is_built_in());
    app.later(DAY_MS / 1_000);
    train_if_due(app.inside()).await.unwrap();
    assert_eq!(app.inside().dictionaries.newest(), second, "it is young");
}
