//! The way out: a notice to a receipt, a file per channel. What to say and to whom was decided
//! before; here it gets its form, within the limits of the other side, and its proof that it
//! arrived.

pub mod apprise;
mod discord;
mod email;
mod markup;
mod mattermost;
mod ntfy;
mod pagerduty;
mod policy;
mod slack;
mod teams;
mod telegram;
mod webhook;

use crate::clients::outbound::{Answer, Outbound, Request};
use epicenter_domain::notification::{Link, Notice, Receipt, Target};
use epicenter_domain::time::Time;
use policy::judge;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// The same for every attempt of one notice, for receivers that drop repeats.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// One attempt to deliver a notice.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The notice.
    pub notice: &'a Notice,
    /// What an earlier notice of the same conversation at this destination left as `external_ref`.
    pub previous: Option<&'a str>,
    /// What the reader can do, where the channel has no buttons: links that act.
    pub actions: &'a [Link],
    /// The time of the attempt.
    pub now: Time,
}

/// Delivers a notice to a target. Never fails otherwise than by its receipt.
pub async fn send(outbound: &Outbound, target: &Target, attempt: Attempt<'_>) -> Receipt {
    match target {
        Target::SlackWebhook { url } => slack::send_to_webhook(outbound, url, attempt).await,
        Target::SlackBot {
            token,
            channel,
            api,
            signing_secret: _,
        } => {
            let bot = slack::Bot {
                token,
                channel,
                api,
            };
            bot.send(outbound, attempt).await
        }
        Target::Email { server, from, to } => {
            let letter = email::Letter { server, from, to };
            letter.send(outbound, attempt).await
        }
        Target::Webhook {
            url,
            secrets,
            login,
        } => {
            let hook = webhook::Hook {
                url,
                secrets,
                login: login.as_ref(),
            };
            hook.send(outbound, attempt).await
        }
        Target::Pagerduty { routing_key, api } => {
            pagerduty::send(outbound, (api, routing_key), attempt).await
        }
        Target::Teams { url } => teams::send(outbound, url, attempt).await,
        Target::Discord { url } => discord::send(outbound, url, attempt).await,
        Target::Telegram { .. } => telegram::send(outbound, target, attempt).await,
        Target::Mattermost { url, channel } => {
            mattermost::send(outbound, (url, channel.as_deref()), attempt).await
        }
        Target::Ntfy { .. } => ntfy::send(outbound, target, attempt).await,
    }
}

/// Answers a person in Slack at the address that Slack gave for it.
pub async fn reply_in_slack(outbound: &Outbound, (url, text): (&str, &str), now: Time) -> Receipt {
    slack::reply_to_person(outbound, (url, text), now).await
}

/// A request with a JSON body.
fn json_request(url: String, body: &Value, notice: &Notice) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    add_header(&mut headers, IDEMPOTENCY_KEY, &notice.idempotency_key);
    Request {
        method: Method::POST,
        url,
        headers,
        body: body.to_string().into_bytes(),
    }
}

/// Adds a header; a value that no header can hold is left out, and the other side will say so.
fn add_header(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(mut value) = HeaderValue::from_str(value) {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}

/// Sends a request and judges the status code; the receipt is that of a failure.
async fn exchange(
    outbound: &Outbound,
    request: Request,
    service: &str,
    now: Time,
) -> Result<Answer, Receipt> {
    judge(service, outbound.send(request).await, now)
}

/// Sends a request whose success says nothing more.
async fn deliver(outbound: &Outbound, request: Request, service: &str, now: Time) -> Receipt {
    match exchange(outbound, request, service, now).await {
        Ok(_) => Receipt::delivered(),
        Err(receipt) => receipt,
    }
}

#[cfg(test)]
mod tests;
