//! Any URL, by the rules of Standard Webhooks: `webhook-id` stays the same for every attempt,
//! `webhook-timestamp` is that of the attempt, and one signature per secret covers both and the
//! body. The body is described in `docs/guide/notifications.md`.

use super::{Attempt, add_header, deliver, json_request};
use crate::clients::outbound::{Outbound, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use epicenter_domain::notification::cut::{Room, as_it_is, cut, one_line};
use epicenter_domain::notification::limits::{
    DIGEST_LINES, WEBHOOK_FIELD, WEBHOOK_SECRETS, WEBHOOK_TEXT, WEBHOOK_TITLE,
};
use epicenter_domain::notification::signature::sign;
use epicenter_domain::notification::web_page;
use epicenter_domain::notification::{
    Digest, IncidentFacts, Link, Login, Notice, Receipt, RecordFacts, Subject,
};
use epicenter_domain::proof::SecretValue;
use epicenter_domain::time::Time;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::{Value, json};

const SERVICE: &str = "The receiver";
/// The type of a CloudEvent in one piece of JSON.
const CLOUD_EVENT: HeaderValue =
    HeaderValue::from_static("application/cloudevents+json; charset=utf-8");

/// Where a webhook goes, and how it is proven.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hook<'a> {
    pub(super) url: &'a SecretValue,
    pub(super) secrets: &'a [SecretValue],
    pub(super) login: Option<&'a Login>,
}

impl Hook<'_> {
    fn render(&self, notice: &Notice, now: Time) -> Request {
        let mut request = json_request(self.url.expose().to_owned(), &body(notice), notice);
        if let Subject::Record(_) = &notice.subject {
            request.headers.insert(CONTENT_TYPE, CLOUD_EVENT);
        }
        let secrets = self.secrets.get(..WEBHOOK_SECRETS).unwrap_or(self.secrets);
        let signed = sign(secrets, &notice.idempotency_key, now, &request.body);
        let mut add = |name: &'static str, value: &str| {
            add_header(&mut request.headers, HeaderName::from_static(name), value);
        };
        add("webhook-id", &signed.id);
        add("webhook-timestamp", &signed.timestamp);
        if !secrets.is_empty() {
            add("webhook-signature", &signed.signatures);
        }
        if let Some(login) = self.login {
            add_header(&mut request.headers, AUTHORIZATION, &basic(login));
        }
        request
    }

    pub(super) async fn send(&self, outbound: &Outbound, attempt: Attempt<'_>) -> Receipt {
        let request = self.render(attempt.notice, attempt.now);
        deliver(outbound, request, SERVICE, attempt.now).await
    }
}

/// `Basic …` of a name and a password.
pub(super) fn basic(login: &Login) -> String {
    let pair = format!("{}:{}", login.user, login.password.expose());
    format!("Basic {}", STANDARD.encode(pair))
}

fn body(notice: &Notice) -> Value {
    let kind = notice.kind.as_str();
    let (kind, name, subject) = match &notice.subject {
        Subject::Incident(incident) => (format!("incident.{kind}"), "incident", about(incident)),
        Subject::Digest(digest) => (format!("notice.{kind}"), "digest", listing(digest)),
        Subject::Record(record) => return observed(record),
    };
    json!({
        "type": kind,
        "timestamp": notice.at.rfc3339(),
        "data": {
            name: subject,
            "summary": text(&notice.summary, WEBHOOK_TEXT),
            "reason": text(&notice.reason, WEBHOOK_TEXT),
        },
    })
}

/// A CloudEvent that is a Standard Webhook as well: that asks for `timestamp`, which CloudEvents
/// take for an extension.
fn observed(record: &RecordFacts) -> Value {
    let mut event = record.event.clone();
    if let Some(fields) = event.as_object_mut()
        && let Some(time) = fields.get("time").cloned()
    {
        fields.insert("timestamp".to_owned(), time);
    }
    event
}

fn text(text: &str, room: Room) -> String {
    cut(text, room, as_it_is, "…")
}

fn about(incident: &IncidentFacts) -> Value {
    let field = |value: &Option<String>| value.as_ref().map(|value| text(value, WEBHOOK_FIELD));
    let at = |time: Option<Time>| time.map(Time::rfc3339);
    json!({
        "id": incident.id,
        "number": incident.number,
        "title": text(&one_line(&incident.title), WEBHOOK_TITLE),
        "status": incident.status.as_str(),
        "severity": incident.severity.as_str(),
        "service": field(&incident.service),
        "source": text(&incident.source, WEBHOOK_FIELD),
        "environment": field(&incident.environment),
        "release": field(&incident.release),
        "alert_count": incident.alert_count,
        "event_count": incident.event_count,
        "user_count": incident.user_count,
        "assignee": field(&incident.assignee),
        "opened_at": incident.opened_at.rfc3339(),
        "resolved_at": at(incident.resolved_at),
        "snoozed_until": at(incident.snoozed_until),
        "culprit": field(&incident.culprit),
        "top_frame": field(&incident.top_frame),
        "suspect": incident.suspect.as_ref().map(link),
        "regression": field(&incident.regression),
        "url": incident.page_url,
        "sentry_url": incident.sentry_url.as_deref().and_then(web_page),
    })
}

fn listing(digest: &Digest) -> Value {
    let shown = digest.lines.iter().take(DIGEST_LINES);
    let hidden = digest.lines.len().saturating_sub(DIGEST_LINES);
    let lines = shown.map(|line| {
        json!({
            "severity": line.severity.as_str(),
            "text": text(&line.link.text, WEBHOOK_FIELD),
            "url": web_page(&line.link.url),
            "note": text(&line.note, WEBHOOK_FIELD),
        })
    });
    json!({
        "title": text(&one_line(&digest.title), WEBHOOK_TITLE),
        "text": text(&digest.text, WEBHOOK_TEXT),
        "severity": digest.severity.as_str(),
        "lines": lines.collect::<Vec<_>>(),
        "more": digest.more + i64::try_from(hidden).unwrap_or(i64::MAX),
        "url": digest.link.as_ref().and_then(|link| web_page(&link.url)),
    })
}

fn link(link: &Link) -> Value {
    json!({"text": text(&link.text, WEBHOOK_FIELD), "url": web_page(&link.url)})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::{body_of, digest, notice, strange};
    use crate::clock::Clock;
    use standardwebhooks::Webhook;

    const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const NEW: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    fn request(secrets: &[&str], notice: &Notice) -> Request {
        let secrets: Vec<_> = secrets.iter().map(|text| SecretValue::new(*text)).collect();
        let url = SecretValue::new("https://example.com/hush");
        let hook = Hook {
            url: &url,
            secrets: &secrets,
            login: None,
        };
        // The official library compares with the real time.
        hook.render(notice, Clock::system().now())
    }

    #[test]
    fn a_body_says_it_all() {
        insta::assert_json_snapshot!(body_of(&request(&[], &notice())));
        insta::assert_json_snapshot!(body_of(&request(&[], &digest())));
    }

    #[test]
    fn the_official_library_accepts_each_secret_while_one_replaces_the_other() {
        let request = request(&[OLD, NEW], &notice());
        assert_eq!(request.headers["webhook-id"], "ntf_01kexample0001");
        for secret in [OLD, NEW] {
            let checker = Webhook::new(secret).unwrap();
            checker.verify(&request.body, &request.headers).unwrap();
        }
        let other = Webhook::new("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        assert!(other.verify(&request.body, &request.headers).is_err());
    }

    #[test]
    fn without_a_secret_nothing_is_signed() {
        let request = request(&[], &notice());
        assert!(!request.headers.contains_key("webhook-signature"));
        assert!(request.headers.contains_key("webhook-id"));
    }

    #[test]
    fn a_body_stays_small() {
        // FIELD case 40; Standard Webhooks advises less than 20 kB
        for notice in strange() {
            let request = request(&[OLD], &notice);
            assert!(request.body.len() < 64 << 10, "{}", request.body.len());
            assert!(body_of(&request)["type"].is_string());
        }
    }
}
