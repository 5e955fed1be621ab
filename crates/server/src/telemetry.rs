//! Logs. Lines about Sentry webhooks carry `[webhooks/sentry]` (PL-23); never a body, a secret, a
//! signature or an address of a person.

use crate::config::{Config, LogFormat};
use tracing_subscriber::EnvFilter;

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
#[error("log: {0}")]
pub struct TelemetryError(String);

/// Starts logging to standard error.
pub fn start(config: &Config) -> Result<(), TelemetryError> {
    let filter =
        EnvFilter::try_new(&config.log).map_err(|error| TelemetryError(error.to_string()))?;
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    let started = match config.log_format {
        LogFormat::Text => logs.try_init(),
        LogFormat::Json => logs.json().try_init(),
    };
    started.map_err(|error| TelemetryError(error.to_string()))
}
