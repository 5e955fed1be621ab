//! Notices on their way to other services on this machine, which are as strict as the real ones.

mod python_sdk;

use crate::support::mail::FakeMail;
use crate::support::receiver::{FakeReceiver, Reply};
use crate::support::slack::{BOT_TOKEN, CHANNEL, FakeSlack};
use epicenter::channels::{Attempt, apprise, send};
use epicenter::clients::outbound::{Guard, Outbound, OutboundParts, read_networks};
use epicenter::clock::Clock;
use epicenter_domain::incident::IncidentStatus;
use epicenter_domain::notification::{
    Kind, MailServer, MailTls, Notice, NoticePayload, Receipt, Subject, Target,
};
use epicenter_domain::proof::SecretValue;
use epicenter_domain::time::Time;
use serde_json::json;

const NOTICE: &str = include_str!("../../../../domain/src/notification/fixtures/notice-v1.json");
const NOW: Time = Time(1_767_693_605_500);
const SIGNING: [&str; 2] = [
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
];

fn notice() -> Notice {
    let payload: NoticePayload = serde_json::from_str(NOTICE).unwrap();
    payload.into_notice()
}

/// A later notice of the same incident.
fn later(kind: Kind, status: IncidentStatus, key: &str) -> Notice {
    let mut notice = notice();
    if let Subject::Incident(incident) = &mut notice.subject {
        incident.status = status;
    }
    notice.kind = kind;
    notice.summary = format!("{} by Ada", status.as_str());
    notice.idempotency_key = key.to_owned();
    notice
}

/// A way out that may reach this machine.
fn outbound() -> Outbound {
    let networks = read_networks(&["127.0.0.1".to_owned()]).unwrap();
    let parts = OutboundParts::new(Guard::new(networks), "http://epicenter.test");
    Outbound::new(parts).unwrap()
}

async fn deliver(target: &Target, notice: &Notice, previous: Option<&str>) -> Receipt {
    let attempt = Attempt {
        notice,
        previous,
        actions: &[],
        now: NOW,
    };
    send(&outbound(), target, attempt).await
}

fn reference(receipt: &Receipt) -> &str {
    match receipt {
        Receipt::Delivered {
            external_ref: Some(reference),
        } => reference,
        other => panic!("{other:?}"),
    }
}

fn is_gone(receipt: &Receipt) -> bool {
    matches!(receipt, Receipt::Refused { disable: true, .. })
}

fn is_refused(receipt: &Receipt) -> bool {
    matches!(receipt, Receipt::Refused { disable: false, .. })
}

fn wait_of(receipt: &Receipt) -> i64 {
    match receipt {
        Receipt::RetryAfter { at_least_ms, .. } => *at_least_ms,
        other => panic!("{other:?}"),
    }
}

fn bot(slack: &FakeSlack, token: &str, channel: &str) -> Target {
    Target::SlackBot {
        token: SecretValue::new(token),
        channel: channel.to_owned(),
        api: slack.api(),
        signing_secret: None,
    }
}

/// Every channel that speaks HTTP and keeps nothing, at this address.
fn plain_targets(url: &str) -> Vec<Target> {
    let secret = || SecretValue::new(format!("{url}/hook"));
    vec![
        Target::SlackWebhook { url: secret() },
        Target::Webhook {
            url: secret(),
            secrets: SIGNING.map(SecretValue::new).to_vec(),
            login: None,
        },
        Target::Pagerduty {
            routing_key: SecretValue::new("hush"),
            api: format!("{url}/v2/enqueue"),
        },
        Target::Teams { url: secret() },
        Target::Discord { url: secret() },
        Target::Telegram {
            token: SecretValue::new("1:hush"),
            chat: "-100".to_owned(),
            topic: None,
            api: url.to_owned(),
        },
        Target::Mattermost {
            url: secret(),
            channel: None,
        },
        Target::Ntfy {
            server: url.to_owned(),
            topic: SecretValue::new("hush"),
            token: None,
            login: None,
        },
    ]
}

fn mail_target(port: u16, tls: MailTls, to: &str) -> Target {
    Target::Email {
        server: MailServer {
            host: "localhost".to_owned(),
            port,
            tls,
            login: None,
        },
        from: "Epicenter <epicenter@example.com>".to_owned(),
        to: vec![to.to_owned()],
    }
}

#[tokio::test]
async fn slack_shows_one_card_that_is_edited_and_tells_the_steps_below_it() {
    let slack = FakeSlack::start().await;
    let target = bot(&slack, BOT_TOKEN, CHANNEL.0);
    let first = deliver(&target, &notice(), None).await;
    let card = reference(&first).to_owned();
    assert!(card.starts_with(CHANNEL.1), "{card}");
    let taken = later(Kind::Acknowledged, IncidentStatus::Acknowledged, "ntf_2");
    let over = later(Kind::Resolved, IncidentStatus::Resolved, "ntf_3");
    for step in [&taken, &over] {
        let receipt = deliver(&target, step, Some(&card)).await;
        assert_eq!(reference(&receipt), card);
    }
    let (cards, replies) = slack.cards_and_replies();
    assert_eq!((cards.len(), cards[0].edits), (1, 2));
    assert!(
        cards[0].body["text"]
            .as_str()
            .unwrap()
            .contains("✅ [#42 Resolved]")
    );
    let said: Vec<_> = replies.iter().map(|reply| &reply.body["text"]).collect();
    assert!(said[0].as_str().unwrap().starts_with("acknowledged by Ada"));
    assert!(said[1].as_str().unwrap().starts_with("resolved by Ada"));
    // The first notice again, after its answer was lost and found: nothing is said twice.
    deliver(&target, &notice(), Some(&card)).await;
    assert_eq!(slack.cards_and_replies().1.len(), 2);
}

#[tokio::test]
async fn a_card_that_somebody_removed_is_posted_anew() {
    let slack = FakeSlack::start().await;
    let target = bot(&slack, BOT_TOKEN, CHANNEL.0);
    let card = deliver(&target, &notice(), None).await;
    slack.clear();
    let over = later(Kind::Resolved, IncidentStatus::Resolved, "ntf_2");
    let receipt = deliver(&target, &over, Some(reference(&card))).await;
    assert!(reference(&receipt).starts_with(CHANNEL.1));
    let (cards, replies) = slack.cards_and_replies();
    assert_eq!((cards.len(), replies.len()), (1, 0));
}

#[tokio::test]
async fn slack_says_no_in_its_own_way() {
    // FIELD case 39
    let slack = FakeSlack::start().await;
    assert!(is_gone(
        &deliver(&bot(&slack, "xoxb-old", CHANNEL.0), &notice(), None).await
    ));
    assert!(is_gone(
        &deliver(&bot(&slack, BOT_TOKEN, "#gone"), &notice(), None).await
    ));
    let target = bot(&slack, BOT_TOKEN, CHANNEL.0);
    let limited = json!({"ok": false, "error": "ratelimited"}).to_string();
    for status in [200, 429] {
        let reply = Reply::status(status)
            .header("retry-after", "30")
            .body(&limited);
        slack.receiver.once(reply);
        assert_eq!(wait_of(&deliver(&target, &notice(), None).await), 30_000);
    }
    slack.receiver.once(Reply::status(200).body("<html>"));
    assert_eq!(wait_of(&deliver(&target, &notice(), None).await), 0);
    assert_eq!(slack.cards_and_replies().0.len(), 0);
}

#[tokio::test]
async fn every_channel_delivers_with_the_key_of_the_notice() {
    // FIELD case 38
    let receiver = FakeReceiver::start().await;
    for target in plain_targets(&receiver.url) {
        let receipt = deliver(&target, &notice(), None).await;
        assert!(
            matches!(receipt, Receipt::Delivered { .. }),
            "{target:?}: {receipt:?}"
        );
        let received = receiver.take_one();
        assert_eq!(received.header("idempotency-key"), "ntf_01kexample0001");
        assert!(received.method == "POST" && received.json().is_object());
    }
}

#[tokio::test]
async fn every_channel_reads_refusals_limits_and_troubles_alike() {
    // FIELD cases 36 and 37
    let receiver = FakeReceiver::start().await;
    for target in plain_targets(&receiver.url) {
        let answered = async |reply: Reply| {
            receiver.once(reply);
            deliver(&target, &notice(), None).await
        };
        assert!(is_gone(&answered(Reply::status(410)).await), "{target:?}");
        assert!(
            is_refused(&answered(Reply::status(400)).await),
            "{target:?}"
        );
        let elsewhere = Reply::status(302).header("location", "http://127.0.0.1:1/");
        assert!(is_refused(&answered(elsewhere).await), "{target:?}");
        let limited = Reply::status(429).header("retry-after", "3600");
        assert_eq!(wait_of(&answered(limited).await), 3_600_000, "{target:?}");
        assert_eq!(
            wait_of(&answered(Reply::status(500)).await),
            0,
            "{target:?}"
        );
        assert_eq!(receiver.take().len(), 5, "one request an attempt");
    }
}

#[tokio::test]
async fn channels_that_are_gone_are_told_by_their_own_codes() {
    let receiver = FakeReceiver::start().await;
    for target in plain_targets(&receiver.url) {
        let (status, gone) = match &target {
            Target::SlackWebhook { .. } | Target::Discord { .. } => (404, true),
            Target::Telegram { .. } => (403, true),
            _ => (404, false),
        };
        receiver.once(Reply::status(status));
        let receipt = deliver(&target, &notice(), None).await;
        assert_eq!(is_gone(&receipt), gone, "{target:?}: {receipt:?}");
    }
}

#[tokio::test]
async fn telegram_answers_its_first_message_and_asks_for_patience_in_the_body() {
    let receiver = FakeReceiver::answering(|_| {
        Reply::status(200).body(r#"{"ok":true,"result":{"message_id":77}}"#)
    })
    .await;
    let target = &plain_targets(&receiver.url)[5];
    let first = deliver(target, &notice(), None).await;
    assert_eq!(reference(&first), "77");
    let over = later(Kind::Resolved, IncidentStatus::Resolved, "ntf_2");
    let second = deliver(target, &over, Some("77")).await;
    assert_eq!(reference(&second), "77");
    let seen = receiver.take();
    assert_eq!(seen[1].path, "/bot1:hush/sendMessage");
    assert_eq!(seen[1].json()["reply_parameters"]["message_id"], 77);
    let body = r#"{"ok":false,"error_code":429,"parameters":{"retry_after":12}}"#;
    receiver.once(Reply::status(429).body(body));
    assert_eq!(wait_of(&deliver(target, &over, None).await), 12_000);
}

#[tokio::test]
async fn webhooks_are_accepted_by_the_official_library_under_each_secret() {
    let receiver = FakeReceiver::start().await;
    let target = &plain_targets(&receiver.url)[1];
    let now = Clock::system().now();
    let notice = notice();
    let mut times = Vec::new();
    for now in [now, now.plus_ms(60_000)] {
        let attempt = Attempt {
            notice: &notice,
            previous: None,
            actions: &[],
            now,
        };
        send(&outbound(), target, attempt).await;
        let received = receiver.take_one();
        for secret in SIGNING {
            let checker = standardwebhooks::Webhook::new(secret).unwrap();
            checker.verify(&received.body, &received.headers).unwrap();
        }
        assert_eq!(received.header("webhook-id"), "ntf_01kexample0001");
        times.push(received.header("webhook-timestamp").to_owned());
    }
    // The id is the notice's, the time the attempt's.
    assert_ne!(times[0], times[1]);
}

#[tokio::test]
async fn letters_arrive_and_the_servers_codes_are_heeded() {
    // FIELD case 36
    let mail = FakeMail::start().await;
    let target = mail_target(mail.port, MailTls::None, "oncall@example.com");
    assert_eq!(
        deliver(&target, &notice(), None).await,
        Receipt::delivered()
    );
    let letters = mail.take();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].from, "epicenter@example.com");
    assert_eq!(letters[0].to, ["oncall@example.com"]);
    let text = &letters[0].text;
    assert!(
        text.contains("Message-ID: <ntf_01kexample0001@example.com>"),
        "{text}"
    );
    assert!(text.contains("multipart/alternative") && text.contains("text/html"));
    let later = mail_target(mail.port, MailTls::None, "451@example.com");
    assert_eq!(wait_of(&deliver(&later, &notice(), None).await), 0);
    let never = mail_target(mail.port, MailTls::None, "550@example.com");
    assert!(is_refused(&deliver(&never, &notice(), None).await));
    assert_eq!(mail.take().len(), 0);
}

#[tokio::test]
async fn without_the_tls_that_was_asked_for_no_letter_leaves() {
    let mail = FakeMail::start().await;
    let target = mail_target(mail.port, MailTls::Starttls, "oncall@example.com");
    let receipt = deliver(&target, &notice(), None).await;
    assert!(is_refused(&receipt), "{receipt:?}");
    assert_eq!(mail.take().len(), 0);
}

#[tokio::test]
async fn no_channel_reaches_what_the_operator_has_not_opened() {
    // FIELD cases 50 and 52
    let receiver = FakeReceiver::start().await;
    let mail = FakeMail::start().await;
    let parts = OutboundParts::new(Guard::default(), "http://epicenter.test");
    let closed = Outbound::new(parts).unwrap();
    let mut targets = plain_targets(&receiver.url);
    targets.push(mail_target(mail.port, MailTls::None, "oncall@example.com"));
    let slack = FakeSlack::start().await;
    targets.push(bot(&slack, BOT_TOKEN, CHANNEL.0));
    targets.push(apprise::read(&format!("json://{}", &receiver.url[7..])).unwrap());
    let notice = notice();
    for target in targets {
        let attempt = Attempt {
            notice: &notice,
            previous: None,
            actions: &[],
            now: NOW,
        };
        let receipt = send(&closed, &target, attempt).await;
        assert!(is_refused(&receipt), "{target:?}: {receipt:?}");
        assert!(
            format!("{receipt:?}").contains("outbound.allowed_networks"),
            "{receipt:?}"
        );
    }
    assert!(receiver.take().is_empty() && mail.take().is_empty());
    assert!(slack.receiver.take().is_empty());
}
