//! Webhooks as Sentry writes them, about issues that a test chooses.

use epicenter::clock::Clock;
use epicenter::simulator::catalogue;
use epicenter::simulator::webhook::Webhook;
use epicenter_domain::proof::hmac_sha256;
use serde_json::{Value, json};

/// A kind of the catalogue, with its body changed. It is not signed yet.
pub(crate) fn edited(kind: &str, issue: u64, edit: impl FnOnce(&mut Value)) -> Webhook {
    let now = Clock::system().now().0;
    let mut webhook = catalogue::build(kind, now, issue).unwrap();
    let mut body: Value = serde_json::from_slice(&webhook.body).unwrap();
    for pointer in ["/data/issue/id", "/data/event/issue_id"] {
        if let Some(id) = body.pointer_mut(pointer) {
            *id = json!(issue.to_string());
        }
    }
    edit(&mut body);
    webhook.body = serde_json::to_vec(&body).unwrap();
    webhook
}

/// `issue.created` for a new issue with this title.
pub(crate) fn created(issue: u64, title: &str) -> Webhook {
    edited("issue.created", issue, |body| {
        let group = &mut body["data"]["issue"];
        group["title"] = json!(title);
        group["shortId"] = json!(format!("SHOP-{issue}"));
        group["metadata"] = json!({"title": title});
    })
}

/// An alert with a stack, for an issue of its own.
pub(crate) fn alert(kind: &str, issue: u64) -> Webhook {
    edited(kind, issue, |body| {
        let event = &mut body["data"]["event"];
        let organization = "https://sentry.io/api/0/organizations/shop";
        event["issue_url"] = json!(format!("{organization}/issues/{issue}/"));
    })
}

/// The webhook, signed by hand and not by the simulator.
pub(crate) fn resigned(mut webhook: Webhook, secret: &str) -> Webhook {
    let signature = hex::encode(hmac_sha256(secret.as_bytes(), &webhook.body));
    webhook.set_header("Sentry-Hook-Signature", &signature);
    webhook
}
