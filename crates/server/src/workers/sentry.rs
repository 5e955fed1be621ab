//! Keeps in step with Sentry through its API.

use crate::app::App;
use crate::operations::sentry::{fetch_events, sync_due};
use epicenter_store::StoreError;
use std::sync::Arc;

pub(super) async fn sync_once(app: Arc<App>) -> Result<(), StoreError> {
    sync_due(&app).await.map(|_| ())
}

pub(super) async fn fetch_once(app: Arc<App>) -> Result<(), StoreError> {
    fetch_events(&app).await.map(|_| ())
}
