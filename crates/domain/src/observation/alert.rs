//! What happened to an alert without an issue, to an integration, to a build.

use super::issue::emoji;
use super::markdown::{field, line};
use super::{Author, Draft};
use crate::level::{Level, Severity};
use crate::signal::{AlertFact, AlertState, InstallationFact, Remark, Signal};
use serde_json::json;

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Critical => Level::Fatal,
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Info,
    }
}

/// The record of an alert's new state.
pub(super) fn draft(
    (source, source_type): (&str, &str),
    signal: &Signal,
    fact: &AlertFact,
) -> Draft {
    let mut draft = Draft::new(source, source_type, Author::of(&signal.actor, source));
    let title = if fact.title.is_empty() {
        fact.dedup_key.as_str()
    } else {
        fact.title.as_str()
    };
    let (title, state) = match fact.state {
        AlertState::Firing(severity) => {
            let title = format!("{} {title}", emoji(level(severity)));
            (title, severity.as_str())
        }
        AlertState::Acknowledged => (format!("👀 [Acknowledged] {title}"), "acknowledged"),
        AlertState::Resolved => (format!("✅ [Resolved] {title}"), "resolved"),
    };
    draft.title = title;
    draft.source_id = format!("alert:{}", fact.dedup_key);
    draft.occurred_at = signal.when.occurred_at.or(fact.started_at);
    draft.body = body(fact);
    draft.refer("alert", &fact.dedup_key, fact.permalink.as_deref());
    draft.mention(&fact.details, None);
    for (key, value) in [
        ("dedupKey", json!(fact.dedup_key)),
        ("state", json!(state)),
        ("permalink", json!(fact.permalink)),
        ("projects", json!(fact.projects)),
        ("environment", json!(fact.environment)),
        (
            "startedAt",
            json!(fact.started_at.map(crate::time::Time::rfc3339)),
        ),
    ] {
        draft.note(key, value);
    }
    draft
}

fn body(fact: &AlertFact) -> String {
    let mut parts = Vec::new();
    if !fact.description.is_empty() {
        parts.push(line(&fact.description));
    }
    let projects = fact.projects.join(", ");
    let named = [
        ("Subject", fact.subject.clone()),
        ("Projects", (!projects.is_empty()).then_some(projects)),
        ("Environment", fact.environment.clone()),
        ("Started", fact.started_at.map(crate::time::Time::rfc3339)),
    ];
    let named: Vec<String> = named
        .into_iter()
        .filter_map(|(name, value)| Some(field(name, &value?)))
        .collect();
    if !named.is_empty() {
        parts.push(named.join("\n"));
    }
    if !fact.details.is_empty() {
        parts.push(fact.details.clone());
    }
    parts.join("\n\n")
}

/// The record of an installation or removal.
pub(super) fn installation(source: &str, signal: &Signal, fact: &InstallationFact) -> Draft {
    let (source_type, verb) = if fact.deleted {
        ("installation.deleted", "removed from")
    } else {
        ("installation.created", "installed in")
    };
    let mut draft = Draft::new(source, source_type, Author::of(&signal.actor, source));
    let organization = fact.organization.as_deref();
    let organization = organization.unwrap_or("an unnamed organisation");
    let app = fact.app.as_deref().unwrap_or("The integration");
    draft.title = format!("🔌 {app} was {verb} {organization}");
    draft.source_id = format!("installation:{}", fact.uuid);
    draft.occurred_at = signal.when.occurred_at.or(signal.when.sent_at);
    draft.note("organization", json!(fact.organization));
    draft.note("app", json!(fact.app));
    draft
}

/// The record of a remark about no issue.
pub(super) fn remark(
    (source, source_type): (&str, &str),
    signal: &Signal,
    remark: &Remark,
) -> Draft {
    let mut draft = Draft::new(source, source_type, Author::of(&signal.actor, source));
    draft.title.clone_from(&remark.summary);
    draft.source_id.clone_from(&remark.kind);
    draft.body.clone_from(&remark.body);
    draft.occurred_at = signal.when.occurred_at.or(signal.when.sent_at);
    draft.mention(&remark.summary, None);
    draft.mention(&remark.body, None);
    draft
}
