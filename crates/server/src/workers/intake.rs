//! Takes deliveries out of the inbox, at its own pace.

use super::{pause_or_stop, stop_if_broken};
use crate::app::App;
use crate::limits::{INTAKE_GATHER, INTAKE_POLL};
use crate::operations::apply_deliveries::{Progress, apply_deliveries};
use epicenter_store::StoreError;
use std::sync::Arc;
use std::time::Duration;

/// Pause after a failure of the store, and before a failing delivery is tried again.
const FAILURE_PAUSE: Duration = Duration::from_millis(500);

/// Applies what arrives until the server stops. What is stored but not applied then is applied
/// after the next start.
pub(super) async fn run(app: Arc<App>) {
    while !app.stop.is_cancelled() {
        let applied = apply_deliveries(&app).await;
        if applied.is_ok() {
            app.beats.done("intake", app.clock.now());
        }
        match applied {
            Ok(Progress {
                has_more: true,
                failed: 0,
                ..
            }) => {}
            Ok(Progress { failed, .. }) if failed > 0 => {
                pause_or_stop(&app, FAILURE_PAUSE).await;
            }
            Ok(_) => wait_for_work(&app).await,
            Err(error) => {
                tracing::error!(%error, "[webhooks/sentry] the inbox cannot be applied: {error}");
                app.beats
                    .failed("intake", app.clock.now(), &error.to_string());
                stop_if_broken(&app, &error);
                pause_or_stop(&app, FAILURE_PAUSE).await;
            }
        }
    }
}

async fn wait_for_work(app: &App) {
    tokio::select! {
        () = app.stop.cancelled() => {}
        () = app.arrived.notified() => tokio::time::sleep(INTAKE_GATHER).await,
        () = tokio::time::sleep(INTAKE_POLL) => {}
    }
}

/// Applies everything that waits, for tests and for a clean end of the demo's history.
pub async fn drain(app: &App) -> Result<usize, StoreError> {
    let mut decided = 0;
    loop {
        let progress = apply_deliveries(app).await?;
        decided += progress.decided;
        if progress.decided + progress.failed == 0 && !progress.has_more {
            return Ok(decided);
        }
    }
}
