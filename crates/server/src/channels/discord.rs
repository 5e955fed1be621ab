//! Discord, by a webhook.

#![expect(clippy::indexing_slicing, reason = "an object of JSON takes any key")]

use super::markup::{markdown, markdown_link, quiet};
use super::{Attempt, exchange, json_request};
use crate::clients::outbound::{Outbound, Request};
use epicenter_domain::notification::cut::{cut, gather, one_line, rest_at};
use epicenter_domain::notification::limits::{
    DISCORD_DESCRIPTION, DISCORD_FIELD, DISCORD_FIELDS, DISCORD_TITLE,
};
use epicenter_domain::notification::{Message, Notice, Receipt, wording};
use epicenter_domain::proof::SecretValue;
use serde_json::{Value, json};

const SERVICE: &str = "Discord";

/// The request of a notice. No mention fires, whatever the texts say.
fn render(url: &SecretValue, notice: &Notice) -> Request {
    let message = Message::of(notice);
    let title = format!("{} {}", message.prefix, one_line(&message.title));
    let mut embed = json!({
        "title": cut(&title, DISCORD_TITLE, markdown, "…"),
        "description": description(&message),
        "color": wording::color(notice),
        "timestamp": notice.at.rfc3339(),
        "fields": fields(&message),
    });
    if let Some(page) = message.page() {
        embed["url"] = json!(page);
    }
    let reason = cut(&one_line(&message.reason), DISCORD_FIELD, quiet, "…");
    if !reason.is_empty() {
        embed["footer"] = json!({"text": reason});
    }
    let body = json!({"embeds": [embed], "allowed_mentions": {"parse": []}});
    json_request(url.expose().to_owned(), &body, notice)
}

fn description(message: &Message) -> String {
    let rest = rest_at(message.page());
    let site = message.crash_site.as_ref().map(|site| {
        let site = cut(&one_line(site), DISCORD_FIELD, quiet, "…");
        format!("`{site}`")
    });
    let suspect = message.suspect.as_ref();
    let suspect = suspect.map(|link| format!("Suspect: {}", markdown_link(link, DISCORD_FIELD)));
    let links = message
        .links
        .iter()
        .map(|link| markdown_link(link, DISCORD_FIELD));
    let links = links.collect::<Vec<_>>().join(" · ");
    // Where it leads stands before what may be long.
    let tail = [site, suspect, Some(links)].into_iter().flatten();
    let tail = gather(tail, "\n", DISCORD_DESCRIPTION);
    let room = DISCORD_DESCRIPTION.beside(&tail).beside("\n");
    let lines = message.lines.iter();
    let lines = lines.map(|line| format!("• {}", markdown_link(line, DISCORD_FIELD)));
    let text = [cut(&message.text, room, markdown, &rest)].into_iter();
    let head = gather(text.chain(lines), "\n", room);
    gather([head, tail], "\n", DISCORD_DESCRIPTION)
}

fn fields(message: &Message) -> Vec<Value> {
    let shown = message.facts.iter().take(DISCORD_FIELDS);
    let field = |(label, value): &(&str, String)| {
        let value = cut(&one_line(value), DISCORD_FIELD, markdown, "…");
        json!({"name": label, "value": value, "inline": true})
    };
    shown.map(field).collect()
}

pub(super) async fn send(outbound: &Outbound, url: &SecretValue, attempt: Attempt<'_>) -> Receipt {
    let request = render(url, attempt.notice);
    match exchange(outbound, request, SERVICE, attempt.now).await {
        Ok(_) => Receipt::delivered(),
        // A webhook that was removed; Discord knows no other reason at these addresses.
        Err(Receipt::Refused { why, .. }) if why.contains(" 404") => Receipt::gone(why),
        Err(receipt) => receipt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::{body_of, digest, notice, strange};

    fn body(notice: &Notice) -> Value {
        body_of(&render(
            &SecretValue::new("https://discord.com/api/webhooks/1/hush"),
            notice,
        ))
    }

    #[test]
    fn an_embed_says_it_all() {
        insta::assert_json_snapshot!(body(&notice()));
        insta::assert_json_snapshot!(body(&digest()));
    }

    #[test]
    fn no_text_breaks_the_limits_or_mentions_anybody() {
        // FIELD cases 40 and 41
        for notice in strange() {
            let body = body(&notice);
            assert_eq!(body["allowed_mentions"], json!({"parse": []}));
            let embed = &body["embeds"][0];
            let size = |value: &Value| value.as_str().map_or(0, |t| t.encode_utf16().count());
            assert!((1..=256).contains(&size(&embed["title"])));
            assert!(size(&embed["description"]) <= 4_096);
            let fields = embed["fields"].as_array().unwrap();
            assert!(fields.len() <= 25);
            let in_fields: usize = fields
                .iter()
                .map(|field| {
                    assert!((1..=1_024).contains(&size(&field["value"])), "{field}");
                    size(&field["name"]) + size(&field["value"])
                })
                .sum();
            let all = size(&embed["title"]) + size(&embed["description"]) + in_fields;
            assert!(all + size(&embed["footer"]["text"]) <= 6_000);
            assert!(!body.to_string().contains("@everyone"), "{body}");
        }
    }
}
