//! Microsoft Teams, by a Workflow that posts an Adaptive Card. Foreign texts are runs of rich text:
//! unlike text blocks, those know no Markdown.

#![expect(clippy::indexing_slicing, reason = "an object of JSON takes any key")]

use super::{Attempt, deliver, json_request};
use crate::clients::outbound::{Outbound, Request};
use epicenter_domain::incident::IncidentStatus;
use epicenter_domain::level::Severity;
use epicenter_domain::notification::cut::{as_it_is, cut, one_line, rest_at};
use epicenter_domain::notification::limits::{TEAMS_BYTES, TEAMS_FIELD, TEAMS_TEXT, TEAMS_TITLE};
use epicenter_domain::notification::{Link, Message, Notice, Receipt};
use epicenter_domain::proof::SecretValue;
use serde_json::{Value, json};

const SERVICE: &str = "Microsoft Teams";

/// Buttons of a card that are shown side by side.
const BUTTONS: usize = 4;

fn render(url: &SecretValue, notice: &Notice) -> Request {
    let message = Message::of(notice);
    let whole = json_request(
        url.expose().to_owned(),
        &envelope(&message, notice, true),
        notice,
    );
    if whole.body.len() <= TEAMS_BYTES {
        return whole;
    }
    // Quotes and control signs double in JSON: then the card is the title and the way to the rest.
    json_request(
        url.expose().to_owned(),
        &envelope(&message, notice, false),
        notice,
    )
}

fn envelope(message: &Message, notice: &Notice, whole: bool) -> Value {
    let links = message.links.iter().take(BUTTONS);
    let actions = links.map(
        |link| json!({"type": "Action.OpenUrl", "title": one_line(&link.text), "url": link.url}),
    );
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {"width": "Full"},
                "body": body(message, notice, whole),
                "actions": actions.collect::<Vec<_>>(),
            },
        }],
    })
}

fn body(message: &Message, notice: &Notice, whole: bool) -> Vec<Value> {
    let rest = rest_at(message.page());
    let title = format!("{} {}", message.prefix, one_line(&message.title));
    let title = cut(&title, TEAMS_TITLE, as_it_is, &rest);
    let mut body = vec![paragraph(&[json!({
        "type": "TextRun",
        "text": title,
        "weight": "Bolder",
        "size": "Large",
        "color": color(notice),
    })])];
    if !whole {
        return body;
    }
    let line = |text: &str| cut(&one_line(text), TEAMS_FIELD, as_it_is, "…");
    let mut add = |runs: Vec<Value>| body.push(paragraph(&runs));
    if !message.text.is_empty() {
        add(vec![run(&cut(&message.text, TEAMS_TEXT, as_it_is, &rest))]);
    }
    for (label, value) in &message.facts {
        add(vec![strong(&format!("{label}: ")), run(&line(value))]);
    }
    if let Some(site) = &message.crash_site {
        let mut site = run(&line(site));
        site["fontType"] = json!("Monospace");
        add(vec![site]);
    }
    if let Some(suspect) = &message.suspect {
        add(vec![strong("Suspect: "), linked(suspect)]);
    }
    for link in &message.lines {
        add(vec![run("• "), linked(link)]);
    }
    if !message.reason.is_empty() {
        let mut reason = run(&line(&message.reason));
        reason["isSubtle"] = json!(true);
        add(vec![reason]);
    }
    body
}

fn paragraph(runs: &[Value]) -> Value {
    json!({"type": "RichTextBlock", "inlines": runs})
}

fn run(text: &str) -> Value {
    json!({"type": "TextRun", "text": text})
}

fn strong(text: &str) -> Value {
    json!({"type": "TextRun", "text": text, "weight": "Bolder"})
}

fn linked(link: &Link) -> Value {
    let mut linked = run(&cut(&one_line(&link.text), TEAMS_FIELD, as_it_is, "…"));
    if !link.url.is_empty() {
        linked["selectAction"] = json!({"type": "Action.OpenUrl", "url": link.url});
    }
    linked
}

fn color(notice: &Notice) -> &'static str {
    let status = notice.incident().map(|incident| incident.status);
    match (status, notice.severity()) {
        (Some(IncidentStatus::Resolved), _) => "Good",
        (_, Severity::Critical | Severity::Error) => "Attention",
        (_, Severity::Warning) => "Warning",
        (_, Severity::Info) => "Accent",
    }
}

pub(super) async fn send(outbound: &Outbound, url: &SecretValue, attempt: Attempt<'_>) -> Receipt {
    let request = render(url, attempt.notice);
    deliver(outbound, request, SERVICE, attempt.now).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::{body_of, digest, notice, strange, with_status};

    fn request(notice: &Notice) -> Request {
        render(
            &SecretValue::new("https://e.logic.azure.com/?sig=hush"),
            notice,
        )
    }

    #[test]
    fn a_card_says_it_all() {
        insta::assert_json_snapshot!(body_of(&request(&notice())));
        insta::assert_json_snapshot!(body_of(&request(&digest())));
    }

    #[test]
    fn the_end_is_green() {
        let body = body_of(&request(&with_status(IncidentStatus::Resolved)));
        let title = &body["attachments"][0]["content"]["body"][0]["inlines"][0];
        assert_eq!(title["color"], "Good");
    }

    #[test]
    fn no_text_breaks_the_limits() {
        // FIELD case 40
        for notice in strange() {
            let request = request(&notice);
            assert!(request.body.len() <= TEAMS_BYTES, "{}", request.body.len());
            let body = body_of(&request);
            let card = &body["attachments"][0]["content"];
            let blocks = card["body"].as_array().unwrap();
            assert!(!blocks.is_empty());
            // Nothing is in a block that would read Markdown.
            assert!(blocks.iter().all(|block| block["type"] == "RichTextBlock"));
        }
    }
}
