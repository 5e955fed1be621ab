//! Who is told of an incident, when, and why not.

use crate::support::app::id;
use crate::support::engine::OwnDatabase;
use crate::support::receiver::{FakeReceiver, Held, Reply};
use crate::support::slack::{BOT_TOKEN, CHANNEL, FakeSlack};
use crate::support::{SECRET, TestApp, Webhook};
use epicenter::operations::notices::plan_due;
use epicenter::workers::send_due;
use epicenter_domain::notification::Target;
use epicenter_domain::proof::SecretValue;
use epicenter_store::notices::destinations::{self, DestinationRecord, DestinationSettings};
use epicenter_store::notices::{plans, turns};
use serde_json::json;
use std::collections::BTreeSet;

on_both_engines!(
    an_incident_is_told_once_and_its_end_too,
    what_ends_within_the_wait_is_not_told,
    a_storm_of_alerts_of_one_issue_is_one_notice,
    a_card_follows_the_life_of_its_incident,
    a_failing_receiver_is_tried_again_with_the_same_key,
    a_receiver_that_is_gone_is_switched_off_and_the_others_hear_of_it,
    at_the_stop_nothing_more_is_sent_and_the_rest_stays_due,
    what_is_not_answered_at_the_stop_is_due_at_once,
);

/// Starts a server that may reach this machine.
pub(super) async fn reach(app: &TestApp) -> TestApp {
    let database = OwnDatabase::new(app.engine).await.unwrap();
    TestApp::start_with(database, Some(SECRET), |config| {
        config.outbound.allowed_networks = vec!["127.0.0.1".to_owned()];
    })
    .await
}

pub(super) fn webhook(receiver: &FakeReceiver) -> Target {
    Target::Webhook {
        url: SecretValue::new(&receiver.url),
        secrets: Vec::new(),
        login: None,
    }
}

pub(super) async fn destination(app: &TestApp, name: &str, target: Target) -> i64 {
    let inside = app.inside();
    let mut tx = inside.database.write_state().await.unwrap();
    let id = inside.ids.next(app.now());
    let record = DestinationRecord {
        id,
        workspace_id: 1,
        name: name.to_owned(),
        target,
        settings: DestinationSettings::default(),
        services: BTreeSet::new(),
        is_enabled: true,
        disabled_why: None,
        failing_since: None,
        created_at: app.now(),
    };
    destinations::save(&mut tx, &record).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// What a receiver was told: kinds of events.
pub(super) fn kinds(receiver: &FakeReceiver) -> Vec<String> {
    let told = receiver.take();
    let kind = |one: &crate::support::receiver::Received| {
        one.json()["type"].as_str().unwrap_or_default().to_owned()
    };
    told.iter().map(kind).collect()
}

// U1, FIELD §1.8: the first notice waits 30 s, the end comes with the next tick.
async fn an_incident_is_told_once_and_its_end_too(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    app.apply(Webhook::event_alert(42)).await;
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new(), "within the wait");
    app.later(30);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"]);
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new(), "told once");
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(300);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.resolved"]);
    app.later(86_400);
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new(), "over is over");
    app.finish().await;
}

// FIELD case 45.
async fn what_ends_within_the_wait_is_not_told(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    app.apply(Webhook::event_alert(42)).await;
    app.tell().await;
    app.later(10);
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(600);
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new());
    let incident = app.incident().await;
    let mut tx = app.inside().database.read().await.unwrap();
    let incident_id = epicenter_domain::id::IdKind::Incident
        .parse(id(&incident))
        .unwrap();
    let told = plans::told(&mut tx, incident_id).await.unwrap();
    tx.rollback().await.unwrap();
    let why = told[0].verdict.reason();
    assert_eq!(
        why,
        "It was over before the first notice was due, so nothing was sent"
    );
    app.finish().await;
}

// FIELD case 33: one issue, many alerts.
async fn a_storm_of_alerts_of_one_issue_is_one_notice(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    for _ in 0..50 {
        app.receive(Webhook::event_alert(42)).await;
    }
    app.settle().await;
    app.later(60);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"]);
    assert_eq!(app.incident().await["event_count"], 50);
    app.finish().await;
}

// U2, FIELD case 39: one card, edited in place, and the last state arrives.
async fn a_card_follows_the_life_of_its_incident(app: &TestApp) {
    let app = reach(app).await;
    let slack = FakeSlack::start().await;
    let target = Target::SlackBot {
        token: SecretValue::new(BOT_TOKEN),
        channel: CHANNEL.0.to_owned(),
        api: slack.api(),
        signing_secret: None,
    };
    destination(&app, "#alerts", target).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(30);
    app.tell().await;
    let (cards, _) = slack.cards_and_replies();
    assert_eq!((cards.len(), cards[0].edits), (1, 0));
    app.later(60);
    let path = format!(
        "/api/v1/incidents/{}/acknowledge",
        id(&app.incident().await)
    );
    app.api.post(&path, json!({})).await.expect(200);
    app.tell().await;
    let (cards, _) = slack.cards_and_replies();
    assert_eq!(cards[0].edits, 0, "edits wait two seconds for the next");
    app.later(2);
    app.tell().await;
    let (cards, _) = slack.cards_and_replies();
    assert_eq!((cards.len(), cards[0].edits), (1, 1));
    let shown = cards[0].body.to_string();
    assert!(shown.contains("Acknowledged"), "{shown}");
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(300);
    app.tell().await;
    let (cards, _) = slack.cards_and_replies();
    assert_eq!(cards.len(), 1, "still one card");
    let shown = cards[0].body.to_string();
    assert!(shown.contains("Resolved"), "{shown}");
    app.finish().await;
}

// FIELD cases 36 and 38.
async fn a_failing_receiver_is_tried_again_with_the_same_key(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    receiver.once(Reply::status(500));
    app.apply(Webhook::event_alert(42)).await;
    app.later(30);
    app.tell().await;
    let first = receiver.take_one();
    app.later(3);
    app.tell().await;
    assert!(receiver.take().is_empty(), "not before four seconds");
    app.later(4);
    app.tell().await;
    let second = receiver.take_one();
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    app.later(3_600);
    app.tell().await;
    assert!(receiver.take().is_empty(), "it has arrived");
    app.finish().await;
}

// FIELD case 37: 410 switches a destination off at once.
async fn a_receiver_that_is_gone_is_switched_off_and_the_others_hear_of_it(app: &TestApp) {
    let app = reach(app).await;
    let gone = FakeReceiver::answering(|_| Reply::status(410)).await;
    let other = FakeReceiver::start().await;
    let gone_id = destination(&app, "Old pager", webhook(&gone)).await;
    destination(&app, "On-call", webhook(&other)).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(30);
    app.tell().await;
    assert_eq!(gone.take().len(), 1);
    let mut told = kinds(&other);
    told.sort();
    assert_eq!(told, ["incident.triggered", "notice.health_warning"]);
    let mut tx = app.inside().database.read().await.unwrap();
    let record = destinations::by_id(&mut tx, 1, gone_id)
        .await
        .unwrap()
        .unwrap();
    tx.rollback().await.unwrap();
    assert!(!record.is_enabled);
    assert!(record.disabled_why.unwrap().contains("410"));
    app.finish().await;
}

/// Three notices to one place, of which the stop finds the first unanswered: how many arrive, and
/// how many are due at the next start.
async fn stopped(app: &TestApp, is_answered: bool) -> (usize, usize) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    for issue in [41, 42, 43] {
        app.apply(Webhook::event_alert(issue)).await;
    }
    app.later(30);
    while plan_due(app.inside()).await.unwrap() > 0 {}
    let held = Held::default();
    receiver.once(Reply::status(200).held(&held));
    let stop = async {
        held.arrived().await;
        app.inside().stop.cancel();
        if is_answered {
            held.release();
        }
    };
    let (sent, ()) = tokio::join!(send_due(&app.running().app), stop);
    sent.unwrap();
    let arrived = kinds(&receiver).len();
    let mut tx = app.inside().database.read().await.unwrap();
    let place = &turns::places(&mut tx).await.unwrap()[0];
    let due = turns::due(&mut tx, place, app.now(), 9).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(due.is_sorted_by_key(|one| one.id), "in order: {due:#?}");
    app.finish().await;
    (arrived, due.len())
}

async fn at_the_stop_nothing_more_is_sent_and_the_rest_stays_due(app: &TestApp) {
    assert_eq!(stopped(app, true).await, (1, 2));
}

async fn what_is_not_answered_at_the_stop_is_due_at_once(app: &TestApp) {
    assert_eq!(stopped(app, false).await, (1, 3));
}
