//! `epicenter export [FILE]` and `epicenter import FILE`: the configuration as one text file.

use super::account::open;
use super::{Outcome, terminal};
use crate::clock::Clock;
use crate::config::Config;
use crate::operations::accounts::DEFAULT_WORKSPACE;
use crate::operations::config_file::Outcome as Done;
use crate::operations::config_file::{self, Step};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct ImportOptions {
    /// The file, as `epicenter export` writes it
    file: PathBuf,
    /// Only say what it would do
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn export(config: &Config, file: Option<&Path>) -> Outcome {
    let (database, _) = open(config).await?;
    let text = async {
        let mut tx = database.read().await?;
        let text = config_file::export(&mut tx, DEFAULT_WORKSPACE, Clock::system().now()).await?;
        tx.rollback().await?;
        Ok::<_, epicenter_store::StoreError>(text)
    };
    let text = text.await;
    database.close().await;
    let text = text?;
    match file {
        None => terminal::say(text.trim_end()),
        Some(file) => {
            std::fs::write(file, &text)?;
            terminal::say(&format!("Wrote {}.", file.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn import(config: &Config, options: &ImportOptions) -> Outcome {
    let text = std::fs::read_to_string(&options.file)?;
    let (database, ids) = open(config).await?;
    let done = config_file::import(
        (&database, &ids),
        DEFAULT_WORKSPACE,
        (&text, "import"),
        options.dry_run,
        Clock::system().now(),
    )
    .await;
    database.close().await;
    let steps = done?;
    for step in steps.iter().filter(|step| step.outcome != Done::Same) {
        terminal::say(&line(step, options.dry_run));
    }
    let same = steps
        .iter()
        .filter(|step| step.outcome == Done::Same)
        .count();
    let end = if options.dry_run {
        "Nothing was changed."
    } else {
        "A running server takes it up within seconds."
    };
    terminal::say(&format!("{same} things are as the file says. {end}"));
    Ok(ExitCode::SUCCESS)
}

fn line(step: &Step, is_dry: bool) -> String {
    let verb = match (step.outcome, is_dry) {
        (Done::Created, true) => "would create",
        (Done::Created, false) => "created",
        (Done::Changed, true) => "would change",
        (Done::Changed, false) => "changed",
        (Done::Same, _) => "left",
        (Done::ToEnter, _) => "to be entered by hand:",
    };
    format!("{verb} {} {}", step.kind, step.name)
}
