//! `epicenter token create` and `epicenter user create`.

use super::{Outcome, terminal};
use crate::clock::Clock;
use crate::config::Config;
use crate::operations::accounts::{self, DEFAULT_WORKSPACE, Person, WantedToken};
use crate::operations::token_kind::TokenKind;
use clap::{Args, Subcommand, ValueEnum};
use epicenter_domain::id::IdSource;
use epicenter_domain::time::DAY_MS;
use epicenter_store::users::Role;
use epicenter_store::{Database, inbox};
use std::process::ExitCode;

/// What a person or token may do.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    /// Everything
    Admin,
    /// Work on incidents
    Responder,
    /// Look
    Viewer,
    /// Tell releases and deploys; for tokens only
    Deployer,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Admin => Self::Admin,
            RoleName::Responder => Self::Responder,
            RoleName::Viewer => Self::Viewer,
            RoleName::Deployer => Self::Deployer,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make an API token; it is printed once
    Create(TokenOptions),
}

#[derive(Debug, Args)]
pub(super) struct TokenOptions {
    /// What it is for
    #[arg(long, default_value = "command line")]
    name: String,
    /// What it may do
    #[arg(long, value_enum, default_value = "responder")]
    role: RoleName,
    /// Make it for sentry-cli, which then needs no other setting; the role is deployer
    #[arg(long, conflicts_with = "role")]
    sentry_cli: bool,
    /// Where sentry-cli reaches this server [default: `public_url` of the settings]
    #[arg(long, value_name = "URL", requires = "sentry_cli")]
    public_url: Option<String>,
    /// Days until it is void [default: never]
    #[arg(long)]
    days: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make an account; the password is read from standard input
    Create(UserOptions),
}

#[derive(Debug, Args)]
pub(super) struct UserOptions {
    /// E-mail address, the login
    #[arg(long)]
    email: String,
    /// Name to show
    #[arg(long)]
    name: String,
    /// What they may do
    #[arg(long, value_enum, default_value = "responder")]
    role: RoleName,
}

pub(super) async fn open(
    config: &Config,
) -> Result<(Database, IdSource), epicenter_store::StoreError> {
    let database = Database::open_capped(&config.database_url, config.database_max_mib).await?;
    let mut tx = database.read().await?;
    let newest = inbox::newest_id(&mut tx).await?;
    tx.rollback().await?;
    // A running server may make ids at the same moment: the last node's numbers are kept for
    // the command line.
    Ok((database, IdSource::new(1_023, newest)))
}

pub(super) async fn token(config: &Config, command: TokenCommand) -> Outcome {
    let TokenCommand::Create(options) = command;
    let (database, ids) = open(config).await?;
    let now = Clock::system().now();
    let expires_at = options
        .days
        .map(|days| now.plus_ms(i64::from(days) * DAY_MS));
    let (role, kind) = if options.sentry_cli {
        let url = options.public_url.unwrap_or_else(|| config.base_url());
        (Role::Deployer, TokenKind::SentryCli { url })
    } else {
        (options.role.into(), TokenKind::Plain)
    };
    let wanted = WantedToken {
        workspace_id: DEFAULT_WORKSPACE,
        name: &options.name,
        role,
        kind,
        expires_at,
    };
    let made = accounts::create_token_in(&database, ids.next(now), wanted, now).await;
    database.close().await;
    terminal::say(&made?.token);
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn user(config: &Config, command: UserCommand) -> Outcome {
    let UserCommand::Create(options) = command;
    terminal::complain("Password (at least 10 characters):");
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let (database, ids) = open(config).await?;
    let now = Clock::system().now();
    let person = Person {
        email: options.email,
        name: options.name,
        password: password.trim_end_matches(['\r', '\n']).to_owned(),
        role: options.role.into(),
    };
    let email = person.email.clone();
    let made = accounts::create_user_in(&database, ids.next(now), person, now).await;
    database.close().await;
    made?;
    terminal::say(&format!("{email} can log in now."));
    Ok(ExitCode::SUCCESS)
}
