//! Rows of `write_backs`.

use crate::StoreError;
use crate::rows::{from_json, unreadable};
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::Time;
use epicenter_domain::writeback::{WriteBack, WriteState};
use sqlx::FromRow;

/// The columns of [`WriteBackRow`].
pub(super) const COLUMNS: &str = "id, workspace_id, integration_id, dedup_key, matter, which, \
    sentry_issue_id, issue_id, incident_id, said, before_status, actor, asked_at, state, due_at, \
    attempt_count, sent, told_at, comment_id, reason";

#[derive(Debug, FromRow)]
pub(super) struct WriteBackRow {
    id: i64,
    workspace_id: i64,
    integration_id: i64,
    dedup_key: String,
    pub(super) which: i64,
    sentry_issue_id: String,
    issue_id: Option<i64>,
    incident_id: Option<i64>,
    said: String,
    before_status: Option<String>,
    actor: String,
    asked_at: i64,
    state: String,
    due_at: i64,
    attempt_count: i64,
    sent: Option<String>,
    told_at: Option<i64>,
    comment_id: Option<String>,
    reason: String,
}

impl TryFrom<WriteBackRow> for WriteBack {
    type Error = StoreError;

    fn try_from(row: WriteBackRow) -> Result<Self, StoreError> {
        const TABLE: &str = "write_backs";
        let missing = |column| move || unreadable(TABLE, row.id, column);
        let said = from_json(TABLE, row.id, Some(&row.said))?.ok_or_else(missing("said"))?;
        let actor = from_json(TABLE, row.id, Some(&row.actor))?.ok_or_else(missing("actor"))?;
        let state = WriteState::parse(&row.state).ok_or_else(missing("state"))?;
        let sent = from_json(TABLE, row.id, row.sent.as_deref())?;
        Ok(Self {
            id: row.id,
            workspace_id: row.workspace_id,
            integration_id: row.integration_id,
            dedup_key: row.dedup_key,
            sentry_issue_id: row.sentry_issue_id,
            issue_id: row.issue_id,
            incident_id: row.incident_id,
            said,
            before: row
                .before_status
                .as_deref()
                .and_then(IssueStatus::from_sentry),
            actor,
            asked_at: Time(row.asked_at),
            state,
            due_at: Time(row.due_at),
            attempt_count: row.attempt_count,
            sent,
            told_at: row.told_at.map(Time),
            comment_id: row.comment_id,
            reason: row.reason,
        })
    }
}
