//! Keeps in step with Sentry through its API.

use super::stop_if_broken;
use crate::app::App;
use crate::operations::sentry::{due_connections, fetch_events, sync};
use epicenter_store::StoreError;
use std::sync::Arc;

/// Begins the passes that are due. A long one holds up no other connection: each is a task of its
/// own, and its claim keeps a second pass of the same connection away.
pub(super) async fn sync_once(app: Arc<App>) -> Result<(), StoreError> {
    for connection in due_connections(&app).await? {
        let own = Arc::clone(&app);
        super::spawn(&app, "pass", async move {
            if let Err(error) = sync(&own, &connection).await {
                tracing::error!(%error, "[sync] a pass failed: {error}");
                stop_if_broken(&own, &error);
            }
        });
    }
    Ok(())
}

pub(super) async fn fetch_once(app: Arc<App>) -> Result<(), StoreError> {
    fetch_events(&app).await.map(|_| ())
}
