//! Puts what happened into words, when no webhooks wait.

use super::{pause_or_stop, stop_if_broken};
use crate::app::App;
use crate::limits::{MEMORY_GATHER, MEMORY_POLL};
use crate::operations::remember::{Progress, remember_due, try_again};
use epicenter_store::StoreError;
use std::sync::Arc;

/// Remembers until the server stops. What is queued then is remembered after the next start.
pub(super) async fn run(app: Arc<App>) {
    match try_again(&app).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(
            count,
            "[memory] {count} notes that were left aside are tried once more"
        ),
        Err(error) => {
            tracing::error!(%error, "[memory] what was left aside is not tried again: {error}");
        }
    }
    while !app.stop.is_cancelled() {
        match remember_due(&app).await {
            Ok(Progress {
                has_more: true,
                failed: 0,
                ..
            }) => {}
            // Webhooks wait, or something failed: both are looked at again soon.
            Ok(Progress { yields, failed, .. }) if yields || failed > 0 => {
                pause_or_stop(&app, MEMORY_GATHER).await;
            }
            Ok(_) => wait_for_work(&app).await,
            Err(error) => {
                tracing::error!(%error, "[memory] nothing can be remembered: {error}");
                stop_if_broken(&app, &error);
                pause_or_stop(&app, MEMORY_POLL).await;
            }
        }
    }
}

async fn wait_for_work(app: &App) {
    tokio::select! {
        () = app.stop.cancelled() => {}
        () = app.remembering.notified() => tokio::time::sleep(MEMORY_GATHER).await,
        () = tokio::time::sleep(MEMORY_POLL) => {}
    }
}

/// Remembers everything that waits, for tests and for a clean end of the demo's history.
pub async fn remember_all(app: &App) -> Result<usize, StoreError> {
    let mut written = 0;
    loop {
        let progress = remember_due(app).await?;
        written += progress.written;
        if progress.written + progress.failed == 0 && !progress.has_more {
            return Ok(written);
        }
    }
}
