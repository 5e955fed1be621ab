//! The flat view of a signal or an incident that conditions look at.

mod incident;
mod read;

pub use read::{Known, Surroundings};

use crate::level::{Level, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What a condition can ask about. An unknown text is empty, an unknown number 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Subject {
    /// Title of the issue or alert.
    pub title: String,
    /// The message, or the value of the raised exception.
    pub message: String,
    /// Sentry's level, if it has one.
    pub level: Option<Level>,
    /// Severity by the integration's profile.
    pub severity: Option<Severity>,
    /// Sentry's priority: `low`, `medium`, `high`.
    pub priority: String,
    /// Environment.
    pub environment: String,
    /// Release.
    pub release: String,
    /// Project slug.
    pub project: String,
    /// Name of the service.
    pub service: String,
    /// `issue`, `event`, `metric`, `alert`: what it is.
    pub kind: String,
    /// `created`, `triggered`, `resolved`…: what happened.
    pub action: String,
    /// Where Sentry thinks it comes from.
    pub culprit: String,
    /// File of the crash frame.
    pub crash_file: String,
    /// Function of the crash frame.
    pub crash_function: String,
    /// Type of the raised exception.
    pub exception: String,
    /// Runtime: `python`, `javascript`…
    pub platform: String,
    /// Logger.
    pub logger: String,
    /// Name of the integration.
    pub integration: String,
    /// Owner of the crash file by CODEOWNERS; several separated by spaces.
    pub owner: String,
    /// Tags; the first of a repeated key.
    pub tags: BTreeMap<String, String>,
    /// Day in the workspace's time zone: `monday`…
    pub weekday: String,
    /// Hour in the workspace's time zone, 0 to 23.
    pub hour: i64,
    /// Events so far.
    pub events: i64,
    /// Users affected so far.
    pub users: i64,
    /// Does it say that something is over? Such a signal is never dropped.
    pub is_resolve: bool,
}

/// One thing a condition can ask about, by its name there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// A field with a fixed name: one of `NAMES`.
    Named(&'static str),
    /// A tag, by its key.
    Tag(String),
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text.
    Text(&'a str),
    /// A whole number.
    Number(i64),
}

/// The fields with a fixed name, in the order of the form.
pub const NAMES: [&str; 23] = [
    "title",
    "message",
    "level",
    "severity",
    "priority",
    "environment",
    "release",
    "project",
    "service",
    "kind",
    "action",
    "culprit",
    "crash_file",
    "crash_function",
    "exception",
    "platform",
    "logger",
    "integration",
    "owner",
    "weekday",
    "hour",
    "events",
    "users",
];

impl Field {
    /// Reads `project` or `tags.customer`.
    pub fn parse(name: &str) -> Option<Self> {
        match name.strip_prefix("tags.") {
            Some("") => None,
            Some(key) => Some(Self::Tag(key.to_owned())),
            None => NAMES
                .into_iter()
                .find(|known| *known == name)
                .map(Self::Named),
        }
    }

    /// Does it hold a number?
    pub fn is_number(&self) -> bool {
        match self {
            Self::Named(name) => matches!(*name, "hour" | "events" | "users"),
            Self::Tag(_) => false,
        }
    }
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("there is no field \"{name}\"")))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Tag(key) => write!(f, "tags.{key}"),
        }
    }
}

impl Subject {
    /// What a field holds. A tag that is absent is the empty text, as in Alertmanager.
    pub fn value(&self, field: &Field) -> Value<'_> {
        match field {
            Field::Tag(key) => Value::Text(self.tags.get(key).map_or("", String::as_str)),
            Field::Named(name) => self.named(name),
        }
    }

    fn named(&self, name: &str) -> Value<'_> {
        let text = match name {
            "hour" => return Value::Number(self.hour),
            "events" => return Value::Number(self.events),
            "users" => return Value::Number(self.users),
            "level" => self.level.map_or("", Level::as_str),
            "severity" => self.severity.map_or("", Severity::as_str),
            "title" => &self.title,
            "message" => &self.message,
            "priority" => &self.priority,
            "environment" => &self.environment,
            "release" => &self.release,
            "project" => &self.project,
            "service" => &self.service,
            "kind" => &self.kind,
            "action" => &self.action,
            "culprit" => &self.culprit,
            "crash_file" => &self.crash_file,
            "crash_function" => &self.crash_function,
            "exception" => &self.exception,
            "platform" => &self.platform,
            "logger" => &self.logger,
            "integration" => &self.integration,
            "owner" => &self.owner,
            "weekday" => &self.weekday,
            _ => "",
        };
        Value::Text(text)
    }

    /// The text of a field; numbers in digits.
    pub fn text(&self, field: &Field) -> String {
        match self.value(field) {
            Value::Text(text) => text.to_owned(),
            Value::Number(number) => number.to_string(),
        }
    }
}
