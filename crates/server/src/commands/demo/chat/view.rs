//! The page of the demo's channels: each card as Slack would show it, newest first.

use super::{Message, word};
use askama::Template;
use reqwest::Url;
use serde_json::Value;

#[derive(Template)]
#[template(path = "pages/demo_chat.html")]
struct ChatPage {
    epicenter: String,
    cards: Vec<Card>,
}

struct Card {
    channel: String,
    ts: String,
    title: String,
    lines: Vec<String>,
    buttons: Vec<Button>,
    replies: Vec<String>,
    edit_count: usize,
    is_private: bool,
}

struct Button {
    label: String,
    action_id: String,
    value: String,
    url: String,
}

/// The page.
pub(super) fn page(messages: &[Message], epicenter: &Url) -> Result<String, askama::Error> {
    let cards = messages.iter().filter(|message| message.thread.is_none());
    let page = ChatPage {
        epicenter: epicenter.to_string(),
        cards: cards.rev().map(|message| card(message, messages)).collect(),
    };
    page.render()
}

fn card(message: &Message, messages: &[Message]) -> Card {
    let mut card = Card {
        channel: message.channel.clone(),
        ts: message.ts.clone(),
        title: String::new(),
        lines: Vec::new(),
        buttons: Vec::new(),
        replies: replies(message, messages),
        edit_count: message.edit_count,
        is_private: message.is_private,
    };
    let blocks = || parts(&message.body, "blocks");
    for block in blocks() {
        match word(block, "type") {
            Some("header") => card.title = text(block),
            Some("actions") => card.buttons = parts(block, "elements").map(button).collect(),
            Some("context") => card.lines.extend(parts(block, "elements").map(text)),
            _ => {
                card.lines.extend(block.get("text").map(text));
                card.lines.extend(parts(block, "fields").map(text));
            }
        }
    }
    if blocks().next().is_none() {
        let said = text(&message.body);
        card.lines.extend(said.lines().map(str::to_owned));
    }
    card
}

fn replies(message: &Message, messages: &[Message]) -> Vec<String> {
    let own = messages.iter();
    let own = own.filter(|reply| reply.thread.as_deref() == Some(message.ts.as_str()));
    own.map(|reply| text(&reply.body)).collect()
}

fn parts<'a>(block: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = block.get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}

fn button(element: &Value) -> Button {
    let of = |name: &str| word(element, name).unwrap_or_default().to_owned();
    Button {
        label: text(element),
        action_id: of("action_id"),
        value: of("value"),
        url: of("url"),
    }
}

/// The text of a part: its own, or that of the text within it.
fn text(part: &Value) -> String {
    let inner = part.get("text").unwrap_or(part);
    let text = inner.as_str().or_else(|| word(inner, "text"));
    plain(text.unwrap_or_default())
}

/// Slack's markup without its links and escapes; the page escapes for itself.
fn plain(markup: &str) -> String {
    let mut shown = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some((before, after)) = rest.split_once('<') {
        shown.push_str(before);
        let (link, behind) = after.split_once('>').unwrap_or((after, ""));
        shown.push_str(link.split_once('|').map_or(link, |(_, words)| words));
        rest = behind;
    }
    shown.push_str(rest);
    shown
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_card_is_shown_with_its_buttons_and_replies_and_nothing_is_markup() {
        let message = |ts: &str, thread: Option<&str>, body| Message {
            channel: "#alerts".to_owned(),
            ts: ts.to_owned(),
            thread: thread.map(str::to_owned),
            body,
            edit_count: 2,
            is_private: false,
        };
        let card = json!({"blocks": [
            {"type": "header", "text": {"text": "[#1 Triggered] <script>x</script>"}},
            {"type": "section", "fields": [{"text": "Status: Triggered"}]},
            {"type": "actions", "elements": [
                {"action_id": "epicenter_resolve", "value": "inc_1", "text": {"text": "Resolve"}},
                {"action_id": "epicenter_open_0", "url": "http://e.test/1",
                 "text": {"text": "Open"}},
            ]},
        ]});
        let reply = json!({"text": "Taken by <http://e.test|Ada> &amp; co"});
        let all = [message("1", None, card), message("2", Some("1"), reply)];
        let html = page(&all, &"http://127.0.0.1:1/".parse().unwrap()).unwrap();
        for expected in [
            "value=\"epicenter_resolve\"",
            "href=\"http://e.test/1\"",
            "Status: Triggered",
            "Taken by Ada &#38; co",
            "edited 2 times",
        ] {
            assert!(html.contains(expected), "{expected}: {html}");
        }
        assert!(!html.contains("<script>"), "{html}");
        assert_eq!(html.matches("class=\"card").count(), 1);
    }
}
