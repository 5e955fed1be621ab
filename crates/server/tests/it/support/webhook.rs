//! Webhooks as Sentry sends them. A text `@now` in a body becomes the time of sending.

use super::{Answer, Api, SECRET};
use epicenter_domain::proof::hmac_sha256;
use epicenter_domain::time::Time;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

static EVENTS: AtomicU64 = AtomicU64::new(1);

/// What proves the sender.
#[derive(Clone)]
enum Proof {
    None,
    Signature(&'static str, String),
    Bearer(String),
}

/// A request that is about to be sent.
#[derive(Clone)]
pub(crate) struct Webhook {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    json: Value,
    raw: Option<Vec<u8>>,
    at: Option<Time>,
    proof: Proof,
}

/// A distinct event id: 32 hex.
pub(crate) fn new_event_id() -> String {
    let number = EVENTS.fetch_add(1, Ordering::Relaxed);
    format!(
        "{:016x}{number:016x}",
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    )
}

fn envelope(action: &str, data: &Value) -> Value {
    json!({
        "action": action,
        "installation": {"uuid": "0b7c1de2-53a4-4c0e-9a51-6f2f5f0d8a11"},
        "data": data,
        "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
    })
}

fn event(issue_id: u64, event_id: &str) -> Value {
    json!({
        "event_id": event_id, "project": 90_377, "release": "shop@1.4.0", "platform": "python",
        "message": "", "datetime": "@now", "environment": "production", "level": "error",
        "tags": [["environment", "production"], ["level", "error"]],
        "culprit": "shop.cart in add_line", "title": format!("KeyError: 'sku {issue_id}'"),
        "metadata": {"type": "KeyError", "value": format!("'sku {issue_id}'")},
        "exception": {"values": [{"type": "KeyError", "value": format!("'sku {issue_id}'"),
            "stacktrace": {"frames": [
                {"function": "main", "filename": "run.py", "lineno": 3, "in_app": false},
                // Its own for each issue: they are not one crash.
                {"function": format!("sku_{issue_id}"), "filename": "shop/api.py", "lineno": 9,
                    "in_app": true},
                {"function": "add_line", "filename": "shop/cart.py", "lineno": 88, "in_app": true},
            ]}}]},
        "issue_id": issue_id.to_string(),
        "web_url": format!("https://acme.sentry.io/organizations/acme/issues/{issue_id}/events/{event_id}/"),
        "issue_url": format!("https://acme.sentry.io/api/0/organizations/acme/issues/{issue_id}/"),
        "url": format!("https://acme.sentry.io/api/0/projects/acme/shop/events/{event_id}/"),
    })
}

/// An issue as Sentry serialises it.
pub(crate) fn issue_object(issue_id: u64, status: &str, substatus: Option<&str>) -> Value {
    json!({
        "id": issue_id.to_string(), "shortId": format!("SHOP-{issue_id}"),
        "title": format!("KeyError: 'sku {issue_id}'"), "culprit": "shop.cart in add_line",
        "permalink": format!("https://acme.sentry.io/issues/{issue_id}/"),
        "level": "error", "status": status, "statusDetails": {}, "substatus": substatus,
        "platform": "python", "type": "error", "issueCategory": "error",
        "project": {"id": "90377", "name": "Shop", "slug": "shop", "platform": "python"},
        "metadata": {"type": "KeyError", "value": format!("'sku {issue_id}'")},
        "count": "1", "userCount": 1, "firstSeen": "2026-03-02T09:00:00Z", "lastSeen": "@now",
    })
}

impl Webhook {
    /// A webhook of the Integration Platform.
    pub(crate) fn of(resource: &str, body: Value) -> Self {
        Self::bare(body).header("Sentry-Hook-Resource", resource)
    }

    /// A signed request without a resource's name.
    pub(crate) fn bare(json: Value) -> Self {
        Self {
            method: Method::POST,
            path: "/api/webhooks/sentry".to_owned(),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            json,
            raw: None,
            at: None,
            proof: Proof::Signature("Sentry-Hook-Signature", SECRET.to_owned()),
        }
    }

    /// `event_alert.triggered` with an event of its own.
    pub(crate) fn event_alert(issue_id: u64) -> Self {
        let data =
            json!({"event": event(issue_id, &new_event_id()), "triggered_rule": "Any error"});
        Self::of("event_alert", envelope("triggered", &data))
    }

    /// `error.created` with an event of its own.
    pub(crate) fn error(issue_id: u64) -> Self {
        Self::of(
            "error",
            envelope(
                "created",
                &json!({"error": event(issue_id, &new_event_id())}),
            ),
        )
    }

    /// `issue.{action}`; the serialised status fits the action.
    pub(crate) fn issue(action: &str, issue_id: u64) -> Self {
        let (status, substatus) = match action {
            "resolved" => ("resolved", None),
            "ignored" | "archived" => ("ignored", Some("archived_until_escalating")),
            "created" => ("unresolved", Some("new")),
            _ => ("unresolved", Some("regressed")),
        };
        let data = json!({"issue": issue_object(issue_id, status, substatus)});
        Self::of("issue", envelope(action, &data))
    }

    /// `metric_alert.{action}`.
    pub(crate) fn metric(action: &str, identifier: u64) -> Self {
        let closed = if action == "resolved" {
            json!("@now")
        } else {
            Value::Null
        };
        let data = json!({
            "metric_alert": {
                "id": "61", "identifier": identifier.to_string(), "organization_id": "88",
                "projects": ["shop"], "title": "Failures per minute",
                "alert_rule": {"id": "9", "name": "Failures per minute", "environment": "production"},
                "date_started": "2026-03-02T09:50:00Z", "date_detected": "@now",
                "date_closed": closed,
            },
            "description_text": "132 events in the last 5 minutes",
            "web_url": format!("https://acme.sentry.io/organizations/acme/alerts/rules/details/9/?alert={identifier}"),
        });
        Self::of("metric_alert", envelope(action, &data))
    }

    /// `activity_alert.triggered` about an activity of this type.
    pub(crate) fn activity(kind: &str, issue_id: u64) -> Self {
        let data = json!({
            "issue": issue_object(issue_id, "unresolved", Some("ongoing")),
            "activity": {"type": kind, "details": {}},
            "alert": {"id": 42, "title": "Tell Epicenter"},
        });
        Self::of("activity_alert", envelope("triggered", &data))
    }

    /// Any other resource.
    pub(crate) fn other(resource: &str, action: &str, data: &Value) -> Self {
        Self::of(resource, envelope(action, data))
    }

    /// The legacy plugin: unsigned.
    pub(crate) fn legacy(issue_id: u64) -> Self {
        let body = json!({
            "id": issue_id.to_string(), "project": "shop", "project_name": "Shop",
            "project_slug": "shop", "level": "error", "culprit": "shop.cart in add_line",
            "message": "", "url": format!("https://acme.sentry.io/issues/{issue_id}/"),
            "triggering_rules": ["Any error"], "event": event(issue_id, &new_event_id()),
        });
        Self::bare(body).unsigned()
    }

    /// A service hook.
    pub(crate) fn service_hook(issue_id: u64) -> Self {
        let event_id = new_event_id();
        let body = json!({
            "project": {"slug": "shop", "name": "Shop"},
            "group": issue_object(issue_id, "unresolved", Some("ongoing")),
            "event": {"id": event_id, "eventID": event_id, "groupID": issue_id.to_string(),
                "dateCreated": "@now", "title": format!("KeyError: 'sku {issue_id}'"),
                "tags": [{"key": "environment", "value": "production"}]},
        });
        Self::bare(body)
            .header("X-ServiceHook-Timestamp", "1772445605")
            .signed_as("X-ServiceHook-Signature", SECRET)
    }

    /// Changes a value of the body, by JSON pointer.
    #[track_caller]
    pub(crate) fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = self.json.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.into(),
            other => other[key] = value.into(),
        }
        self
    }

    /// The value at a JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.json
            .pointer(pointer)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// These bytes instead of the JSON.
    pub(crate) fn raw(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.raw = Some(bytes.into());
        self
    }

    pub(crate) fn to(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// To the push URL of an integration.
    pub(crate) fn towards(self, integration: &Value) -> Self {
        self.to(format!("/hooks/{}", integration["key"].as_str().unwrap()))
    }

    pub(crate) fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn unsigned(mut self) -> Self {
        self.proof = Proof::None;
        self
    }

    pub(crate) fn signed_with(mut self, secret: &str) -> Self {
        self.proof = Proof::Signature("Sentry-Hook-Signature", secret.to_owned());
        self
    }

    pub(crate) fn signed_as(mut self, header: &'static str, secret: &str) -> Self {
        self.proof = Proof::Signature(header, secret.to_owned());
        self
    }

    pub(crate) fn bearer(mut self, secret: &str) -> Self {
        self.proof = Proof::Bearer(secret.to_owned());
        self
    }

    /// Sent, and happened, at this time; else at the time of sending.
    pub(crate) fn at(mut self, at: Time) -> Self {
        self.at = Some(at);
        self
    }

    /// The body's bytes.
    pub(crate) fn body(&self, now: Time) -> Vec<u8> {
        let at = self.at.unwrap_or(now).rfc3339();
        let text = || {
            self.json
                .to_string()
                .replace("\"@now\"", &format!("\"{at}\""))
        };
        self.raw.clone().unwrap_or_else(|| text().into_bytes())
    }

    /// The signature that fits these bytes.
    pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
        hex::encode(hmac_sha256(secret.as_bytes(), body))
    }

    pub(crate) async fn send(&self, api: &Api, now: Time) -> Answer {
        Answer::of(self.try_send(api, now).await.unwrap()).await
    }

    /// Sends it to a server that may be killed meanwhile.
    pub(crate) async fn try_send(
        &self,
        api: &Api,
        now: Time,
    ) -> Result<reqwest::Response, reqwest::Error> {
        let body = self.body(now);
        let seconds = self.at.unwrap_or(now).0.div_euclid(1_000);
        let mut request = api
            .request(self.method.clone(), &self.path)
            .header("Sentry-Hook-Timestamp", seconds.to_string())
            .header("Request-ID", new_event_id());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request = match &self.proof {
            Proof::None => request,
            Proof::Signature(header, secret) => {
                request.header(*header, Self::signature(secret, &body))
            }
            Proof::Bearer(secret) => request.bearer_auth(secret),
        };
        request.body(body).send().await
    }
}
