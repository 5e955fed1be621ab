//! The repair of issues that are muted for ever but still happen (ACCEPTANCE U5).

use crate::app::App;
use crate::operations::OperationError;
use crate::operations::change_issue::change_issue;
use epicenter_domain::signal::{Actor, IssueStatus};

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
