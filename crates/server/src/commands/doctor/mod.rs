//! `epicenter doctor`: what the health page shows, and each half of the set-up. Works also while the
//! server is stopped, and changes nothing. Exit code: 0 all well, 1 attention, 2 broken.

mod reach;
mod setup;

use super::{Outcome, terminal};
use crate::clock::Clock;
use crate::config::{Config, ConfigError, Environment};
use crate::operations::accounts::DEFAULT_WORKSPACE;
use crate::operations::health::{Scene, health};
use epicenter_domain::health::{Finding, Level, Part, Report};
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::Time;
use epicenter_store::Database;
use std::process::ExitCode;

pub(super) async fn run(config: Result<Config, ConfigError>, environment: &Environment) -> Outcome {
    let now = Clock::system().now();
    let report = Report::new(now, examine(config, environment, now).await);
    print(&report);
    Ok(ExitCode::from(match report.level() {
        Level::Ok => 0,
        Level::Attention => 1,
        Level::Broken => 2,
    }))
}

async fn examine(
    config: Result<Config, ConfigError>,
    environment: &Environment,
    now: Time,
) -> Vec<Finding> {
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            let finding = setup::line("settings", Level::Broken, format!("{error}."));
            return vec![finding.todo("Compare with epicenter.example.toml, or run check-config.")];
        }
    };
    let mut findings = vec![setup::line("settings", Level::Ok, "The settings are fine.")];
    findings.extend(reach::server(&config).await);
    findings.push(reach::mail(&config).await);
    let (about, database) = setup::database(&config).await;
    findings.extend(about);
    if let Some(database) = database {
        findings.extend(inside(&config, environment, (&database, now)).await);
        database.close().await;
    }
    findings
}

/// What only a database with all its tables tells.
async fn inside(
    config: &Config,
    environment: &Environment,
    (database, now): (&Database, Time),
) -> Vec<Finding> {
    let secrets = environment.secrets();
    let has_secret = |kind: &IntegrationKind| !secrets.of(*kind).is_empty();
    let known: Vec<IntegrationKind> = IntegrationKind::ALL
        .into_iter()
        .filter(has_secret)
        .collect();
    let scene = Scene {
        config,
        database,
        workspace_id: DEFAULT_WORKSPACE,
        now,
        known_kinds: &known,
    };
    let found = match health(scene).await {
        Ok(found) => setup::accounts(scene)
            .await
            .map(|more| found.report.findings.into_iter().chain(more).collect()),
        Err(error) => Err(error),
    };
    found.unwrap_or_else(|error| {
        let says = format!("The database cannot be read: {error}.");
        vec![setup::line("read", Level::Broken, says).todo("Look at its log.")]
    })
}

fn print(report: &Report) {
    let mut part: Option<Part> = None;
    for finding in &report.findings {
        if part != Some(finding.part) {
            terminal::say(&format!("\n{}", finding.part.label()));
            part = Some(finding.part);
        }
        let name = match finding.name.as_str() {
            "" => String::new(),
            name => format!("{name}: "),
        };
        let level = finding.level.as_str();
        terminal::say(&format!("  [{level}] {name}{}", finding.says));
        if !finding.todo.is_empty() {
            terminal::say(&format!("      What to do: {}", finding.todo));
        }
    }
    terminal::say(match report.level() {
        Level::Ok => "\nAll is well.",
        Level::Attention => "\nIt works, and some of it wants attention.",
        Level::Broken => "\nSomething is broken.",
    });
}
