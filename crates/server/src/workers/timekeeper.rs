//! What is due because time has passed: snoozes that end, escalations that go on, storms that
//! are over, incidents that have gone quiet. Counts the backlog, too.

use crate::app::App;
use crate::operations::OperationError;
use crate::operations::auto_resolve::resolve_quiet;
use crate::operations::command_incident::{end_suspensions, wake_snoozed};
use crate::operations::escalate::escalate_due;
use crate::operations::remember::count_left_aside;
use crate::operations::storms::look_at_storms;
use epicenter_store::{StoreError, inbox, write_backs};
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    match wake_snoozed(&app).await {
        Err(OperationError::Store(error)) => return Err(error),
        Err(error) => tracing::warn!(%error, "a snooze could not be ended: {error}"),
        Ok(_) => {}
    }
    match end_suspensions(&app).await {
        Err(OperationError::Store(error)) => return Err(error),
        Err(error) => tracing::warn!(%error, "a held incident could not be told: {error}"),
        Ok(_) => {}
    }
    resolve_quiet(&app).await?;
    escalate_due(&app).await?;
    look_at_storms(&app).await?;
    let mut tx = app.database.read().await?;
    app.metrics.pending(inbox::pending_count(&mut tx).await?);
    let waiting = write_backs::count_waiting(&mut tx, None).await?;
    app.metrics.write_backs_waiting(waiting);
    tx.rollback().await?;
    count_left_aside(&app).await
}
