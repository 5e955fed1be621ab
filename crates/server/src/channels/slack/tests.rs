use super::bot::Place;
use super::*;
use crate::channels::tests::{body_of, digest, notice, strange, with_status};
use epicenter_domain::incident::IncidentStatus;
use epicenter_domain::notification::Kind;
use serde_json::{Value, json};

const URL: &str = "https://hooks.slack.com/services/hush";

fn token() -> SecretValue {
    SecretValue::new("xoxb-hush")
}

fn webhook_body(notice: &Notice) -> Value {
    body_of(&render_for_webhook(&SecretValue::new(URL), notice))
}

fn buttons(body: &Value) -> Vec<&str> {
    let blocks = body["blocks"].as_array().unwrap();
    let actions = blocks.iter().find(|block| block["type"] == "actions");
    let elements = actions.unwrap()["elements"].as_array().unwrap();
    let names = elements.iter().map(|e| e["text"]["text"].as_str().unwrap());
    names.collect()
}

#[test]
fn a_card_says_what_broke_since_when_and_what_probably_did_it() {
    insta::assert_json_snapshot!(webhook_body(&notice()));
    insta::assert_json_snapshot!(webhook_body(&digest()));
}

#[test]
fn a_bot_keeps_one_card_and_tells_the_steps_in_its_thread() {
    let token = token();
    let bot = Bot {
        token: &token,
        channel: "#alerts",
        api: "https://slack.com/api/",
    };
    let mut notice = notice();
    let card = bot.render_card(&notice);
    assert_eq!(card.url, "https://slack.com/api/chat.postMessage");
    assert_eq!(card.headers["authorization"], "Bearer xoxb-hush");
    assert!(!format!("{card:?}").contains("hush"));
    let body = body_of(&card);
    assert_eq!(body["channel"], "#alerts");
    assert_eq!(
        body["metadata"]["event_payload"]["id"],
        "ntf_01kexample0001"
    );
    notice.kind = Kind::Acknowledged;
    notice.summary = "Acknowledged by <!channel> Ada".to_owned();
    let place = Place::read("C1:1700.1").unwrap();
    let edit = bot.render_edit(&notice, &place);
    assert_eq!(edit.url, "https://slack.com/api/chat.update");
    let body = body_of(&edit);
    assert_eq!(
        (&body["channel"], &body["ts"]),
        (&json!("C1"), &json!("1700.1"))
    );
    let body = body_of(&bot.render_reply(&notice, &place));
    insta::assert_json_snapshot!(body);
}

#[test]
fn buttons_fit_where_the_incident_stands() {
    let token = token();
    let bot = Bot {
        token: &token,
        channel: "C1",
        api: "https://slack.com/api",
    };
    for (status, expected) in [
        (
            IncidentStatus::Triggered,
            &["Acknowledge", "Resolve", "Snooze 1 h", "Silence 1 h"][..],
        ),
        (
            IncidentStatus::Acknowledged,
            &["Resolve", "Snooze 1 h", "Silence 1 h"],
        ),
        (IncidentStatus::Resolved, &["Reopen"]),
    ] {
        let body = body_of(&bot.render_card(&with_status(status)));
        let mut expected = expected.to_vec();
        expected.extend(["Open in Epicenter", "Open in Sentry"]);
        assert_eq!(buttons(&body), expected);
    }
    let body = webhook_body(&notice());
    assert_eq!(buttons(&body), ["Open in Epicenter", "Open in Sentry"]);
}

#[test]
fn no_text_breaks_the_limits_or_the_markup() {
    // FIELD cases 40 and 41
    for notice in strange() {
        let body = webhook_body(&notice);
        let blocks = body["blocks"].as_array().unwrap();
        assert!(blocks.len() <= 50);
        assert!(body["text"].as_str().unwrap().encode_utf16().count() <= 2_000);
        let mut total = 0;
        for block in blocks {
            let texts = [&block["text"]["text"]].into_iter();
            for text in texts.filter_map(Value::as_str) {
                let size = text.encode_utf16().count();
                let most = if block["type"] == "header" {
                    150
                } else {
                    3_000
                };
                assert!((1..=most).contains(&size), "{size}: {text}");
                total += size;
                let is_plain = block["text"]["type"] == "plain_text";
                assert!(is_plain || !text.contains("<!"), "{text}");
            }
            for field in block["fields"].as_array().into_iter().flatten() {
                assert!(field["text"].as_str().unwrap().encode_utf16().count() <= 2_000);
                assert_eq!(field["type"], "plain_text");
            }
        }
        assert!(total <= 12_000, "{total}");
        assert!(
            !body["text"].as_str().unwrap().contains("<!"),
            "{}",
            body["text"]
        );
    }
}
