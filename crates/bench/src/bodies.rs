//! Bodies of `event_alert` webhooks of about 10 KB, each with its own event.

use serde_json::{Value, json};

/// Characters of an event id.
pub const ID_LENGTH: usize = 32;

/// A body in which the event id can be replaced without building it again.
#[derive(Clone, Debug)]
pub struct Template {
    body: Vec<u8>,
    places: Vec<usize>,
}

impl Template {
    /// Finds every place of the event id in the body.
    pub fn new(body: Vec<u8>, event_id: &str) -> Self {
        let id = event_id.as_bytes();
        let places = body
            .windows(ID_LENGTH)
            .enumerate()
            .filter(|(_, window)| *window == id)
            .map(|(place, _)| place)
            .collect();
        Self { body, places }
    }

    /// Appends the body with another event id.
    pub fn write(&self, event_id: &[u8; ID_LENGTH], out: &mut Vec<u8>) {
        let mut copied = 0;
        for place in &self.places {
            out.extend_from_slice(self.body.get(copied..*place).unwrap_or_default());
            out.extend_from_slice(event_id);
            copied = place + ID_LENGTH;
        }
        out.extend_from_slice(self.body.get(copied..).unwrap_or_default());
    }

    /// Bytes of the body.
    pub fn size(&self) -> usize {
        self.body.len()
    }
}

/// One template per issue.
pub fn templates(issues: u32) -> Vec<Template> {
    (0..issues)
        .map(|issue| {
            let event_id = event_id(u64::from(issue), 0);
            let event_id = String::from_utf8_lossy(&event_id).into_owned();
            Template::new(alert(issue, &event_id).to_string().into_bytes(), &event_id)
        })
        .collect()
}

/// The event id of the `count`-th request of a run: lower-case hex, well mixed.
pub fn event_id(run: u64, count: u64) -> [u8; ID_LENGTH] {
    let mut id = [b'0'; ID_LENGTH];
    let high = mix(run ^ 0x9e37_79b9_7f4a_7c15);
    let low = mix(high ^ count);
    let mut bytes = [0; 16];
    let (left, right) = bytes.split_at_mut(8);
    left.copy_from_slice(&mix(low).to_be_bytes());
    right.copy_from_slice(&low.to_be_bytes());
    if hex::encode_to_slice(bytes, &mut id).is_err() {
        id.fill(b'0');
    }
    id
}

/// A bijection over 64 bits (`SplitMix64`), so that distinct counts give distinct ids.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn alert(issue: u32, event_id: &str) -> Value {
    let issue_id = 6_000_000_000_u64 + u64::from(issue);
    let subject = match issue % 5 {
        0 => "amount",
        1 => "invoice",
        2 => "cart",
        3 => "session",
        _ => "address",
    };
    let value = format!("{subject} {issue} must be positive");
    let title = format!("ValueError: {value}");
    let api = format!("https://acme.sentry.io/api/0/organizations/acme/issues/{issue_id}/");
    let web =
        format!("https://acme.sentry.io/organizations/acme/issues/{issue_id}/events/{event_id}/");
    let project = format!("https://acme.sentry.io/api/0/projects/acme/shop/events/{event_id}/");
    let event = json!({
        "event_id": event_id, "project": 4_509_372_106_539_008_u64, "release": "shop@1.3.9",
        "dist": null, "platform": "python", "message": "", "datetime": "2026-01-06T10:00:01.904Z",
        "tags": [["environment", "production"], ["level", "error"], ["release", "shop@1.3.9"],
            ["server_name", format!("web-{}", issue % 7)], ["transaction", "/checkout"],
            ["user", format!("id:{issue}")]],
        "contexts": {"runtime": {"name": "CPython", "version": "3.12.1", "type": "runtime"},
            "trace": {"trace_id": event_id, "span_id": "8dd3a14a72ba4891", "type": "trace"}},
        "culprit": "/checkout", "environment": "production", "level": "error", "logger": "",
        "exception": {"values": [{"type": "ValueError", "value": value, "module": null,
            "stacktrace": {"frames": frames(issue)},
            "mechanism": {"type": "django", "handled": false}}]},
        "fingerprint": ["{{ default }}"], "hashes": ["801c6a599327d0eb037379e0d3e051b9"],
        "location": "billing/reconcile.py",
        "metadata": {"filename": "billing/reconcile.py", "function": format!("reconcile_{issue}"),
            "type": "ValueError", "value": value},
        "request": {"url": "https://shop.example.com/checkout", "method": "POST",
            "query_string": [["coupon", "X"]], "cookies": [["sessionid", "[Filtered]"]],
            "headers": [["User-Agent", "Mozilla/5.0"]], "data": null},
        "sdk": {"name": "sentry.python.django", "version": "2.19.0"},
        "received": 1_767_693_602.2, "timestamp": 1_767_693_601.904, "title": title,
        "transaction": "/checkout", "type": "error", "version": "7",
        "user": {"id": issue.to_string(), "username": "ann", "ip_address": "203.0.113.9"},
        "url": project, "web_url": web, "issue_url": api, "issue_id": issue_id.to_string(),
    });
    json!({
        "action": "triggered",
        "installation": {"uuid": "a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},
        "data": {"event": event, "triggered_rule": "Send a notification for every issue"},
        "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
    })
}

fn frames(issue: u32) -> Vec<Value> {
    let frame = |depth: u32| {
        let module = if depth < 20 { "django.core" } else { "billing" };
        json!({
            "function": format!("step_{depth}_{issue}"),
            "module": format!("{module}.part_{depth}"),
            "filename": format!("{}/part_{depth}.py", module.replace('.', "/")),
            "abs_path": format!("/srv/app/{}/part_{depth}.py", module.replace('.', "/")),
            "lineno": 10 + (issue * 31 + depth * 17) % 400,
            "pre_context": ["    total = 0", "    for line in lines:"],
            "context_line": "        raise_if_negative(line.amount)",
            "post_context": ["    return total"],
            "in_app": depth >= 20,
        })
    };
    (0..30).map(frame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_about_ten_kilobytes_and_distinct() {
        let templates = templates(3);
        for template in &templates {
            assert!(
                (9_000..12_500).contains(&template.size()),
                "{}",
                template.size()
            );
            let mut one = Vec::new();
            let mut two = Vec::new();
            template.write(&event_id(9, 1), &mut one);
            template.write(&event_id(9, 2), &mut two);
            assert_ne!(one, two);
            assert_eq!(one.len(), template.size());
            let value: Value = serde_json::from_slice(&one).unwrap();
            let expected = String::from_utf8(event_id(9, 1).to_vec()).unwrap();
            assert_eq!(value["data"]["event"]["event_id"], expected);
        }
    }
}
