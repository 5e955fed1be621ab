//! Service hooks: Sentry's REST shapes of an issue and an event.

use crate::simulator::company::{Language, SENTRY_URL};
use crate::simulator::issue::Issue;
use crate::simulator::moment;
use crate::simulator::payloads::event::{Occurrence, fingerprint, tags};
use crate::simulator::payloads::frames::{Placed, abs_path, excerpt, module, placed};
use crate::simulator::payloads::group::{group, metadata, permalink};
use crate::simulator::payloads::{By, Sentry};
use crate::simulator::webhook::Webhook;
use serde_json::{Value, json};

/// One event of an issue.
pub fn service_hook(sentry: &mut Sentry, issue: &Issue) -> Webhook {
    let event = Occurrence::of(sentry, issue);
    let project = issue.fault.project;
    let mut issue_body = group(issue, By::Sentry, moment::zulu, &mut sentry.random);
    issue_body.insert("url".to_owned(), Value::String(permalink(issue)));
    let body = json!({
        "project": {"slug": project.slug, "name": project.name},
        "group": issue_body,
        "event": rest_event(issue, &event),
    });
    Webhook::service_hook("service_hook", &body, sentry.now_ms, &mut sentry.random)
}

fn rest_event(issue: &Issue, event: &Occurrence) -> Value {
    let project = issue.fault.project;
    let pairs: Vec<Value> = tags(issue, event)
        .into_iter()
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect();
    json!({
        "id": event.event_id,
        "groupID": issue.id.to_string(),
        "eventID": event.event_id,
        "projectID": project.id.to_string(),
        "size": 10_433,
        "entries": [entry(issue, event)],
        "dist": null,
        "message": if issue.is_error() { "" } else { issue.value.as_str() },
        "title": issue.title(),
        "location": issue.fault.spots.last().map(|spot| spot.file),
        "user": null,
        "contexts": {},
        "sdk": {"name": project.sdk, "version": project.sdk_version},
        "context": {},
        "packages": {},
        "type": if issue.is_error() { "error" } else { "default" },
        "metadata": metadata(issue),
        "tags": pairs,
        "platform": project.language.platform(),
        "dateReceived": moment::zulu(event.at_ms + 300),
        "errors": [],
        "occurrence": null,
        "_meta": {"entries": {}, "message": null, "tags": {}},
        "crashFile": null,
        "culprit": issue.fault.transaction,
        "dateCreated": moment::zulu(event.at_ms),
        "fingerprints": [fingerprint(issue)],
        "groupingConfig": {"id": "newstyle:2023-01-11"},
        "url": format!("{SENTRY_URL}/issues/{}/events/{}/", issue.id, event.event_id),
    })
}

fn entry(issue: &Issue, event: &Occurrence) -> Value {
    if !issue.is_error() {
        return json!({"type": "message", "data": {"formatted": issue.value}});
    }
    let fault = issue.fault;
    let frames: Vec<Value> = placed(fault.project, fault.spots, event.depth)
        .iter()
        .map(|placed| rest_frame(fault.project.language, placed))
        .collect();
    json!({"type": "exception", "data": {
        "values": [{
            "type": issue.kind,
            "value": issue.value,
            "mechanism": {"type": "generic", "handled": fault.handled},
            "threadId": null,
            "module": null,
            "stacktrace": {
                "frames": frames,
                "framesOmitted": null,
                "registers": null,
                "hasSystemFrames": true,
            },
            "rawStacktrace": null,
        }],
        "hasSystemFrames": true,
        "excOmitted": null,
    }})
}

fn rest_frame(language: Language, placed: &Placed) -> Value {
    let spot = placed.spot;
    let excerpt = excerpt(spot.source);
    let above = u32::try_from(excerpt.before.len()).unwrap_or(0);
    let lines = excerpt
        .before
        .iter()
        .chain([&excerpt.line])
        .chain(&excerpt.after);
    let context: Vec<(u32, &str)> = (placed.line.saturating_sub(above)..)
        .zip(lines.copied())
        .collect();
    json!({
        "filename": spot.file,
        "absPath": abs_path(language, spot, placed.in_app),
        "module": module(language, spot.file),
        "package": null,
        "platform": null,
        "instructionAddr": null,
        "symbolAddr": null,
        "function": spot.function,
        "rawFunction": null,
        "symbol": null,
        "context": context,
        "lineNo": placed.line,
        "colNo": null,
        "inApp": placed.in_app,
        "trust": null,
        "errors": null,
        "lock": null,
        "vars": null,
    })
}
