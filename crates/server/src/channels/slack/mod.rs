//! Slack: by an incoming webhook, where each notice is a message of its own, or by a bot, which
//! keeps one card per incident, edited in place, and tells each step in its thread.

mod bot;
mod card;

pub(super) use bot::Bot;

use super::{Attempt, deliver, json_request};
use crate::clients::outbound::{Outbound, Request};
use epicenter_domain::notification::{Notice, Receipt};
use epicenter_domain::proof::SecretValue;

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

#[cfg(test)]
mod tests;
