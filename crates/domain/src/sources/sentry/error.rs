//! `error.created` (SENTRY-PROTOCOL §2.3): one more error event, without any alert (EL-05).

use super::hook::{Answer, Hook, Understood};
use super::{event, identity};
use crate::signal::{Fact, IssueChange, IssueFact};

/// Reads one error.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    if !matches!(hook.action.as_str(), "created" | "") {
        return hook.refuse_action();
    }
    occurrence(hook)
}

/// One more event of an issue, without any alert.
pub(super) fn occurrence(hook: &Hook<'_>) -> Answer {
    let wire = match hook.data.first(&["error", "event"]) {
        object if object.is_map() => object,
        _ => hook.data,
    };
    let key = event::key(hook, wire)?;
    let event = event::read(wire);
    let issue = event::issue_facts(wire, &event, key);
    Ok(Understood {
        identity: Some(identity::of(&hook.resource, &[&event.event_id])),
        occurred_at: event.at,
        actor: None,
        fact: Fact::Issue(Box::new(IssueFact {
            change: IssueChange::Occurred {
                service_hook: false,
            },
            issue,
            event: Some(Box::new(event)),
        })),
    })
}
