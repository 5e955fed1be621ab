//! Integrations may have been changed by another node or by the command line, and another node may
//! have trained a dictionary.

use crate::app::App;
use epicenter_store::StoreError;
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    app.registry.reload(&app.database).await?;
    let mut tx = app.database.read().await?;
    app.dictionaries.reload(&mut tx).await?;
    tx.rollback().await
}
