//! Issues that are muted for ever but still happen, and their repair (ACCEPTANCE U5).

use crate::app::App;
use crate::operations::OperationError;
use crate::operations::change_issue::change_issue;
use epicenter_domain::signal::{Actor, IssueStatus};
use epicenter_store::detection::{self, MutedIssue};
use epicenter_store::{Page, StoreError};

/// The issues of a workspace that are muted for ever but still happen, the loudest first.
pub async fn muted_issues(
    app: &App,
    workspace_id: i64,
    (cursor, limit): (Option<&str>, i64),
) -> Result<Page<MutedIssue>, StoreError> {
    let mut tx = app.database.read().await?;
    let page = detection::muted(&mut tx, workspace_id, (cursor, limit)).await?;
    tx.rollback().await?;
    Ok(page)
}

/// Makes an issue unresolved again, so that it is heard of.
pub async fn unmute(
    app: &App,
    workspace_id: i64,
    issue_id: i64,
    actor: &Actor,
) -> Result<(), OperationError> {
    change_issue(app, workspace_id, issue_id, IssueStatus::Unresolved, actor).await?;
    super::detect_due(app).await?;
    Ok(())
}
