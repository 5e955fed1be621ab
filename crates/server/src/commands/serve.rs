//! `epicenter serve`: until SIGTERM or Ctrl-C.

use super::Outcome;
use crate::app::Running;
use crate::clock::Clock;
use crate::config::{Config, Environment};
use crate::{operations, telemetry};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

pub(super) async fn run(config: Config, environment: &Environment) -> Outcome {
    telemetry::start(&config)?;
    let running = Running::start(config, environment, Clock::system()).await?;
    let address = running.address;
    tracing::info!(
        %address,
        database = running.app.database.engine_name(),
        version = env!("CARGO_PKG_VERSION"),
        "Epicenter is ready on http://{address}"
    );
    if let Some(link) = operations::accounts::first_run_link(&running.app).await? {
        tracing::info!("Nobody has an account yet. Create the admin's: {link}");
    }
    tokio::select! {
        stop = wait_for_stop() => stop?,
        () = running.app.broken.cancelled() => {
            tracing::error!(
                "the disk under the database fails, so Epicenter ends: what it answered with 2xx \
                 is stored, the rest was refused. Check the disk before you start it again"
            );
            // At once: a clean end would write once more.
            return Ok(ExitCode::FAILURE);
        }
    }
    tracing::info!("stopping: finishing what was accepted");
    running.stop().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Returns at SIGTERM, SIGINT or Ctrl-C.
pub(super) async fn wait_for_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
