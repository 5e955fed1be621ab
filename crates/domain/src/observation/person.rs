//! What people and the clock did with an incident.

use super::markdown::field;
use super::{Author, Draft};
use crate::id::IdKind;
use crate::incident::{Incident, IncidentEvent};
use crate::signal::Actor;
use crate::time::Time;
use serde_json::json;

/// The record of an incident's transition.
pub(super) fn draft(at: Time, incident: &Incident, event: &IncidentEvent, actor: &Actor) -> Draft {
    let (word, label) = words(event);
    let author = Author::of(actor, "epicenter");
    let mut draft = Draft::new("epicenter", &format!("incident.{word}"), author);
    draft.title = format!("{label} #{} {}", incident.number, incident.title);
    draft.source_id = format!("incident:{}", IdKind::Incident.show(incident.id));
    draft.occurred_at = Some(at);
    draft.body = body(incident, event, actor);
    refer(&mut draft, incident);
    if let IncidentEvent::Noted(text) = event {
        draft.mention(text, None);
    }
    if let IncidentEvent::Assigned(to) = event {
        draft.refer("assignee", &to.id, None);
    }
    for (key, value) in [
        ("number", json!(incident.number)),
        ("status", json!(incident.status.as_str())),
        ("severity", json!(incident.severity.as_str())),
        ("dedupKey", json!(incident.dedup_key)),
        ("openedAt", json!(incident.opened_at.rfc3339())),
        ("eventCount", json!(incident.event_count)),
        ("environment", json!(incident.environment)),
        ("release", json!(incident.release)),
    ] {
        draft.note(key, value);
    }
    draft
}

fn refer(draft: &mut Draft, incident: &Incident) {
    if let Some(version) = &incident.release {
        draft.refer("release", version, None);
    }
    let sentry = incident.short_id.as_deref();
    if let Some(id) = sentry.or(incident.sentry_issue_id.as_deref()) {
        draft.refer("sentry_issue", id, incident.permalink.as_deref());
    }
}

fn words(event: &IncidentEvent) -> (&'static str, &'static str) {
    match event {
        IncidentEvent::Opened(_) => ("opened", "🚨 [Opened]"),
        IncidentEvent::Reopened(_) => ("reopened", "🔄 [Reopened]"),
        IncidentEvent::SeverityChanged(..) => ("severity_changed", "📈 [Severity]"),
        IncidentEvent::Acknowledged => ("acknowledged", "👀 [Acknowledged]"),
        IncidentEvent::Archived(_) => ("archived", "🔇 [Ignored]"),
        IncidentEvent::Retriggered(_) => ("retriggered", "🔔 [Retriggered]"),
        IncidentEvent::Resolved(_) => ("resolved", "✅ [Resolved]"),
        IncidentEvent::Assigned(_) => ("assigned", "👤 [Assigned]"),
        IncidentEvent::Unassigned => ("unassigned", "👤 [Unassigned]"),
        IncidentEvent::Snoozed(_) => ("snoozed", "💤 [Snoozed]"),
        IncidentEvent::Woke => ("woke", "🔔 [Snooze over]"),
        IncidentEvent::Suspended(..) => ("suspended", "⏳ [Held back]"),
        IncidentEvent::MergedInto(..) => ("merged", "🔗 [Merged]"),
        IncidentEvent::SplitFrom(_) => ("split", "✂️ [Split]"),
        IncidentEvent::Noted(_) => ("noted", "📝 [Note]"),
        IncidentEvent::Remarked(..) => ("remarked", "💬 [Remark]"),
    }
}

fn body(incident: &Incident, event: &IncidentEvent, actor: &Actor) -> String {
    let said = match event {
        IncidentEvent::Reopened(why) | IncidentEvent::Retriggered(why) => field("Why", why),
        IncidentEvent::Resolved(how) => field("How", how),
        IncidentEvent::Archived(until) => field("Until", until),
        IncidentEvent::Snoozed(until) => field("Until", &until.rfc3339()),
        IncidentEvent::Assigned(to) => field("Assigned to", &to.name),
        IncidentEvent::SeverityChanged(from, to) => {
            field("Severity", &format!("{} to {}", from.as_str(), to.as_str()))
        }
        IncidentEvent::Suspended(until, why) => {
            let lines = [field("Until", &until.rfc3339()), field("Why", why)];
            lines.join("\n")
        }
        IncidentEvent::MergedInto(_, number) => field("Merged into", &format!("#{number}")),
        IncidentEvent::SplitFrom(number) => field("Split from", &format!("#{number}")),
        IncidentEvent::Noted(text) | IncidentEvent::Remarked(_, text) => text.clone(),
        IncidentEvent::Opened(_)
        | IncidentEvent::Acknowledged
        | IncidentEvent::Unassigned
        | IncidentEvent::Woke => String::new(),
    };
    let mut parts = Vec::new();
    if !said.is_empty() {
        parts.push(said);
    }
    let mut lines = vec![
        field("By", &actor.name),
        field("Source", &incident.source),
        field("Severity", incident.severity.as_str()),
        field("Opened", &incident.opened_at.rfc3339()),
    ];
    let more = [
        ("Release", &incident.release),
        ("Environment", &incident.environment),
        ("Location", &incident.culprit),
    ];
    lines.extend(
        more.into_iter()
            .filter_map(|(name, value)| Some(field(name, value.as_deref()?))),
    );
    parts.push(lines.join("\n"));
    parts.join("\n\n")
}
