//! Owes the daily digests that are due.

use crate::app::App;
use crate::limits::DIGEST_BATCH;
use crate::operations::digests::tell_due;
use epicenter_store::StoreError;
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    let full = usize::try_from(DIGEST_BATCH).unwrap_or(usize::MAX);
    while tell_due(&app).await? >= full {
        if app.stop.is_cancelled() {
            break;
        }
    }
    Ok(())
}
