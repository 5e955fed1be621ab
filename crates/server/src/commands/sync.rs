//! `epicenter sync`: one pass over all Sentry connections, now. It runs in its own process, beside
//! the server or without it: a pass belongs to whoever took it in the database, so two are never
//! at the same one.

use super::{Outcome, terminal};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Environment};
use crate::limits::sentry::SYNC_LOOK;
use crate::operations::sentry::{SyncEnd, last_reason, sync};
use crate::telemetry;
use epicenter_domain::id::NODE_COUNT;
use epicenter_store::sentry::connections::{self, ConnectionRecord};
use epicenter_store::sentry::runs;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// Cells of the bar.
const BAR: i64 = 30;

pub(super) async fn run(mut config: Config, environment: &Environment) -> Outcome {
    telemetry::start(&config)?;
    // A node of its own beside the server on the same database, so that no id is made twice.
    config.node = u16::try_from(NODE_COUNT - 2)?;
    let (app, _writer) = App::build(config, environment, Clock::system()).await?;
    let mut tx = app.database.read().await?;
    let all = connections::every(&mut tx).await?;
    tx.rollback().await?;
    if all.is_empty() {
        return Err(
            "no Sentry organisation is connected: set SENTRY_AUTH_TOKEN and \
                    SENTRY_ORG_SLUG, or connect one on the page of the integration"
                .into(),
        );
    }
    let mut is_well = true;
    for connection in &all {
        is_well &= one(&app, connection).await?;
    }
    app.database.close().await;
    Ok(if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One connection, with its progress. Did it end well?
async fn one(
    app: &App,
    connection: &ConnectionRecord,
) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    let is_terminal = std::io::stdout().is_terminal();
    let ended = {
        let pass = sync(app, connection);
        tokio::pin!(pass);
        let mut pages = 0;
        loop {
            tokio::select! {
                ended = &mut pass => break ended?,
                () = tokio::time::sleep(SYNC_LOOK) => {
                    pages = show(app, connection, (is_terminal, pages)).await?;
                }
            }
        }
    };
    if is_terminal {
        draw("\r\u{1b}[K");
    }
    let name = &connection.organization;
    match ended {
        SyncEnd::UnderWay => {
            terminal::say(&format!("{name}: a pass is under way already."));
            Ok(true)
        }
        SyncEnd::Ran(run) => {
            terminal::say(&format!("{name}: {}: {}", run.outcome, last_reason(&run)));
            Ok(run.outcome == "done")
        }
    }
}

/// Shows how far the pass came: a bar on a terminal, else a line per page. Answers its pages.
async fn show(
    app: &App,
    connection: &ConnectionRecord,
    (is_terminal, pages): (bool, i64),
) -> Result<i64, epicenter_store::StoreError> {
    let mut tx = app.database.read().await?;
    let run = runs::open(&mut tx, connection.id).await?;
    tx.rollback().await?;
    let Some(run) = run.filter(|run| run.page_count > pages) else {
        return Ok(pages);
    };
    let done = run.created_count + run.updated_count + run.unchanged_count;
    let name = &connection.organization;
    let of = run
        .expected_count
        .map(|all| format!(" of {all}"))
        .unwrap_or_default();
    if is_terminal {
        let all = run.expected_count.unwrap_or(done).max(done).max(1);
        let full = usize::try_from(done * BAR / all).unwrap_or(0);
        let rest = usize::try_from(BAR).unwrap_or(0).saturating_sub(full);
        let (full, rest) = ("█".repeat(full), "░".repeat(rest));
        draw(&format!("\r\u{1b}[K{name} {full}{rest} {done}{of} issues"));
    } else {
        terminal::say(&format!(
            "{name}: page {}, {done}{of} issues",
            run.page_count
        ));
    }
    Ok(run.page_count)
}

fn draw(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}
