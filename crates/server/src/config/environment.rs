//! The process's variables, read once.

use super::ConfigError;
use epicenter_domain::proof::SecretValue;
use epicenter_domain::sources::IntegrationKind;
use std::collections::BTreeMap;

/// Variables that are not settings of the file.
const NOT_SETTINGS: [&str; 3] = [
    "EPICENTER_ADMIN_TOKEN",
    "EPICENTER_CONFIG",
    "EPICENTER_SECRET",
];

/// A snapshot of the process's variables.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// Secrets of the environment.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// `EPICENTER_ADMIN_TOKEN`: an admin API token from the first start.
    pub admin_token: Option<SecretValue>,
    /// Of the default integrations, by the variable's name: `SENTRY_WEBHOOK_SECRET`,
    /// `SENTRY_CLIENT_SECRET`, `GITHUB_WEBHOOK_SECRET`…
    by_kind: BTreeMap<IntegrationKind, Vec<(String, SecretValue)>>,
    /// `CRON_SECRET`: lets a scheduler ask for a pass of the sync.
    pub cron: Option<SecretValue>,
    /// The Sentry organisation that the variables name.
    pub sentry: Option<SentryVariables>,
}

/// `SENTRY_AUTH_TOKEN`, `SENTRY_ORG_SLUG`, `SENTRY_PROJECT_SLUG`, `SENTRY_URL`.
#[derive(Clone, Debug)]
pub struct SentryVariables {
    /// What lets us in.
    pub token: SecretValue,
    /// The organisation's slug.
    pub organization: String,
    /// Slugs of projects; empty: all.
    pub projects: Vec<String>,
    /// Where the host is, without a slash at the end.
    pub base_url: String,
}

impl Secrets {
    /// Those of the default integration of a kind.
    pub fn of(&self, kind: IntegrationKind) -> &[(String, SecretValue)] {
        self.by_kind.get(&kind).map_or(&[], Vec::as_slice)
    }
}

/// Where the secrets of the default integrations come from.
const SECRETS: [(IntegrationKind, &str); 6] = [
    (IntegrationKind::Sentry, "SENTRY_WEBHOOK_SECRET"),
    (IntegrationKind::Sentry, "SENTRY_CLIENT_SECRET"),
    (IntegrationKind::Github, "GITHUB_WEBHOOK_SECRET"),
    (IntegrationKind::Gitlab, "GITLAB_WEBHOOK_SECRET"),
    (IntegrationKind::Vercel, "VERCEL_WEBHOOK_SECRET"),
    (IntegrationKind::Events, "INCIDENT_WEBHOOK_SECRET"),
];

impl Environment {
    /// The process's variables.
    pub fn of_process() -> Self {
        let pairs = std::env::vars_os();
        let text = |pair: (std::ffi::OsString, std::ffi::OsString)| {
            Some((pair.0.into_string().ok()?, pair.1.into_string().ok()?))
        };
        Self(pairs.filter_map(text).collect())
    }

    /// Given variables, for tests and the demo.
    pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    /// One variable; blank counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The secrets.
    pub fn secrets(&self) -> Secrets {
        let mut by_kind: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (kind, name) in SECRETS {
            if let Some(value) = self.get(name) {
                let secret = (name.to_owned(), SecretValue::new(value));
                by_kind.entry(kind).or_default().push(secret);
            }
        }
        Secrets {
            admin_token: self.get("EPICENTER_ADMIN_TOKEN").map(SecretValue::new),
            by_kind,
            cron: self.get("CRON_SECRET").map(SecretValue::new),
            sentry: self.sentry(),
        }
    }

    /// The Sentry organisation that the variables name, if they name one and have a token for it.
    fn sentry(&self) -> Option<SentryVariables> {
        let projects = self.get("SENTRY_PROJECT_SLUG").unwrap_or_default();
        let projects = projects.split([',', ' ']).filter(|slug| !slug.is_empty());
        let url = self.get("SENTRY_URL").unwrap_or("https://sentry.io");
        Some(SentryVariables {
            token: SecretValue::new(self.get("SENTRY_AUTH_TOKEN")?),
            organization: self.get("SENTRY_ORG_SLUG")?.to_owned(),
            projects: projects.map(str::to_owned).collect(),
            base_url: url.trim_end_matches('/').to_owned(),
        })
    }

    /// Puts `EPICENTER_…` variables over the table: `EPICENTER_RETENTION__DELIVERIES_DAYS=7` is
    /// `retention.deliveries_days`. Answers the names used.
    pub(super) fn override_settings(
        &self,
        table: &mut toml::Table,
    ) -> Result<Vec<String>, ConfigError> {
        let mut names = Vec::new();
        for (name, text) in &self.0 {
            let is_setting = name.starts_with("EPICENTER_")
                && !name.starts_with("EPICENTER_TEST_")
                && !NOT_SETTINGS.contains(&name.as_str());
            if !is_setting {
                continue;
            }
            let key = name.trim_start_matches("EPICENTER_").to_ascii_lowercase();
            insert(table, &key, value(&key, text)).map_err(|message| ConfigError::Invalid {
                origin: name.clone(),
                message,
            })?;
            names.push(name.clone());
        }
        Ok(names)
    }
}

/// Numbers, booleans and lists as TOML writes them; everything else is text.
fn value(key: &str, text: &str) -> toml::Value {
    let document = format!("value = {text}");
    let parsed = document
        .parse::<toml::Table>()
        .ok()
        .and_then(|mut table| table.remove("value"));
    let is_text = [
        "database_url",
        "public_url",
        "listen",
        "metrics_listen",
        "log",
        "memory__embeddings__key",
        "memory__embeddings__model",
    ]
    .contains(&key);
    match parsed {
        Some(value) if !is_text && !value.is_datetime() => value,
        _ => toml::Value::String(text.to_owned()),
    }
}

fn insert(table: &mut toml::Table, key: &str, value: toml::Value) -> Result<(), String> {
    match key.split_once("__") {
        None => {
            table.insert(key.to_owned(), value);
            Ok(())
        }
        Some((group, rest)) => {
            let inner = table
                .entry(group)
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            match inner {
                toml::Value::Table(inner) => insert(inner, rest, value),
                _ => Err(format!("{group} is not a group of settings")),
            }
        }
    }
}
