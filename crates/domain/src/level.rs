//! How bad something is: Sentry's level, and the severity that people are alerted by.

use serde::{Deserialize, Serialize};

/// Sentry's level of an issue or event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Sample data.
    Sample,
    /// Debug.
    Debug,
    /// Informational.
    Info,
    /// Warning.
    Warning,
    /// Error; also what a missing or unknown level counts as.
    Error,
    /// Fatal: the process died.
    Fatal,
}

impl Level {
    /// Reads Sentry's word; unknown words count as error (DESIGN §5).
    pub fn from_sentry(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "fatal" | "critical" => Self::Fatal,
            "warning" | "warn" => Self::Warning,
            "info" => Self::Info,
            "debug" => Self::Debug,
            "sample" => Self::Sample,
            _ => Self::Error,
        }
    }

    /// The word as Sentry, the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// DESIGN §5: fatal→critical, error→error, warning→warning, the rest→info (PL-14, OK-11).
    pub fn severity(self) -> Severity {
        match self {
            Self::Fatal => Severity::Critical,
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info | Self::Debug | Self::Sample => Severity::Info,
        }
    }
}

/// How urgently an incident wants people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warning,
    /// Something is broken.
    Error,
    /// Something important is broken now.
    Critical,
}

impl Severity {
    /// All, most urgent first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::Error, Self::Warning, Self::Info];

    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == word)
    }
}
