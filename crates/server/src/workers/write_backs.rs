//! Tells Sentry what people did here.

use crate::app::App;
use crate::operations::write_backs::send_due;
use epicenter_store::StoreError;
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    send_due(&app).await.map(|_| ())
}
