//! Incident events (`POST /api/webhooks/incidents`, PL-04): what any program reports as broken,
//! with its stack, and the change that may have done it.

mod change_window;
mod check;
#[cfg(test)]
mod tests;

pub use check::faults;

use super::wire::Wire;
use super::{Envelope, Outcome, Reading};
use crate::level::Level;
use crate::limits::{self, cut_chars};
use crate::signal::{
    Actor, ActorKind, EventDetail, EventFacts, EventRequest, Exception, Fact, Frame, IssueChange,
    IssueFact, IssueFacts, IssueKey, ProjectFacts, Signal, When,
};
use sha2::{Digest, Sha256};

/// What these deliveries are called.
pub const RESOURCE: &str = "incident_event";

/// Folders that package managers fill: not the application's own code.
const FOREIGN: [&str; 5] = [
    "node_modules/",
    "site-packages/",
    "dist-packages/",
    "/vendor/",
    "/.cargo/",
];

/// What is read into a field of its own; everything else is shown as it came.
const READ: [&str; 10] = [
    "source",
    "service",
    "environment",
    "timestamp",
    "severity",
    "exception_type",
    "message",
    "stacktrace",
    "tags",
    "change_window",
];

/// Reads one incident event. Total: any bytes end in a reading.
pub fn read(envelope: Envelope<'_>) -> Reading {
    let text = String::from_utf8_lossy(envelope.body);
    let outcome = match Wire::parse(&text) {
        Ok(body) => facts(&body, envelope),
        Err(error) => Outcome::NotUnderstood(format!("The body is no JSON: {error}.")),
    };
    Reading {
        resource: RESOURCE.to_owned(),
        action: String::new(),
        // Two events that differ in anything are two.
        identity: None,
        outcome,
    }
}

fn facts(body: &Wire<'_>, envelope: Envelope<'_>) -> Outcome {
    let kind = body.get("exception_type").name();
    let message = body.get("message").message();
    if kind.is_none() && message.is_empty() {
        let reason = "The body has neither exception_type nor message.";
        return Outcome::NotUnderstood(reason.to_owned());
    }
    let by = body.get("source").name();
    let by = by.unwrap_or_else(|| "a program".to_owned());
    let actor = Actor {
        kind: ActorKind::Application,
        id: by.clone(),
        name: by.clone(),
    };
    let at = body.get("timestamp").time();
    let fact = issue(body, envelope, (kind, message, by));
    let signal = Signal {
        when: When {
            sent_at: None,
            occurred_at: at,
        },
        actor: actor.clone(),
        fact: Fact::Issue(Box::new(fact)),
    };
    match change_window::read(body, &actor) {
        Some(change) => Outcome::Signals(vec![signal, change]),
        None => Outcome::Signal(Box::new(signal)),
    }
}

fn issue(
    body: &Wire<'_>,
    envelope: Envelope<'_>,
    (kind, message, by): (Option<String>, String, String),
) -> IssueFact {
    let first_line = message.lines().next().unwrap_or_default();
    let title = match &kind {
        Some(kind) if first_line.is_empty() => kind.clone(),
        Some(kind) => format!("{kind}: {first_line}"),
        None => first_line.to_owned(),
    };
    let title = cut_chars(&title, limits::TITLE_CHARS);
    let detail = detail(body, kind.as_deref(), &message);
    let environment = body.get("environment").name();
    let service = body.get("service").name();
    let level = body.get("severity").name();
    let level = Level::from_sentry(&level.unwrap_or_default());
    let release = body.path(&["tags", "release"]).name();
    let at = body.get("timestamp").time();
    let crash = detail.crash_frame().map(place).unwrap_or_default();
    let key = digest(&[
        &by,
        service.as_deref().unwrap_or_default(),
        kind.as_deref().unwrap_or(first_line),
        &crash,
        environment.as_deref().unwrap_or_default(),
    ]);
    let facts = IssueFacts {
        title: Some(title.clone()),
        culprit: Some(detail.culprit.clone()).filter(|culprit| !culprit.is_empty()),
        level: Some(level),
        project: ProjectFacts {
            id: None,
            slug: service.clone(),
            name: service,
        },
        error_value: kind.is_some().then(|| message.clone()),
        error_type: kind,
        last_seen_at: at,
        environment: environment.clone(),
        release: release.clone(),
        permalink: detail.web_url.clone(),
        ..IssueFacts::bare(IssueKey::Other(format!("incident-{key}")))
    };
    let mut event_id = hex::encode(Sha256::digest(envelope.body));
    event_id.truncate(32);
    IssueFact {
        change: IssueChange::Reported { by },
        issue: facts,
        event: Some(Box::new(EventFacts {
            event_id,
            at,
            level,
            title,
            detail,
            environment,
            release,
        })),
    }
}

fn detail(body: &Wire<'_>, kind: Option<&str>, message: &str) -> EventDetail {
    let frames = frames(body.get("stacktrace"));
    let url = body.get("request_url").line(limits::LINK_CHARS);
    let route = body.get("api_route").name();
    let mut detail = EventDetail {
        tags: tags(body),
        request: url.map(|url| EventRequest {
            url,
            method: String::new(),
        }),
        contexts: contexts(body),
        web_url: body
            .get("links")
            .entries()
            .iter()
            .find_map(|(_, link)| super::change_hook::link(link)),
        ..EventDetail::default()
    };
    if let Some(kind) = kind {
        detail.exceptions.push(Exception {
            kind: kind.to_owned(),
            value: message.to_owned(),
            frames,
            ..Exception::default()
        });
    } else {
        message.clone_into(&mut detail.message);
        detail.thread_frames = frames;
    }
    let crash = detail.crash_frame().map(place);
    detail.culprit = route.or(crash).unwrap_or_default();
    detail
}

/// The sender's first frame is where it crashed, as runtimes print stacks; ours is the last.
fn frames(stack: &Wire<'_>) -> Vec<Frame> {
    let mut frames: Vec<Frame> = stack
        .list()
        .iter()
        .take(limits::FRAMES)
        .map(|wire| {
            let text = |key| wire.get(key).line(limits::PATH_CHARS).unwrap_or_default();
            let filename = text("file");
            Frame {
                function: text("function"),
                module: text("module"),
                in_app: !FOREIGN.iter().any(|folder| filename.contains(folder)),
                filename,
                line: wire.get("line").int(),
                column: wire.get("column").int(),
                ..Frame::default()
            }
        })
        .collect();
    frames.reverse();
    frames
}

/// File and function of a frame; lines move with every change and are left out.
fn place(frame: &Frame) -> String {
    if frame.function.is_empty() {
        frame.filename.clone()
    } else {
        format!("{} in {}", frame.filename, frame.function)
    }
}

fn tags(body: &Wire<'_>) -> Vec<(String, String)> {
    let tags = body.get("tags").entries().iter().take(limits::TAGS);
    let cut = |text: &str| cut_chars(text.trim(), limits::NAME_CHARS);
    tags.map(|(key, value)| (cut(key), cut(&value.compact(limits::NAME_CHARS))))
        .collect()
}

/// Everything that has no field of its own, so that nothing is dropped: links, hints, the route,
/// risk scores, and what only this sender knows.
fn contexts(body: &Wire<'_>) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut add = |name: &str, value: &Wire<'_>| {
        if !value.is_blank() {
            let name = cut_chars(name, limits::NAME_CHARS);
            lines.push((name, value.compact(limits::LINK_CHARS)));
        }
    };
    for (key, value) in body.entries() {
        match key.as_ref() {
            known if READ.contains(&known) => {}
            "links" | "correlation_hints" if value.is_map() => {
                for (name, one) in value.entries() {
                    add(&format!("{key}.{name}"), one);
                }
            }
            "request_url" => {}
            other => add(other, value),
        }
    }
    for commit in body.path(&["change_window", "commits"]).list() {
        let risk = commit.get("risk_score");
        if let Some(id) = commit.get("id").line(limits::ID_CHARS) {
            add(&format!("risk_score {id}"), risk);
        }
    }
    lines.truncate(limits::CONTEXTS);
    lines
}

/// A short name of these parts; none can imitate another.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    let mut name = hex::encode(hash.finalize());
    name.truncate(16);
    name
}
