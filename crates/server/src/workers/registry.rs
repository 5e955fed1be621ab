//! Integrations may have been changed by another node or by the command line.

use crate::app::App;
use epicenter_store::StoreError;
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    app.registry.reload(&app.database).await
}
