//! `epicenter mcp`: the tools for an agent on this machine, over standard input and output.

use super::Outcome;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Environment};
use crate::http::auth::Caller;
use crate::http::mcp::McpServer;
use crate::operations::accounts::DEFAULT_WORKSPACE;
use crate::telemetry;
use clap::{Args, ValueEnum};
use epicenter_domain::id::NODE_COUNT;
use epicenter_domain::signal::{Actor, ActorKind};
use epicenter_store::users::Role;
use rmcp::ServiceExt;
use rmcp::transport::stdio;
use std::process::ExitCode;

/// What the agent may do.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum AgentRole {
    /// Look
    Viewer,
    /// Acknowledge, resolve and write notes too
    Responder,
}

#[derive(Debug, Args)]
pub(super) struct McpOptions {
    /// What the agent may do
    #[arg(long, value_enum, default_value = "viewer")]
    role: AgentRole,
}

pub(super) async fn run(
    mut config: Config,
    environment: &Environment,
    options: &McpOptions,
) -> Outcome {
    telemetry::start(&config)?;
    // A node of its own beside the server on the same database, so that no id is made twice.
    config.node = u16::try_from(NODE_COUNT - 1)?;
    let (app, _writer) = App::build(config, environment, Clock::system()).await?;
    let caller = Caller {
        workspace_id: DEFAULT_WORKSPACE,
        role: match options.role {
            AgentRole::Viewer => Role::Viewer,
            AgentRole::Responder => Role::Responder,
        },
        actor: Actor {
            kind: ActorKind::Application,
            id: "mcp".to_owned(),
            name: "An agent on the command line".to_owned(),
        },
        user_id: None,
        session: None,
        token_hash: None,
    };
    let database = app.database.clone();
    let service = McpServer::of_caller(app, caller).serve(stdio()).await?;
    service.waiting().await?;
    database.close().await;
    Ok(ExitCode::SUCCESS)
}
