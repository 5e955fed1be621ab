//! The two shapes that OpsKnight documents (OK-07 to OK-14): `issue` or `event` at the top level
//! instead of under `data`.

use super::hook::{Answer, Hook, Understood};
use super::resolution::{archived, resolved};
use super::{event, identity, issue, issue_object};
use crate::signal::{Fact, IssueChange, IssueFact, IssueStatus, ProjectFacts};

/// Reads `{action, issue, project}`. A final status wins over the action (OK-10).
pub(super) fn read_issue(hook: &Hook<'_>) -> Answer {
    let wire = hook.body.get("issue");
    let Some(mut facts) = issue_object::read(wire) else {
        return hook.refuse_without("`issue` has no id");
    };
    let change = match facts.status {
        Some(IssueStatus::Resolved) => {
            let how = hook.body.get("resolution_type").name();
            resolved(how, wire, hook.body)
        }
        Some(IssueStatus::Ignored) => archived(wire),
        Some(IssueStatus::Unresolved) | None => issue::change(hook, wire)?,
    };
    facts.project = project(hook, facts.project);
    let id = facts.key.sentry_issue_id().unwrap_or_default();
    let status = wire.get("status").str().unwrap_or_default();
    let hash = identity::of_issue(wire, &[hook.body.get("actor"), hook.body.get("assignee")]);
    Ok(Understood {
        identity: Some(identity::of(
            &hook.resource,
            &[id, &hook.action, status, &hash],
        )),
        occurred_at: issue::occurred_at(&change, &facts),
        actor: None,
        fact: Fact::Issue(Box::new(IssueFact {
            change,
            issue: facts,
            event: None,
        })),
    })
}

/// Reads `{event, project}`: an alert.
pub(super) fn read_event(hook: &Hook<'_>) -> Answer {
    let wire = hook.body.get("event");
    let key = event::key(hook, wire)?;
    let event = event::read(wire);
    let mut facts = event::issue_facts(wire, &event, key);
    facts.project = project(hook, facts.project);
    let id = facts.key.sentry_issue_id().unwrap_or_default();
    let parts = [id, &event.event_id];
    Ok(Understood {
        identity: Some(identity::of(&hook.resource, &parts)),
        occurred_at: event.at,
        actor: None,
        fact: Fact::Issue(Box::new(IssueFact {
            change: IssueChange::AlertFired { rules: Vec::new() },
            issue: facts,
            event: Some(Box::new(event)),
        })),
    })
}

fn project(hook: &Hook<'_>, inner: ProjectFacts) -> ProjectFacts {
    let outer = issue_object::project(hook.body.get("project"));
    ProjectFacts {
        id: outer.id.or(inner.id),
        slug: outer.slug.or(inner.slug),
        name: outer.name.or(inner.name),
    }
}
