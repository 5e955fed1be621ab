//! What was done: pushes, releases, deploys. Nothing is decided here but what to say about it; the
//! store links it, and the ranking asks it later.

use super::{Context, Slice, Verdict, VerdictOutcome};
use crate::change::{ChangeFact, DeployFact, Push, ReleaseFact};
use crate::signal::Signal;
use crate::time::Time;

/// A change to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewChange {
    /// Workspace.
    pub workspace_id: i64,
    /// Integration it came by; `None`: the API.
    pub integration_id: Option<i64>,
    /// The service that the integration is bound to.
    pub service_id: Option<i64>,
    /// The delivery that brought it.
    pub delivery_id: Option<i64>,
    /// When it happened, by the sender's clock but never after it was received.
    pub at: Time,
    /// When it was received.
    pub received_at: Time,
    /// What was done.
    pub fact: ChangeFact,
}

/// Applies a change.
pub(super) fn apply(
    slice: &mut Slice,
    context: &mut Context<'_>,
    signal: &Signal,
    fact: &ChangeFact,
) -> Verdict {
    let reason = sentence(fact);
    if let ChangeFact::Greeting { .. } = fact {
        return Verdict::plain(VerdictOutcome::Ignored, reason);
    }
    let at = signal.when.occurred_at.unwrap_or(context.now);
    slice.changes.push(NewChange {
        workspace_id: context.origin.workspace_id,
        integration_id: Some(context.origin.integration_id),
        service_id: context.origin.service_id,
        delivery_id: context.delivery_id,
        at: at.min(context.now),
        received_at: context.now,
        fact: fact.clone(),
    });
    Verdict::applied(reason, None, None)
}

/// What was done, a sentence: the reason of the delivery's verdict.
pub fn sentence(fact: &ChangeFact) -> String {
    match fact {
        ChangeFact::Push(push) => push_sentence(push),
        ChangeFact::Release(release) => release_sentence(release),
        ChangeFact::Deploy(deploy) => deploy_sentence(deploy),
        ChangeFact::PullRequest(request) => format!(
            "Pull request #{} was merged into {} of {}.",
            request.number,
            request.target,
            request.repository.name.as_str()
        ),
        ChangeFact::Greeting { repository } => match repository {
            Some(name) => format!("The connection to {name} works; there is nothing to do."),
            None => "The connection works; there is nothing to do.".to_owned(),
        },
    }
}

fn push_sentence(push: &Push) -> String {
    let place = format!("{} of {}", push.branch, push.repository.name.as_str());
    if push.after.is_none() {
        return format!("{place} was deleted; its commits stay known.");
    }
    let count = push.commits.len();
    let mut sentence = match (count, push.is_forced) {
        (0, false) => format!("{place} was pushed without new commits"),
        (1, false) => format!("1 commit was pushed to {place}"),
        (_, false) => format!("{count} commits were pushed to {place}"),
        (_, true) => format!("{place} was rewritten by a forced push with {count} commits"),
    };
    if push.is_truncated {
        let total = push
            .total_count
            .map_or_else(|| "more".to_owned(), |total| total.to_string());
        sentence.push_str("; the sender listed only these of ");
        sentence.push_str(&total);
        sentence.push_str(", the rest is unknown until it is fetched");
    }
    sentence + "."
}

fn release_sentence(release: &ReleaseFact) -> String {
    let version = &release.version;
    match (&release.commits, release.is_archived) {
        (_, Some(true)) => format!("Release {version} was archived."),
        (_, Some(false)) => format!("Release {version} was restored."),
        (Some(commits), None) => {
            format!("Release {version} has {} known commits.", commits.len())
        }
        (None, None) if release.released_at.is_some() => {
            format!("Release {version} was finalised.")
        }
        (None, None) => format!("Release {version} is known."),
    }
}

fn deploy_sentence(deploy: &DeployFact) -> String {
    let what = deploy
        .version
        .as_deref()
        .or(deploy.sha.as_deref())
        .or(deploy.name.as_deref())
        .unwrap_or("something");
    format!(
        "Deploy of {what} to {}: {}.",
        deploy.environment,
        deploy.status.as_str()
    )
}
