//! What is wrong with an incident event, for the door that answers programs (PL-04).

use crate::sources::fault::{Fault, Faults};
use crate::sources::wire::Wire;

const SEVERITIES: [&str; 3] = ["critical", "error", "warning"];

/// The fields at fault; none: it can be taken. What is unknown is no fault.
pub fn faults(body: &Wire<'_>) -> Vec<Fault> {
    let mut faults = Faults::default();
    if !body.is_map() {
        faults.add("body", "must be a JSON object");
        return faults.found();
    }
    for field in [
        "source",
        "service",
        "environment",
        "exception_type",
        "message",
    ] {
        faults.required_text((field, body.get(field)));
    }
    faults.required_time(("timestamp", body.get("timestamp")));
    faults.word(("severity", body.get("severity")), &SEVERITIES);
    stack(&mut faults, body.get("stacktrace"));
    faults.map(("tags", body.get("tags")));
    links(&mut faults, body.get("links"));
    window(&mut faults, body.get("change_window"));
    let hints = body.get("correlation_hints");
    faults.map(("correlation_hints", hints));
    for key in ["critical_paths", "low_priority_paths"] {
        faults.texts((&format!("correlation_hints.{key}"), hints.get(key)));
    }
    faults.text(("api_route", body.get("api_route")));
    faults.text(("request_url", body.get("request_url")));
    faults.found()
}

fn stack(faults: &mut Faults, stack: &Wire<'_>) {
    if *stack == Wire::Null {
        faults.add("stacktrace", "is required");
    } else if matches!(stack, Wire::List(frames) if frames.is_empty()) {
        faults.add("stacktrace", "must have at least one frame");
    } else {
        faults.list(("stacktrace", stack));
    }
    for (number, frame) in stack.list().iter().enumerate() {
        let field = |name: &str| format!("stacktrace[{number}].{name}");
        faults.required_text((&field("file"), frame.get("file")));
        faults.text((&field("function"), frame.get("function")));
        let line = frame.get("line");
        if *line != Wire::Null && line.int().is_none_or(|line| line < 0) {
            faults.add(&field("line"), "must be a line number");
        }
    }
}

fn links(faults: &mut Faults, links: &Wire<'_>) {
    faults.map(("links", links));
    for (name, link) in links.entries() {
        faults.text((&format!("links.{name}"), link));
    }
}

fn window(faults: &mut Faults, window: &Wire<'_>) {
    if *window == Wire::Null {
        return;
    }
    if !window.is_map() {
        faults.map(("change_window", window));
        return;
    }
    faults.required_time(("change_window.deploy_time", window.get("deploy_time")));
    let commits = window.get("commits");
    if *commits == Wire::Null {
        faults.add("change_window.commits", "is required");
    } else {
        faults.list(("change_window.commits", commits));
    }
    for (number, commit) in commits.list().iter().enumerate() {
        let field = |name: &str| format!("change_window.commits[{number}].{name}");
        faults.required_text((&field("id"), commit.get("id")));
        faults.time((&field("timestamp"), commit.get("timestamp")));
        faults.texts((&field("files"), commit.get("files")));
        faults.text((&field("message"), commit.get("message")));
        faults.text((&field("author"), commit.get("author")));
        let risk = commit.get("risk_score");
        let fits = |risk: f64| (0.0..=100.0).contains(&risk);
        if *risk != Wire::Null && !risk.float().is_some_and(fits) {
            faults.add(&field("risk_score"), "must be a number from 0 to 100");
        }
    }
}
