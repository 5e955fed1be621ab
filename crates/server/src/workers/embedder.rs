//! Asks the text model about new records.

use crate::app::App;
use crate::operations::embed::embed_due;
use epicenter_store::StoreError;
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    while embed_due(&app).await?.has_more {
        if app.stop.is_cancelled() {
            break;
        }
    }
    Ok(())
}
