//! `event_alert.triggered` (SENTRY-PROTOCOL §2.2): an alert rule fired for one event.

use super::hook::{Answer, Hook, Understood};
use super::{event, identity, issue_object};
use crate::signal::{Fact, IssueChange, IssueFact};

/// Reads a fired alert.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    if !matches!(hook.action.as_str(), "triggered" | "") {
        return hook.refuse_action();
    }
    let rule = hook
        .data
        .get("triggered_rule")
        .name()
        .or_else(|| hook.data.path(&["issue_alert", "title"]).name())
        .unwrap_or_default();
    let change = IssueChange::AlertFired {
        rules: Some(rule.clone())
            .filter(|rule| !rule.is_empty())
            .into_iter()
            .collect(),
    };
    let wire = hook.data.first(&["event", "error"]);
    if !wire.is_map() {
        return without_event(hook, change, &rule);
    }
    let key = event::key(hook, wire)?;
    let event = event::read(wire);
    let issue = event::issue_facts(wire, &event, key);
    let id = issue.key.sentry_issue_id().unwrap_or_default();
    let parts = [id, event.event_id.as_str(), rule.as_str()];
    Ok(Understood {
        identity: Some(identity::of(&hook.resource, &parts)),
        occurred_at: event.at,
        actor: None,
        fact: Fact::Issue(Box::new(IssueFact {
            change,
            issue,
            event: Some(Box::new(event)),
        })),
    })
}

/// An alert that names only its issue still wakes people.
fn without_event(hook: &Hook<'_>, change: IssueChange, rule: &str) -> Answer {
    let wire = super::issue::object(hook);
    let Some(issue) = issue_object::read(wire) else {
        return hook.refuse_without("it has neither `data.event` nor an issue");
    };
    let id = issue.key.sentry_issue_id().unwrap_or_default();
    let hash = identity::of_values(&[wire]);
    Ok(Understood {
        identity: Some(identity::of(&hook.resource, &[id, &hash, rule])),
        occurred_at: issue.last_seen_at,
        actor: None,
        fact: Fact::Issue(Box::new(IssueFact {
            change,
            issue,
            event: None,
        })),
    })
}
