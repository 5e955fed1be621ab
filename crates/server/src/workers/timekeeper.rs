//! What is due because time has passed: snoozes that end. Counts the backlog, too.

use crate::app::App;
use crate::operations::OperationError;
use crate::operations::command_incident::wake_snoozed;
use epicenter_store::{StoreError, inbox};
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    match wake_snoozed(&app).await {
        Err(OperationError::Store(error)) => return Err(error),
        Err(error) => tracing::warn!(%error, "a snooze could not be ended: {error}"),
        Ok(_) => {}
    }
    let mut tx = app.database.read().await?;
    app.metrics.pending(inbox::pending_count(&mut tx).await?);
    tx.rollback().await
}
