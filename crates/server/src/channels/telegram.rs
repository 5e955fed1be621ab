//! Telegram, by a bot. What follows about an incident answers its first message.

#![expect(clippy::indexing_slicing, reason = "an object of JSON takes any key")]

use super::markup::{html_link, telegram};
use super::policy::wait_ms;
use super::{Attempt, json_request};
use crate::clients::outbound::{Outbound, Request};
use epicenter_domain::notification::cut::{cut, gather, one_line};
use epicenter_domain::notification::limits::{TELEGRAM_FIELD, TELEGRAM_TEXT, TELEGRAM_TITLE};
use epicenter_domain::notification::{Message, Notice, Receipt, Target};
use serde::Deserialize;
use serde_json::json;

const SERVICE: &str = "Telegram";

/// The request of a notice; none for another kind of target.
fn render(target: &Target, notice: &Notice, previous: Option<i64>) -> Option<Request> {
    let Target::Telegram {
        token,
        chat,
        topic,
        api,
    } = target
    else {
        return None;
    };
    let mut body = json!({
        "chat_id": chat,
        "text": text(&Message::of(notice)),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": true},
        "disable_notification": !notice.kind.is_loud(),
    });
    if let Some(topic) = topic {
        body["message_thread_id"] = json!(topic);
    }
    if let Some(id) = previous {
        body["reply_parameters"] = json!({"message_id": id, "allow_sending_without_reply": true});
    }
    let api = api.trim_end_matches('/');
    let url = format!("{api}/bot{}/sendMessage", token.expose());
    Some(json_request(url, &body, notice))
}

/// Most important first: what does not fit is left out at the end. Telegram counts what is left
/// when the markup is read; counting the markup too errs on the safe side.
fn text(message: &Message) -> String {
    let field = |text: &str| cut(&one_line(text), TELEGRAM_FIELD, telegram, "…");
    let title = cut(&one_line(&message.title), TELEGRAM_TITLE, telegram, "…");
    let links = message
        .links
        .iter()
        .map(|link| html_link(link, TELEGRAM_FIELD));
    let facts = message.facts.iter();
    let facts = facts.map(|(label, value)| format!("{label}: {}", field(value)));
    let site = message.crash_site.iter();
    let site = site.map(|site| format!("<code>{}</code>", field(site)));
    let suspect = message.suspect.iter();
    let suspect = suspect.map(|link| format!("Suspect: {}", html_link(link, TELEGRAM_FIELD)));
    let lines = message.lines.iter();
    let lines = lines.map(|line| format!("• {}", html_link(line, TELEGRAM_FIELD)));
    let head = [
        format!("{} <b>{title}</b>", message.prefix),
        links.collect::<Vec<_>>().join(" · "),
        cut(&message.text, TELEGRAM_TITLE, telegram, "…"),
    ];
    let parts = head
        .into_iter()
        .chain(facts)
        .chain(site)
        .chain(suspect)
        .chain(lines);
    gather(parts.chain([field(&message.reason)]), "\n", TELEGRAM_TEXT)
}

#[derive(Deserialize)]
struct Reply {
    result: Option<Sent>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Sent {
    message_id: Option<i64>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<f64>,
}

pub(super) async fn send(outbound: &Outbound, target: &Target, attempt: Attempt<'_>) -> Receipt {
    let previous = attempt.previous.and_then(|text| text.parse().ok());
    let Some(request) = render(target, attempt.notice, previous) else {
        return Receipt::refused("Telegram: this destination is of another kind.");
    };
    let answer = outbound.send(request).await;
    let body = answer.as_ref().map_or(&[][..], |answer| &answer.body);
    let reply: Option<Reply> = serde_json::from_slice(body).ok();
    let (sent, asked) = reply.map_or((None, None), |reply| {
        let asked = reply
            .parameters
            .and_then(|parameters| parameters.retry_after);
        (reply.result.and_then(|sent| sent.message_id), asked)
    });
    match super::judge(SERVICE, answer, attempt.now) {
        Ok(_) => Receipt::Delivered {
            external_ref: previous.or(sent).map(|id| id.to_string()),
        },
        Err(Receipt::RetryAfter { at_least_ms, why }) => Receipt::RetryAfter {
            // Telegram says it in the body.
            at_least_ms: at_least_ms.max(asked.map_or(0, wait_ms)),
            why,
        },
        // The bot was thrown out, or its token was replaced.
        Err(Receipt::Refused { why, .. }) if why.contains(" 403") || why.contains(" 401") => {
            Receipt::gone(why)
        }
        Err(receipt) => receipt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::{body_of, digest, notice, strange};
    use epicenter_domain::proof::SecretValue;

    fn target(topic: Option<i64>) -> Target {
        Target::Telegram {
            token: SecretValue::new("1:hush"),
            chat: "-100200300".to_owned(),
            topic,
            api: "https://api.telegram.org/".to_owned(),
        }
    }

    #[test]
    fn a_message_says_it_all() {
        let request = render(&target(Some(7)), &notice(), Some(99)).unwrap();
        assert_eq!(
            request.url,
            "https://api.telegram.org/bot1:hush/sendMessage"
        );
        insta::assert_json_snapshot!(body_of(&request));
        insta::assert_json_snapshot!(body_of(&render(&target(None), &digest(), None).unwrap()));
        let other = Target::Teams {
            url: SecretValue::new("https://e.test"),
        };
        assert_eq!(render(&other, &notice(), None), None);
    }

    #[test]
    fn no_text_breaks_the_limits_or_the_markup() {
        // FIELD cases 40 and 41
        for notice in strange() {
            let text = text(&Message::of(&notice));
            assert!((1..=4_096).contains(&text.encode_utf16().count()));
            let tags = text.matches('<').count();
            let known = ["<b>", "</b>", "<a href=\"", "</a>", "<code>", "</code>"];
            let ours: usize = known.iter().map(|tag| text.matches(tag).count()).sum();
            assert_eq!(tags, ours, "{text}");
            assert!(!text.contains("@everyone"), "{text}");
        }
    }
}
