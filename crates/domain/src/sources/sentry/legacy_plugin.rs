//! The legacy "`WebHooks`" plugin (SENTRY-PROTOCOL §3, OK-06): top-level `id` is the issue,
//! `event.id` the event; unsigned, no action, never a resolve.

use super::hook::{Answer, Hook, Understood};
use super::{event, identity, issue_object, link};
use crate::limits;
use crate::signal::{Fact, IssueChange, IssueFact, IssueKey};

/// Reads a fired alert of the plugin.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    let body = hook.data;
    let wire = body.get("event");
    let page = body.get("url").str().unwrap_or_default();
    let issue_id = body
        .get("id")
        .id()
        .or_else(|| link::issue_id(page).map(str::to_owned))
        .or_else(|| event::issue_id(wire));
    let key = match issue_id {
        Some(id) => IssueKey::Issue(id),
        None => event::key(hook, wire)?,
    };
    let rules: Vec<String> = body
        .get("triggering_rules")
        .list()
        .iter()
        .filter_map(|rule| {
            rule.name()
                .or_else(|| rule.first(&["label", "name"]).name())
        })
        .take(limits::RULES)
        .collect();
    let message = body.get("message");
    let event = wire.is_map().then(|| {
        let mut event = event::read(wire);
        if event.detail.message.is_empty() {
            event.detail.message = message.message();
        }
        if event.title == event::NO_TITLE {
            event.title = message.line(limits::TITLE_CHARS).unwrap_or(event.title);
        }
        if wire.get("level").is_blank() {
            event.level = issue_object::level(body.get("level")).unwrap_or(event.level);
        }
        event
    });
    let event_id = event.as_ref().map_or_else(
        || identity::of_values(&[body]),
        |event| event.event_id.clone(),
    );
    let id = key.sentry_issue_id().unwrap_or_default();
    let identity = identity::of(&hook.resource, &[id, &event_id, &rules.join("\n")]);
    let mut issue = match &event {
        Some(event) => event::issue_facts(wire, event, key),
        None => event::issue_facts(body, &event::read(body), key),
    };
    issue.level = issue_object::level(body.get("level")).or(issue.level);
    issue.culprit = body
        .get("culprit")
        .line(limits::TITLE_CHARS)
        .or(issue.culprit);
    issue.logger = body.get("logger").name().or(issue.logger);
    issue.permalink = link::page(body, &["url"]).or(issue.permalink);
    issue.project.slug = body
        .first(&["project_slug", "project"])
        .name()
        .or(issue.project.slug);
    issue.project.name = body.get("project_name").name();
    Ok(Understood {
        identity: Some(identity),
        occurred_at: event.as_ref().and_then(|event| event.at),
        actor: None,
        fact: Fact::Issue(Box::new(IssueFact {
            change: IssueChange::AlertFired { rules },
            issue,
            event: event.map(Box::new),
        })),
    })
}
