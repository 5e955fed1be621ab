//! The command line.

mod account;
mod backup;
mod check_config;
mod config_file;
mod demo;
mod doctor;
mod mcp;
mod migrate;
mod post;
mod replay;
mod serve;
mod sync;
mod terminal;

use crate::config::{Config, Environment};
use clap::{Parser, Subcommand};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Receives every Sentry webhook and turns them into incidents.
#[derive(Debug, Parser)]
#[command(name = "epicenter", version)]
pub struct Cli {
    /// Settings file [default: `epicenter.toml`, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the page, the API and the webhooks
    Serve,
    /// Show a simulated company on a temporary database; prints the URL and the login
    Demo(demo::DemoOptions),
    /// Bring the database's tables up to date
    Migrate,
    /// Check the settings and print what is in force
    CheckConfig,
    /// Check each half of the set-up and say what to do; exit code 0, 1 (attention) or 2 (broken)
    Doctor,
    /// Write a consistent copy of the SQLite database, also while it is served
    Backup {
        /// The new file
        file: PathBuf,
    },
    /// Write the configuration as one text file, without secrets
    Export {
        /// The file; standard output unless it is said
        file: Option<PathBuf>,
    },
    /// Read the configuration from such a file: all of it, or nothing
    Import(config_file::ImportOptions),
    /// Send recorded webhooks, signed anew
    Replay(replay::ReplayOptions),
    /// Serve an agent on this machine over standard input and output (Model Context Protocol)
    Mcp(mcp::McpOptions),
    /// Ask Sentry's API for what its webhooks did not tell, once, now
    Sync,
    /// API tokens
    #[command(subcommand)]
    Token(account::TokenCommand),
    /// Accounts of people
    #[command(subcommand)]
    User(account::UserCommand),
}

/// What a command ends with: an exit code, or a sentence for standard error.
type Outcome = Result<ExitCode, Box<dyn Error + Send + Sync>>;

/// Runs the command; failures are one line on standard error.
pub async fn run(cli: Cli) -> ExitCode {
    match dispatch(cli).await {
        Ok(code) => code,
        Err(failure) => {
            terminal::complain(&format!("epicenter: {failure}"));
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> Outcome {
    let environment = Environment::of_process();
    let config = || load(cli.config.as_deref(), &environment);
    match cli.command {
        Command::Serve => serve::run(config()?, &environment).await,
        Command::Demo(options) => demo::run(&options, &environment).await,
        Command::Migrate => migrate::run(&config()?).await,
        Command::CheckConfig => check_config::run(&config()?, &environment),
        Command::Doctor => doctor::run(config(), &environment).await,
        Command::Backup { file } => backup::run(&config()?, &file).await,
        Command::Export { file } => config_file::export(&config()?, file.as_deref()).await,
        Command::Import(options) => config_file::import(&config()?, &options).await,
        Command::Replay(options) => replay::run(&options).await,
        Command::Mcp(options) => mcp::run(config()?, &environment, &options).await,
        Command::Sync => sync::run(config()?, &environment).await,
        Command::Token(command) => account::token(&config()?, command).await,
        Command::User(command) => account::user(&config()?, command).await,
    }
}

/// The file that was named, else by `EPICENTER_CONFIG`, else `epicenter.toml` if it is there.
fn load(
    named: Option<&Path>,
    environment: &Environment,
) -> Result<Config, crate::config::ConfigError> {
    let by_variable = environment.get("EPICENTER_CONFIG").map(PathBuf::from);
    let usual = PathBuf::from("epicenter.toml");
    let file = named
        .map(Path::to_owned)
        .or(by_variable)
        .or_else(|| usual.exists().then_some(usual));
    Config::load(file.as_deref(), environment)
}
