//! Ranks the suspects of incidents that wait for it.

use crate::app::App;
use crate::operations::rank_suspects::rank_due;
use epicenter_store::StoreError;
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    while rank_due(&app).await? > 0 {
        if app.stop.is_cancelled() {
            break;
        }
    }
    Ok(())
}
