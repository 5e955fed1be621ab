//! `epicenter migrate`: for set-ups where the server may not change tables.

use super::{Outcome, terminal};
use crate::app::without_password;
use crate::config::Config;
use epicenter_store::Database;
use std::process::ExitCode;

pub(super) async fn run(config: &Config) -> Outcome {
    let database = Database::open_capped(&config.database_url, config.database_max_mib).await?;
    database.close().await;
    let url = without_password(&config.database_url);
    terminal::say(&format!("The tables of {url} are up to date."));
    Ok(ExitCode::SUCCESS)
}
