//! `activity_alert.triggered` (SENTRY-PROTOCOL §2.5): an alert on an activity of an issue.

use super::hook::{self, Answer, Hook, Understood};
use super::resolution::{archived, remark, resolved};
use super::{identity, issue, issue_object};
use crate::limits;
use crate::signal::{ActorKind, Fact, IssueChange, IssueFact, Remark};
use crate::sources::wire::Wire;

/// Reads an activity.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    if !matches!(hook.action.as_str(), "triggered" | "") {
        return hook.refuse_action();
    }
    let wire = issue::object(hook);
    let Some(mut facts) = issue_object::read(wire) else {
        return hook.refuse_without("`data.issue` has no id");
    };
    let details = hook.data.path(&["activity", "details"]);
    let Some(kind) = hook
        .data
        .path(&["activity", "type"])
        .line(limits::WORD_CHARS)
    else {
        return hook.refuse_without("`data.activity` has no type");
    };
    let unresolved = |substatus: &str| (IssueChange::Unresolved, Some(substatus.to_owned()));
    let (change, substatus) = match kind.as_str() {
        "status_resolved" => (resolved(Some("now".to_owned()), wire, details), None),
        "status_regression" => unresolved("regressed"),
        "status_escalating" => unresolved("escalating"),
        "status_unresolved" => unresolved("ongoing"),
        "status_ignored" => (archived(wire), None),
        other => match other.strip_prefix("status_resolved_") {
            Some(how) => (resolved(Some(how.to_owned()), wire, details), None),
            None => (IssueChange::Remark(activity(hook, &kind, details)), None),
        },
    };
    facts.substatus = substatus.or(facts.substatus);
    let person = hook::actor(details.get("user")).map(|mut person| {
        person.kind = ActorKind::Person;
        person
    });
    let id = facts.key.sentry_issue_id().unwrap_or_default();
    let hash = identity::of_issue(wire, &[details]);
    Ok(Understood {
        identity: Some(identity::of(&hook.resource, &[id, &kind, &hash])),
        occurred_at: facts.last_seen_at,
        actor: person,
        fact: Fact::Issue(Box::new(IssueFact {
            change,
            issue: facts,
            event: None,
        })),
    })
}

fn activity(hook: &Hook<'_>, kind: &str, details: &Wire<'_>) -> Remark {
    let words = kind.replace('_', " ");
    let words = match words.strip_prefix("seer ") {
        Some(step) => format!("Seer: {step}"),
        None => format!("Activity: {words}"),
    };
    let summary = match hook.data.path(&["alert", "title"]).name() {
        Some(alert) => format!("{words} (alert “{alert}”)"),
        None => words,
    };
    let mut body = vec![details.get("summary").message()];
    for request in details.get("pull_requests").list() {
        body.extend(pull_request(request));
    }
    remark(format!("activity.{kind}"), &summary, &body)
}

/// `- repository: address` of a pull request in Seer's and the activity's spellings.
pub(super) fn pull_request(request: &Wire<'_>) -> Option<String> {
    let address = super::link::web(request.path(&["pull_request", "pr_url"]))
        .or_else(|| super::link::web(request.first(&["url", "pr_url"])))?;
    Some(match request.get("repo_name").name() {
        Some(repository) => format!("- {repository}: {address}"),
        None => format!("- {address}"),
    })
}
