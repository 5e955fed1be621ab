//! What a fact about an issue means for its alert, and why, in words.

use super::Context;
use crate::incident::{Mark, MarkKind, Trigger};
use crate::issue::Issue;
use crate::signal::{IssueChange, IssueFact, Resolution, Signal};

/// What the change means for the alert, and the cause in words. `None`: only the error log.
pub(super) fn trigger_of(
    context: &Context<'_>,
    signal: &Signal,
    fact: &IssueFact,
    issue: &Issue,
) -> Option<(Trigger, String)> {
    let mark = |kind| Mark::new(kind, signal.when, context.now);
    let severity = context.origin.profile.severity(issue.level.severity());
    let fire = || Trigger::Fire {
        severity,
        exact: false,
        mark: mark(MarkKind::Trigger),
    };
    let pair = match &fact.change {
        IssueChange::Created => (fire(), "a new issue in Sentry".to_owned()),
        IssueChange::AlertFired { rules } => (fire(), rules_in_words(rules)),
        IssueChange::Reported { by } => (fire(), format!("reported by {by}")),
        IssueChange::Occurred { service_hook } => {
            if !(*service_hook && context.origin.service_hooks_trigger) {
                return None;
            }
            (fire(), "a service hook reported an event".to_owned())
        }
        IssueChange::Unresolved => {
            let why = fact
                .issue
                .substatus
                .clone()
                .unwrap_or_else(|| "ongoing".to_owned());
            let mark = mark(MarkKind::Unresolved);
            (
                Trigger::Unresolved {
                    severity,
                    why,
                    mark,
                },
                "unresolved in Sentry".to_owned(),
            )
        }
        IssueChange::Resolved(resolution) => (
            Trigger::Resolve {
                how: in_words(resolution),
                mark: mark(MarkKind::Resolved),
            },
            String::new(),
        ),
        IssueChange::Archived { until } => (
            Trigger::Archive {
                until: until.clone(),
                mark: mark(MarkKind::Archived),
            },
            String::new(),
        ),
        IssueChange::Assigned(assignee) => (Trigger::Assign(assignee.clone()), String::new()),
        IssueChange::Commented { action, text, .. } => {
            let verb = match action.as_str() {
                "updated" => "changed a comment",
                "deleted" => "removed a comment",
                _ => "commented",
            };
            let summary = if action == "deleted" || text.is_empty() {
                verb.to_owned()
            } else {
                format!("{verb}: {text}")
            };
            (
                Trigger::Remark(format!("comment.{action}"), summary),
                String::new(),
            )
        }
        IssueChange::Remark(remark) => (
            Trigger::Remark(remark.kind.clone(), remark.summary.clone()),
            String::new(),
        ),
    };
    Some(pair)
}

fn rules_in_words(rules: &[String]) -> String {
    let named: Vec<_> = rules.iter().filter(|rule| !rule.is_empty()).collect();
    match named.as_slice() {
        [] => "an alert rule fired".to_owned(),
        [rule] => format!("the alert rule “{rule}” fired"),
        rules => {
            let list = rules
                .iter()
                .map(|rule| format!("“{rule}”"))
                .collect::<Vec<_>>();
            format!("the alert rules {} fired", list.join(", "))
        }
    }
}

pub(super) fn in_words(resolution: &Resolution) -> String {
    let release = resolution.release.as_deref();
    let commit = resolution
        .commit
        .as_deref()
        .map(|sha| sha.get(..12).unwrap_or(sha));
    match (resolution.how.as_deref(), release, commit) {
        (_, Some(release), _) => format!("in release {release}"),
        (_, None, Some(commit)) => format!("in commit {commit}"),
        (Some("in_next_release"), None, None) => "in the next release".to_owned(),
        (Some("by_hand"), None, None) => "by hand".to_owned(),
        (Some("by_age"), None, None) => "by Sentry, because of its age".to_owned(),
        _ => "in Sentry".to_owned(),
    }
}
