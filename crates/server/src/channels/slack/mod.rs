//! Slack: by an incoming webhook, where each notice is a message of its own, or by a bot, which
//! keeps one card per incident, edited in place, and tells each step in its thread.

mod bot;
mod card;

pub(super) use bot::Bot;

use super::{Attempt, deliver, json_request};
use crate::clients::outbound::{Outbound, Request};
use epicenter_domain::notification::{Notice, Receipt};
use epicenter_domain::proof::SecretValue;
use epicenter_domain::time::Time;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::json;

const SERVICE: &str = "Slack";

fn render_for_webhook(url: &SecretValue, notice: &Notice) -> Request {
    // A webhook gets no presses of buttons: those come from an app.
    json_request(url.expose().to_owned(), &card::card(notice, false), notice)
}

pub(super) async fn send_to_webhook(
    outbound: &Outbound,
    url: &SecretValue,
    attempt: Attempt<'_>,
) -> Receipt {
    let request = render_for_webhook(url, attempt.notice);
    match deliver(outbound, request, SERVICE, attempt.now).await {
        // Slack says 404 for a webhook that was removed, and 403 for one that was shut.
        Receipt::Refused { why, .. } if why.contains(" 404") || why.contains(" 403") => {
            Receipt::gone(why)
        }
        receipt => receipt,
    }
}

/// An answer that only the person who pressed a button sees.
pub(in crate::channels) async fn reply_to_person(
    outbound: &Outbound,
    (url, text): (&str, &str),
    now: Time,
) -> Receipt {
    let body = json!({
        "response_type": "ephemeral",
        "replace_original": false,
        "text": text,
    });
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    headers.insert(CONTENT_TYPE, kind);
    let request = Request {
        method: Method::POST,
        url: url.to_owned(),
        headers,
        body: body.to_string().into_bytes(),
    };
    deliver(outbound, request, SERVICE, now).await
}

#[cfg(test)]
mod tests;
