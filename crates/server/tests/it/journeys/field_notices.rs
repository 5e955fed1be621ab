//! Receivers that fail for days, limits, restarts, and what mutes everything (FIELD §3.3).

use super::notices::{destination, kinds, reach, webhook};
use crate::support::app::id;
use crate::support::person::Person;
use crate::support::receiver::{FakeReceiver, Reply};
use crate::support::slack::{BOT_TOKEN, CHANNEL, FakeSlack};
use crate::support::{TestApp, Webhook};
use epicenter_domain::id::IdKind;
use epicenter_domain::notification::Target;
use epicenter_domain::proof::SecretValue;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

on_both_engines!(
    a_receiver_that_fails_for_days_is_switched_off_and_what_failed_goes_again,
    a_receiver_that_wants_a_pause_gets_it,
    a_redirection_is_a_failure,
    a_card_that_is_limited_ends_with_the_last_state,
    a_restart_tells_nothing_twice_and_misses_no_repeat,
    what_was_over_in_time_says_why_nobody_was_told,
    a_silence_that_is_edited_twice_at_once_leaves_one,
    what_mutes_everything_is_said_on_every_page,
);

const HOUR: i64 = 3_600;

/// An incident that is due to be told.
async fn incident(app: &TestApp, issue: u64) {
    app.apply(Webhook::event_alert(issue)).await;
    app.later(30);
    app.tell().await;
}

/// How often a receiver was sent the notice with this key. Reminders come as well.
fn tries(receiver: &FakeReceiver, key: &str) -> usize {
    let all = receiver.take().into_iter();
    all.filter(|one| one.header("webhook-id") == key).count()
}

// FIELD §3.3 case 36: three days of 500 follow the schedule, five days end it.
async fn a_receiver_that_fails_for_days_is_switched_off_and_what_failed_goes_again(app: &TestApp) {
    let app = reach(app).await;
    let is_well = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_well);
    let failing = FakeReceiver::answering(move |_| {
        Reply::status(if seen.load(Ordering::SeqCst) {
            200
        } else {
            500
        })
    })
    .await;
    let other = FakeReceiver::start().await;
    let place = destination(&app, "Old pager", webhook(&failing)).await;
    let place = IdKind::Destination.show(place);
    destination(&app, "On-call", webhook(&other)).await;
    incident(&app, 42).await;
    let key = failing.take_one().header("webhook-id").to_owned();
    // 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h, each a fifth earlier or later.
    for step in [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000] {
        app.later(step * 8 / 10 - 1);
        app.tell().await;
        assert_eq!(tries(&failing, &key), 0, "{step}: not before its time");
        app.later(step * 4 / 10 + 2);
        app.tell().await;
        assert_eq!(tries(&failing, &key), 1, "{step}: once, by the same key");
    }
    app.later(24 * HOUR);
    app.tell().await;
    let path = format!("/api/v1/destinations/{place}");
    let still = app.api.one(&path).await;
    assert_eq!(still["enabled"], true, "three days are no reason yet");
    assert!(still["failing_since"].is_string());
    other.take();
    // Five days after the first failure the next one ends it.
    app.later(72 * HOUR);
    incident(&app, 43).await;
    let off = app.api.one(&path).await;
    assert_eq!(off["enabled"], false);
    assert!(off["disabled_because"].as_str().unwrap().contains("500"));
    let told = kinds(&other);
    let warned = told.iter().filter(|kind| *kind == "notice.health_warning");
    assert_eq!(warned.count(), 1, "{told:?}");
    assert!(told.contains(&"incident.triggered".to_owned()), "{told:?}");
    // It is mended: what was never taken goes again, by hand.
    is_well.store(true, Ordering::SeqCst);
    failing.take();
    let on = json!({"enabled": true});
    app.api.patch(&path, on).await.expect(200);
    let list = format!("/api/v1/notifications?state=failed&destination={place}");
    let failed = app.api.all(&list).await;
    assert!(failed.iter().any(|one| id(one) == key), "{failed:#?}");
    let again = format!("/api/v1/notifications/{key}/replay");
    app.api.post(&again, json!({})).await.expect(202);
    app.tell().await;
    assert!(kinds(&failing).contains(&"incident.triggered".to_owned()));
    app.finish().await;
}

// FIELD §3.3 case 37: 429 with Retry-After 3600 is heeded to the second.
async fn a_receiver_that_wants_a_pause_gets_it(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    receiver.once(Reply::status(429).header("retry-after", "3600"));
    incident(&app, 42).await;
    assert_eq!(receiver.take().len(), 1);
    app.later(HOUR - 1);
    app.tell().await;
    assert!(receiver.take().is_empty(), "not before");
    app.later(1);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"]);
    app.finish().await;
}

// FIELD §3.3 case 37: 3xx is not followed, and not tried again.
async fn a_redirection_is_a_failure(app: &TestApp) {
    let app = reach(app).await;
    let (receiver, elsewhere) = (FakeReceiver::start().await, FakeReceiver::start().await);
    destination(&app, "On-call", webhook(&receiver)).await;
    let location: &'static str = Box::leak(elsewhere.url.clone().into_boxed_str());
    receiver.once(Reply::status(307).header("location", location));
    incident(&app, 42).await;
    assert_eq!(receiver.take().len(), 1);
    let failed = app.api.all("/api/v1/notifications?state=failed").await;
    assert_eq!(failed.len(), 1);
    app.later(2 * HOUR);
    app.tell().await;
    assert!(receiver.take().is_empty() && elsewhere.take().is_empty());
    app.finish().await;
}

// FIELD §3.3 case 39: edits that Slack refuses for now are one edit later, with the last state.
async fn a_card_that_is_limited_ends_with_the_last_state(app: &TestApp) {
    let app = reach(app).await;
    let slack = FakeSlack::start().await;
    let target = Target::SlackBot {
        token: SecretValue::new(BOT_TOKEN),
        channel: CHANNEL.0.to_owned(),
        api: slack.api(),
        signing_secret: None,
    };
    destination(&app, "#alerts", target).await;
    incident(&app, 42).await;
    let limited = json!({"ok": false, "error": "ratelimited"}).to_string();
    let limited = || {
        let reply = Reply::status(429).header("retry-after", "30");
        slack.receiver.once(reply.body(&limited));
    };
    let path = format!("/api/v1/incidents/{}", id(&app.incident().await));
    app.api
        .post(&format!("{path}/acknowledge"), json!({}))
        .await
        .expect(200);
    app.tell().await;
    limited();
    app.later(2);
    app.tell().await;
    for note in ["One", "Two", "Three"] {
        let body = json!({"text": note});
        app.api
            .post(&format!("{path}/note"), body)
            .await
            .expect(200);
        app.tell().await;
        app.later(1);
    }
    app.apply(Webhook::issue("resolved", 42)).await;
    limited();
    for _ in 0..20 {
        app.later(60);
        app.tell().await;
    }
    let (cards, _) = slack.cards_and_replies();
    assert_eq!(cards.len(), 1, "one card");
    assert_eq!(
        cards[0].edits, 2,
        "four changes are one edit, the end is one"
    );
    let shown = cards[0].body.to_string();
    assert!(shown.contains("Resolved"), "{shown}");
    app.finish().await;
}

// FIELD §3.3 case 46: all of it stops and starts at once, between a notice and its repeat.
async fn a_restart_tells_nothing_twice_and_misses_no_repeat(app: &TestApp) {
    let mut app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    for issue in 42..45 {
        app.apply(Webhook::event_alert(issue)).await;
    }
    app.later(30);
    app.tell().await;
    assert_eq!(kinds(&receiver).len(), 3);
    app.restart().await;
    app.tell().await;
    app.later(2 * HOUR);
    app.restart().await;
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new(), "nothing changed");
    // The repeat fell due while nothing ran.
    app.later(2 * HOUR);
    app.restart().await;
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.reminder"; 3]);
    app.restart().await;
    app.tell().await;
    assert_eq!(kinds(&receiver), Vec::<String>::new(), "once");
    app.finish().await;
}

// FIELD §3.3 case 45: whoever asks is told why, in words.
async fn what_was_over_in_time_says_why_nobody_was_told(app: &TestApp) {
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
    let why = app.api.one("/api/v1/incidents/1/why").await.to_string();
    let sentence = "It was over before the first notice was due, so nothing was sent";
    assert!(why.contains(sentence), "{why}");
    let ada = Person::arrive(&app, "ada", "viewer").await;
    let page = ada.page(&app, "/incidents/1").await;
    assert!(page.contains(sentence), "{page}");
    app.finish().await;
}

async fn silences(app: &TestApp, state: &str) -> Vec<Value> {
    app.api
        .all(&format!("/api/v1/silences?state={state}"))
        .await
}

// FIELD §3.3 case 47: edited, ended and made again at the same moment.
async fn a_silence_that_is_edited_twice_at_once_leaves_one(app: &TestApp) {
    let ends_at = app.now().plus_ms(HOUR * 1_000).rfc3339();
    let body = json!({"condition": "project == 'shop'", "ends_at": ends_at});
    let made = app.api.post("/api/v1/silences", body.clone()).await;
    let path = format!("/api/v1/silences/{}", id(&made.expect(201).json()));
    app.later(60);
    let (one, two) = tokio::join!(
        app.api.patch(&path, json!({"until_users": 50})),
        app.api.patch(&path, json!({"until_users": 60})),
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200, "one of them counts");
    // The other one changes what has taken its place, or is told that it is over.
    assert!([200, 400, 409].contains(&statuses[1]), "{statuses:?}");
    let active = silences(app, "active").await;
    assert_eq!(active.len(), 1, "{active:#?}");
    let path = format!("/api/v1/silences/{}", id(&active[0]));
    let (gone, again, made) = tokio::join!(
        app.api.delete(&path),
        app.api.delete(&path),
        app.api.post("/api/v1/silences", body),
    );
    assert_eq!((gone.status.as_u16(), again.status.as_u16()), (204, 204));
    let made = made.expect(201).json();
    let active = silences(app, "active").await;
    assert_eq!(active.len(), 1, "{active:#?}");
    assert_eq!(active[0]["id"], made["id"]);
}

// FIELD §3.3 case 47: a banner, for as long as it holds.
async fn what_mutes_everything_is_said_on_every_page(app: &TestApp) {
    let ada = Person::arrive(app, "ada", "viewer").await;
    let banner = "mutes everything until 2026-03-02 11:00 UTC";
    let ends_at = app.now().plus_ms(HOUR * 1_000).rfc3339();
    let mut body = json!({"condition": "project != ''", "ends_at": ends_at});
    app.api
        .post("/api/v1/silences", body.clone())
        .await
        .expect(201);
    assert!(
        !ada.page(app, "/incidents")
            .await
            .contains("mutes everything")
    );
    body["condition"] = json!("true");
    app.api
        .call(Method::POST, "/api/v1/silences", &body)
        .await
        .expect(409);
    body["confirm"] = json!(true);
    app.api.post("/api/v1/silences", body).await.expect(201);
    for path in ["/incidents", "/error-log", "/settings"] {
        let page = ada.page(app, path).await;
        assert!(page.contains(banner), "{path}: {page}");
    }
    app.later(HOUR);
    assert!(
        !ada.page(app, "/incidents")
            .await
            .contains("mutes everything")
    );
}
