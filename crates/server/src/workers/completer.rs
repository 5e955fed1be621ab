//! Completes pushes that their sender cut.

use crate::app::App;
use crate::operations::complete_pushes::complete_due;
use epicenter_store::StoreError;
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    complete_due(&app).await.map(|_| ())
}
