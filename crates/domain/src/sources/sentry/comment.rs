//! `comment.*` (SENTRY-PROTOCOL §2.6): timeline only.

use super::hook::{Answer, Hook, Understood};
use super::identity;
use crate::signal::{Fact, IssueChange, IssueFact, IssueFacts, IssueKey};

/// Reads a comment. The text of a deleted one is not repeated.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    if !matches!(hook.action.as_str(), "created" | "updated" | "deleted") {
        return hook.refuse_action();
    }
    let named = hook.data.first(&["issue_id", "issueId", "group_id"]).id();
    let Some(issue_id) = named.or_else(|| hook.data.path(&["issue", "id"]).id()) else {
        return hook.refuse_without("it has no `issue_id`");
    };
    let text = hook.data.get("comment").message();
    let comment_id = hook.data.get("comment_id").id().unwrap_or_default();
    let at = hook.data.get("timestamp");
    let identity = match comment_id.as_str() {
        // Without its id, the comment's issue and time are the best there is.
        "" => identity::of_values(&[hook.data]),
        _ => identity::of_text(&text),
    };
    let identity = identity::of(&hook.resource, &[&comment_id, &hook.action, &identity]);
    let mut issue = IssueFacts::bare(IssueKey::Issue(issue_id));
    issue.project.slug = hook.data.get("project_slug").name();
    Ok(Understood {
        identity: Some(identity),
        occurred_at: at.time(),
        actor: None,
        fact: Fact::Issue(Box::new(IssueFact {
            change: IssueChange::Commented {
                comment_id,
                text: match hook.action.as_str() {
                    "deleted" => String::new(),
                    _ => text,
                },
                action: hook.action.clone(),
            },
            issue,
            event: None,
        })),
    })
}
