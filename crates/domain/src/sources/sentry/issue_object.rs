//! The serialised issue, as webhooks and the REST API write it (SENTRY-PROTOCOL §2.1).

use super::link;
use crate::level::Level;
use crate::limits;
use crate::signal::{Assignee, IssueFacts, IssueKey, IssueStatus, ProjectFacts};
use crate::sources::wire::Wire;

/// Reads an issue; `None` when it has no id, neither as a field nor in a link.
pub fn read(issue: &Wire<'_>) -> Option<IssueFacts> {
    let mut facts = IssueFacts::bare(IssueKey::Issue(id(issue)?));
    let metadata = issue.get("metadata");
    facts.short_id = issue.get("shortId").name();
    facts.title = issue
        .first(&["title"])
        .line(limits::TITLE_CHARS)
        .or_else(|| title_of(metadata));
    facts.culprit = issue.get("culprit").line(limits::TITLE_CHARS);
    facts.level = level(issue.get("level"));
    facts.status = issue.get("status").str().and_then(IssueStatus::from_sentry);
    facts.substatus = issue.get("substatus").name();
    facts.platform = issue.get("platform").name();
    facts.project = project(issue.get("project"));
    facts.error_type = metadata.get("type").line(limits::TITLE_CHARS);
    facts.error_value = some(metadata.get("value").message());
    facts.first_seen_at = issue.get("firstSeen").time();
    facts.last_seen_at = issue.get("lastSeen").time();
    facts.event_count = issue.get("count").int().filter(|count| *count >= 0);
    facts.user_count = issue.get("userCount").int().filter(|count| *count >= 0);
    facts.permalink = link::page(issue, &["permalink", "web_url", "webUrl", "url"]);
    facts.category = issue.get("issueCategory").name();
    facts.priority = issue.get("priority").name();
    facts.logger = issue.get("logger").name();
    facts.is_unhandled = issue.get("isUnhandled").bool();
    facts.assignee = assignee(issue.get("assignedTo"));
    Some(facts)
}

/// The issue's id: its field, else the digits in one of its links.
pub(super) fn id(issue: &Wire<'_>) -> Option<String> {
    issue.get("id").id().or_else(|| {
        ["permalink", "web_url", "url"]
            .iter()
            .filter_map(|key| issue.get(key).str())
            .find_map(link::issue_id)
            .map(str::to_owned)
    })
}

/// A level: Sentry's word or the number Python's logging has for it. `None` when missing.
pub(super) fn level(wire: &Wire<'_>) -> Option<Level> {
    if let Some(number) = wire.int() {
        return Some(match number {
            50.. => Level::Fatal,
            30..40 => Level::Warning,
            20..30 => Level::Info,
            10..20 => Level::Debug,
            _ => Level::Error,
        });
    }
    let word = wire.str()?.trim();
    (!word.is_empty()).then(|| Level::from_sentry(word))
}

/// A project: an object, a slug, or a number.
pub(super) fn project(wire: &Wire<'_>) -> ProjectFacts {
    if wire.is_map() {
        return ProjectFacts {
            id: wire.get("id").id(),
            slug: wire.get("slug").name(),
            name: wire.get("name").name(),
        };
    }
    let digits = wire.int().is_some();
    let (id, slug) = match (digits, wire.id()) {
        (true, id) => (id, None),
        (false, slug) => (None, slug),
    };
    ProjectFacts {
        id,
        slug,
        name: None,
    }
}

/// An assignee as serialised with an issue, or beside it.
pub(super) fn assignee(wire: &Wire<'_>) -> Option<Assignee> {
    let id = wire.get("id").id();
    let name = wire.first(&["name", "username", "slug"]).name();
    let shown = name.or_else(|| id.clone())?;
    Some(Assignee {
        kind: match wire.get("type").str() {
            Some("team") => "team".to_owned(),
            _ => "user".to_owned(),
        },
        id: id.unwrap_or_default(),
        name: shown,
    })
}

/// A title from an issue's or event's metadata.
pub(super) fn title_of(metadata: &Wire<'_>) -> Option<String> {
    let kind = metadata.get("type").text().unwrap_or_default();
    let value = metadata.get("value").text().unwrap_or_default();
    joined(&kind, &value).or_else(|| metadata.get("title").line(limits::TITLE_CHARS))
}

/// `Type: value`, with the first line of the value, as Sentry builds titles.
pub(super) fn joined(kind: &str, value: &str) -> Option<String> {
    let value = value.trim().lines().next().unwrap_or_default();
    let title = match (kind.trim(), value) {
        ("", "") => return None,
        (kind, "") => kind.to_owned(),
        ("", value) => value.to_owned(),
        (kind, value) => format!("{kind}: {value}"),
    };
    Some(limits::cut_chars(&title, limits::TITLE_CHARS))
}

/// A text, if it is one.
pub(super) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
