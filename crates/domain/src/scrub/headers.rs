//! What the delivery log keeps of a webhook's own headers.

use super::rules::{Rule, Rules};
use super::text::mask;
use crate::delivery::Headers;

/// Headers kept as they are: they say what was sent, not who sent it.
const KEPT: [&str; 22] = [
    "accept",
    "accept-encoding",
    "content-encoding",
    "content-length",
    "content-type",
    "epicenter-hops",
    "host",
    "ratelimit-policy",
    "request-id",
    "sentry-trace",
    "traceparent",
    "user-agent",
    "webhook-id",
    "webhook-timestamp",
    "x-github-delivery",
    "x-github-event",
    "x-github-hook-id",
    "x-gitlab-event",
    "x-gitlab-event-uuid",
    "x-request-id",
    "x-servicehook-guid",
    "x-servicehook-timestamp",
];

/// Keeps what helps to understand a delivery. Signatures and secrets become a note of their
/// length; credentials, cookies, addresses of proxies and everything unknown are dropped.
pub fn scrub_headers(headers: &Headers) -> Headers {
    let rules = Rules::default();
    Headers::new(headers.iter().filter_map(|(name, value)| {
        let proves = ["signature", "token", "secret"]
            .iter()
            .any(|word| name.contains(word));
        if proves {
            let note = format!("[present, {} characters]", value.chars().count());
            return Some((name, note));
        }
        if !KEPT.contains(&name) && !name.starts_with("sentry-hook-") {
            return None;
        }
        // `sentry/26.1.0.0` is a version.
        let versions = match name {
            "user-agent" => Rule::IpsInText.bit(),
            _ => 0,
        };
        let kept = match mask(value.as_bytes(), rules.bits() & !versions) {
            Some(masked) => String::from_utf8_lossy(&masked).into_owned(),
            None => value.to_owned(),
        };
        Some((name, kept))
    }))
}
