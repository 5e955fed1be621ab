//! Changes of an issue's state, read from the serialised issue and what stands beside it.

use crate::limits;
use crate::signal::{IssueChange, Remark, Resolution};
use crate::sources::wire::Wire;

/// How an issue was resolved: the type Sentry names, else what `statusDetails` tells.
pub(super) fn resolved(how: Option<String>, issue: &Wire<'_>, details: &Wire<'_>) -> IssueChange {
    let status = issue.get("statusDetails");
    let release = status.get("inRelease").name().or_else(|| {
        details
            .first(&["version", "inRelease", "in_release", "release"])
            .name()
    });
    let commit = match status.first(&["inCommit"]) {
        commit if commit.is_blank() => details.first(&["commit", "inCommit"]),
        commit => commit,
    };
    let told = || {
        let next = status.get("inNextRelease").bool() == Some(true);
        match (next, &release, commit.is_blank()) {
            (true, _, _) => Some("in_next_release".to_owned()),
            (_, Some(_), _) => Some("in_release".to_owned()),
            (_, _, false) => Some("in_commit".to_owned()),
            _ if status.get("autoResolved").bool() == Some(true) => Some("by_age".to_owned()),
            _ => None,
        }
    };
    let how = how.or_else(told);
    IssueChange::Resolved(Resolution {
        how,
        release,
        commit: commit.first(&["id", "commit"]).id().or_else(|| commit.id()),
        after: None,
        repository: match commit.get("repository") {
            object if object.is_map() => object.get("name").name(),
            word => word.name(),
        },
    })
}

/// Archived, and until when in words.
pub(super) fn archived(issue: &Wire<'_>) -> IssueChange {
    let until = conditions(issue.get("statusDetails"));
    let until = match issue.get("substatus").str() {
        _ if !until.is_empty() => until,
        Some("archived_until_escalating") => "until it escalates".to_owned(),
        Some("archived_forever") => "for ever".to_owned(),
        Some("archived_until_condition_met") => "until a condition is met".to_owned(),
        _ => "until somebody changes it".to_owned(),
    };
    IssueChange::Archived { until }
}

fn conditions(details: &Wire<'_>) -> String {
    let within = |minutes: Option<i64>| match minutes.filter(|minutes| *minutes > 0) {
        Some(1) => " within a minute".to_owned(),
        Some(minutes) => format!(" within {minutes} minutes"),
        None => String::new(),
    };
    let mut until = Vec::new();
    if let Some(at) = details.get("ignoreUntil").time() {
        until.push(format!("until {}", at.rfc3339()));
    }
    if let Some(count) = details.get("ignoreCount").int().filter(|count| *count > 0) {
        let window = within(details.get("ignoreWindow").int());
        until.push(format!("until {count} more events{window}"));
    }
    if let Some(count) = details
        .get("ignoreUserCount")
        .int()
        .filter(|count| *count > 0)
    {
        let window = within(details.get("ignoreUserWindow").int());
        until.push(format!("until {count} more users{window}"));
    }
    until.join(" or ")
}

/// A line for an issue's timeline.
pub(super) fn remark(kind: String, summary: &str, body: &[String]) -> Remark {
    let kept = body
        .get(..limits::REMARK_LINES.min(body.len()))
        .unwrap_or_default();
    Remark {
        kind,
        summary: limits::cut_chars(summary.trim(), limits::TITLE_CHARS),
        body: limits::cut_bytes(kept.join("\n").trim(), limits::MESSAGE_BYTES),
    }
}
