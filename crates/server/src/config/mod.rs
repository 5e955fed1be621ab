//! Settings: `epicenter.toml`, overridden by `EPICENTER_…` variables. Unknown keys are errors.

mod embeddings;
mod environment;

pub use embeddings::{EmbeddingsConfig, HiddenKey};
pub use environment::{Environment, Secrets, SentryVariables};

use crate::clients::outbound::read_networks;
use crate::limits::{BODY_DEADLINE, HEADER_DEADLINE};
use epicenter_domain::scrub::{Rules, RulesConfig};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The example file: every setting with its default and the reason. A test holds it equal to
/// [`Config::default`].
pub const EXAMPLE: &str = include_str!("../../../../epicenter.example.toml");

/// All settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the page, the API and the webhooks are served.
    pub listen: SocketAddr,
    /// Where `/metrics` is served; empty: nowhere.
    pub metrics_listen: String,
    /// How others reach this server; used in links and push URLs. Empty: `http://{listen}`.
    pub public_url: String,
    /// `sqlite://FILE` or `postgres://USER@HOST/NAME`.
    pub database_url: String,
    /// A cap for the SQLite file in MiB; 0: none.
    pub database_max_mib: u32,
    /// This node's number, 0 to 1023; different for every node on one database.
    pub node: u16,
    /// What is logged: `error`, `warn`, `info`, `debug`, or a `tracing` filter.
    pub log: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// How long things are kept.
    pub retention: Retention,
    /// What of personal data may be kept.
    pub privacy: RulesConfig,
    /// What notices may be sent to.
    pub outbound: OutboundConfig,
    /// What happens to the memory.
    pub memory: MemoryConfig,
    /// How often Sentry's API is asked.
    pub sync: SyncConfig,
    /// How Epicenter watches itself.
    pub health: HealthConfig,
    /// Are notices planned and sent without being asked? No setting: tests go step by step.
    #[serde(skip, default = "yes")]
    pub tells: bool,
    /// How long slow clients are waited for; no setting, but tests have less patience.
    #[serde(skip)]
    pub deadlines: Deadlines,
}

/// What notices may be sent to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboundConfig {
    /// Networks that are not on the public internet and may be reached all the same.
    pub allowed_networks: Vec<String>,
    /// Who takes e-mail to single persons, as an Apprise URL; empty: nobody.
    pub mail: String,
}

/// What happens to the memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MemoryConfig {
    /// A file that gets every record as one line of JSON; empty: none.
    pub file: PathBuf,
    /// The text model that finds what means the same.
    pub embeddings: EmbeddingsConfig,
}

/// How often Sentry's API is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SyncConfig {
    /// Minutes between two passes; 0: only when somebody asks for one.
    pub minutes: u32,
    /// Latest events of issues that are fetched in a minute; 0: none.
    pub events_per_minute: u32,
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self {
            minutes: 5,
            events_per_minute: 30,
        }
    }
}

/// How Epicenter watches itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HealthConfig {
    /// Hours from canary to canary; 0: none is sent.
    pub canary_hours: u32,
    /// Does it open incidents about itself?
    pub warns: bool,
    /// Does it warn of sources that are quiet and usually are not?
    pub quiet_sources: bool,
}

impl Default for HealthConfig {
    fn default() -> Self {
        Self {
            canary_hours: 6,
            warns: true,
            quiet_sources: true,
        }
    }
}

fn yes() -> bool {
    true
}

/// How long a client may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// For its request line and headers.
    pub headers: Duration,
    /// For its whole body.
    pub body: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            headers: HEADER_DEADLINE,
            body: BODY_DEADLINE,
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// How long things are kept, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Deliveries with their raw bodies.
    pub deliveries_days: u32,
    /// Unresolved issues that are seen no more, with their events.
    pub open_issues_days: u32,
    /// Resolved and ignored issues, with their events.
    pub closed_issues_days: u32,
    /// Notices with their attempts, and what destinations were told of incidents that are over.
    pub notices_days: u32,
    /// Single events of issues that go on; the newest of each issue stays.
    pub events_days: u32,
    /// Incidents that are over, with their timelines; 0: for ever.
    pub incidents_days: u32,
    /// Records of the memory; 0: for ever.
    pub observations_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            deliveries_days: 14,
            open_issues_days: 90,
            closed_issues_days: 30,
            notices_days: 90,
            events_days: 90,
            incidents_days: 0,
            observations_days: 0,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7070)),
            metrics_listen: "127.0.0.1:7071".to_owned(),
            public_url: String::new(),
            database_url: "sqlite://epicenter.db".to_owned(),
            database_max_mib: 0,
            node: 0,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            retention: Retention::default(),
            privacy: RulesConfig::default(),
            outbound: OutboundConfig::default(),
            memory: MemoryConfig::default(),
            sync: SyncConfig::default(),
            health: HealthConfig::default(),
            tells: true,
            deadlines: Deadlines::default(),
        }
    }
}

/// Why the settings cannot be used; says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file}: {error}")]
    File {
        /// Its path.
        file: String,
        /// Why not.
        error: std::io::Error,
    },
    /// A key or value is wrong.
    #[error("{origin}: {message}")]
    Invalid {
        /// File or variable.
        origin: String,
        /// What is wrong.
        message: String,
    },
}

impl Config {
    /// Reads the file (if any) and the variables, and checks everything.
    pub fn load(file: Option<&Path>, environment: &Environment) -> Result<Self, ConfigError> {
        let mut table = match file {
            Some(path) => read_file(path)?,
            None => toml::Table::new(),
        };
        let mut origin = file.map_or("epicenter.toml".to_owned(), |path| {
            path.display().to_string()
        });
        let names = environment.override_settings(&mut table)?;
        if !names.is_empty() {
            origin = format!("{origin} with {}", names.join(", "));
        }
        let config: Self =
            table
                .try_into()
                .map_err(|error: toml::de::Error| ConfigError::Invalid {
                    origin: origin.clone(),
                    message: error.to_string(),
                })?;
        config
            .check()
            .map_err(|message| ConfigError::Invalid { origin, message })?;
        Ok(config)
    }

    /// How others reach this server, without a slash at the end.
    pub fn base_url(&self) -> String {
        if self.public_url.is_empty() {
            format!("http://{}", self.listen)
        } else {
            self.public_url.trim_end_matches('/').to_owned()
        }
    }

    /// What of personal data may be kept.
    pub fn scrub_rules(&self) -> Result<Rules, String> {
        Rules::try_from(self.privacy.clone()).map_err(|error| error.to_string())
    }

    /// The networks that are not public and may be reached all the same.
    pub fn allowed_networks(&self) -> Result<Vec<IpNet>, String> {
        read_networks(&self.outbound.allowed_networks)
            .map_err(|message| format!("outbound.allowed_networks: {message}"))
    }

    /// Where metrics are served.
    pub fn metrics_address(&self) -> Result<Option<SocketAddr>, String> {
        if self.metrics_listen.is_empty() {
            return Ok(None);
        }
        let wrong = |_| {
            format!(
                "metrics_listen: \"{}\" is not ADDRESS:PORT",
                self.metrics_listen
            )
        };
        self.metrics_listen.parse().map(Some).map_err(wrong)
    }

    fn check(&self) -> Result<(), String> {
        self.scrub_rules()?;
        self.metrics_address()?;
        self.allowed_networks()?;
        self.memory.embeddings.check()?;
        if self.node > 1_023 {
            return Err("node: must be between 0 and 1023".to_owned());
        }
        let is_http = |url: &str| url.starts_with("http://") || url.starts_with("https://");
        if !self.public_url.is_empty() && !is_http(&self.public_url) {
            return Err("public_url: must begin with http:// or https://".to_owned());
        }
        for (name, days) in [
            ("deliveries_days", self.retention.deliveries_days),
            ("open_issues_days", self.retention.open_issues_days),
            ("closed_issues_days", self.retention.closed_issues_days),
            ("notices_days", self.retention.notices_days),
            ("events_days", self.retention.events_days),
        ] {
            if days == 0 {
                return Err(format!("retention.{name}: must be at least 1"));
            }
        }
        Ok(())
    }
}

fn read_file(path: &Path) -> Result<toml::Table, ConfigError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::File {
        file: file.clone(),
        error,
    })?;
    text.parse()
        .map_err(|error: toml::de::Error| ConfigError::Invalid {
            origin: file,
            message: error.to_string(),
        })
}

#[cfg(test)]
mod tests;
