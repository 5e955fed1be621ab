//! What runs beside the doors. Each worker is a `run_once`; this file is their common loop.

mod completer;
mod detector;
mod digester;
mod embedder;
mod intake;
mod memory;
mod memory_file;
mod notifier;
mod ranker;
mod registry;
mod replier;
mod retention;
mod sentry;
mod timekeeper;
mod trainer;
mod watch;
mod write_backs;

pub use detector::detect_all;
pub use intake::drain;
pub use memory::remember_all;
pub use memory_file::write_file;
pub use notifier::send_due;
pub use retention::clean_up;
pub use watch::watch;

use crate::app::App;
use crate::limits;
use crate::operations::feed::feed_due;
use epicenter_store::StoreError;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Longest pause after repeated failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Starts a task that the server waits for at its end.
pub fn spawn(app: &Arc<App>, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
    app.tasks.spawn(async move {
        task.await;
        tracing::debug!(task = name, "{name} has ended");
    });
}

/// Starts all workers.
pub fn start_all(app: &Arc<App>) {
    spawn(app, "intake", intake::run(Arc::clone(app)));
    spawn(app, "replier", replier::run(Arc::clone(app)));
    every(app, "timekeeper", limits::TIMER_TICK, timekeeper::run_once);
    if app.config.tells {
        spawn(app, "planner", notifier::plan(Arc::clone(app)));
        every(app, "feeds", limits::FEED_TICK, feed);
        spawn(app, "notifier", notifier::send(Arc::clone(app)));
        every(app, "digester", limits::DIGEST_TICK, digester::run_once);
    }
    if !app.config.memory.file.as_os_str().is_empty() {
        every(app, "memory file", limits::FEED_TICK, memory_file::run_once);
    }
    spawn(app, "memory", memory::run(Arc::clone(app)));
    if app.config.tells && app.config.memory.embeddings.is_on() {
        every(app, "embedder", limits::EMBEDDING_TICK, embedder::run_once);
    }
    every(app, "ranker", limits::RANKING_TICK, ranker::run_once);
    if app.config.tells {
        every(app, "watch", limits::WATCH_TICK, watch::run_once);
        every(
            app,
            "completer",
            limits::COMPLETION_TICK,
            completer::run_once,
        );
        every(app, "sync", limits::sentry::SYNC_TICK, sentry::sync_once);
        every(
            app,
            "latest events",
            limits::sentry::SYNC_TICK,
            sentry::fetch_once,
        );
    }
    every(app, "detector", limits::DETECTION_TICK, detector::run_once);
    if app.config.tells {
        every(
            app,
            "write-backs",
            limits::WRITE_BACK_TICK,
            write_backs::run_once,
        );
    }
    every(app, "registry", limits::REGISTRY_TICK, registry::run_once);
    every(
        app,
        "retention",
        limits::RETENTION_TICK,
        retention::run_once,
    );
    every(app, "trainer", limits::TRAINING_TICK, trainer::run_once);
    every(app, "checkpoint", limits::CHECKPOINT_TICK, checkpoint);
}

async fn feed(app: Arc<App>) -> Result<(), StoreError> {
    while feed_due(&app).await? > 0 {
        if app.stop.is_cancelled() {
            break;
        }
    }
    Ok(())
}

async fn checkpoint(app: Arc<App>) -> Result<(), StoreError> {
    app.database.checkpoint(limits::LONG_LOG_PAGES).await
}

/// Runs `work` again and again until the server stops; failures are logged and slow it down.
fn every<W, F>(app: &Arc<App>, name: &'static str, pause: Duration, work: W)
where
    W: Fn(Arc<App>) -> F + Send + 'static,
    F: Future<Output = Result<(), StoreError>> + Send + 'static,
{
    let owned = Arc::clone(app);
    spawn(app, name, async move {
        let mut wait = pause;
        while pause_or_stop(&owned, wait).await {
            wait = match work(Arc::clone(&owned)).await {
                Ok(()) => {
                    owned.beats.done(name, owned.clock.now());
                    pause
                }
                Err(error) => {
                    let why = error.to_string();
                    owned.beats.failed(name, owned.clock.now(), &why);
                    tracing::error!(worker = name, %error, "{name} failed: {error}");
                    stop_if_broken(&owned, &error);
                    (wait * 2).clamp(pause, LONGEST_PAUSE.max(pause))
                }
            };
        }
    });
}

/// A disk that fails once is not asked again: the process ends.
fn stop_if_broken(app: &App, error: &StoreError) {
    if error.is_disk_broken() {
        app.broken.cancel();
    }
}

/// Waits; false when the server stops.
async fn pause_or_stop(app: &App, pause: Duration) -> bool {
    tokio::select! {
        () = app.stop.cancelled() => false,
        () = tokio::time::sleep(pause) => true,
    }
}
