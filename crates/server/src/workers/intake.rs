//! Takes deliveries out of the inbox, at its own pace.

use super::{pause_or_stop, stop_if_broken};
use crate::app::App;
use crate::limits::{INTAKE_GATHER, INTAKE_GATHER_CROWDED, INTAKE_GIVES_WAY, INTAKE_POLL};
use crate::operations::apply_deliveries::{Progress, apply_deliveries};
use crate::operations::read_deliveries::{Batch, read_deliveries};
use epicenter_store::StoreError;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::task::AbortOnDropHandle;

/// Pause after a failure of the store, and before a failing delivery is tried again.
const FAILURE_PAUSE: Duration = Duration::from_millis(500);

/// Reads the next batch while another one is applied.
type Ahead = AbortOnDropHandle<Result<Batch, StoreError>>;

/// Applies what arrives until the server stops. What is stored but not applied then is applied
/// after the next start.
pub(super) async fn run(app: Arc<App>) {
    let mut ahead = None;
    while !app.stop.is_cancelled() {
        let started = Instant::now();
        let applied = step(&app, &mut ahead).await;
        let is_crowded = app.inbox.was_crowded();
        if is_crowded {
            pause_or_stop(&app, started.elapsed() * INTAKE_GIVES_WAY).await;
        }
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
            Ok(_) => wait_for_work(&app, is_crowded).await,
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

/// Applies a batch. What was read ahead is only used when everything before it was decided, so
/// that deliveries are applied in the order in which they came.
async fn step(app: &Arc<App>, ahead: &mut Option<Ahead>) -> Result<Progress, StoreError> {
    let batch = match ahead.take() {
        Some(reading) => reading
            .await
            .unwrap_or(Err(StoreError::Conflict("the inbox")))?,
        None => read_deliveries(app, &BTreeSet::new()).await?,
    };
    let ids = batch.ids();
    let count = ids.len();
    let reading = batch.has_more.then(|| {
        let app = Arc::clone(app);
        let tasks = app.tasks.clone();
        AbortOnDropHandle::new(tasks.spawn(async move { read_deliveries(&app, &ids).await }))
    });
    let progress = apply_deliveries(app, &batch).await?;
    if progress.decided == count {
        *ahead = reading;
    }
    Ok(progress)
}

async fn wait_for_work(app: &App, is_crowded: bool) {
    let gather = if is_crowded {
        INTAKE_GATHER_CROWDED
    } else {
        INTAKE_GATHER
    };
    tokio::select! {
        () = app.stop.cancelled() => {}
        () = app.arrived.notified() => tokio::time::sleep(gather).await,
        () = tokio::time::sleep(INTAKE_POLL) => {}
    }
}

/// Applies everything that waits, for tests and for a clean end of the demo's history.
pub async fn drain(app: &App) -> Result<usize, StoreError> {
    let mut decided = 0;
    loop {
        let batch = read_deliveries(app, &BTreeSet::new()).await?;
        if batch.is_empty() {
            return Ok(decided);
        }
        decided += apply_deliveries(app, &batch).await?.decided;
    }
}
