//! Epicenter looks at itself: writes down what was counted, samples its size, sends its canary, and
//! warns of what is wrong.

use crate::app::App;
use crate::operations::OperationError;
use crate::operations::canary::look_after;
use crate::operations::watch_sentry::watch_sentry;
use crate::operations::watch_sources::watch_sources;
use crate::operations::watch_tokens::watch_tokens;
use epicenter_store::health::{beats, counts, samples};
use epicenter_store::{StoreError, retention};
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    watch(&app).await
}

/// One look.
pub async fn watch(app: &App) -> Result<(), StoreError> {
    write_down(app).await?;
    for looked in [
        look_after(app).await,
        watch_sources(app).await,
        watch_sentry(app).await,
        watch_tokens(app).await,
    ] {
        match looked {
            Err(OperationError::Store(error)) => return Err(error),
            Err(error) => tracing::warn!(%error, "Epicenter could not watch itself: {error}"),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Counts, beats and the size of today.
async fn write_down(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let sizes = retention::sizes(&mut tx).await?;
    tx.rollback().await?;
    let counted = app.tally.take();
    let result = async {
        let mut tx = app.database.write().await?;
        counts::add(&mut tx, &counted).await?;
        beats::keep(&mut tx, &app.beats.take(i64::from(app.config.node))).await?;
        samples::keep_size(&mut tx, now.day(), sizes.total_bytes).await?;
        tx.commit().await
    }
    .await;
    if result.is_err() {
        app.tally.put_back(counted);
    }
    result
}
