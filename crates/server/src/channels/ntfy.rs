//! ntfy: plain text to a topic, with buttons that open pages.

#![expect(clippy::indexing_slicing, reason = "an object of JSON takes any key")]

use super::webhook::basic;
use super::{Attempt, add_header, deliver, json_request};
use crate::clients::outbound::{Outbound, Request};
use epicenter_domain::level::Severity;
use epicenter_domain::notification::cut::{as_it_is, cut, gather, one_line, rest_at};
use epicenter_domain::notification::limits::{NTFY_TEXT, NTFY_TITLE};
use epicenter_domain::notification::{Message, Notice, Receipt, Target};
use reqwest::header::AUTHORIZATION;
use serde_json::json;

const SERVICE: &str = "ntfy";

/// Buttons of one notification: ntfy's own limit.
const BUTTONS: usize = 3;

/// The request of a notice; none for another kind of target.
fn render(target: &Target, notice: &Notice) -> Option<Request> {
    let Target::Ntfy {
        server,
        topic,
        token,
        login,
    } = target
    else {
        return None;
    };
    let message = Message::of(notice);
    let title = format!("{} {}", message.prefix, one_line(&message.title));
    let actions = message
        .links
        .iter()
        .take(BUTTONS)
        .map(|link| json!({"action": "view", "label": one_line(&link.text), "url": link.url}));
    let mut body = json!({
        "topic": topic.expose(),
        "title": cut(&title, NTFY_TITLE, as_it_is, "…"),
        "message": text(&message),
        "priority": priority(notice),
        "tags": [notice.kind.as_str(), notice.severity().as_str()],
        "actions": actions.collect::<Vec<_>>(),
    });
    if let Some(page) = message.page() {
        body["click"] = json!(page);
    }
    let url = format!("{}/", server.trim_end_matches('/'));
    let mut request = json_request(url, &body, notice);
    let by_token = token
        .as_ref()
        .map(|token| format!("Bearer {}", token.expose()));
    if let Some(proof) = by_token.or_else(|| login.as_ref().map(basic)) {
        add_header(&mut request.headers, AUTHORIZATION, &proof);
    }
    Some(request)
}

/// 5 breaks through "do not disturb", 2 makes no sound.
fn priority(notice: &Notice) -> u8 {
    match notice.severity() {
        _ if !notice.kind.is_loud() => 2,
        Severity::Critical => 5,
        Severity::Error => 4,
        Severity::Warning => 3,
        Severity::Info => 2,
    }
}

/// Most important first: what does not fit is left out at the end.
fn text(message: &Message) -> String {
    let rest = rest_at(message.page());
    let line = |text: &str| cut(&one_line(text), NTFY_TITLE, as_it_is, "…");
    let facts = message.facts.iter();
    let facts = facts.map(|(label, value)| format!("{label}: {}", line(value)));
    let lines = message
        .lines
        .iter()
        .map(|link| format!("• {}", line(&link.text)));
    let site = message.crash_site.iter().map(|site| line(site));
    let suspect = message.suspect.iter();
    let suspect = suspect.map(|link| format!("Suspect: {}", line(&link.text)));
    let title = NTFY_TITLE.holds(&message.title).then(String::new);
    let title = title.unwrap_or_else(|| cut(&one_line(&message.title), NTFY_TEXT, as_it_is, &rest));
    let text = cut(&message.text, NTFY_TEXT, as_it_is, &rest);
    let parts = [title, text]
        .into_iter()
        .chain(facts)
        .chain(site)
        .chain(suspect);
    let parts = parts.chain(lines).chain([line(&message.reason)]);
    gather(parts, "\n", NTFY_TEXT)
}

pub(super) async fn send(outbound: &Outbound, target: &Target, attempt: Attempt<'_>) -> Receipt {
    match render(target, attempt.notice) {
        Some(request) => deliver(outbound, request, SERVICE, attempt.now).await,
        None => Receipt::refused("ntfy: this destination is of another kind."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::{body_of, digest, notice, strange};
    use epicenter_domain::notification::{Kind, Login};
    use epicenter_domain::proof::SecretValue;

    fn target(token: Option<&str>) -> Target {
        Target::Ntfy {
            server: "https://ntfy.sh/".to_owned(),
            topic: SecretValue::new("alerts-hush"),
            token: token.map(SecretValue::new),
            login: Some(Login {
                user: "ann".to_owned(),
                password: SecretValue::new("hush"),
            }),
        }
    }

    fn request(notice: &Notice) -> Request {
        render(&target(Some("tk_hush")), notice).unwrap()
    }

    #[test]
    fn a_notification_says_it_all() {
        let request = request(&notice());
        assert_eq!(request.url, "https://ntfy.sh/");
        assert_eq!(request.headers["authorization"], "Bearer tk_hush");
        insta::assert_json_snapshot!(body_of(&request));
        insta::assert_json_snapshot!(body_of(&self::request(&digest())));
        let by_login = render(&target(None), &notice()).unwrap();
        assert_eq!(by_login.headers["authorization"], "Basic YW5uOmh1c2g=");
        let other = Target::Teams {
            url: SecretValue::new("https://e.test"),
        };
        assert_eq!(render(&other, &notice()), None);
    }

    #[test]
    fn only_news_make_a_sound() {
        let mut notice = notice();
        assert_eq!(body_of(&request(&notice))["priority"], 5);
        notice.kind = Kind::Resolved;
        assert_eq!(body_of(&request(&notice))["priority"], 2);
    }

    #[test]
    fn no_text_breaks_the_limits() {
        // FIELD case 40
        for notice in strange() {
            let body = body_of(&request(&notice));
            let size = |name: &str| body[name].as_str().unwrap().len();
            assert!((1..=250).contains(&size("title")));
            assert!(size("message") <= 4_096);
            assert!(body["actions"].as_array().unwrap().len() <= 3);
        }
    }
}
