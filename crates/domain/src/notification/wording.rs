//! The words that all channels share. What a channel adds is markup, never meaning.

use super::{IncidentFacts, Kind, Notice, Subject};
use crate::incident::IncidentStatus;
use crate::level::Severity;
use crate::time::Time;

/// A fact as label and value.
pub type Fact = (&'static str, String);

/// What happened, in one or two words.
pub fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Triggered => "Triggered",
        Kind::SeverityRaised => "More urgent",
        Kind::Escalated => "Escalated",
        Kind::Reopened => "Reopened",
        Kind::Unusual => "Unusual",
        Kind::Acknowledged => "Acknowledged",
        Kind::Resolved => "Resolved",
        Kind::Updated => "Updated",
        Kind::Reminder => "Still open",
        Kind::StormStarted => "Storm",
        Kind::Digest => "Digest",
        Kind::Test => "Test",
        Kind::HealthWarning => "Warning about Epicenter",
        Kind::Observation => "Observation",
    }
}

/// The severity as people read it.
pub fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Info => "Info",
    }
}

/// The status as people read it.
pub fn status_word(status: IncidentStatus) -> &'static str {
    match status {
        IncidentStatus::Suspended => "Suspended",
        IncidentStatus::Triggered => "Triggered",
        IncidentStatus::Acknowledged => "Acknowledged",
        IncidentStatus::Resolved => "Resolved",
    }
}

/// A sign that can be told apart at a glance, before any word is read.
pub fn sign(notice: &Notice) -> &'static str {
    let status = notice.incident().map(|incident| incident.status);
    match (status, notice.severity()) {
        (Some(IncidentStatus::Resolved), _) => "✅",
        (_, Severity::Critical) => "🔴",
        (_, Severity::Error) => "🟠",
        (_, Severity::Warning) => "🟡",
        (_, Severity::Info) => "🔵",
    }
}

/// The colour that goes with [`sign`], as `0xRRGGBB`.
pub fn color(notice: &Notice) -> u32 {
    let status = notice.incident().map(|incident| incident.status);
    match (status, notice.severity()) {
        (Some(IncidentStatus::Resolved), _) => 0x2e_a0_43,
        (_, Severity::Critical) => 0xd1_24_2f,
        (_, Severity::Error) => 0xe3_6d_0f,
        (_, Severity::Warning) => 0xd4_a7_2c,
        (_, Severity::Info) => 0x21_8b_ff,
    }
}

/// What comes before the title: `[#42 Triggered]`, `[Storm]`.
pub fn prefix(notice: &Notice) -> String {
    let word = kind_word(notice.kind);
    match notice.incident() {
        Some(incident) => format!("[#{} {word}]", incident.number),
        None => format!("[{word}]"),
    }
}

/// The title of the subject, as it came.
pub fn title(notice: &Notice) -> &str {
    match &notice.subject {
        Subject::Incident(incident) => &incident.title,
        Subject::Digest(digest) => &digest.title,
        Subject::Record(record) => &record.title,
    }
}

/// The facts of an incident, most useful first; none that says nothing.
pub fn facts(incident: &IncidentFacts) -> Vec<Fact> {
    let mut facts = vec![("Severity", severity_word(incident.severity).to_owned())];
    facts.push(("Status", status(incident)));
    let mut add = |label, value: Option<&String>| {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            facts.push((label, value.clone()));
        }
    };
    add("Service", incident.service.as_ref());
    add("Environment", incident.environment.as_ref());
    add("Release", incident.release.as_ref());
    add("Assigned to", incident.assignee.as_ref());
    add("Seen", Some(&counts(incident)));
    add("Regression", incident.regression.as_ref());
    add("Source", Some(&incident.source));
    add("Opened", Some(&minute(incident.opened_at)));
    facts
}

/// Where it broke, if known: the frame, else the culprit.
pub fn crash_site(incident: &IncidentFacts) -> Option<&str> {
    let known = |text: &&String| !text.trim().is_empty();
    let frame = incident.top_frame.as_ref().filter(known);
    let site = frame.or(incident.culprit.as_ref().filter(known));
    site.map(String::as_str)
}

/// The status with what belongs to it: until when, since when.
fn status(incident: &IncidentFacts) -> String {
    let word = status_word(incident.status);
    match (
        incident.status,
        incident.snoozed_until,
        incident.resolved_at,
    ) {
        (IncidentStatus::Resolved, _, Some(at)) => format!("{word} at {}", minute(at)),
        (IncidentStatus::Resolved, _, None) | (_, None, _) => word.to_owned(),
        (_, Some(until), _) => format!("{word}, snoozed until {}", minute(until)),
    }
}

/// "214 events, 12 users"; alerts only when there are several; empty when nothing was counted.
pub fn counts(incident: &IncidentFacts) -> String {
    let parts = [
        (incident.alert_count, 2, "alert"),
        (incident.event_count, 1, "event"),
        (incident.user_count, 1, "user"),
    ];
    let counted = parts.into_iter().filter(|(count, from, _)| count >= from);
    let worded = counted.map(|(count, _, noun)| match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    });
    worded.collect::<Vec<_>>().join(", ")
}

/// An instant to the minute, in UTC: what a message may say without knowing the reader's zone.
pub fn minute(at: Time) -> String {
    let text = at.rfc3339();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", time.get(..5).unwrap_or_default())
}

/// "and 12 more"; empty when there are none.
pub fn more(count: i64) -> String {
    if count > 0 {
        format!("and {count} more")
    } else {
        String::new()
    }
}
