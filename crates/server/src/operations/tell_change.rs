//! A program tells of a change itself: the deploy API, sentry-cli.

use super::OperationError;
use super::record_changes::record_changes;
use crate::app::App;
use epicenter_domain::change::ChangeFact;
use epicenter_domain::engine::NewChange;
use epicenter_store::{StoreError, Tx};

/// Stores changes in one transaction, in the order given.
pub async fn tell_changes(
    app: &App,
    workspace_id: i64,
    facts: Vec<ChangeFact>,
) -> Result<(), OperationError> {
    let mut tx = app.database.write_state().await?;
    record_told(app, &mut tx, workspace_id, facts).await?;
    tx.commit().await?;
    app.live.publish(Vec::new(), []);
    Ok(())
}

/// Stores changes that nobody delivered by a webhook, in the open transaction.
pub(super) async fn record_told(
    app: &App,
    tx: &mut Tx,
    workspace_id: i64,
    facts: Vec<ChangeFact>,
) -> Result<(), StoreError> {
    let changes: Vec<NewChange> = facts
        .into_iter()
        .map(|fact| told(app, workspace_id, fact))
        .collect();
    record_changes(app, tx, &changes).await
}

/// A change that is told now.
pub(super) fn told(app: &App, workspace_id: i64, fact: ChangeFact) -> NewChange {
    let now = app.clock.now();
    NewChange {
        workspace_id,
        integration_id: None,
        service_id: None,
        delivery_id: None,
        at: now,
        received_at: now,
        fact,
    }
}
