//! `seer.*` (SENTRY-PROTOCOL §2.8): what Sentry's own analysis found, for the issue's timeline.
//! Any action is taken: new ones appear every few months.

use super::activity_alert::pull_request;
use super::hook::{Answer, Hook, Understood};
use super::identity;
use super::resolution::remark;
use crate::limits;
use crate::signal::{Fact, IssueChange, IssueFact, IssueFacts, IssueKey, Remark};
use crate::sources::wire::Wire;

/// Reads a step of a run.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    if hook.action.is_empty() {
        return hook.refuse_action();
    }
    let named = hook.data.first(&["group_id", "issue_id", "groupId"]).id();
    let Some(issue_id) = named.or_else(|| hook.data.path(&["issue", "id"]).id()) else {
        return hook.refuse_without("it has no `group_id`");
    };
    let run_id = hook.data.get("run_id").id().unwrap_or_default();
    let hash = identity::of_values(&[hook.data]);
    let parts = [run_id.as_str(), &issue_id, &hook.action, &hash];
    Ok(Understood {
        identity: Some(identity::of(&hook.resource, &parts)),
        occurred_at: None,
        actor: None,
        fact: Fact::Issue(Box::new(IssueFact {
            change: IssueChange::Remark(step(hook)),
            issue: IssueFacts::bare(IssueKey::Issue(issue_id)),
            event: None,
        })),
    })
}

fn step(hook: &Hook<'_>) -> Remark {
    let mut body = Vec::new();
    let cause = hook.data.get("root_cause");
    let solution = hook.data.get("solution");
    let found = match cause.first(&["one_line_description", "description"]) {
        blank if blank.is_blank() => solution.first(&["one_line_summary", "description"]),
        found => found,
    };
    body.extend(cause.get("five_whys").list().iter().filter_map(bullet));
    let steps = cause.first(&["reproduction_steps", "steps"]).list();
    body.extend(steps.iter().filter_map(bullet));
    body.extend(solution.get("steps").list().iter().filter_map(bullet));
    body.extend(changes(hook.data));
    body.extend(
        hook.data
            .get("pull_requests")
            .list()
            .iter()
            .filter_map(pull_request),
    );
    let words = format!("Seer: {}", hook.action.replace('_', " "));
    let summary = match found.line(limits::TITLE_CHARS) {
        Some(found) => format!("{words}. {found}"),
        None => words,
    };
    remark(format!("seer.{}", hook.action), &summary, &body)
}

fn bullet(step: &Wire<'_>) -> Option<String> {
    if let Some(text) = step.line(limits::TITLE_CHARS) {
        return Some(format!("- {text}"));
    }
    let title = step.get("title").line(limits::TITLE_CHARS);
    let description = step.get("description").line(limits::TITLE_CHARS);
    match (title, description) {
        (Some(title), Some(description)) => Some(format!("- **{title}** {description}")),
        (title, description) => title.or(description).map(|text| format!("- {text}")),
    }
}

/// `- repository/path (+4 −1)` of each changed file, in the shapes of 2025 and 2026.
fn changes(data: &Wire<'_>) -> Vec<String> {
    let line = |repository: &str, change: &Wire<'_>| {
        let path = change
            .first(&["path", "file_path"])
            .line(limits::PATH_CHARS)?;
        let count = |key: &str| change.get(key).int().unwrap_or(0);
        let (added, removed) = (count("added"), count("removed"));
        Some(format!("- {repository} `{path}` (+{added} −{removed})"))
    };
    let by_repository = data.get("code_changes").entries().iter();
    let now = by_repository.flat_map(|(repository, changes)| {
        let repository = limits::cut_chars(repository, limits::NAME_CHARS);
        let changes = changes.list().iter();
        changes.filter_map(move |change| line(&repository, change))
    });
    let then = data.get("changes").list().iter().filter_map(|change| {
        let repository = change.first(&["repo_name", "title"]).name();
        line(repository.as_deref().unwrap_or_default(), change)
            .or_else(|| repository.map(|title| format!("- {title}")))
    });
    now.chain(then).take(limits::REMARK_LINES).collect()
}
