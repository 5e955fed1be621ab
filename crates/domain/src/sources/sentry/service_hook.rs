//! Service hooks (SENTRY-PROTOCOL §3): an issue and an event in the REST shape. Nothing says
//! whether an event or an alert caused it.

use super::hook::{Answer, Hook, Understood};
use super::{event, identity, issue_object};
use crate::signal::{EventFacts, Fact, IssueChange, IssueFact, IssueFacts};
use crate::sources::wire::Wire;

/// Reads a service hook.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    let wire = hook.data.get("event");
    let group = hook.data.first(&["group", "issue"]);
    let event = wire.is_map().then(|| event::read(wire));
    let mut issue = match issue_object::read(group) {
        Some(facts) => facts,
        None => event::issue_facts(wire, &event::read(wire), event::key(hook, wire)?),
    };
    add_event(&mut issue, wire, event.as_ref());
    let project = issue_object::project(hook.data.get("project"));
    issue.project.id = issue.project.id.or(project.id);
    issue.project.slug = project.slug.or(issue.project.slug);
    issue.project.name = project.name.or(issue.project.name);
    let identity = match &event {
        Some(event) => identity::of(&hook.resource, &[&event.event_id]),
        None => identity::of(&hook.resource, &["", &identity::of_issue(group, &[])]),
    };
    Ok(Understood {
        identity: Some(identity),
        occurred_at: event.as_ref().map_or(issue.last_seen_at, |event| event.at),
        actor: None,
        fact: Fact::Issue(Box::new(IssueFact {
            change: IssueChange::Occurred { service_hook: true },
            issue,
            event: event.map(Box::new),
        })),
    })
}

/// Adds to an issue what only its event knows.
pub(super) fn add_event(issue: &mut IssueFacts, wire: &Wire<'_>, event: Option<&EventFacts>) {
    let Some(event) = event else { return };
    let from_event = event::issue_facts(wire, event, issue.key.clone());
    issue.environment = from_event.environment;
    issue.release = from_event.release;
    issue.title = issue.title.take().or(from_event.title);
    issue.level = issue.level.or(from_event.level);
    issue.culprit = issue.culprit.take().or(from_event.culprit);
    issue.platform = issue.platform.take().or(from_event.platform);
    issue.error_type = issue.error_type.take().or(from_event.error_type);
    issue.error_value = issue.error_value.take().or(from_event.error_value);
    issue.permalink = issue.permalink.take().or(from_event.permalink);
    issue.project.id = issue.project.id.take().or(from_event.project.id);
    issue.project.slug = issue.project.slug.take().or(from_event.project.slug);
}
