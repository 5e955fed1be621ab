//! `seer.*`: Sentry's agent looks for the cause of an issue.

use crate::simulator::issue::Issue;
use crate::simulator::payloads::{By, Sentry};
use crate::simulator::webhook::Webhook;
use serde_json::{Value, json};

/// How far the agent has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Looking for the cause.
    RootCauseStarted,
    /// Found it.
    RootCauseCompleted,
    /// Thinking about a way out.
    SolutionStarted,
    /// Found one.
    SolutionCompleted,
    /// Writing it.
    CodingStarted,
    /// Written.
    CodingCompleted,
    /// Asked for a review.
    PrCreated,
}

/// Every stage in order.
pub const STAGES: &[Stage] = &[
    Stage::RootCauseStarted,
    Stage::RootCauseCompleted,
    Stage::SolutionStarted,
    Stage::SolutionCompleted,
    Stage::CodingStarted,
    Stage::CodingCompleted,
    Stage::PrCreated,
];

impl Stage {
    /// Sentry's word.
    pub fn action(self) -> &'static str {
        match self {
            Self::RootCauseStarted => "root_cause_started",
            Self::RootCauseCompleted => "root_cause_completed",
            Self::SolutionStarted => "solution_started",
            Self::SolutionCompleted => "solution_completed",
            Self::CodingStarted => "coding_started",
            Self::CodingCompleted => "coding_completed",
            Self::PrCreated => "pr_created",
        }
    }
}

/// `seer.*` at that stage of a run.
pub fn seer(sentry: &mut Sentry, issue: &Issue, run_id: u64, stage: Stage) -> Webhook {
    let mut data = json!({"run_id": run_id, "group_id": issue.id});
    if let (Some(data), Some((key, value))) = (data.as_object_mut(), finding(issue, stage)) {
        data.insert(key.to_owned(), value);
    }
    sentry.hook("seer", stage.action(), &data, By::Sentry)
}

fn finding(issue: &Issue, stage: Stage) -> Option<(&'static str, Value)> {
    let repository = issue.fault.project.repository;
    let place = issue.fault.spots.last()?;
    let (file, function) = (place.file, place.function);
    match stage {
        Stage::RootCauseStarted | Stage::SolutionStarted | Stage::CodingStarted => None,
        Stage::RootCauseCompleted => Some((
            "root_cause",
            json!({
                "one_line_description": format!(
                    "`{function}` in `{file}` trusts a value that can be missing."
                ),
                "five_whys": [
                    format!("`{}` is raised in `{function}`.", issue.title()),
                    "The value comes from a caller that did not check it.",
                    "The check was in the old form and was lost when the form was rewritten.",
                    "No test sends the form without that field.",
                ],
                "reproduction_steps": [
                    format!("Open `{}`.", issue.fault.transaction),
                    "Leave the second field empty and send the form.",
                ],
                "relevant_repo": repository,
            }),
        )),
        Stage::SolutionCompleted => Some((
            "solution",
            json!({
                "one_line_summary": format!("Check the value before `{function}` uses it."),
                "steps": [
                    {"title": "Check", "description": format!("Return early in `{file}`.")},
                    {"title": "Test", "description": "Send the form without the field."},
                ],
            }),
        )),
        Stage::CodingCompleted => Some((
            "code_changes",
            json!({repository: [{
                "diff": format!("--- {file}\n+++ {file}\n@@ -{0},1 +{0},2 @@\n+guard()\n", place.line),
                "path": file,
                "type": "M",
                "added": 1,
                "removed": 0,
            }]}),
        )),
        Stage::PrCreated => Some((
            "pull_requests",
            json!([{
                "pull_request": {
                    "pr_number": issue.number,
                    "pr_url": format!("https://github.com/{repository}/pull/{}", issue.number),
                    "pr_id": 700_000 + issue.number,
                },
                "repo_name": repository,
                "provider": "github",
            }]),
        )),
    }
}
