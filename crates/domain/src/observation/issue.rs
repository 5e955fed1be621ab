//! What happened to an issue, in the words of LF-14 to LF-22.

use super::markdown::{code, field, line};
use super::{Author, Draft};
use crate::issue::Issue;
use crate::level::Level;
use crate::limits::MEMORY_FRAMES;
use crate::signal::{
    Assignee, EventDetail, Frame, IssueChange, IssueFact, Remark, Resolution, Signal,
};
use crate::time::Time;
use serde_json::{Value, json};

/// The record of a fact about an issue.
pub(super) fn draft(
    issue: &Issue,
    (source, source_type): (&str, &str),
    (signal, fact): (&Signal, &IssueFact),
) -> Draft {
    let event = fact.event.as_deref();
    let author = author(source, signal, fact);
    let mut draft = Draft::new(source, source_type, author);
    let level = event.map_or(issue.level, |event| event.level);
    draft.title = title(&fact.change, &issue.title, level);
    draft.source_id = source_id(issue);
    draft.occurred_at = occurred_at(signal, fact);
    let detail = event.map(|event| &event.detail);
    let frames = detail.map(top_frames).unwrap_or_default();
    let release = event.and_then(|event| event.release.as_ref());
    let release = release.or(issue.release.as_ref()).map(String::as_str);
    let environment = event.and_then(|event| event.environment.as_ref());
    let environment = environment.or(issue.environment.as_ref());
    let environment = environment.map(String::as_str);
    draft.body = body(
        issue,
        (&fact.change, detail),
        (release, environment),
        &frames,
    );
    if let Some(version) = release {
        draft.refer("release", version, None);
    }
    refer_to_change(&mut draft, &fact.change);
    let short_id = issue
        .short_id
        .as_deref()
        .or(issue.sentry_issue_id.as_deref());
    if let Some(id) = short_id {
        draft.refer("sentry_issue", id, issue.permalink.as_deref());
    }
    for frame in &frames {
        draft.refer("file", file_of(frame), None);
    }
    if let Some(endpoint) = detail.and_then(endpoint) {
        draft.refer("endpoint", &endpoint, None);
    }
    describe(&mut draft, issue, (release, environment), detail);
    draft
}

/// How an issue stood, when what was said of it cannot be read any more.
pub(super) fn tell_state(draft: &mut Draft, issue: &Issue) {
    let named = (issue.release.as_deref(), issue.environment.as_deref());
    draft.title = format!("{} {}", emoji(issue.level), issue.title);
    draft.source_id = source_id(issue);
    draft.body = body(issue, (&IssueChange::Created, None), named, &[]);
    let short_id = issue.short_id.as_deref();
    if let Some(id) = short_id.or(issue.sentry_issue_id.as_deref()) {
        draft.refer("sentry_issue", id, issue.permalink.as_deref());
    }
    describe(draft, issue, named, None);
}

/// LF-17, without the address: it is personal data.
fn author(source: &str, signal: &Signal, fact: &IssueFact) -> Author {
    if let IssueChange::Assigned(Assignee { id, name, .. }) = &fact.change {
        return Author {
            id: format!("{source}:{id}"),
            name: name.clone(),
        };
    }
    let Some(event) = &fact.event else {
        return Author::of(&signal.actor, source);
    };
    let user = event.detail.user.as_ref();
    let or = |text: Option<&String>, other: &str| {
        text.filter(|text| !text.is_empty())
            .map_or_else(|| other.to_owned(), Clone::clone)
    };
    Author {
        id: format!("user:{}", or(user.map(|user| &user.id), "unknown")),
        name: or(user.map(|user| &user.name), "Unknown User"),
    }
}

/// `issue:42`; `event:…` when the sender named no issue.
fn source_id(issue: &Issue) -> String {
    match &issue.sentry_issue_id {
        Some(id) => format!("issue:{id}"),
        None => match issue.dedup_key.strip_prefix("sentry-") {
            Some(id) => format!("event:{id}"),
            None => format!("alert:{}", issue.dedup_key),
        },
    }
}

/// The issue's last occurrence as the sender told it (LF-15); of a single event its own time.
fn occurred_at(signal: &Signal, fact: &IssueFact) -> Option<Time> {
    let event = fact.event.as_ref().and_then(|event| event.at);
    event
        .or(fact.issue.last_seen_at)
        .or(signal.when.occurred_at)
        .or(signal.when.sent_at)
}

/// LF-19.
pub(super) fn emoji(level: Level) -> &'static str {
    match level {
        Level::Fatal => "💀",
        Level::Error => "🔴",
        Level::Warning => "🟡",
        Level::Info => "🔵",
        Level::Debug | Level::Sample => "⚠️",
    }
}

/// LF-20.
fn title(change: &IssueChange, title: &str, level: Level) -> String {
    match change {
        IssueChange::Created => format!("{} [New Issue] {title}", emoji(level)),
        IssueChange::Resolved(_) => format!("✅ [Resolved] {title}"),
        IssueChange::Assigned(_) => format!("👤 [Assigned] {title}"),
        IssueChange::Archived { .. } => format!("🔇 [Ignored] {title}"),
        IssueChange::Unresolved => format!("🔄 [Reopened] {title}"),
        IssueChange::AlertFired { .. }
        | IssueChange::Reported { .. }
        | IssueChange::Occurred { .. }
        | IssueChange::Commented { .. }
        | IssueChange::Remark(_) => format!("{} {title}", emoji(level)),
    }
}

/// The newest frames of the application's own code, crash first (LF-22; of the raised exception,
/// which is the last of the chain).
fn top_frames(detail: &EventDetail) -> Vec<&Frame> {
    let raised = detail.raised().map(|raised| raised.frames.as_slice());
    let frames = match raised {
        Some(frames) if !frames.is_empty() => frames,
        _ => detail.thread_frames.as_slice(),
    };
    let own = frames.iter().rev().filter(|frame| frame.in_app);
    own.filter(|frame| !frame.function.is_empty() || !file_of(frame).is_empty())
        .take(MEMORY_FRAMES)
        .collect()
}

fn file_of(frame: &Frame) -> &str {
    [&frame.filename, &frame.abs_path, &frame.module]
        .into_iter()
        .find(|text| !text.is_empty())
        .map_or("", String::as_str)
}

/// LF-21, and below it what this change says itself.
fn body(
    issue: &Issue,
    (change, detail): (&IssueChange, Option<&EventDetail>),
    (release, environment): (Option<&str>, Option<&str>),
    frames: &[&Frame],
) -> String {
    let raised = detail.and_then(EventDetail::raised);
    let kind = raised
        .map(|raised| &raised.kind)
        .or(issue.error_type.as_ref());
    let value = raised
        .map(|raised| &raised.value)
        .or(issue.error_value.as_ref());
    let value = value.filter(|value| !value.is_empty());
    let mut lines = vec![match kind.filter(|kind| !kind.is_empty()) {
        Some(kind) => field(&line(kind), value.unwrap_or(&issue.title)),
        None => field("Error", &issue.title),
    }];
    let mut paragraph = |these: Vec<String>| {
        if !these.is_empty() {
            lines.push(String::new());
            lines.extend(these);
        }
    };
    let culprit = issue.culprit.as_deref().filter(|text| !text.is_empty());
    let place = culprit.map(|culprit| format!("**Location**: {}", code(culprit)));
    paragraph(place.into_iter().collect());
    paragraph(vec![
        format!(
            "**Occurrences**: {} events affecting {} users",
            issue.event_count(),
            issue.user_count
        ),
        field("First seen", &issue.first_seen_at.rfc3339()),
        field("Last seen", &issue.last_seen_at.rfc3339()),
    ]);
    let named = [("Release", release), ("Environment", environment)];
    let named = named
        .into_iter()
        .filter_map(|(name, value)| Some(field(name, value?)));
    paragraph(named.collect());
    if !frames.is_empty() {
        let mut stack = vec![String::from("**Stack Trace** (top frames):")];
        stack.extend(frames.iter().map(|frame| frame_line(frame)));
        paragraph(stack);
    }
    let platform = issue.platform.as_deref();
    paragraph(
        platform
            .map(|name| field("Platform", name))
            .into_iter()
            .collect(),
    );
    paragraph(own_words(change));
    lines.join("\n")
}

fn frame_line(frame: &Frame) -> String {
    let function = match frame.function.as_str() {
        "" => "(anonymous)",
        function => function,
    };
    let place = match frame.line {
        Some(number) => format!("{}:{number}", file_of(frame)),
        None => file_of(frame).to_owned(),
    };
    format!("- {} at {}", code(function), code(&place))
}

/// What the change itself says.
fn own_words(change: &IssueChange) -> Vec<String> {
    match change {
        IssueChange::Resolved(how) => resolution(how),
        IssueChange::Archived { until } => vec![field("Ignored", until)],
        IssueChange::Assigned(to) => vec![field("Assigned to", &to.name)],
        IssueChange::AlertFired { rules } => {
            let named: Vec<&str> = rules.iter().map(String::as_str).collect();
            let named = named.join(", ");
            let rules = (!named.is_empty()).then(|| field("Alert rule", &named));
            rules.into_iter().collect()
        }
        IssueChange::Reported { by } => vec![field("Reported by", by)],
        IssueChange::Commented { action, text, .. } => {
            let mut lines = vec![field("Comment", action)];
            if !text.is_empty() {
                lines.extend([String::new(), super::markdown::quote(text)]);
            }
            lines
        }
        IssueChange::Remark(Remark { summary, body, .. }) => {
            let mut lines = vec![line(summary)];
            if !body.is_empty() {
                lines.extend([String::new(), body.clone()]);
            }
            lines
        }
        IssueChange::Created | IssueChange::Occurred { .. } | IssueChange::Unresolved => Vec::new(),
    }
}

fn resolution(how: &Resolution) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(release) = &how.release {
        lines.push(field("Resolved in release", release));
    }
    if let Some(commit) = &how.commit {
        lines.push(format!("**Resolved by commit**: {}", code(commit)));
    }
    if let (Some(word), None, None) = (&how.how, &how.release, &how.commit) {
        lines.push(field("Resolved", &word.replace('_', " ")));
    }
    lines
}

fn refer_to_change(draft: &mut Draft, change: &IssueChange) {
    match change {
        IssueChange::Assigned(to) => draft.refer("assignee", &to.id, None),
        IssueChange::Resolved(how) => {
            if let Some(commit) = &how.commit {
                draft.refer("commit", commit, None);
                draft.refer("resolved_by", commit, None);
            }
            if let Some(release) = &how.release {
                draft.refer("release", release, None);
            }
        }
        IssueChange::Commented { text, .. } => draft.mention(text, None),
        IssueChange::Remark(remark) => draft.mention(&remark.body, None),
        IssueChange::Created
        | IssueChange::AlertFired { .. }
        | IssueChange::Reported { .. }
        | IssueChange::Occurred { .. }
        | IssueChange::Unresolved
        | IssueChange::Archived { .. } => {}
    }
}

/// `GET /api/carts/{id}`: method and path without what differs from request to request.
fn endpoint(detail: &EventDetail) -> Option<String> {
    let request = detail.request.as_ref()?;
    let rest = request
        .url
        .split_once("://")
        .map_or(request.url.as_str(), |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..))?;
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let parts = path.split('/').map(|part| {
        let is_number = part.bytes().any(|byte| byte.is_ascii_digit())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if is_number { "{id}" } else { part }
    });
    let path = parts.collect::<Vec<_>>().join("/");
    Some(
        format!("{} {path}", request.method.to_uppercase())
            .trim()
            .to_owned(),
    )
}

/// LF-18.
fn describe(
    draft: &mut Draft,
    issue: &Issue,
    (release, environment): (Option<&str>, Option<&str>),
    detail: Option<&EventDetail>,
) {
    let raised = detail.and_then(EventDetail::raised);
    let kind = raised
        .map(|raised| raised.kind.as_str())
        .or(issue.error_type.as_deref());
    let value = raised
        .map(|raised| raised.value.as_str())
        .or(issue.error_value.as_deref());
    let fields: [(&str, Value); 18] = [
        ("issueId", json!(issue.sentry_issue_id)),
        ("shortId", json!(issue.short_id)),
        ("permalink", json!(issue.permalink)),
        ("projectSlug", json!(issue.project_slug)),
        ("projectId", json!(issue.project_id)),
        ("platform", json!(issue.platform)),
        ("level", json!(issue.level.as_str())),
        ("status", json!(issue.status.as_str())),
        ("eventCount", json!(issue.event_count())),
        ("userCount", json!(issue.user_count)),
        ("firstSeen", json!(issue.first_seen_at.rfc3339())),
        ("lastSeen", json!(issue.last_seen_at.rfc3339())),
        ("release", json!(release)),
        ("environment", json!(environment)),
        ("errorType", json!(kind)),
        ("errorValue", json!(value)),
        ("culprit", json!(issue.culprit)),
        (
            "hasStackTrace",
            json!(detail.is_some_and(EventDetail::has_stack)),
        ),
    ];
    for (key, value) in fields {
        draft.note(key, value);
    }
}
