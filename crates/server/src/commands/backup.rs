//! `epicenter backup FILE`: a consistent copy, while serving.

use super::{Outcome, terminal};
use crate::config::Config;
use epicenter_store::Database;
use std::path::Path;
use std::process::ExitCode;

pub(super) async fn run(config: &Config, file: &Path) -> Outcome {
    let database = Database::open_capped(&config.database_url, config.database_max_mib).await?;
    let copied = database.backup(file).await;
    database.close().await;
    copied?;
    let bytes = std::fs::metadata(file)?.len();
    terminal::say(&format!("Wrote {} ({bytes} bytes).", file.display()));
    Ok(ExitCode::SUCCESS)
}
