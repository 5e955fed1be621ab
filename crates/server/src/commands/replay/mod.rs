//! `epicenter replay DIR --to URL --secret S`: recorded webhooks, signed anew.

mod recording;
mod transcode;

use super::post::{Answer, post};
use super::{Outcome, terminal};
use crate::clients::{Way, http_client};
use clap::Args;
use recording::Recording;
use reqwest::{Client, Url};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// What to replay, and where to.
#[derive(Clone, Debug, Args)]
pub(super) struct ReplayOptions {
    /// A file `{headers, body, raw?}`, or a directory of such files (`*.json`)
    #[arg(value_name = "DIR")]
    from: PathBuf,
    /// Push URL of the integration
    #[arg(long, value_name = "URL")]
    to: Url,
    /// The integration's secret; every webhook is signed with it
    #[arg(long, value_name = "SECRET")]
    secret: String,
    /// Milliseconds between two webhooks
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pace: u64,
    /// Only files with this in their name
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Leave recordings unsigned that carry no signature (the legacy plugin)
    #[arg(long)]
    unsigned: bool,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// What has been done so far.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    sent: usize,
    refused: usize,
    lost: usize,
    skipped: usize,
}

impl Tally {
    fn code(&self) -> ExitCode {
        if self.refused + self.lost == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn sentence(&self, is_dry: bool) -> String {
        let verb = if is_dry { "would be sent" } else { "sent" };
        let Self {
            sent,
            refused,
            lost,
            skipped,
        } = self;
        format!(
            "{sent} {verb}, {refused} not answered with 2xx, {lost} without an answer, {skipped} skipped"
        )
    }
}

pub(super) async fn run(options: &ReplayOptions) -> Outcome {
    let tally = replay(options, &mut terminal::say).await?;
    terminal::say(&tally.sentence(options.dry_run));
    Ok(tally.code())
}

async fn replay(
    options: &ReplayOptions,
    say: &mut impl FnMut(&str),
) -> Result<Tally, Box<dyn std::error::Error + Send + Sync>> {
    let client = http_client(Way::to(&options.to))?;
    let mut tally = Tally::default();
    for file in files(&options.from, options.only.as_deref())? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        // Names come from a directory that somebody else may have filled.
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        let recording = match tokio::fs::read_to_string(&file).await {
            Ok(text) => Recording::read(&text),
            Err(_) => Err("cannot be read as text"),
        };
        match recording {
            Err(reason) => {
                tally.skipped += 1;
                say(&format!("skip {:>17}  {name}: {reason}", ""));
            }
            Ok(recording) => {
                if tally.sent > 0 && options.pace > 0 && !options.dry_run {
                    tokio::time::sleep(Duration::from_millis(options.pace)).await;
                }
                tally.sent += 1;
                let line = send(options, &client, &recording, &mut tally).await;
                say(&format!("{line}  {name}"));
            }
        }
    }
    Ok(tally)
}

/// Sends one; answers the line for it.
async fn send(
    options: &ReplayOptions,
    client: &Client,
    recording: &Recording,
    tally: &mut Tally,
) -> String {
    if options.dry_run {
        return format!("dry  {:>10} bytes", recording.body.len());
    }
    let headers = recording.signed(&options.secret, options.unsigned);
    match post(client, &options.to, &headers, recording.body.clone()).await {
        Ok(answer) => {
            if !answer.status.is_success() {
                tally.refused += 1;
            }
            line(&answer)
        }
        Err(problem) => {
            tally.lost += 1;
            format!("---  {}", problem.without_url())
        }
    }
}

fn line(answer: &Answer) -> String {
    let ms = answer.took.as_secs_f64() * 1_000.0;
    let delivery = answer.delivery.as_deref().unwrap_or("-");
    format!("{}  {ms:>7.1} ms  {delivery}", answer.status.as_u16())
}

/// The file itself, or the `*.json` of the directory by name.
fn files(from: &Path, only: Option<&str>) -> io::Result<Vec<PathBuf>> {
    if !std::fs::metadata(from)?.is_dir() {
        return Ok(vec![from.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_wanted = only.is_none_or(|part| name.contains(part));
        if is_wanted && path.extension().is_some_and(|end| end == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests;
