//! Mattermost, by an incoming webhook.

#![expect(clippy::indexing_slicing, reason = "an object of JSON takes any key")]

use super::markup::{markdown, markdown_link, quiet};
use super::{Attempt, exchange, json_request};
use crate::clients::outbound::{Outbound, Request};
use epicenter_domain::notification::cut::{cut, gather, one_line, rest_at};
use epicenter_domain::notification::limits::{MATTERMOST_FIELD, MATTERMOST_TEXT, MATTERMOST_TITLE};
use epicenter_domain::notification::{Message, Notice, Receipt};
use epicenter_domain::proof::SecretValue;
use serde_json::json;

const SERVICE: &str = "Mattermost";

/// Webhook and, where it is not the webhook's own, channel.
type Place<'a> = (&'a SecretValue, Option<&'a str>);

fn render((url, channel): Place<'_>, notice: &Notice) -> Request {
    let mut body = json!({"text": text(&Message::of(notice)), "username": "Epicenter"});
    if let Some(channel) = channel {
        body["channel"] = json!(channel);
    }
    json_request(url.expose().to_owned(), &body, notice)
}

/// Most important first: what does not fit is left out at the end.
fn text(message: &Message) -> String {
    let rest = rest_at(message.page());
    let title = cut(&one_line(&message.title), MATTERMOST_TITLE, markdown, &rest);
    let facts = message.facts.iter().map(|(label, value)| {
        let value = cut(&one_line(value), MATTERMOST_FIELD, markdown, "…");
        format!("- **{label}:** {value}")
    });
    let lines = message.lines.iter();
    let lines = lines.map(|line| format!("- {}", markdown_link(line, MATTERMOST_FIELD)));
    let site = message.crash_site.as_ref().map(|site| {
        let site = cut(&one_line(site), MATTERMOST_FIELD, quiet, "…");
        format!("`{site}`")
    });
    let suspect = message.suspect.as_ref();
    let suspect = suspect.map(|link| format!("Suspect: {}", markdown_link(link, MATTERMOST_FIELD)));
    let links = message
        .links
        .iter()
        .map(|link| markdown_link(link, MATTERMOST_FIELD));
    let blocks = [
        format!("**{} {title}**", message.prefix),
        links.collect::<Vec<_>>().join(" · "),
        cut(&message.text, MATTERMOST_TITLE, markdown, &rest),
        facts.chain(lines).collect::<Vec<_>>().join("\n"),
        site.unwrap_or_default(),
        suspect.unwrap_or_default(),
        cut(&message.reason, MATTERMOST_TITLE, markdown, "…"),
    ];
    gather(blocks, "\n\n", MATTERMOST_TEXT)
}

pub(super) async fn send(outbound: &Outbound, place: Place<'_>, attempt: Attempt<'_>) -> Receipt {
    let request = render(place, attempt.notice);
    match exchange(outbound, request, SERVICE, attempt.now).await {
        Ok(_) => Receipt::delivered(),
        Err(receipt) => receipt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::{body_of, digest, notice, strange};

    #[test]
    fn a_post_says_it_all() {
        let url = SecretValue::new("https://chat.example.com/hooks/hush");
        insta::assert_json_snapshot!(body_of(&render((&url, Some("alerts")), &notice())));
        insta::assert_json_snapshot!(body_of(&render((&url, None), &digest())));
    }

    #[test]
    fn no_text_breaks_the_limits_or_mentions_anybody() {
        // FIELD cases 40 and 41
        for notice in strange() {
            let text = text(&Message::of(&notice));
            assert!((1..=16_383).contains(&text.chars().count()));
            for mention in ["@everyone", "@channel", "@here", "@all"] {
                assert!(!text.contains(mention), "{text}");
            }
        }
    }
}
