//! `epicenter check-config`: what is in force, and what is missing.

use super::{Outcome, terminal};
use crate::app::without_password;
use crate::config::{Config, Environment};
use epicenter_domain::sources::IntegrationKind;
use std::process::ExitCode;

pub(super) fn run(config: &Config, environment: &Environment) -> Outcome {
    let shown = Config {
        database_url: without_password(&config.database_url),
        ..config.clone()
    };
    terminal::say(toml::to_string(&shown)?.trim_end());
    let secrets = environment.secrets();
    let names: Vec<_> = IntegrationKind::ALL
        .into_iter()
        .flat_map(|kind| secrets.of(kind))
        .map(|(name, _)| name.as_str())
        .collect();
    terminal::say("");
    if secrets.of(IntegrationKind::Sentry).is_empty() {
        terminal::say(
            "# SENTRY_WEBHOOK_SECRET is not set: /api/webhooks/sentry answers 401 until the \
             default integration gets a secret.",
        );
    }
    if !names.is_empty() {
        terminal::say(&format!(
            "# Secrets of the default integrations: {}",
            names.join(", ")
        ));
    }
    if secrets.admin_token.is_none() {
        terminal::say("# EPICENTER_ADMIN_TOKEN is not set: log in, or use `token create`.");
    }
    terminal::say("# The settings are fine.");
    Ok(ExitCode::SUCCESS)
}
