//! The bot: `chat.postMessage` for the card, `chat.update` to edit it, a reply in its thread for
//! each step.

#![expect(clippy::indexing_slicing, reason = "an object of JSON takes any key")]

use super::{SERVICE, card};
use crate::channels::policy::retry_after_ms;
use crate::channels::{Attempt, add_header, exchange, json_request};
use crate::clients::outbound::{Answer, Outbound, Request};
use epicenter_domain::notification::{Kind, Notice, Receipt};
use epicenter_domain::proof::SecretValue;
use reqwest::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::{Value, json};

/// A bot in a channel.
#[derive(Clone, Copy, Debug)]
pub(in crate::channels) struct Bot<'a> {
    pub(in crate::channels) token: &'a SecretValue,
    pub(in crate::channels) channel: &'a str,
    pub(in crate::channels) api: &'a str,
}

/// A message in Slack: channel and time are its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    channel: String,
    ts: String,
}

impl Place {
    /// Reads `channel:ts`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (channel, ts) = text.split_once(':')?;
        let is_ts = ts.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        (!channel.is_empty() && !ts.is_empty() && is_ts).then(|| Self {
            channel: channel.to_owned(),
            ts: ts.to_owned(),
        })
    }

    fn receipt(&self) -> Receipt {
        Receipt::Delivered {
            external_ref: Some(format!("{}:{}", self.channel, self.ts)),
        }
    }
}

#[derive(Deserialize)]
struct Reply {
    ok: bool,
    error: Option<String>,
    channel: Option<String>,
    ts: Option<String>,
}

impl Bot<'_> {
    /// The card as a new message.
    pub(super) fn render_card(&self, notice: &Notice) -> Request {
        let mut body = card::card(notice, true);
        body["channel"] = json!(self.channel);
        body["metadata"] = json!({
            "event_type": "epicenter_notice",
            "event_payload": {"id": notice.idempotency_key},
        });
        self.request("chat.postMessage", &body, notice)
    }

    /// The card as it is now, in the place of the one that is there.
    pub(super) fn render_edit(&self, notice: &Notice, place: &Place) -> Request {
        let mut body = card::card(notice, true);
        body["channel"] = json!(place.channel);
        body["ts"] = json!(place.ts);
        self.request("chat.update", &body, notice)
    }

    /// One step, told in the thread of the card.
    pub(super) fn render_reply(&self, notice: &Notice, place: &Place) -> Request {
        let body = json!({
            "channel": place.channel,
            "thread_ts": place.ts,
            "text": card::reply(notice),
            "reply_broadcast": card::is_broadcast(notice.kind),
            "unfurl_links": false,
            "unfurl_media": false,
            "link_names": false,
        });
        self.request("chat.postMessage", &body, notice)
    }

    fn request(&self, method: &str, body: &Value, notice: &Notice) -> Request {
        let url = format!("{}/{method}", self.api.trim_end_matches('/'));
        let mut request = json_request(url, body, notice);
        let bearer = format!("Bearer {}", self.token.expose());
        add_header(&mut request.headers, AUTHORIZATION, &bearer);
        request
    }

    pub(in crate::channels) async fn send(
        &self,
        outbound: &Outbound,
        attempt: Attempt<'_>,
    ) -> Receipt {
        let notice = attempt.notice;
        let known = attempt.previous.and_then(Place::read);
        let Some(place) = known.filter(|_| notice.incident().is_some()) else {
            return self.post_card(outbound, attempt).await;
        };
        let edit = self.render_edit(notice, &place);
        match self.call(outbound, edit, attempt).await {
            Ok(_) => {}
            // Somebody removed it, or it has become too old to edit: a new one takes its place.
            Err(Failure::CardIsGone) => return self.post_card(outbound, attempt).await,
            Err(Failure::Other(receipt)) => return receipt,
        }
        if notice.kind == Kind::Triggered {
            // The card says it all; this is the same notice again, after a lost answer.
            return place.receipt();
        }
        let reply = self.render_reply(notice, &place);
        match self.call(outbound, reply, attempt).await {
            // Without the reply the card is still right, which is what counts.
            Ok(_) | Err(Failure::CardIsGone) => place.receipt(),
            Err(Failure::Other(receipt)) => receipt,
        }
    }

    async fn post_card(&self, outbound: &Outbound, attempt: Attempt<'_>) -> Receipt {
        let request = self.render_card(attempt.notice);
        match self.call(outbound, request, attempt).await {
            Ok(Some(place)) => place.receipt(),
            Ok(None) => Receipt::delivered(),
            Err(Failure::Other(receipt)) => receipt,
            Err(Failure::CardIsGone) => Receipt::refused("Slack: there is no such message."),
        }
    }

    async fn call(
        &self,
        outbound: &Outbound,
        request: Request,
        attempt: Attempt<'_>,
    ) -> Result<Option<Place>, Failure> {
        let answer = exchange(outbound, request, SERVICE, attempt.now).await;
        let answer = answer.map_err(Failure::Other)?;
        read(&answer, attempt)
    }
}

/// Why a call did not do what it should.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    /// The message that was to be edited or answered cannot be.
    CardIsGone,
    /// All else.
    Other(Receipt),
}

/// Slack answers 200 also where it means no; the word says which.
fn read(answer: &Answer, attempt: Attempt<'_>) -> Result<Option<Place>, Failure> {
    let reply: Reply = serde_json::from_slice(&answer.body)
        .map_err(|_| Failure::Other(Receipt::retry("Slack answered something that is no JSON.")))?;
    if reply.ok {
        let place = reply.channel.zip(reply.ts);
        return Ok(place.map(|(channel, ts)| Place { channel, ts }));
    }
    let word = reply.error.unwrap_or_default();
    Err(failure(&word, retry_after_ms(&answer.headers, attempt.now)))
}

fn failure(word: &str, at_least_ms: i64) -> Failure {
    let code: String = word
        .chars()
        .filter(|c| c.is_ascii_lowercase() || *c == '_')
        .collect();
    let said = |text: &str| format!("Slack says {code}: {text}");
    Failure::Other(match word {
        "message_not_found" | "cant_update_message" | "edit_window_closed" | "thread_not_found" => {
            return Failure::CardIsGone;
        }
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => Receipt::RetryAfter {
            at_least_ms,
            why: said("too many messages at once."),
        },
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => {
            Receipt::retry(said("it has a problem of its own."))
        }
        "channel_not_found" | "is_archived" => {
            Receipt::gone(said("the channel is gone, or the bot cannot see it."))
        }
        "not_in_channel" => Receipt::gone(said("invite the bot into the channel.")),
        "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired" => {
            Receipt::gone(said("the token is valid no more; install the app again."))
        }
        "missing_scope" | "not_allowed_token_type" | "no_permission" | "restricted_action" => {
            Receipt::gone(said("the token may not write here; it needs chat:write."))
        }
        _ => Receipt::refused(said("it does not take the message.")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        for (text, ok) in [
            ("C1:1700.000100", true),
            ("C1", false),
            (":1700.1", false),
            ("C1:", false),
            ("C1:1700/../x", false),
        ] {
            assert_eq!(Place::read(text).is_some(), ok, "{text}");
        }
        let receipt = Place::read("C1:1700.1").unwrap().receipt();
        assert_eq!(
            receipt,
            Receipt::Delivered {
                external_ref: Some("C1:1700.1".to_owned())
            }
        );
    }

    #[test]
    fn slacks_words_become_receipts() {
        let outcome = |word| match failure(word, 7_000) {
            Failure::CardIsGone => "card",
            Failure::Other(Receipt::Delivered { .. }) => "delivered",
            Failure::Other(Receipt::RetryAfter {
                at_least_ms: 7_000, ..
            }) => "wait",
            Failure::Other(Receipt::RetryAfter { .. }) => "retry",
            Failure::Other(Receipt::Refused { disable: true, .. }) => "gone",
            Failure::Other(Receipt::Refused { disable: false, .. }) => "refused",
        };
        for (word, expected) in [
            ("message_not_found", "card"),
            ("edit_window_closed", "card"),
            ("ratelimited", "wait"),
            ("fatal_error", "retry"),
            ("channel_not_found", "gone"),
            ("not_in_channel", "gone"),
            ("token_revoked", "gone"),
            ("missing_scope", "gone"),
            ("invalid_blocks", "refused"),
            ("<script>", "refused"),
        ] {
            assert_eq!(outcome(word), expected, "{word}");
        }
        assert!(!format!("{:?}", failure("<x>", 0)).contains('<'));
    }
}
