//! Looks at what arrived for what is unusual about it.

use crate::app::App;
use crate::operations::detect::detect_due;
use epicenter_store::StoreError;
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    while !app.stop.is_cancelled() && detect_due(&app).await? > 0 {}
    Ok(())
}

/// Looks at everything that waits, for tests and for a clean end of the demo's history.
pub async fn detect_all(app: &App) -> Result<(), StoreError> {
    while detect_due(app).await? > 0 {}
    Ok(())
}
