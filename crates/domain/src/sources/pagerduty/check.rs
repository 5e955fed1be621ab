//! What is wrong with a PagerDuty event, for the doors that answer programs.

use crate::limits::DEDUP_KEY_CHARS;
use crate::sources::fault::{Fault, Faults};
use crate::sources::wire::Wire;

const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];
const ACTIONS: [&str; 3] = ["trigger", "acknowledge", "resolve"];

/// The fields of an event of `/v2/enqueue` at fault; none: it can be taken.
pub fn event_faults(body: &Wire<'_>) -> Vec<Fault> {
    let mut faults = Faults::default();
    if !body.is_map() {
        faults.add("body", "must be a JSON object");
        return faults.found();
    }
    let action = body.get("event_action");
    faults.word(("event_action", action), &ACTIONS);
    let key = body.get("dedup_key");
    faults.text(("dedup_key", key));
    let length = key.str().unwrap_or_default().chars().count();
    if length > DEDUP_KEY_CHARS {
        faults.add("dedup_key", "must have at most 255 characters");
    }
    match action.str() {
        Some("acknowledge" | "resolve") => faults.required_text(("dedup_key", key)),
        Some("trigger") => {
            let payload = payload(&mut faults, body);
            faults.required_text(("payload.source", payload.get("source")));
            faults.word(("payload.severity", payload.get("severity")), &SEVERITIES);
            for name in ["component", "group", "class"] {
                faults.text((&format!("payload.{name}"), payload.get(name)));
            }
        }
        _ => {}
    }
    faults.list(("links", body.get("links")));
    faults.list(("images", body.get("images")));
    faults.found()
}

/// The fields of a change of `/v2/change/enqueue` at fault.
pub fn change_faults(body: &Wire<'_>) -> Vec<Fault> {
    let mut faults = Faults::default();
    if !body.is_map() {
        faults.add("body", "must be a JSON object");
        return faults.found();
    }
    let payload = payload(&mut faults, body);
    faults.text(("payload.source", payload.get("source")));
    faults.list(("links", body.get("links")));
    faults.found()
}

fn payload<'a, 'b>(faults: &mut Faults, body: &'a Wire<'b>) -> &'a Wire<'b> {
    let payload = body.get("payload");
    if *payload == Wire::Null {
        faults.add("payload", "is required");
    }
    faults.map(("payload", payload));
    if payload.is_map() {
        faults.required_text(("payload.summary", payload.get("summary")));
    }
    payload
}
