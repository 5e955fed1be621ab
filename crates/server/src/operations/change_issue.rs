//! A person changes an issue's status in the error log: the same effect as if Sentry had said so.

use super::{OperationError, step};
use crate::app::App;
use epicenter_domain::engine::change_issue_status;
use epicenter_domain::signal::{Actor, IssueStatus};
use epicenter_store::issues;
use epicenter_store::slice::Touched;

/// Changes the status of an issue of a workspace.
pub async fn change_issue(
    app: &App,
    workspace_id: i64,
    issue_id: i64,
    status: IssueStatus,
    actor: &Actor,
) -> Result<(), OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write_state().await?;
    let issue = issues::by_id(&mut tx, workspace_id, issue_id)
        .await?
        .ok_or(OperationError::NotFound("issue"))?;
    let origin = app.registry.origin(issue.integration_id, workspace_id);
    let key = (issue.integration_id, issue.dedup_key);
    let touched = Touched {
        keys: [key.clone()].into(),
        workspaces: [workspace_id].into(),
        ..Touched::default()
    };
    let (verdict, timeline) = step(app, &mut tx, &touched, (&origin, now), |slice, context| {
        change_issue_status(slice, context, &key, status, actor)
    })
    .await?;
    tx.commit().await?;
    app.live
        .publish(timeline, verdict.and_then(|verdict| verdict.incident_id));
    Ok(())
}
