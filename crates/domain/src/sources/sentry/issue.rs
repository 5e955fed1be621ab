//! `issue.*` (SENTRY-PROTOCOL §2.1): the action is what happened; the serialised status may lag.

use super::hook::{Answer, Hook, Refusal, Understood};
use super::resolution::{archived, remark, resolved};
use super::{event, identity, issue_object};
use crate::signal::{Fact, IssueChange, IssueFact, IssueFacts, IssueKey, IssueStatus};
use crate::sources::wire::Wire;
use crate::time::Time;

/// Reads a change of an issue.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    let issue = object(hook);
    let facts = facts(hook, issue)?;
    let change = match hook.action.as_str() {
        // Without an action the serialised status is the next best witness.
        "" => match facts.status {
            Some(IssueStatus::Resolved) => resolved(None, issue, hook.data),
            Some(IssueStatus::Ignored) => archived(issue),
            Some(IssueStatus::Unresolved) | None => return hook.refuse_action(),
        },
        _ => change(hook, issue)?,
    };
    let around = [
        hook.data.get("resolution_type"),
        hook.data.get("assignee"),
        hook.body.get("actor"),
    ];
    let id = facts.key.sentry_issue_id().unwrap_or_default();
    let hash = identity::of_issue(issue, &around);
    let occurred_at = occurred_at(&change, &facts);
    Ok(Understood {
        identity: Some(identity::of(&hook.resource, &[id, &hook.action, &hash])),
        occurred_at,
        actor: None,
        fact: Fact::Issue(Box::new(IssueFact {
            change,
            issue: facts,
            event: None,
        })),
    })
}

/// A new issue happened when it was first seen, everything else when it was last seen.
pub(super) fn occurred_at(change: &IssueChange, facts: &IssueFacts) -> Option<Time> {
    match (change, facts.first_seen_at) {
        (IssueChange::Created, Some(first)) => Some(first),
        _ => facts.last_seen_at,
    }
}

/// The issue object, under the names it has had.
pub(super) fn object<'w>(hook: &Hook<'w>) -> &'w Wire<'w> {
    match hook.data.first(&["issue", "group"]) {
        object if object.is_map() => object,
        _ => hook.data,
    }
}

fn facts(hook: &Hook<'_>, issue: &Wire<'_>) -> Result<IssueFacts, Refusal> {
    if let Some(facts) = issue_object::read(issue) {
        return Ok(facts);
    }
    let event = hook.data.first(&["event", "error"]);
    let named = hook.data.first(&["issue_id", "issueId", "issue"]).id();
    match named.or_else(|| event::issue_id(event)) {
        Some(id) => Ok(IssueFacts::bare(IssueKey::Issue(id))),
        None => hook.refuse_without("`data.issue` has no id"),
    }
}

/// What an action word means for an issue.
pub(super) fn change(hook: &Hook<'_>, issue: &Wire<'_>) -> Result<IssueChange, Refusal> {
    Ok(match hook.action.as_str() {
        "created" => IssueChange::Created,
        "resolved" => {
            let how = hook.data.get("resolution_type").name();
            resolved(how, issue, hook.data)
        }
        "ignored" | "archived" => archived(issue),
        "unresolved" | "reopened" => IssueChange::Unresolved,
        "assigned" => assigned(hook, issue),
        "unassigned" => IssueChange::Remark(remark(
            "issue.unassigned".to_owned(),
            "The issue is assigned to nobody now.",
            &[],
        )),
        _ => return hook.refuse_action(),
    })
}

fn assigned(hook: &Hook<'_>, issue: &Wire<'_>) -> IssueChange {
    let beside = issue_object::assignee(hook.data.get("assignee"));
    match beside.or_else(|| issue_object::assignee(issue.get("assignedTo"))) {
        Some(assignee) => IssueChange::Assigned(assignee),
        None => IssueChange::Remark(remark(
            "issue.assigned".to_owned(),
            "The issue was assigned; Sentry does not say to whom.",
            &[],
        )),
    }
}
