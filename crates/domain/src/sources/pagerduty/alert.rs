//! Events (`/v2/enqueue`): an alert fires, is acknowledged, or is over.

use crate::level::Severity;
use crate::limits::{DETAIL_LINES, LINK_CHARS, NAME_CHARS, TITLE_CHARS, cut_bytes};
use crate::signal::{Actor, ActorKind, AlertFact, AlertState, Fact, Signal, When};
use crate::sources::Outcome;
use crate::sources::change_hook::link;
use crate::sources::wire::Wire;
use crate::time::Time;
use std::fmt::Write;

/// Reads an event. The door has added a dedup key where the sender gave none.
pub(super) fn read(body: &Wire<'_>, received_at: Time) -> Outcome {
    let payload = body.get("payload");
    let action = body.get("event_action").name().unwrap_or_default();
    let state = match action.as_str() {
        "trigger" => AlertState::Firing(severity(payload)),
        "acknowledge" => AlertState::Acknowledged,
        "resolve" => AlertState::Resolved,
        other => {
            let other = crate::limits::cut_chars(other, 40);
            let reason = format!("“{other}” is none of trigger, acknowledge, resolve.");
            return Outcome::NotUnderstood(reason);
        }
    };
    let Some(dedup_key) = body.get("dedup_key").name() else {
        return Outcome::NotUnderstood("The body has no dedup_key.".to_owned());
    };
    let source = payload.get("source").name();
    let title = payload.get("summary").line(TITLE_CHARS);
    let fact = AlertFact {
        title: title.unwrap_or_else(|| dedup_key.clone()),
        dedup_key,
        metric: None,
        state,
        subject: source.clone(),
        description: description(payload),
        details: details(body),
        is_repeatable: true,
        permalink: link(body.get("client_url")).or_else(|| first_link(body)),
        projects: payload.get("component").name().into_iter().collect(),
        environment: payload
            .get("custom_details")
            .first(&["environment", "env"])
            .name(),
        started_at: payload
            .get("timestamp")
            .time()
            .map(|at| at.min(received_at)),
    };
    let name = body.get("client").name().or(source);
    let name = name.unwrap_or_else(|| "PagerDuty client".to_owned());
    Outcome::Signal(Box::new(Signal {
        // PagerDuty goes by arrival: a trigger after a resolve always opens again.
        when: When::default(),
        actor: Actor {
            kind: ActorKind::Application,
            id: name.clone(),
            name,
        },
        fact: Fact::Alert(Box::new(fact)),
    }))
}

fn severity(payload: &Wire<'_>) -> Severity {
    let word = payload.get("severity").name().unwrap_or_default();
    Severity::parse(&word.to_lowercase()).unwrap_or(Severity::Error)
}

fn description(payload: &Wire<'_>) -> String {
    let parts = ["component", "group", "class"];
    let named = parts.iter().filter_map(|key| {
        let value = payload.get(key).name()?;
        Some(format!("{key} {value}"))
    });
    named.collect::<Vec<_>>().join(", ")
}

fn first_link(body: &Wire<'_>) -> Option<String> {
    let links = body.get("links").list();
    links.iter().find_map(|one| link(one.get("href")))
}

/// Everything that the sender said beside the summary, in Markdown.
fn details(body: &Wire<'_>) -> String {
    let payload = body.get("payload");
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "- {name}: {value}");
        }
    };
    for name in ["source", "component", "group", "class", "timestamp"] {
        line(name, payload.get(name).name().unwrap_or_default());
    }
    line("client", body.get("client").name().unwrap_or_default());
    let custom = payload.get("custom_details");
    for (name, value) in custom.entries().iter().take(DETAIL_LINES) {
        let name = crate::limits::cut_chars(name, NAME_CHARS);
        line(&name, value.compact(LINK_CHARS));
    }
    if !custom.is_map() && *custom != Wire::Null {
        line("custom_details", custom.compact(LINK_CHARS));
    }
    for one in body.get("links").list().iter().take(DETAIL_LINES) {
        let name = one.get("text").name();
        let name = name.unwrap_or_else(|| "link".to_owned());
        line(&name, link(one.get("href")).unwrap_or_default());
    }
    for one in body.get("images").list().iter().take(DETAIL_LINES) {
        let name = one.get("alt").name();
        let name = name.unwrap_or_else(|| "image".to_owned());
        line(&name, link(one.get("src")).unwrap_or_default());
    }
    cut_bytes(text.trim_end(), crate::limits::MESSAGE_BYTES)
}
