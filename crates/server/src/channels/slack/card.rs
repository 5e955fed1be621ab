//! The card of a notice in Slack's Block Kit. Foreign texts are plain text wherever Slack allows
//! it: there nothing can be marked up.

#![expect(clippy::indexing_slicing, reason = "an object of JSON takes any key")]

use crate::channels::markup;
use epicenter_domain::incident::IncidentStatus;
use epicenter_domain::notification::cut::{Room, cut, gather, one_line, rest_at};
use epicenter_domain::notification::limits::{
    SLACK_FIELD, SLACK_FIELDS, SLACK_HEADER, SLACK_SECTION, SLACK_TEXT, SLACK_TITLE,
    SLACK_VALUE_CHARS,
};
use epicenter_domain::notification::{IncidentFacts, Kind, Link, Message, Notice, wording};
use epicenter_domain::sources::slack_action::SlackVerb;
use serde_json::{Value, json};

/// A button's text: Slack takes 75.
const BUTTON: Room = Room::chars(75);
/// A context element that says why: one or two lines.
const REASON: Room = Room::utf16(500);

/// What is sent beside the channel: the text that phones show, and the blocks.
pub(super) fn card(notice: &Notice, buttons: bool) -> Value {
    let message = Message::of(notice);
    json!({
        "text": fallback(&message),
        "blocks": blocks(&message, notice, buttons),
        "unfurl_links": false,
        "unfurl_media": false,
        "link_names": false,
    })
}

/// What a thread says about one step of the incident.
pub(super) fn reply(notice: &Notice) -> String {
    let message = Message::of(notice);
    let text = if message.text.is_empty() {
        wording::kind_word(notice.kind)
    } else {
        &message.text
    };
    let rest = rest_at(message.page());
    let parts = [
        cut(text, SLACK_SECTION, markup::slack, &rest),
        cut(&message.reason, REASON, markup::slack, "…"),
    ];
    gather(parts, "\n", SLACK_SECTION)
}

/// Should the channel see the reply too, and not only who follows the thread?
pub(super) fn is_broadcast(kind: Kind) -> bool {
    match kind {
        Kind::SeverityRaised
        | Kind::Escalated
        | Kind::Reopened
        | Kind::Unusual
        | Kind::Reminder => true,
        Kind::Triggered
        | Kind::Acknowledged
        | Kind::Resolved
        | Kind::Updated
        | Kind::StormStarted
        | Kind::Digest
        | Kind::Test
        | Kind::HealthWarning
        | Kind::Observation => false,
    }
}

fn fallback(message: &Message) -> String {
    let parts = [
        message.prefix.clone(),
        cut(&one_line(&message.title), SLACK_TITLE, markup::slack, "…"),
        cut(&message.text, REASON, markup::slack, "…"),
    ];
    gather(parts, " ", SLACK_TEXT)
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text, "emoji": false})
}

fn blocks(message: &Message, notice: &Notice, buttons: bool) -> Vec<Value> {
    let title = one_line(&message.title);
    let headline = format!("{} {title}", message.prefix);
    let header = cut(&headline, SLACK_HEADER, str::to_owned, "…");
    let mut blocks = vec![json!({"type": "header", "text": plain(&header)})];
    let rest = rest_at(message.page());
    let mut section = |text: String| {
        if !text.is_empty() {
            blocks.push(json!({"type": "section", "text": plain(&text)}));
        }
    };
    if !SLACK_HEADER.holds(&headline) {
        section(cut(&title, SLACK_TITLE, str::to_owned, &rest));
    }
    section(cut(&message.text, SLACK_SECTION, str::to_owned, &rest));
    if !message.facts.is_empty() {
        blocks.push(facts(message));
    }
    for text in [crash_site(message), suspect(message), lines(message)] {
        if !text.is_empty() {
            let text = json!({"type": "mrkdwn", "text": text, "verbatim": true});
            blocks.push(json!({"type": "section", "text": text}));
        }
    }
    let elements = elements(message, notice.incident().filter(|_| buttons));
    if !elements.is_empty() {
        blocks.push(json!({"type": "actions", "elements": elements}));
    }
    let reason = cut(&message.reason, REASON, str::to_owned, "…");
    if !reason.is_empty() {
        blocks.push(json!({"type": "context", "elements": [plain(&reason)]}));
    }
    blocks
}

fn facts(message: &Message) -> Value {
    let shown = message.facts.iter().take(SLACK_FIELDS);
    let fields = shown.map(|(label, value)| {
        let value = cut(&one_line(value), SLACK_FIELD, str::to_owned, "…");
        plain(&format!("{label}: {value}"))
    });
    json!({"type": "section", "fields": fields.collect::<Vec<_>>()})
}

fn crash_site(message: &Message) -> String {
    let Some(site) = &message.crash_site else {
        return String::new();
    };
    // A backtick would end the code; nothing inside it is marked up.
    let site = one_line(site).replace('`', "'");
    format!("`{}`", cut(&site, SLACK_TITLE, markup::slack, "…"))
}

fn suspect(message: &Message) -> String {
    let suspect = message.suspect.as_ref();
    suspect.map_or_else(String::new, |suspect| format!("Suspect: {}", link(suspect)))
}

fn lines(message: &Message) -> String {
    let lines = message.lines.iter().map(|line| format!("• {}", link(line)));
    gather(lines, "\n", SLACK_SECTION)
}

/// A link in Slack's markup: `|` ends the address, `>` the link.
fn link(link: &Link) -> String {
    let text = cut(&one_line(&link.text), SLACK_FIELD, markup::slack, "…");
    if link.url.is_empty() {
        text
    } else {
        format!("<{}|{}>", markup::slack(&link.url), text.replace('|', "¦"))
    }
}

/// Buttons: what can be done with the incident as it stands, then where to read on.
fn elements(message: &Message, incident: Option<&IncidentFacts>) -> Vec<Value> {
    let verbs = incident.map_or(&[][..], |incident| verbs(incident.status));
    let acts = verbs.iter().filter_map(|verb| {
        let id = &incident?.id;
        let mut button = json!({
            "type": "button",
            "text": plain(verb.label()),
            "action_id": verb.action_id(),
            "value": cut(id, Room::chars(SLACK_VALUE_CHARS), str::to_owned, ""),
        });
        if *verb == SlackVerb::Acknowledge {
            button["style"] = json!("primary");
        }
        Some(button)
    });
    let links = message.links.iter().enumerate().map(|(place, link)| {
        json!({
            "type": "button",
            "text": plain(&cut(&link.text, BUTTON, str::to_owned, "…")),
            "action_id": format!("epicenter_open_{place}"),
            "url": link.url,
        })
    });
    acts.chain(links).collect()
}

fn verbs(status: IncidentStatus) -> &'static [SlackVerb] {
    match status {
        IncidentStatus::Suspended | IncidentStatus::Triggered => &[
            SlackVerb::Acknowledge,
            SlackVerb::Resolve,
            SlackVerb::Snooze,
            SlackVerb::Silence,
        ],
        IncidentStatus::Acknowledged => {
            &[SlackVerb::Resolve, SlackVerb::Snooze, SlackVerb::Silence]
        }
        IncidentStatus::Resolved => &[SlackVerb::Reopen],
    }
}
