//! One issue, as the API lists it.

use crate::signal::{IssueChange, IssueFacts, IssueStatus};
use crate::sources::sentry::issue_object;
use crate::sources::sentry::resolution::{archived, resolved};
use crate::sources::wire::Wire;

/// What the API says of one issue.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadIssue {
    /// The issue.
    pub facts: IssueFacts,
    /// What its status amounts to: what a webhook would have told. `None`: the issue is on its way
    /// out (`pending_deletion`, `pending_merge`), or its status is unknown.
    pub change: Option<IssueChange>,
}

pub(super) fn read(wire: &Wire<'_>) -> Option<ReadIssue> {
    let mut facts = issue_object::read(wire)?;
    // Beside a window of time, count and times are those of the window: these are of all time.
    let lifetime = wire.get("lifetime");
    facts.first_seen_at = lifetime.get("firstSeen").time().or(facts.first_seen_at);
    facts.last_seen_at = lifetime.get("lastSeen").time().or(facts.last_seen_at);
    let counted = |key: &str| lifetime.get(key).int().filter(|count| *count >= 0);
    facts.event_count = counted("count").or(facts.event_count);
    facts.user_count = counted("userCount").or(facts.user_count);
    let change = match facts.status {
        Some(IssueStatus::Resolved) => Some(resolved(None, wire, &Wire::Null)),
        Some(IssueStatus::Ignored) => Some(archived(wire)),
        Some(IssueStatus::Unresolved) => Some(IssueChange::Unresolved),
        None => None,
    };
    Some(ReadIssue { facts, change })
}
